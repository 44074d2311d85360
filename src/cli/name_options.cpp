#include "cli/name_options.hpp"

namespace uvdial::cli {

ares_resolver_options name_options(const arguments& wanted) {
  ares_resolver_options options;
  options.servers = wanted.dns_servers;
  if (wanted.hosts_file) options.hosts_file = *wanted.hosts_file;
  return options;
}

}  // namespace uvdial::cli
