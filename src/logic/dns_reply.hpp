#pragma once
// What one question to DNS came to.
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "uvdial/endpoint.hpp"

namespace uvdial::detail {

struct dns_reply {
  std::error_code why{};              // of ares_category, or uv_category when the loop refused a socket
  std::vector<endpoint> addresses{};  // port 0, in the server's order
  std::size_t left_out = 0;           // so many more came
  std::vector<std::string> names{};   // of a reverse question
  std::chrono::seconds ttl{0};        // how long it holds: the smallest of the records that it was read from
  std::string canonical_name{};       // empty: the name that was asked
  std::vector<std::string> aliases{};
  std::optional<endpoint> server{};  // who said so, or was asked last
};

// One for all who asked, and for the cache: nobody changes it, and nobody copies it. Never null where one is told.
using shared_reply = std::shared_ptr<const dns_reply>;

// With the time that is left of it.
struct known_reply {
  shared_reply what{};
  std::chrono::seconds ttl{0};
};

}  // namespace uvdial::detail
