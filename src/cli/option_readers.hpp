#pragma once
// The options: their names, what they take, what they mean, and what they go with.
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "cli/arguments.hpp"

namespace uvdial::cli {

// What the program is to do, as far as options care.
enum class job : std::uint8_t { dial = 1, dial_unix = 2, resolve = 4 };

struct option;

// A command line that is being read. The views are into its words.
struct reading {
  arguments into{};
  std::vector<const option*> given{};  // in their order
  std::vector<std::string_view> operands{};
  std::vector<std::string_view> allowed{};  // for the address policy; readable
  std::vector<std::string_view> denied{};
};

struct option {
  std::string_view name;
  enum class value : std::uint8_t { none, needed } takes;
  std::uint8_t jobs;                                   // a set of job: where it is of use
  void (*read)(reading& into, std::string_view text);  // throws usage_error

  bool fits(job what) const noexcept { return (jobs & static_cast<std::uint8_t>(what)) != 0; }
};

// Null where there is none of this name.
const option* find_option(std::string_view name) noexcept;

std::span<const option> all_options() noexcept;

}  // namespace uvdial::cli
