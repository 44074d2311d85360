#pragma once
// floor 0
// What one dial did: every question to the resolver and every address tried. Stands in every error, and
// is written on success too where `dial_options::report` asks for it.
#include <chrono>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "uvdial/endpoint.hpp"

namespace uvdial {

// One address of the race. Times count from the start of the dial.
struct attempt {
  enum class state : std::uint8_t {
    failed,    // ended with `why`
    open,      // still running when the dial ended without it; ended: when it was closed
    filtered,  // never tried: the address policy forbids it
    won        // became the stream
  };
  state what;
  endpoint to;
  std::error_code why;
  std::chrono::microseconds started;
  std::chrono::microseconds ended;
};

// What the resolver said for one family.
struct family_report {
  ip_family family;
  bool answered = false;               // false: still open when the dial ended
  std::size_t addresses = 0;           // how many came
  std::error_code why{};               // unset when addresses came
  std::optional<endpoint> server{};    // who answered, or was asked last, where known
  std::chrono::microseconds asked{0};  // since the start of the dial
  std::chrono::microseconds ended{0};
  std::string detail{};  // what there is to say beyond `why`: "an empty label"; empty when addresses came
};

struct dial_report {
  std::string host{};
  std::uint16_t port = 0;
  std::vector<family_report> families{};  // in the order asked; empty for a literal
  std::vector<attempt> attempts{};        // in start order, filtered ones last
  std::chrono::microseconds elapsed{0};
};

}  // namespace uvdial
