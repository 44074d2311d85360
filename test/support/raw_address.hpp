#pragma once
// An endpoint of any address, also of those that endpoint::from_literal refuses: link-local ones without a
// zone.
#include <arpa/inet.h>
#include <netinet/in.h>

#include <string>

#include "support/unity.hpp"
#include "uvdial/endpoint.hpp"

namespace fixture {

inline uvdial::endpoint raw_address(const std::string& text) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1)
    return uvdial::endpoint(reinterpret_cast<const sockaddr&>(v4));
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  if (inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) != 1) TEST_FAIL_MESSAGE("no address: " + text);
  return uvdial::endpoint(reinterpret_cast<const sockaddr&>(v6));
}

}  // namespace fixture
