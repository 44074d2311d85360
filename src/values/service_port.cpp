#include <algorithm>
#include <iterator>

#include "uvdial/endpoint.hpp"

namespace uvdial {

namespace {

struct service {
  std::string_view name;
  std::uint16_t port;
};

// From IANA's registry of service names, for TCP. /etc/services is left alone: it differs from machine to
// machine, and reading it blocks.
constexpr service services[] = {
    {"amqp", 5672},        {"amqps", 5671},     {"bgp", 179},         {"chargen", 19},
    {"daytime", 13},       {"discard", 9},      {"domain", 53},       {"domain-s", 853},
    {"echo", 7},           {"finger", 79},      {"ftp", 21},          {"ftps", 990},
    {"git", 9418},         {"gopher", 70},      {"http", 80},         {"http-alt", 8080},
    {"https", 443},        {"imap", 143},       {"imaps", 993},       {"ipp", 631},
    {"ircs-u", 6697},      {"kerberos", 88},    {"ldap", 389},        {"ldaps", 636},
    {"microsoft-ds", 445}, {"mqtt", 1883},      {"ms-sql-s", 1433},   {"ms-wbt-server", 3389},
    {"mysql", 3306},       {"nfs", 2049},       {"nntp", 119},        {"nntps", 563},
    {"pop3", 110},         {"pop3s", 995},      {"postgresql", 5432}, {"redis", 6379},
    {"rfb", 5900},         {"rsync", 873},      {"rtsp", 554},        {"secure-mqtt", 8883},
    {"sip", 5060},         {"sips", 5061},      {"smtp", 25},         {"socks", 1080},
    {"ssh", 22},           {"submission", 587}, {"submissions", 465}, {"syslog-tls", 6514},
    {"telnet", 23},        {"time", 37},        {"whois", 43},        {"xmpp-client", 5222},
    {"xmpp-server", 5269},
};

constexpr bool before(const service& left, const service& right) { return left.name < right.name; }
static_assert(std::is_sorted(std::begin(services), std::end(services), before));

}  // namespace

std::optional<std::uint16_t> port_of_service(std::string_view name) noexcept {
  const auto* found = std::lower_bound(std::begin(services), std::end(services), service{name, 0}, before);
  if (found == std::end(services) || found->name != name) return std::nullopt;
  return found->port;
}

}  // namespace uvdial
