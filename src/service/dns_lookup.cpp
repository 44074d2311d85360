#include "service/dns_lookup.hpp"

namespace uvdial::detail {

dns_lookup::dns_lookup(std::shared_ptr<lookup_group> group, const question& asked, answer_sink& sink,
                       std::vector<std::string> candidates)
    : group_(std::move(group)),
      place_(group_->running.insert(group_->running.end(), this)),
      sink_(sink),
      families_(families_of(asked.families)),
      port_(asked.port),
      walk_(std::move(candidates), families_) {}

dns_lookup::~dns_lookup() {
  if (destroyed_) *destroyed_ = true;
  for (family_state& each : states_) {
    if (each.query && group_->channel) group_->channel->forget(each.query);
  }
  leave_group();
}

void dns_lookup::leave_group() noexcept {
  if (!in_group_) return;
  in_group_ = false;
  group_->running.erase(place_);
}

void dns_lookup::ask() {
  // RFC 8305, 3: the AAAA question first, the A question right behind it.
  for (const ip_family family : families_) {
    state(family).held.reset();
    state(family).query = group_->channel->ask(walk_.name(), family, *this);
  }
}

void dns_lookup::replied(ip_family family, dns_reply reply) {
  state(family).query = nullptr;
  const std::error_code why = reply.why;
  switch (walk_.feed(family, why)) {
    case name_walk::step::keep: state(family).held = std::move(reply); return;
    case name_walk::step::next: ask(); return;
    case name_walk::step::report_both: {
      const ip_family other = family == ip_family::v4 ? ip_family::v6 : ip_family::v4;
      if (!report(other, std::move(state(other).held).value_or(dns_reply{}))) return;
      break;
    }
    case name_walk::step::report: break;
  }
  (void)report(family, std::move(reply));  // last: nobody asks whether this object is still there
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

  bool gone = false;
  destroyed_ = &gone;
  sink_.answered(std::move(told));
  if (gone) return false;
  destroyed_ = nullptr;
  return true;
}

void dns_lookup::fail(const std::error_code& why) {
  leave_group();
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
