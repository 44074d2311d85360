#pragma once
// Fuzz targets: each takes octets that somebody made up, and proves that what must hold does hold.
//
//   FUZZ_TARGET(endpoint_text) {                            test/fuzz/endpoint_text.cpp
//     const std::string text = input.rest();
//     fuzz::require(..., "what is printed can be read");
//   }
//
// One object of each serves twice. In the program fuzz_endpoint_text libFuzzer makes up the inputs, for as long as it
// is given (run.sh). In fuzz_corpora, which every build has and ctest runs, all targets replay their seeds in
// corpus/endpoint_text/, with what has once broken them.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "support/choices.hpp"

namespace fuzz {

// The octets of one input, taken from the front. After the last one there are only zeros.
class octets final : public fixture::choices {
 public:
  explicit octets(std::span<const std::uint8_t> all) noexcept : left_(all) {}

  unsigned up_to(std::size_t limit) override;
  bool spent() const noexcept override { return left_.empty(); }

  std::uint8_t octet() noexcept;
  bool flag() noexcept { return (octet() & 1) != 0; }
  // That many octets, or as many as there are.
  std::string text(std::size_t size);
  std::string rest() { return text(left_.size()); }
  // Up to the next line feed, which is taken too.
  std::string line();

 private:
  std::span<const std::uint8_t> left_;
};

// Ends the program where the rule is broken; `shown` is printed with it.
void require(bool holds, std::string_view rule, std::string_view shown = {});
[[noreturn]] void fail(std::string_view rule, std::string_view shown = {});

// Whether the text fits into one line of a log.
bool is_one_line(std::string_view text);

using run_target = void (*)(octets& input);

struct target {
  target(const char* its_name, run_target its_run) noexcept;

  const char* const name;
  const run_target run;
  target* const next;
};

// Those of this program, in no order.
const target* first_target() noexcept;

// Once, with all that a program does about exceptions.
void run_once(const target& which, std::span<const std::uint8_t> input);

}  // namespace fuzz

#define FUZZ_TARGET(name)                                     \
  static void run_##name(fuzz::octets& input);                \
  static const fuzz::target target_##name(#name, run_##name); \
  static void run_##name([[maybe_unused]] fuzz::octets& input)
