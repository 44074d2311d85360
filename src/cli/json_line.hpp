#pragma once
// The pieces of a JSON line: one object with "event" and "t_ms" (milliseconds since the start, with three
// decimals).
//
//   std::string line = begin_line("attempt_start", at);
//   append_address(line, to);
//   return end_line(std::move(line));
#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "uvdial/endpoint.hpp"
#include "uvdial/error.hpp"

namespace uvdial::cli {

std::string begin_line(std::string_view event, std::chrono::microseconds at);
std::string end_line(std::string line);  // with its newline

// Each appends one member; `value` may be any text, `name` is one of ours.
void append_text(std::string& line, std::string_view name, std::string_view value);
void append_texts(std::string& line, std::string_view name, std::span<const std::string> values);
void append_address(std::string& line, const endpoint& to);  // "address" and "port"

// The code of what failed, as people and programs know it: "ECONNREFUSED", "NXDOMAIN".
std::string_view final_code(const error& why) noexcept;

// The whole last line of a connection to a Unix-domain socket, which has a path where others have three facts.
std::string connected_unix_line(std::string_view path, std::chrono::microseconds at);

// The whole last line of what failed.
std::string failed_line(const error& why, std::chrono::microseconds at);

}  // namespace uvdial::cli
