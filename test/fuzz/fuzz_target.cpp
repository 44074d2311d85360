#include "fuzz/fuzz_target.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <utility>

namespace fuzz {

namespace {

const target* head = nullptr;

}  // namespace

target::target(const char* its_name, run_target its_run) noexcept
    : name(its_name), run(its_run), next(const_cast<target*>(std::exchange(head, this))) {}

const target* first_target() noexcept { return head; }

std::uint8_t octets::octet() noexcept {
  if (left_.empty()) return 0;
  const std::uint8_t front = left_.front();
  left_ = left_.subspan(1);
  return front;
}

// As few octets as it takes, so that what an input means changes little when one of them does.
unsigned octets::up_to(std::size_t limit) {
  std::size_t number = octet();
  for (std::size_t most = 256; most < limit; most *= 256) number = number * 256 + octet();
  return static_cast<unsigned>(number % limit);
}

std::string octets::text(std::size_t size) {
  const auto taken = left_.first(std::min(size, left_.size()));
  left_ = left_.subspan(taken.size());
  return {reinterpret_cast<const char*>(taken.data()), taken.size()};
}

std::string octets::line() {
  const auto end = static_cast<std::size_t>(std::find(left_.begin(), left_.end(), '\n') - left_.begin());
  std::string taken = text(end);
  (void)octet();
  return taken;
}

void fail(std::string_view rule, std::string_view shown) {
  std::fprintf(stderr, "fuzz: broken: %.*s\n", static_cast<int>(rule.size()), rule.data());
  if (!shown.empty()) std::fprintf(stderr, "fuzz: %.*s\n", static_cast<int>(shown.size()), shown.data());
  std::abort();
}

void require(bool holds, std::string_view rule, std::string_view shown) {
  if (!holds) fail(rule, shown);
}

bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char each) {
    const auto octet = static_cast<unsigned char>(each);
    return octet < 0x20 || octet == 0x7f;
  });
}

void run_once(const target& which, std::span<const std::uint8_t> input) {
  octets taken(input);
  try {
    which.run(taken);
  } catch (const std::exception& escaped) {
    fail(escaped.what());
  }
}

}  // namespace fuzz
