#include "uvdial/error.hpp"

#include <cerrno>
#include <utility>

#include "values/kept_for_ever.hpp"

namespace uvdial {

struct error::details {
  std::string text;
  dial_report report;
};

namespace {

// std::system_error builds its text from the code's message, on the heap. An empty message costs nothing.
class silent final : public std::error_category {
 public:
  const char* name() const noexcept override { return "uvdial.silent"; }
  std::string message(int) const override { return {}; }
};

const std::error_category& silent_category() noexcept {
  static const detail::kept_for_ever<silent> kept;
  return kept.value;
}

// For the branches, which stand for causes of many kinds: did a network or a peer fail on the way?
bool trouble_on_the_way(const std::error_code& code) noexcept {
  constexpr std::errc troubles[] = {
      std::errc::timed_out,           std::errc::connection_refused, std::errc::connection_reset,
      std::errc::connection_aborted,  std::errc::broken_pipe,        std::errc::network_down,
      std::errc::network_unreachable, std::errc::network_reset,      std::errc::host_unreachable};
  for (const auto each : troubles)
    if (code == each) return true;
  return false;
}

bool trouble_with_dns(const std::error_code& code) noexcept {
  const auto meaning = to_resolve_errc(code);
  return meaning != resolve_errc::host_not_found && meaning != resolve_errc::no_address;
}

template <class Error>
std::shared_ptr<const error> make(std::error_code code, std::string&& text, dial_report&& report) {
  return std::make_shared<const Error>(code, std::move(text), std::move(report));
}

// What is promised whatever happens is a cancelled_error after a cancel. Anything else that there is no memory to tell
// of is a lack of memory.
std::shared_ptr<const error> memory_is_gone(error_kind kind, const std::error_code& code) noexcept {
  static const detail::kept_for_ever<out_of_resources> no_memory(
      std::make_error_code(std::errc::not_enough_memory));
  static const detail::kept_for_ever<cancelled_error> cancelled(
      std::error_code(-ECANCELED, uv_category()));  // as libuv has it
  // They share the ownership of nothing: no control block is needed.
  if (kind == error_kind::cancelled && code == cancelled.value.code())
    return {std::shared_ptr<void>(), &cancelled.value};
  return {std::shared_ptr<void>(), &no_memory.value};
}

// When is it worth a second try? A refused connect, a full table, an expired deadline: the same question may
// do better later. A name that does not exist, a policy and a cancel are answers. A branch has no one cause.
enum class again : std::uint8_t { no, yes, by_code };

struct row {
  error_kind kind;
  std::string_view name;
  const char* text;  // what() of an error that was made without one
  again temporary;
  std::shared_ptr<const error> (*make)(std::error_code, std::string&&, dial_report&&);
};

constexpr row rows[] = {
    {error_kind::resolve, "resolve_error", "the name gave no address", again::by_code, make<resolve_error>},
    {error_kind::host_not_found, "host_not_found", "host not found", again::no, make<host_not_found>},
    {error_kind::no_address, "no_address", "the host has no address of the families asked for", again::no,
     make<no_address>},
    {error_kind::dns_failure, "dns_failure", "the name servers failed", again::yes, make<dns_failure>},
    {error_kind::dns_timeout, "dns_timeout", "no name server answered in time", again::yes,
     make<dns_timeout>},
    {error_kind::connect, "connect_error", "no address could be connected to", again::by_code,
     make<connect_error>},
    {error_kind::connection_refused, "connection_refused", "connection refused", again::yes,
     make<connection_refused>},
    {error_kind::unreachable, "unreachable", "no route to the host", again::yes, make<unreachable>},
    {error_kind::address_blocked, "address_blocked", "the address policy forbids every address", again::no,
     make<address_blocked>},
    {error_kind::out_of_resources, "out_of_resources", "out of descriptors, buffers, memory or local ports",
     again::yes, make<out_of_resources>},
    {error_kind::timeout, "timeout_error", "the deadline passed", again::yes, make<timeout_error>},
    {error_kind::cancelled, "cancelled_error", "cancelled", again::no, make<cancelled_error>},
    {error_kind::stream, "stream_error", "the stream failed", again::by_code, make<stream_error>},
    {error_kind::connection_reset, "connection_reset", "the peer reset the connection", again::yes,
     make<connection_reset>},
};

constexpr bool rows_stand_at_their_kind() {
  std::size_t expected = 0;
  for (const auto& each : rows)
    if (static_cast<std::size_t>(each.kind) != expected++) return false;
  return true;
}
static_assert(rows_stand_at_their_kind());

const row& row_of(error_kind kind) noexcept { return rows[static_cast<std::size_t>(kind)]; }

}  // namespace

error::error(error_kind kind, std::error_code code, std::string text, dial_report report)
    : std::system_error(code),
      kind_(kind),
      details_(std::make_shared<const details>(details{std::move(text), std::move(report)})) {}

error::error(error_kind kind, std::error_code code) noexcept
    : std::system_error(std::error_code(0, silent_category())), kind_(kind) {
  // The base has no other way to take a code without building a text. The object is not const here, nor is
  // its member: the cast takes off only what the accessor put on.
  const_cast<std::error_code&>(std::system_error::code()) = code;
}

error::~error() = default;

void error::raise() const { throw *this; }

const char* error::what() const noexcept {
  if (!details_ || details_->text.empty()) return row_of(kind_).text;
  return details_->text.c_str();
}

bool error::temporary() const noexcept {
  const auto decided = row_of(kind_).temporary;
  if (decided != again::by_code) return decided == again::yes;
  return kind_ == error_kind::resolve ? trouble_with_dns(code()) : trouble_on_the_way(code());
}

std::span<const attempt> error::attempts() const noexcept { return report().attempts; }

const dial_report& error::report() const noexcept {
  static const detail::kept_for_ever<dial_report> empty;
  return details_ ? details_->report : empty.value;
}

// Out of line, so that each class has one typeinfo and is caught across a shared library.
#define UVDIAL_DEFINE_ERROR(name) \
  name::~name() = default;        \
  void name::raise() const { throw name(*this); }

UVDIAL_DEFINE_ERROR(resolve_error)
UVDIAL_DEFINE_ERROR(host_not_found)
UVDIAL_DEFINE_ERROR(no_address)
UVDIAL_DEFINE_ERROR(dns_failure)
UVDIAL_DEFINE_ERROR(dns_timeout)
UVDIAL_DEFINE_ERROR(connect_error)
UVDIAL_DEFINE_ERROR(connection_refused)
UVDIAL_DEFINE_ERROR(unreachable)
UVDIAL_DEFINE_ERROR(address_blocked)
UVDIAL_DEFINE_ERROR(out_of_resources)
UVDIAL_DEFINE_ERROR(timeout_error)
UVDIAL_DEFINE_ERROR(cancelled_error)
UVDIAL_DEFINE_ERROR(stream_error)
UVDIAL_DEFINE_ERROR(connection_reset)
#undef UVDIAL_DEFINE_ERROR

std::shared_ptr<const error> make_error(error_kind kind, std::error_code code, std::string text,
                                        dial_report report) noexcept {
  try {
    return row_of(kind).make(code, std::move(text), std::move(report));
  } catch (...) {  // std::bad_alloc: nothing else is thrown on the way
    return memory_is_gone(kind, code);
  }
}

std::string_view kind_name(error_kind kind) noexcept { return row_of(kind).name; }

}  // namespace uvdial
