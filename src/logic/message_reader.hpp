#pragma once
// Goes through a DNS message (RFC 1035, 4) that anybody may have made.
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace uvdial::detail {

struct record_place {
  bool is_answer;  // else it stands in the authority section
  std::size_t owner;
  unsigned type;
  unsigned of_class;
  std::chrono::seconds ttl;
  std::size_t data;
  std::size_t end;
};

// Reads forwards, once; whatever runs over the end stops it. What one name costs is bounded, however it is compressed.
class message_reader {
 public:
  explicit message_reader(std::span<const unsigned char> packet) noexcept : packet_(packet) {}

  bool is_reply() const noexcept;
  unsigned questions() const noexcept { return number_at(4); }
  unsigned answers() const noexcept { return number_at(6); }
  // Whether the first question is for this name, written out.
  bool asks_for(std::string_view name) const noexcept;
  unsigned question_type() const noexcept;  // of the first one; 0 where there is none

  // The next record of the answer or the authority section; nullopt: that was the last one, or it cannot be read.
  std::optional<record_place> next() noexcept;
  // next() gave all answers that the header promises.
  bool has_all_answers() noexcept {
    begin();
    return left_ <= authorities_;
  }

  static constexpr std::size_t question_name = 12;  // its place
  // Whether it is the first question's, in the usual form of a pointer to that.
  bool points_to_question(std::size_t place) const noexcept { return number_at(place) == 0xc00c; }
  // A form of the name there in which equal names are equal; empty: it cannot be read. Throws std::bad_alloc.
  std::string folded_name_at(std::size_t place) const;
  // As text; nullopt: it cannot be read, or nobody could ask for it (why_impossible). Throws std::bad_alloc.
  std::optional<std::string> host_name_at(std::size_t place) const;
  const unsigned char* octets_at(std::size_t place) const noexcept { return packet_.data() + place; }

  // How long it holds that something is not there (RFC 2308, 5): the smaller one of the record's own time and of its
  // last field.
  std::chrono::seconds negative_ttl(const record_place& authority) const noexcept;

 private:
  unsigned number_at(std::size_t at) const noexcept {
    return at + 2 <= packet_.size() ? static_cast<unsigned>(packet_[at] << 8 | packet_[at + 1]) : 0;
  }
  // Behind the questions, if nothing was read yet.
  void begin() noexcept {
    if (at_ == 0) skip_questions();
  }
  void skip_questions() noexcept;
  std::chrono::seconds seconds_at(std::size_t at) const noexcept;
  bool skip(std::size_t octets) noexcept;
  bool skip_name(std::size_t& place) const noexcept;
  template <class Take>
  bool each_label(std::size_t place, Take take) const;

  std::span<const unsigned char> packet_;
  std::size_t at_ = 0;
  unsigned authorities_ = 0;
  unsigned left_ = 0;
};

}  // namespace uvdial::detail
