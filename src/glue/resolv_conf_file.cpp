#include "glue/resolv_conf_file.hpp"

#include <unistd.h>

#include <array>

#include "glue/environment.hpp"

namespace uvdial::detail {

namespace {

std::string host_name() {
  std::array<char, 257> name{};  // 255 octets (POSIX), a zero, and one for the case that the name was cut
  if (gethostname(name.data(), name.size() - 1) != 0) return {};  // then there is no domain to search
  return name.data();
}

resolver_surroundings surroundings() {
  resolver_surroundings now_here;
  if (const auto domain = environment("LOCALDOMAIN")) now_here.local_domain = *domain;
  if (const auto options = environment("RES_OPTIONS")) now_here.options = *options;
  now_here.host_name = host_name();
  return now_here;
}

}  // namespace

void resolv_conf_file::read(std::string_view text) {
  conf_ = read_resolv_conf(text, surroundings());
  ++version_;
}

const resolv_conf& resolv_conf_file::current() {
  file_.look([this](std::string_view text) { read(text); });
  if (conf_.servers.empty())
    read({});  // the first look failed; what an empty file says is better than nothing
  return conf_;
}

}  // namespace uvdial::detail
