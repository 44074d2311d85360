#include "cli/resolved.hpp"

#include <vector>

#include "cli/json_line.hpp"
#include "cli/safe_text.hpp"

namespace uvdial::cli {

namespace {

constexpr std::string_view name_column = "name     ";
constexpr std::string_view alias_column = "alias    ";
constexpr std::string_view address_column = "address  ";

void append_fact(std::string& text, std::string_view column, std::string_view value) {
  text.append(column).append(one_line(value)).append("\n");
}

}  // namespace

std::string resolved_text(const host_entry& found) {
  std::string text;
  append_fact(text, name_column, found.canonical_name);
  for (const std::string& each : found.aliases) append_fact(text, alias_column, each);
  for (const endpoint& each : found.endpoints) append_fact(text, address_column, each.address_to_string());
  return text;
}

std::string resolved_text(const endpoint& address, std::span<const std::string> names) {
  std::string text;
  append_fact(text, address_column, address.address_to_string());
  for (const std::string& each : names) append_fact(text, name_column, each);
  return text;
}

std::string resolved_line(std::string_view host, const host_entry& found, std::chrono::microseconds at) {
  std::vector<std::string> addresses;
  for (const endpoint& each : found.endpoints) addresses.push_back(each.address_to_string());
  std::string line = begin_line("resolved", at);
  append_text(line, "host", host);
  append_text(line, "canonical_name", found.canonical_name);
  append_texts(line, "aliases", found.aliases);
  append_texts(line, "addresses", addresses);
  return end_line(std::move(line));
}

std::string resolved_line(const endpoint& address, std::span<const std::string> names,
                          std::chrono::microseconds at) {
  std::string line = begin_line("resolved", at);
  append_text(line, "address", address.address_to_string());
  append_texts(line, "names", names);
  return end_line(std::move(line));
}

}  // namespace uvdial::cli
