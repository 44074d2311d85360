#pragma once
// What one datagram socket has asked, and which datagrams are answers to that.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
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
  void clear() noexcept { count_ = next_ = 0; }

 private:
  struct entry {
    std::uint64_t spelling;
    std::uint32_t question;  // a sum of its name as it was asked for, type and class
    std::uint32_t folded;    // the same, without regard to case
    std::uint16_t id;        // before the disguise
  };

  std::optional<std::size_t> find(std::uint16_t id) const noexcept;

  std::size_t count_ = 0;
  std::size_t next_ = 0;
  std::array<std::uint16_t, most> ids_{};  // on the wire; apart, since they are what is searched
  std::array<entry, most> entries_;
};

}  // namespace uvdial::detail
