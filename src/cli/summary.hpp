#pragma once
// What many dials of one host add up to. Pure: takes facts, returns text.
//
//   example.com:443: 20 dials, 1 failed
//              dials     min  median     p99     max
//     all         19    12.1    13.4    31.0    31.0  ms
//     IPv4         3    12.1    12.9    13.0    13.0  ms
//     IPv6        16    12.2    13.4    31.0    31.0  ms
//     failed:
//        1  timeout_error (ETIMEDOUT), the first: connect example.com:443: ...
//
// The times are those of dials that connected; a dial that failed says only when somebody gave up.
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/distribution.hpp"
#include "uvdial/endpoint.hpp"
#include "uvdial/error.hpp"

namespace uvdial::cli {

class summary {
 public:
  void connected(std::optional<ip_family> family, std::chrono::microseconds took);  // nullopt: of no family
  void failed(const error& why);

  bool any_failed() const noexcept { return failed_ > 0; }
  std::size_t dials() const noexcept { return connected_.size() + failed_; }
  std::span<const timed_dial> connected_dials() const noexcept { return connected_; }

  std::string counts(std::size_t wanted) const;  // "20 dials, 1 failed"
  std::string times() const;                     // the first row of the table in words; empty: none connected
  std::vector<std::string> failures() const;     // "2 timeout_error (ETIMEDOUT), the first: ..."
  // Lines for people. `wanted` dials were asked for; fewer were made where somebody interrupted them.
  std::string text(std::string_view host, std::size_t wanted) const;
  // One JSON line; `at`: since the start of the first dial.
  std::string line(std::chrono::microseconds at) const;

 private:
  struct failure {
    error_kind kind;
    std::string_view code;
    std::string first;  // its text: later ones differ in their times alone, or in which address was tried
    std::size_t count;
  };
  std::vector<std::chrono::microseconds> sorted_times(std::optional<ip_family> family) const;  // nullopt: all

  std::vector<timed_dial> connected_{};
  std::vector<failure> failures_{};  // in the order of their first ones
  std::size_t failed_ = 0;
};

}  // namespace uvdial::cli
