#pragma once
// How the times of many dials are spread: put into bins that a person can read. Pure.
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "uvdial/endpoint.hpp"

namespace uvdial::cli {

struct timed_dial {
  std::optional<ip_family> family;  // nullopt: of no family
  std::chrono::microseconds took;
};

struct time_bin {
  std::chrono::microseconds from;   // included
  std::chrono::microseconds until;  // not included
  std::size_t v6 = 0;
  std::size_t others = 0;  // IPv4, or of no family

  std::size_t total() const noexcept { return v6 + others; }
};

struct distribution {
  std::vector<time_bin> bins{};  // without gaps, in order, neither end empty
  bool logarithmic = false;  // each bin begins at a multiple of the one before; else all are of one length
  std::size_t dials = 0;
  std::chrono::microseconds median{0};
  std::chrono::microseconds p99{0};

  bool in_bin(const time_bin& one, std::chrono::microseconds time) const noexcept {
    return one.from <= time && time < one.until;
  }
  bool has_v6() const noexcept;
  bool has_others() const noexcept;
  std::size_t most() const noexcept;  // in one bin
};

// Of no dials there are no bins. The scale is logarithmic where the longest took 20 times as long as the median.
distribution spread(std::span<const timed_dial> dials);

// By nearest rank: the smallest of `sorted` that is not exceeded by `percent` of them. So it is a time that was
// measured, and of few dials the 99th percentile is the longest. `sorted` is ascending and not empty; `percent` 1 to
// 100.
std::chrono::microseconds percentile(std::span<const std::chrono::microseconds> sorted, std::size_t percent);

}  // namespace uvdial::cli
