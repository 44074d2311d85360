#pragma once
// The little of HTTP/1.1 (RFC 9112) that http_get.cpp needs. It knows no sockets.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What the head of a response says: its first line, and the size of the body, unless that ends with the
// stream.
struct http_head {
  std::string status_line;
  std::optional<std::uint64_t> body_size;
  bool interim;  // "100 Continue" and the like: the real answer is yet to come
};

inline bool same_field_name(std::string_view left, std::string_view right) {
  const auto lower = [](char letter) {
    return static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter + 32 : letter);
  };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [lower](char one, char other) { return lower(one) == lower(other); });
}

// The value of a field; nullopt: there is none of that name.
inline std::optional<std::string_view> field(std::string_view head, std::string_view name) {
  for (std::size_t end = 0; (end = head.find("\r\n")) != std::string_view::npos;
       head.remove_prefix(end + 2)) {
    const std::string_view line = head.substr(0, end);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !same_field_name(line.substr(0, colon), name)) continue;
    const std::size_t first = line.find_first_not_of(" \t", colon + 1);
    if (first == std::string_view::npos) return "";
    return line.substr(first, line.find_last_not_of(" \t") + 1 - first);
  }
  return std::nullopt;
}

// Reads a head that is whole, its empty line included. nullopt: this is no HTTP/1.
inline std::optional<http_head> parse_head(std::string_view text) {
  if (!text.starts_with("HTTP/1.")) return std::nullopt;
  http_head made{std::string(text.substr(0, text.find("\r\n"))), std::nullopt, text.substr(8, 2) == " 1"};
  // Chunks are not taken apart here: then all up to the end of the stream counts, their framing too.
  if (field(text, "Transfer-Encoding")) return made;
  const auto length = field(text, "Content-Length");
  if (!length) return made;
  std::uint64_t size = 0;
  const char* const last = length->data() + length->size();
  const auto [stop, error] = std::from_chars(length->data(), last, size);
  if (error != std::errc() || stop != last) return std::nullopt;
  made.body_size = size;
  return made;
}
