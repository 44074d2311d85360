#pragma once
#include <optional>

#include "uvdial/endpoint.hpp"

namespace uvdial::detail {

// What the order of addresses must know of the machine, and only the system can tell. Asked rarely: the
// source of an address only when two or more are to be ordered. Floor 2 answers it with sockets that send
// nothing; tests answer it from a table.
class source_finder {
 public:
  // The address that a connection to `to` would come from; nullopt: there is no way there.
  virtual std::optional<endpoint> source_for(const endpoint& to) = 0;

  // False: this family has no way out while the other one has, so nobody should wait for it.
  virtual bool usable(ip_family family) = 0;

 protected:
  ~source_finder() = default;
};

}  // namespace uvdial::detail
