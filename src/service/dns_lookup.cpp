#include "service/dns_lookup.hpp"

#include <new>
#include <utility>

#include "uvdial/error.hpp"

namespace uvdial::detail {

namespace {

ip_family other_than(ip_family family) noexcept {
  return family == ip_family::v4 ? ip_family::v6 : ip_family::v4;
}

}  // namespace

dns_lookup::dns_lookup(std::shared_ptr<lookup_group> group, const question& asked, answer_sink& sink,
                       std::vector<std::string> candidates)
    : running_lookup(std::move(group)),
      sink_(sink),
      families_(families_of(asked.families)),
      port_(asked.port),
      first_is_host_(!candidates.empty() && candidates.front() == asked.host),
      walk_(std::move(candidates), families_) {}

dns_lookup::~dns_lookup() {
  if (destroyed_) *destroyed_ = true;
  for (family_state& each : states_) desk().forget(each.ticket);
}

bool dns_lookup::ask() {
  for (;;) {
    // RFC 8305, 3: the AAAA question first, the A question right behind it. What is known is told when both are on
    // their way: the sink may be done with the lookup then.
    std::array<std::optional<dns_reply>, 2> known;
    for (const ip_family family : families_) {
      state(family).held.reset();
      if (const dns_reply* reply = desk().known(walk_.name(), family))
        known[static_cast<std::size_t>(family)] = *reply;
      else
        state(family).ticket = desk().ask(walk_.name(), record_of(family), *this);
    }
    result last = result::waits;
    for (const ip_family family : families_) {
      auto& reply = known[static_cast<std::size_t>(family)];
      if (reply) last = take(family, *std::move(reply));
      if (last == result::destroyed) return false;
    }
    if (last == result::waits) return true;
  }
}

// Called from the loop, where nobody catches: without memory for the next candidate the lookup ends.
void dns_lookup::replied(dns_record record, dns_reply reply) try {
  const ip_family family = *family_of(record);  // it asks for addresses only
  state(family).ticket = {};
  if (take(family, std::move(reply)) == result::next) (void)ask();  // last: this object may be gone
} catch (const std::bad_alloc&) {
  fail({UV_ENOMEM, uv_category()});
}

dns_lookup::result dns_lookup::take(ip_family family, dns_reply reply) {
  switch (walk_.feed(family, reply.why)) {
    case name_walk::step::keep: state(family).held = std::move(reply); return result::waits;
    case name_walk::step::next: return result::next;
    case name_walk::step::report_both: {
      const ip_family other = other_than(family);
      if (!report(other, std::exchange(state(other).held, std::nullopt).value_or(dns_reply{})))
        return result::destroyed;
      break;
    }
    case name_walk::step::report: break;
  }
  return report(family, std::move(reply)) ? result::waits : result::destroyed;
}

bool dns_lookup::report(ip_family family, dns_reply reply) {
  state(family).answered = true;
  answer told{family};
  if (reply.why) told.why = walk_.final_code(family);
  told.endpoints = std::move(reply.addresses);
  for (endpoint& address : told.endpoints) address = address.with_port(port_);
  told.ttl = reply.ttl;
  told.canonical_name = std::move(reply.canonical_name);
  told.aliases = std::move(reply.aliases);
  told.server = reply.server;
  if (walk_.asked().size() > 1 || !first_is_host_)
    told.names.assign(walk_.asked().begin(), walk_.asked().end());

  bool gone = false;
  destroyed_ = &gone;
  sink_.answered(std::move(told));
  if (gone) return false;
  destroyed_ = nullptr;
  return true;
}

void dns_lookup::fail(const std::error_code& why) {
  leave_group();
  for (family_state& each : states_) desk().forget(each.ticket);
  bool gone = false;
  for (const ip_family family : families_) {
    if (state(family).answered) continue;
    state(family).answered = true;
    destroyed_ = &gone;
    sink_.answered(answer{family, {}, why});
    if (gone) return;
    destroyed_ = nullptr;
  }
}

}  // namespace uvdial::detail
