// The text of resolv.conf, with LOCALDOMAIN, RES_OPTIONS and the machine's name beside it: whatever stands there,
// what comes of it works.
#include <algorithm>

#include "fuzz/fuzz_target.hpp"
#include "logic/resolv_conf.hpp"

using uvdial::detail::read_resolv_conf;
using uvdial::detail::resolv_conf;
using uvdial::detail::resolver_surroundings;
using uvdial::detail::why_impossible;

namespace {

void check(const resolv_conf& read) {
  fuzz::require(!read.servers.empty() && read.servers.size() <= 3, "there are one to three servers");
  fuzz::require(read.search.domains.size() <= 32, "there are at most 32 domains");
  fuzz::require(read.search.ndots <= 15, "ndots is at most 15");
  for (const std::string& each : read.search.domains)
    fuzz::require(each == "." || !why_impossible(each), "a name can end in each domain", each);
  using namespace std::chrono_literals;
  fuzz::require(!read.timeout || (*read.timeout >= 1s && *read.timeout <= 30s), "a timeout is 1 to 30 s");
  fuzz::require(!read.attempts || (*read.attempts >= 1 && *read.attempts <= 5), "there are 1 to 5 attempts");
}

std::string with_carriage_returns(const std::string& text) {
  std::string made;
  for (const char each : text) made += each == '\n' ? std::string("\r\n") : std::string(1, each);
  return made;
}

}  // namespace

FUZZ_TARGET(resolv_conf_text) {
  resolver_surroundings around;
  if (input.flag()) around.local_domain = input.line();
  around.options = input.line();
  around.host_name = input.line();
  const std::string text = input.rest();
  const resolv_conf read = read_resolv_conf(text, around);
  check(read);
  if (text.find('\r') == std::string::npos)
    fuzz::require(read_resolv_conf(with_carriage_returns(text), around) == read,
                  "lines may end as on other systems", text);
  fuzz::require(read_resolv_conf(text + "\n# a comment\n; another\n", around) == read,
                "comments change nothing", text);
}
