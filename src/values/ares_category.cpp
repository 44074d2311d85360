#include <ares.h>

#include <iterator>
#include <optional>
#include <string>

#include "values/code_tables.hpp"
#include "values/kept_for_ever.hpp"

namespace uvdial {

namespace {

using meaning = resolve_errc;

// One status of c-ares: what it is called here, what it is like in POSIX, what it means for a lookup.
struct row {
  int status;
  std::string_view name;
  std::optional<std::errc> like;  // nullopt: POSIX has nothing of the kind
  meaning means;
  const char* text;
};

// Texts of our own: an old c-ares calls the newest codes "unknown". 25 and 26 are numbers because its header
// lacks them. 11 is the answer when no server could be asked, and not always a refusal: so it must not equal
// connection_refused, by which users know the target's own refusal.
constexpr row rows[] = {
    {ARES_SUCCESS, "UNKNOWN", std::nullopt, meaning::dns_failure, "success"},
    {ARES_ENODATA, "NODATA", std::nullopt, meaning::no_address, "the name has no such record"},
    {ARES_EFORMERR, "FORMERR", std::errc::protocol_error, meaning::dns_failure,
     "the name server could not read the question"},
    {ARES_ESERVFAIL, "SERVFAIL", std::errc::resource_unavailable_try_again, meaning::dns_failure,
     "the name server failed"},
    {ARES_ENOTFOUND, "NXDOMAIN", std::nullopt, meaning::host_not_found, "the name does not exist"},
    {ARES_ENOTIMP, "NOTIMP", std::errc::not_supported, meaning::dns_failure,
     "the name server does not answer such questions"},
    {ARES_EREFUSED, "REFUSED", std::errc::permission_denied, meaning::dns_failure,
     "the name server refused to answer"},
    {ARES_EBADQUERY, "FORMERR", std::errc::protocol_error, meaning::dns_failure, "the question is malformed"},
    {ARES_EBADNAME, "NXDOMAIN", std::errc::invalid_argument, meaning::host_not_found,
     "such a name cannot exist"},
    {ARES_EBADFAMILY, "EAFNOSUPPORT", std::errc::address_family_not_supported, meaning::dns_failure,
     "address family not supported"},
    {ARES_EBADRESP, "BADRESP", std::errc::bad_message, meaning::dns_failure,
     "the name server's answer is malformed"},
    {ARES_ECONNREFUSED, "DNSUNREACHABLE", std::errc::host_unreachable, meaning::dns_failure,
     "no name server could be reached"},
    {ARES_ETIMEOUT, "DNSTIMEOUT", std::errc::timed_out, meaning::dns_timeout,
     "no name server answered in time"},
    {ARES_EOF, "BADRESP", std::errc::bad_message, meaning::dns_failure, "the answer ended too early"},
    {ARES_EFILE, "EIO", std::errc::io_error, meaning::dns_failure, "a file could not be read"},
    {ARES_ENOMEM, "ENOMEM", std::errc::not_enough_memory, meaning::out_of_resources, "out of memory"},
    {ARES_EDESTRUCTION, "ECANCELED", std::errc::operation_canceled, meaning::dns_failure,
     "the resolver was closed"},
    {ARES_EBADSTR, "EINVAL", std::errc::invalid_argument, meaning::dns_failure, "malformed text"},
    {ARES_EBADFLAGS, "EINVAL", std::errc::invalid_argument, meaning::dns_failure, "bad flags"},
    {ARES_ENONAME, "NXDOMAIN", std::errc::invalid_argument, meaning::host_not_found,
     "the name is not an address"},
    {ARES_EBADHINTS, "EINVAL", std::errc::invalid_argument, meaning::dns_failure, "bad hints"},
    {ARES_ENOTINITIALIZED, "EPERM", std::errc::operation_not_permitted, meaning::dns_failure,
     "c-ares is not initialized"},
    // 22 and 23: Windows only.
    {ARES_ELOADIPHLPAPI, "ENOSYS", std::errc::function_not_supported, meaning::dns_failure,
     "iphlpapi could not be loaded"},
    {ARES_EADDRGETNETWORKPARAMS, "EIO", std::errc::io_error, meaning::dns_failure,
     "the system's network settings could not be read"},
    {ARES_ECANCELLED, "ECANCELED", std::errc::operation_canceled, meaning::dns_failure,
     "the lookup was cancelled"},
    {25, "EINVAL", std::errc::invalid_argument, meaning::dns_failure, "bad service"},
    {26, "DNSUNREACHABLE", std::errc::host_unreachable, meaning::dns_failure, "no name server is configured"},
};

constexpr bool rows_stand_at_their_status() {
  int expected = 0;
  for (const auto& each : rows)
    if (each.status != expected++) return false;
  return true;
}
static_assert(rows_stand_at_their_status());

const row* find(int status) noexcept {
  if (status < 0 || status >= static_cast<int>(std::size(rows))) return nullptr;
  return &rows[status];
}

class c_ares final : public std::error_category {
 public:
  const char* name() const noexcept override { return "uvdial.ares"; }

  std::string message(int status) const override {
    if (const row* found = find(status)) return found->text;
    return "unknown c-ares status " + std::to_string(status);
  }

  std::error_condition default_error_condition(int status) const noexcept override {
    const row* found = find(status);
    if (found && found->like) return *found->like;
    return {status, *this};
  }
};

}  // namespace

const std::error_category& ares_category() noexcept {
  static const detail::kept_for_ever<c_ares> kept;
  return kept.value;
}

namespace detail {

std::string_view ares_code_name(int status) noexcept {
  const row* found = find(status);
  return found ? found->name : "UNKNOWN";
}

resolve_errc ares_resolve_errc(int status) noexcept {
  const row* found = find(status);
  return found ? found->means : resolve_errc::dns_failure;
}

}  // namespace detail

}  // namespace uvdial
