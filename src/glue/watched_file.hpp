#pragma once
// A file that is read when it is first asked for, and again only when it has changed.
//
// It is looked at (one stat) at most once a second, however often somebody asks. What tells versions apart is
// all that stat knows of a change: size, both times, and which file it is, so that one written in place, one
// renamed over it and one mounted over it are all seen. A write during the reading is seen at the next look,
// because the version is taken from the open file before it is read.
//
// File systems count time in ticks, though, of 4 ms and in old ones of up to 2 s. A file that is written
// twice within a tick, and read between, ends in the same version that was read. So one that changed just
// before it was read is read again at the next looks, until its last change is older than a tick; what is new
// is told by the text.
#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "glue/turn.hpp"

namespace uvdial::detail {

class watched_file {
 public:
  using clock = instant (*)() noexcept;

  // An empty path is a file that is never there.
  explicit watched_file(std::string path, clock time = now) : path_(std::move(path)), time_(time) {}

  // Calls take(text), with a std::string_view that lives for the call, where a look was due and the file
  // holds something that was not taken yet; the first call of all always takes. A file that is not there, or
  // that may not be read, is an empty text. Where it could not be read for a passing reason nothing is taken, and the
  // next look tries again; the next call does where this one threw. Reading blocks for as long as a local file takes.
  // Throws std::bad_alloc, what `take` throws, and out_of_resources while descriptors or memory have been too short
  // to read it even once: it may say what nobody else knows.
  template <class Take>
  void look(Take&& take) {
    const std::optional<reading> found = news();
    if (!found) return;
    const instant next = std::exchange(next_look_, instant::min());
    taken_.reset();
    take(std::string_view(found->text));
    taken_ = found->of;
    taken_text_ = hash(found->text);
    was_taken_ = true;
    next_look_ = next;
  }

  // The next look() looks, however soon it comes.
  void look_again() noexcept { next_look_ = instant::min(); }

 private:
  struct version {  // as made here: of a file that is not there
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = -1;
    instant modified{-1};
    instant changed{-1};
    bool operator==(const version&) const = default;
  };
  struct reading {
    version of{};
    std::string text{};
  };
  static std::size_t hash(std::string_view text) noexcept { return std::hash<std::string_view>{}(text); }
  static version version_of(const struct ::stat& found) noexcept;
  std::optional<reading> news();
  std::optional<reading> changed();
  std::nullopt_t nothing(int reason) const;
  int read(reading& into);

  std::string path_;
  clock time_;
  std::optional<version> taken_{};
  std::size_t taken_text_ = 0;
  bool was_taken_ = false;
  bool settled_ = true;  // whatever is written from here on makes another version than the one that was read
  instant next_look_ = instant::min();
};

}  // namespace uvdial::detail
