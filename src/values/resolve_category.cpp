#include "values/code_tables.hpp"
#include "values/kept_for_ever.hpp"

namespace uvdial {

namespace {

class resolving final : public std::error_category {
 public:
  const char* name() const noexcept override { return "uvdial.resolve"; }

  std::string message(int value) const override {
    switch (static_cast<resolve_errc>(value)) {
      case resolve_errc::host_not_found: return "the name does not exist";
      case resolve_errc::no_address: return "the name has no address of this family";
      case resolve_errc::dns_failure: return "the name servers failed";
      case resolve_errc::dns_timeout: return "no name server answered in time";
      case resolve_errc::out_of_resources: return "out of descriptors, buffers or memory";
    }
    return "unknown resolve_errc " + std::to_string(value);
  }

  // The same likes as those of the c-ares codes that mean the same.
  std::error_condition default_error_condition(int value) const noexcept override {
    switch (static_cast<resolve_errc>(value)) {
      case resolve_errc::dns_failure: return std::errc::resource_unavailable_try_again;
      case resolve_errc::dns_timeout: return std::errc::timed_out;
      case resolve_errc::out_of_resources: return std::errc::not_enough_memory;
      case resolve_errc::host_not_found:
      case resolve_errc::no_address: break;  // POSIX has nothing of the kind
    }
    return {value, *this};
  }
};

bool known(int value) noexcept {
  return value >= static_cast<int>(resolve_errc::host_not_found) &&
         value <= static_cast<int>(resolve_errc::out_of_resources);
}

}  // namespace

const std::error_category& resolve_category() noexcept {
  static const detail::kept_for_ever<resolving> kept;
  return kept.value;
}

std::error_code make_error_code(resolve_errc value) noexcept {
  return {static_cast<int>(value), resolve_category()};
}

resolve_errc to_resolve_errc(const std::error_code& code) noexcept {
  const auto& category = code.category();
  if (category == uv_category()) return detail::uv_resolve_errc(code.value());
  if (category == ares_category()) return detail::ares_resolve_errc(code.value());
  if (category == resolve_category() && known(code.value())) return static_cast<resolve_errc>(code.value());
  return resolve_errc::dns_failure;
}

namespace detail {

std::string_view resolve_code_name(int value) noexcept {
  switch (static_cast<resolve_errc>(value)) {
    case resolve_errc::host_not_found: return "NXDOMAIN";
    case resolve_errc::no_address: return "NODATA";
    case resolve_errc::dns_failure: return "SERVFAIL";
    case resolve_errc::dns_timeout: return "DNSTIMEOUT";
    case resolve_errc::out_of_resources: return "ENOMEM";
  }
  return "UNKNOWN";
}

}  // namespace detail

}  // namespace uvdial
