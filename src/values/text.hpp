#pragma once
// What `target` and `endpoint` have in common when they read "host:port", and how they refuse bad text.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "values/literal.hpp"

namespace uvdial::detail {

// The text in quotes, fit for one line of a log: what cannot be printed as \xNN, and cut when very long.
std::string quoted(std::string_view text);

// A piece of text that somebody gave, and what it is meant to be: "target", "port", ...
struct given {
  std::string_view what;
  std::string_view text;
  std::string_view host{};  // of a port that came apart from it

  // Throws std::invalid_argument: bad <what> "<text>": <why>, or: bad <what> "<text>" of "<host>": <why>
  [[noreturn]] void refuse(std::string_view why) const;
};

struct host_and_port {
  std::string_view host;  // without brackets; not empty
  std::string_view port;  // not empty
  bool in_brackets;
};

// Splits "host:port" or "[v6]:port". What stands in brackets is an IPv6 literal; else the host has no colon.
host_and_port split(const given& whole);

// A host without its brackets, if it has any. Refuses brackets that hold no IPv6 literal.
std::string_view without_brackets(const given& host);

// A port from 1 to 65535 in plain decimal, or a service name. `whole` is what a refusal quotes.
std::uint16_t read_port(const given& whole, std::string_view port);

// Refuses what cannot stand in a host: nothing at all, white space, control characters, parts of a URL.
void check_characters(const given& whole);

// Refuses a host that can be neither a name nor an address. Bytes of 0x80 and above pass: whether a name beyond ASCII
// exists is for the resolver to say; and only the text is judged: whether the interface of a zone exists is seen when
// it is used. The address that it is; nullopt: a name. `whole` is what a refusal quotes.
std::optional<literal> check_host(const given& whole, std::string_view host);

// The same for a host and a port that come apart, as a target has them.
std::optional<literal> check_target(std::string_view host, std::uint16_t port);

}  // namespace uvdial::detail
