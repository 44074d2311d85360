#include <uv.h>

#include <string>

#include "values/code_tables.hpp"
#include "values/kept_for_ever.hpp"

namespace uvdial {

namespace {

// libuv's own numbers (for EAI_* and for what a system has no errno for) start here, errno values end before.
constexpr int first_own_number = -3000;

// What libuv's resolver codes, which have numbers of their own, say in the terms of POSIX. EAI_NONAME,
// EAI_NODATA and EAI_FAIL have no like there and equal only themselves; so does EOF.
std::error_condition own_condition(int status, const std::error_category& category) noexcept {
  switch (status) {
    case UV_EAI_ADDRFAMILY:
    case UV_EAI_FAMILY: return std::errc::address_family_not_supported;
    case UV_EAI_AGAIN: return std::errc::resource_unavailable_try_again;
    case UV_EAI_BADFLAGS:
    case UV_EAI_BADHINTS:
    case UV_EAI_SERVICE: return std::errc::invalid_argument;
    case UV_EAI_CANCELED: return std::errc::operation_canceled;
    case UV_EAI_MEMORY: return std::errc::not_enough_memory;
    case UV_EAI_OVERFLOW: return std::errc::value_too_large;
    case UV_EAI_PROTOCOL: return std::errc::protocol_not_supported;
    case UV_EAI_SOCKTYPE: return std::errc::wrong_protocol_type;
    case UV_ECHARSET: return std::errc::illegal_byte_sequence;
    default: return {status, category};
  }
}

class libuv final : public std::error_category {
 public:
  const char* name() const noexcept override { return "uvdial.uv"; }

  std::string message(int status) const override {
    if (status == 0) return "success";
    char text[128] = {};  // uv_strerror would leak for a status that libuv does not know
    return uv_strerror_r(status, text, sizeof text);
  }

  std::error_condition default_error_condition(int status) const noexcept override {
    if (status >= 0 || status <= first_own_number) return own_condition(status, *this);
    const auto condition = std::system_category().default_error_condition(-status);
    // What is beyond POSIX (EHOSTDOWN, ENONET) equals only itself.
    if (condition.category() == std::generic_category()) return condition;
    return {status, *this};
  }
};

}  // namespace

const std::error_category& uv_category() noexcept {
  static const detail::kept_for_ever<libuv> kept;
  return kept.value;
}

namespace detail {

std::string_view uv_code_name(int status) noexcept {
  // uv_err_name would leak for a status that libuv does not know.
  switch (status) {
#define UVDIAL_NAME(name, message) \
  case UV_##name: return #name;
    UV_ERRNO_MAP(UVDIAL_NAME)
#undef UVDIAL_NAME
    default: return "UNKNOWN";
  }
}

resolve_errc uv_resolve_errc(int status) noexcept {
  switch (status) {
    case UV_EAI_NONAME:
    // What uv_getaddrinfo says of a text that it cannot turn into a DNS name.
    case UV_EINVAL:
    case UV_ECHARSET:
    case UV_ENAMETOOLONG: return resolve_errc::host_not_found;
    case UV_EAI_NODATA:
    case UV_EAI_ADDRFAMILY: return resolve_errc::no_address;
    case UV_ETIMEDOUT: return resolve_errc::dns_timeout;
    case UV_EAI_MEMORY:
    case UV_ENOMEM:
    case UV_EMFILE:
    case UV_ENFILE:
    case UV_EAGAIN:  // no local port is free
    case UV_ENOSPC:  // of epoll: max_user_watches
    case UV_ENOBUFS: return resolve_errc::out_of_resources;
    // EAI_AGAIN too: C libraries say it for SERVFAIL as well as for servers that are silent or not there.
    default: return resolve_errc::dns_failure;
  }
}

}  // namespace detail

}  // namespace uvdial
