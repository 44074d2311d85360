#pragma once
// What a dial of the soak meets. A name begins with the letter of its kind, which tells the servers what to do to it.
#include <array>
#include <cstdint>
#include <string_view>

#include "uvdial/error.hpp"

namespace soak {

using uvdial::error_kind;

// How the program comes to where the dial goes.
enum class way : std::uint8_t { name, address, list, unix_socket, resolve, reverse };

struct kind {
  char letter;
  way by;
  unsigned weight;  // how many of the dials are such, in thousandths
  bool may_succeed;
  error_kind failure;  // as which it fails where nothing else happens to it; timeout: it may only be too slow
  std::string_view what;
};

constexpr std::array<kind, 22> kinds = {{
    {'a', way::name, 300, true, error_kind::timeout, "a peer that answers"},
    {'e', way::name, 60, true, error_kind::timeout, "bytes sent and had back"},
    {'b', way::name, 60, true, error_kind::connect, "reset when it stands"},
    {'r', way::name, 60, false, error_kind::connection_refused, "refused"},
    {'x', way::name, 40, true, error_kind::timeout, "the first address refused"},
    {'h', way::name, 30, true, error_kind::timeout, "the first address silent"},
    {'s', way::name, 20, false, error_kind::timeout, "all addresses silent"},
    {'y', way::name, 30, true, error_kind::timeout, "confirmed by its greeting"},
    {'c', way::name, 30, false, error_kind::connect, "not confirmed"},
    {'n', way::name, 40, false, error_kind::host_not_found, "NXDOMAIN"},
    {'o', way::name, 30, false, error_kind::no_address, "no data"},
    {'f', way::name, 20, false, error_kind::dns_failure, "SERVFAIL"},
    {'d', way::name, 10, false, error_kind::dns_timeout, "no reply from DNS"},
    {'l', way::name, 40, true, error_kind::timeout, "a late reply"},
    {'p', way::name, 10, false, error_kind::timeout, "a reply after the deadline"},
    {'t', way::name, 20, true, error_kind::timeout, "truncated, then over TCP"},
    {'g', way::name, 10, false, error_kind::dns_failure, "garbage from DNS"},
    {'A', way::address, 60, true, error_kind::timeout, "an address"},
    {'L', way::list, 40, true, error_kind::timeout, "a list of addresses"},
    {'U', way::unix_socket, 30, true, error_kind::connect, "a Unix-domain socket"},
    {'Q', way::resolve, 40, true, error_kind::dns_timeout, "resolve()"},
    {'R', way::reverse, 20, true, error_kind::dns_timeout, "reverse()"},
}};

constexpr unsigned all_weights() {
  unsigned sum = 0;
  for (const kind& each : kinds) sum += each.weight;
  return sum;
}
static_assert(all_weights() == 1000);

constexpr std::string_view answering[] = {"127.0.1.1", "127.0.1.2", "127.0.1.3", "127.0.1.4",
                                          "127.0.1.5", "127.0.1.6", "127.0.1.7", "127.0.1.8"};
constexpr std::string_view echoing = "127.0.2.1";
constexpr std::string_view resetting = "127.0.2.2";
constexpr std::string_view refusing = "127.0.2.3";
constexpr std::string_view silent = "127.0.2.4";
constexpr char greeting[] = {'h', 'e', 'l', 'l', 'o'};

}  // namespace soak
