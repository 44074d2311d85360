#pragma once
// The command line as a value. Pure but for the zones of addresses, which are looked up: reads no file, asks no
// name, prints nothing.
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "uvdial/address_policy.hpp"
#include "uvdial/endpoint.hpp"
#include "uvdial/options.hpp"

namespace uvdial::cli {

struct arguments {
  enum class wish : std::uint8_t { dial, resolve, help, version };
  enum class after_connect : std::uint8_t { relay, close };

  wish what = wish::dial;
  // One of these two is set when `what` is dial.
  std::optional<target> to{};
  std::optional<std::string> unix_path{};  // not empty; with a first '@' an abstract name
  std::string host{};  // set when `what` is resolve: a name, or a literal without brackets
  after_connect then = after_connect::relay;
  bool json = false;  // `then` is close
  bool trace = false;
  std::optional<std::string> svg_file{};    // where the picture goes; not empty
  std::optional<std::size_t> repeat{};      // how many dials, with a summary; `then` is close
  std::vector<endpoint> dns_servers{};      // port 0: the usual one; empty: those of the system
  std::optional<std::string> hosts_file{};  // nullopt: that of the system
  address_policy policy{};
  std::vector<std::string> denied{};  // by --deny, as written: to say what forbids an address
  dial_options options{};
};

// A command line that makes no sense. what() is one line that quotes the bad text.
class usage_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// `words` are argv without the program's name. Throws usage_error. The first --help or --version ends the
// reading.
arguments read_arguments(std::span<const char* const> words);

// What --help prints: lines of at most 80 columns, the last one ended too.
std::string_view help_text() noexcept;

}  // namespace uvdial::cli
