#include "uvdial/resolver.hpp"

#include <stdexcept>

#include "values/text.hpp"

namespace uvdial {

resolver::~resolver() = default;

operation resolver::resolve(const std::string& host, const resolve_options&, callback<host_entry>) {
  throw std::logic_error("resolver: this one has no resolve() for " + detail::quoted(host) +
                         ": it only looks up");
}

operation resolver::reverse(const endpoint& address, const resolve_options&,
                            callback<std::vector<std::string>>) {
  throw std::logic_error("resolver: this one has no reverse() for \"" + address.address_to_string() +
                         "\": it only looks up");
}

}  // namespace uvdial
