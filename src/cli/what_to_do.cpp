#include "cli/what_to_do.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "values/literal.hpp"

namespace uvdial::cli {

namespace {

constexpr const char* ask_another = "--dns-server IP asks another server";
constexpr const char* wait_longer = "--timeout MS waits longer";

bool only_v6(const error& why) {
  const auto attempts = why.attempts();
  return std::all_of(attempts.begin(), attempts.end(),
                     [](const attempt& one) { return one.to.family() == ip_family::v6; });
}

const char* servers(const arguments& wanted) {
  return wanted.dns_servers.empty() ? "the nameserver lines of /etc/resolv.conf"
                                    : "what --dns-server was given";
}

// Names.

std::string list_of(const std::vector<std::string>& names) {
  constexpr std::size_t most = 6;  // as many suffixes as old resolvers knew
  std::string text;
  for (std::size_t at = 0; at < names.size() && at < most; ++at) text += (at == 0 ? "" : ", ") + names[at];
  return names.size() > most ? text + ", ..." : text;
}

const char* impossible_name(std::string_view problem) {
  if (problem == "a number as its last label")
    return "no host has such a name, and an IPv4 address is written in full, as 127.0.0.1; no server was "
           "asked";
  if (problem.find("libidn2") != std::string_view::npos)
    return "write it in its ASCII form, which begins with xn--; no server was asked";
  return "no host can have such a name: check its spelling; no server was asked";
}

std::string unknown_name(const error& why) {
  const dial_report& report = why.report();
  for (const family_report& family : report.families)
    if (!family.detail.empty()) return impossible_name(family.detail);
  if (report.names.size() > 1) {
    return "asked as " + list_of(report.names) +
           ": check the spelling, and the search list (/etc/resolv.conf, LOCALDOMAIN); " + ask_another;
  }
  return "check the spelling of the name; " + std::string(ask_another);
}

std::string no_such_address(const error& why, const arguments& wanted) {
  const bool only_v4 = wanted.options.families == family_policy::v4_only;
  const std::string asked = only_v4 ? "IPv4" : "IPv6";
  const std::string other = only_v4 ? "IPv6" : "IPv4";
  if (why.report().families.empty())
    return "this is an " + other + " address: leave --family out, or give one of " + asked;
  if (only_v4 || wanted.options.families == family_policy::v6_only)
    return "only " + asked + " was asked for: without --family, " + other + " is tried too";
  return "the name exists, but is it that of a host? A domain need not have an address";
}

std::string failed_server(const error& why, const arguments& wanted) {
  const std::string_view code = code_name(why.code());
  if (code == "DNSUNREACHABLE")
    return "no name server can be reached: check the network of this machine, and " +
           std::string(servers(wanted));
  if (code == "SERVFAIL")
    return "the server got no answer for this name itself: try again later; " + std::string(ask_another);
  if (code == "REFUSED") return "the server does not serve this machine; " + std::string(ask_another);
  return std::string(ask_another);
}

// Ways.

std::string refused(const error& why, const arguments& wanted) {
  if (wanted.unix_path) return "nobody listens on that socket: is its server running?";
  return "the host answers, but nothing listens on port " + std::to_string(why.report().port) +
         " there, or a firewall refuses: is the server running, and is it that port?";
}

std::string no_way(const error& why, const arguments& wanted) {
  const bool bound = wanted.options.bind_v4 || wanted.options.bind_v6;
  if (why.code() == std::errc::address_not_available && bound)
    return "is the address given to --bind one of this machine? \"ip address\" lists them";
  if (why.code() == std::errc::host_unreachable)
    return "nothing was found at that address, or a firewall says so: is the host up, and is the address "
           "right?";
  if (!only_v6(why)) return "this machine has no way there: check its network; \"ip route\" lists the ways";
  if (wanted.options.families == family_policy::v6_only)
    return "this machine has no way to IPv6 addresses: without --family, IPv4 is tried too";
  return "this machine has no way to IPv6 addresses, and no IPv4 address of the host is known";
}

// The address as a rule names it: without a zone.
std::string rule_for(const endpoint& to) {
  const std::string text = to.address_to_string();
  return text.substr(0, text.find('%'));
}

bool would_let_in(address_policy policy, const endpoint& to, const std::string& rule) {
  try {
    return policy.allow(rule).allows(to);
  } catch (const std::invalid_argument&) {  // of a mapped address
    return false;
  }
}

std::string blocked(const error& why, const arguments& wanted) {
  if (why.attempts().empty()) return "";
  const endpoint& to = why.attempts().front().to;
  const std::string rule = rule_for(to);
  std::string text = "only what --allow names is connected to";
  for (const std::string& each : wanted.denied) {
    if (address_policy().deny(each).allows(to)) continue;
    text = "--deny " + each + " forbids it";
    break;
  }
  if (would_let_in(wanted.policy, to, rule)) text += "; --allow " + rule + " lets it in";
  return text;
}

std::string otherwise_failed(const error& why, const arguments& wanted) {
  const std::error_code& code = why.code();
  if (code == std::errc::no_such_file_or_directory)
    return "nothing has that path: is its server running, and is the path right?";
  if (code == std::errc::permission_denied && wanted.unix_path)
    return "this user may not connect to it: look at the rights of the socket and of the folders above it";
  if (code == std::errc::permission_denied || code == std::errc::operation_not_permitted)
    return "this machine forbids it: look at its firewall";
  if (code == std::errc::wrong_protocol_type) return "that socket is of another kind, and takes no streams";
  if (code == std::errc::timed_out)
    return "no answer came: the host is down, or a firewall drops what is sent to it";
  if (code == std::errc::connection_reset)
    return "something there breaks connections at once: a firewall, or a proxy whose server is down";
  if (code == std::errc::connection_refused) return refused(why, wanted);
  return "";
}

std::string too_late(const error& why, const arguments& wanted) {
  if (wanted.unix_path)
    return "its server takes no connections: is it hung or overloaded? " + std::string(wait_longer);
  const auto attempts = why.attempts();
  const bool any_open = std::any_of(attempts.begin(), attempts.end(),
                                    [](const attempt& one) { return one.what == attempt::state::open; });
  if (!any_open) {
    return "the name servers did not answer in time: check " + std::string(servers(wanted)) + "; " +
           ask_another + ", " + wait_longer;
  }
  return "no answer came: the host is down, or a firewall drops what is sent to it; " +
         std::string(wait_longer);
}

bool asks_for_names(const arguments& wanted) {
  return wanted.what == arguments::wish::resolve && detail::read_literal(wanted.host).has_value();
}

}  // namespace

std::string what_to_do(const std::error_code& why) {
  struct shortage {
    std::errc code;
    std::string_view text;
  };
  constexpr std::array shortages = {
      shortage{std::errc::too_many_files_open,
               "this program may open no more files: raise the limit with ulimit -n"},
      shortage{std::errc::too_many_files_open_in_system,
               "all programs together may open no more files: raise fs.file-max, or end what holds them"},
      shortage{std::errc::resource_unavailable_try_again,
               "no local port is free: wait a minute, or widen net.ipv4.ip_local_port_range"},
      shortage{std::errc::no_buffer_space, "the kernel has no memory left for sockets: try again later"},
      shortage{std::errc::not_enough_memory, "this machine has no memory left: end what holds it"},
  };
  for (const shortage& each : shortages)
    if (why == each.code) return std::string(each.text);
  return "";
}

std::string what_to_do(const error& why, const arguments& wanted) {
  switch (why.kind()) {
    case error_kind::host_not_found:
    case error_kind::no_address:
      if (asks_for_names(wanted))
        return "many addresses have no name: only whoever owns them can give them one";
      return why.kind() == error_kind::no_address ? no_such_address(why, wanted) : unknown_name(why);
    case error_kind::dns_failure: return failed_server(why, wanted);
    case error_kind::dns_timeout:
      return "is that a name server, and can it be reached from here? Check " + std::string(servers(wanted)) +
             "; " + ask_another;
    case error_kind::connection_refused: return refused(why, wanted);
    case error_kind::unreachable: return no_way(why, wanted);
    case error_kind::address_blocked: return blocked(why, wanted);
    case error_kind::out_of_resources: return what_to_do(why.code());
    case error_kind::timeout: return too_late(why, wanted);
    case error_kind::connect: return otherwise_failed(why, wanted);
    case error_kind::resolve:
    case error_kind::cancelled:
    case error_kind::stream:
    case error_kind::connection_reset: break;
  }
  return "";
}

}  // namespace uvdial::cli
