#pragma once
// What --resolve says when it has found something. Pure: takes facts, returns text. Names come from servers
// and may hold anything; whatever they hold, they make no lines of their own.
#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "uvdial/resolver.hpp"

namespace uvdial::cli {

// For people, and for awk: one fact a line, its kind in the first column.
//
//   name     www.example.test
//   alias    web.example.test
//   address  2001:db8::1
std::string resolved_text(const host_entry& found);
// The other way round: the address first, then its names.
std::string resolved_text(const endpoint& address, std::span<const std::string> names);

// The same as one JSON line each. `host` is the name that was asked for; `at`: since the start.
std::string resolved_line(std::string_view host, const host_entry& found, std::chrono::microseconds at);
std::string resolved_line(const endpoint& address, std::span<const std::string> names,
                          std::chrono::microseconds at);

}  // namespace uvdial::cli
