#pragma once
// What bench_world is told on its command line.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>

#include "sockets.hpp"

namespace bench {

struct world_settings {
  bool has_dns = true;
  std::uint16_t dns_port = 0;  // 0: any that is free
  std::uint16_t tcp_port = 0;
  std::chrono::milliseconds delay{0};
  unsigned drop_percent = 0;
  unsigned seed = 1;
  int receive_buffer = 0;  // 0: what the system gives everybody
  std::optional<in6_addr> silent_v6{};
};

inline unsigned number_from(const std::string& text, unsigned most) {
  char* end = nullptr;
  const unsigned long value = std::strtoul(text.c_str(), &end, 10);
  if (text.empty() || text[0] < '0' || text[0] > '9' || *end != '\0' || value > most)
    throw std::invalid_argument("not a number of 0.." + std::to_string(most) + ": \"" + text + "\"");
  return static_cast<unsigned>(value);
}

inline void set_option(world_settings& chosen, const std::string& name, const std::string& value) {
  if (name == "--dns-port") {
    chosen.dns_port = static_cast<std::uint16_t>(number_from(value, 65535));
  } else if (name == "--tcp-port") {
    chosen.tcp_port = static_cast<std::uint16_t>(number_from(value, 65535));
  } else if (name == "--delay") {
    chosen.delay = std::chrono::milliseconds(number_from(value, 60'000));
  } else if (name == "--drop") {
    chosen.drop_percent = number_from(value, 100);
  } else if (name == "--seed") {
    chosen.seed = number_from(value, 1'000'000);
  } else if (name == "--receive-buffer") {
    chosen.receive_buffer = static_cast<int>(number_from(value, 1'000'000'000));
  } else if (name == "--silent-v6") {
    chosen.silent_v6 = v6_from(value);
  } else {
    throw std::invalid_argument("unknown option: \"" + name + "\"");
  }
}

inline world_settings world_settings_from(int count, char** words) {
  world_settings chosen;
  for (int i = 1; i < count; ++i) {
    const std::string name = words[i];
    if (name == "--no-dns") {
      chosen.has_dns = false;
    } else {
      ++i;
      set_option(chosen, name, i < count ? words[i] : "");
    }
  }
  return chosen;
}

}  // namespace bench
