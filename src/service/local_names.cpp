#include "service/local_names.hpp"

#include "logic/host_name.hpp"
#include "logic/reverse_name.hpp"
#include "values/international_name.hpp"
#include "values/kept_for_ever.hpp"

namespace uvdial::detail {

namespace {

// RFC 6761, 6.3: such names "always resolve to an IP loopback address", and no server is asked.
const hosts_entry& this_machine() {
  static const kept_for_ever<hosts_entry> kept(hosts_entry{
      {*endpoint::from_literal("::1", 0), *endpoint::from_literal("127.0.0.1", 0)}, "localhost", {}});
  return kept.value;
}

const std::vector<std::string>& names_of_this_machine() {
  static const kept_for_ever<std::vector<std::string>> kept(std::vector<std::string>{"localhost"});
  return kept.value;
}

}  // namespace

local_finding local_names::find(const std::string& host) {
  local_finding found;
  const hosts_table& table = hosts_.table();
  if ((found.entry = table.find(host))) return found;
  const char* why = why_impossible(host);
  if (why && !is_ascii(host)) {
    ascii_name converted = to_ascii_name(host);
    found.problem = std::move(converted.problem);
    if (!found.problem.empty()) return found;
    why = why_impossible(converted.name);
    found.ascii = std::move(converted.name);
  }
  const std::string& name = found.ascii.empty() ? host : found.ascii;
  if (why)
    found.problem = why;
  else if (!found.ascii.empty() && (found.entry = table.find(name)))
    return found;
  else if (is_this_machine(name))
    found.entry = this_machine();
  return found;
}

const std::vector<std::string>* local_names::names_of(const endpoint& address) {
  const hosts_table& table = hosts_.table();
  if (const auto* names = table.names_of(address)) return names;
  const endpoint plain = without_mapping(address);
  if (const auto* names = table.names_of(plain)) return names;
  return plain.loopback() ? &names_of_this_machine() : nullptr;
}

}  // namespace uvdial::detail
