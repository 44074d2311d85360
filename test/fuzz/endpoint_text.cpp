// "192.0.2.1:80", "[fe80::1%lo]:80": what is read is printed so that it is read as the same, and a refusal quotes what
// it refuses.
#include <stdexcept>

#include "fuzz/fuzz_target.hpp"
#include "uvdial/endpoint.hpp"
#include "values/text.hpp"

using uvdial::endpoint;
using uvdial::ip_family;
using uvdial::detail::quoted;

namespace {

// A zone that is not there is refused by the name of its address.
bool quotes(const std::string& what, const std::string& text) {
  if (what.find(quoted(text)) != std::string::npos) return true;
  const std::string host = text.substr(0, text.rfind(':'));
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  return bracketed && what.find(quoted(host.substr(1, host.size() - 2))) != std::string::npos;
}

void check_refusal(const std::invalid_argument& why, const std::string& text) {
  fuzz::require(quotes(why.what(), text), "a refusal quotes the text", why.what());
  fuzz::require(fuzz::is_one_line(why.what()), "a refusal is one line", why.what());
}

void check_values(const endpoint& read) {
  fuzz::require(endpoint(read.native()) == read, "an endpoint is its socket address");
  fuzz::require(read.with_port(0).with_port(read.port()) == read, "the port alone changes");
  fuzz::require(read.family() == ip_family::v6 || read.scope() == 0, "only IPv6 has zones");
  fuzz::require(!read.link_local() || read.family() == ip_family::v4 || read.scope() != 0,
                "a link-local address has its zone");
}

void read_whole(const std::string& text) {
  try {
    const endpoint read = endpoint::parse(text);
    check_values(read);
    fuzz::require(read.port() != 0, "no port is 0", text);
    fuzz::require(endpoint::parse(read.to_string()) == read, "what is printed is read as the same", text);
  } catch (const std::invalid_argument& why) {
    check_refusal(why, text);
  }
}

void read_address(const std::string& text) {
  try {
    const auto read = endpoint::from_literal(text, 0);
    if (!read) return;
    check_values(*read);
    fuzz::require(endpoint::from_literal(read->address_to_string(), 0) == read,
                  "an address that is printed is read as the same", text);
  } catch (const std::invalid_argument& why) {
    check_refusal(why, text);
  }
}

}  // namespace

FUZZ_TARGET(endpoint_text) {
  const std::string text = input.rest();
  read_whole(text);
  read_address(text);
}
