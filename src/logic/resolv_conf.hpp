#pragma once
// What the system says about asking for names: resolv.conf(5), read as the GNU C library reads it.
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "logic/host_name.hpp"
#include "uvdial/endpoint.hpp"

namespace uvdial::detail {

struct resolv_conf {
  std::vector<endpoint> servers{};  // one to three, in the order to ask them; port 0: the usual one
  search_rules search{};
  std::optional<std::chrono::seconds> timeout{};  // for one try at one server, 1 to 30; nullopt: not said
  std::optional<unsigned> attempts{};             // at each server, 1 to 5; nullopt: not said
  bool rotate = false;                            // the servers take turns at being the first
  bool tcp_only = false;                          // use-vc
  bool edns = false;                              // edns0
  bool operator==(const resolv_conf&) const = default;
};

// What decides beside the file.
struct resolver_surroundings {
  std::optional<std::string> local_domain{};  // LOCALDOMAIN; an empty one is a search list without domains
  std::string options{};                      // RES_OPTIONS
  std::string host_name{};                    // as gethostname says it
};

// Lines and options that cannot be read are passed over; an empty text is that of a file that is not there.
// Throws nothing but std::bad_alloc.
resolv_conf read_resolv_conf(std::string_view text, const resolver_surroundings& surroundings);

}  // namespace uvdial::detail
