#pragma once
// What one datagram socket has asked, and which datagrams are answers to that.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace uvdial::detail {

// What nobody else may know of a question before it is sent.
struct question_secret {
  std::uint16_t id = 0;
  std::uint64_t spelling = 0;  // a bit for each of the first 64 letters: it changes its case
};

// Between c-ares, which makes questions and reads answers, and the wire, on which they look otherwise.
class question_log {
 public:
  static constexpr std::size_t most = 512;  // the oldest one is forgotten for the next

  enum class finding : std::uint8_t {
    answer,     // to a question that was sent
    respelled,  // the same, but the question's spelling was secret, and is not repeated
    unrelated,  // the id of a question that was sent, and nothing else of an answer to it
    stranger    // not even that
  };

  // Gives the question the id and the spelling of the secret, and notes it. False: it is none, or another one has that
  // id, and nothing was done.
  bool disguise(std::span<unsigned char> question, const question_secret& secret) noexcept;
  // Of an answer: gives it the id and the spelling that the question had before. Others stay as they are.
  finding recognise(std::span<unsigned char> packet) const noexcept;

  // No answer is one from now on.
  void clear() noexcept;

 private:
  static constexpr std::size_t buckets = 256;
  using link = std::uint16_t;  // the place of an entry, plus one; 0: none
  struct entry {
    std::uint64_t spelling;
    std::uint32_t exact;   // where the spelling is secret: a sum of name, type and class as they were
    std::uint32_t folded;  // the same without regard to case
    std::uint16_t id;      // before the disguise
    std::uint16_t sent_id;
    link older;  // of the same bucket
  };

  const entry* find(std::uint16_t id) const noexcept;  // null: none
  void forget_oldest() noexcept;

  std::size_t count_ = 0;
  std::size_t next_ = 0;
  std::array<link, buckets> newest_{};  // by the id on the wire
  std::array<entry, most> entries_;
};

}  // namespace uvdial::detail
