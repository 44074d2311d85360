// "host:443", "[::1]:https", and a host and a port that come apart.
#include <stdexcept>

#include "fuzz/fuzz_target.hpp"
#include "uvdial/endpoint.hpp"
#include "values/literal.hpp"
#include "values/text.hpp"

using uvdial::target;
using uvdial::detail::quoted;

namespace {

void check(const target& read) {
  fuzz::require(!read.host.empty() && read.port != 0, "a target has a host and a port");
  fuzz::require(fuzz::is_one_line(read.host), "no host has a control character", read.host);
  fuzz::require(read.host.find_first_of(" /?#@[]") == std::string::npos, "a host is no URL", read.host);
  const bool is_literal = uvdial::detail::read_literal(read.host).has_value();
  fuzz::require(is_literal || read.host.find_first_of(":%") == std::string::npos,
                "only an address has colons and a zone", read.host);
  fuzz::require(target::parse(read.to_string()) == read, "what is printed is read as the same", read.host);
  fuzz::require(target(read.host, read.port) == read, "a target is its host and its port", read.host);
}

void check_refusal(const std::invalid_argument& why, const std::string& text, const std::string& other) {
  const std::string what = why.what();
  fuzz::require(what.find(quoted(text)) != std::string::npos || what.find(quoted(other)) != std::string::npos,
                "a refusal quotes the text", what);
  fuzz::require(fuzz::is_one_line(what), "a refusal is one line", what);
}

template <class Make>
void try_to(Make make, const std::string& text, const std::string& other) {
  try {
    check(make());
  } catch (const std::invalid_argument& why) {
    check_refusal(why, text, other);
  }
}

}  // namespace

FUZZ_TARGET(target_text) {
  const std::string first = input.line();
  const std::string second = input.rest();
  try_to([&] { return target::parse(first); }, first, first);
  try_to([&] { return target::parse(first, second); }, first, second);
  const auto port = static_cast<std::uint16_t>(second.size());
  try_to([&] { return target(first, port); }, first, "0");
}
