#pragma once
// What is known of a host without asking a server.
#include <optional>
#include <string>
#include <vector>

#include "glue/hosts_file.hpp"
#include "uvdial/endpoint.hpp"

namespace uvdial::detail {

struct local_finding {
  std::optional<hosts_entry> entry{};  // set: this is the whole answer
  std::string problem{};               // not empty: why there can be no such host
  std::string ascii{};                 // else: what to ask for; empty: the host as it is
};

class local_names {
 public:
  explicit local_names(std::string hosts_path) : hosts_(std::move(hosts_path)) {}

  // The hosts file comes first, as with the system; then the names that mean this machine, and those that cannot
  // be. Throws std::bad_alloc.
  local_finding find(const std::string& host);
  // Null: a server has to be asked. Lives until the next call.
  const std::vector<std::string>* names_of(const endpoint& address);

 private:
  hosts_file hosts_;
};

}  // namespace uvdial::detail
