#include "service/dns_lookup.hpp"

#include <array>
#include <new>
#include <utility>

#include "uvdial/error.hpp"

namespace uvdial::detail {

namespace {

ip_family other_than(ip_family family) noexcept {
  return family == ip_family::v4 ? ip_family::v6 : ip_family::v4;
}

answer answer_from(const known_reply& reply, ip_family family, std::uint16_t port, std::string_view asked) {
  answer told{family};
  told.why = reply.what->why;
  told.endpoints.reserve(reply.what->addresses.size());
  for (const endpoint& address : reply.what->addresses) told.endpoints.push_back(address.with_port(port));
  told.ttl = reply.ttl;
  if (!told.why && reply.what->canonical_name.empty())
    told.canonical_name = asked;
  else
    told.canonical_name = reply.what->canonical_name;
  told.aliases = reply.what->aliases;
  told.server = reply.what->server;
  told.left_out = reply.what->left_out;
  return told;
}

}  // namespace

// With addresses of one family the first candidate is the host. Both replies are looked for before the first is told: the
// sink may look up another name, and then the cache forgets.
bool tell_known(question_desk& desk, const question& asked, std::string_view name, const search_rules& rules,
                answer_sink& sink) {
  if (!is_asked_first(name, rules)) return false;
  const std::string_view candidate = without_final_dot(name);
  std::array<known_reply, 2> known;
  bool is_final = rules.domains.empty() || name.size() != candidate.size();
  const auto families = families_of(asked.families);
  const instant time = now();
  for (std::size_t i = 0; i < families.size(); ++i) {
    const known_reply* const found = desk.known(candidate, families[i], time);
    if (!found) return false;
    known[i] = *found;
    is_final = is_final || !found->what->why;
  }
  if (!is_final) return false;
  for (std::size_t i = 0; i < families.size(); ++i) {
    answer told = answer_from(known[i], families[i], asked.port, candidate);
    if (candidate != asked.host) told.names.emplace_back(candidate);
    sink.answered(std::move(told));
  }
  return true;
}

dns_lookup::dns_lookup(std::shared_ptr<lookup_group> group, const question& asked, std::string_view name,
                       std::shared_ptr<const search_rules> rules, answer_sink& sink)
    : running_lookup(std::move(group)),
      sink_(sink),
      port_(asked.port),
      first_is_host_(false),
      walk_(name, std::move(rules), families_of(asked.families)) {
  first_is_host_ = walk_.name() == asked.host;
}

dns_lookup::~dns_lookup() {
  if (destroyed_) *destroyed_ = true;
  for (question_ticket& each : tickets_) desk().forget(each);
}

bool dns_lookup::ask() {
  for (;;) {
    // RFC 8305, 3: the AAAA question first, the A question right behind it. What is known is told when both are on
    // their way: the sink may be done with the lookup then.
    held_ = {};
    std::array<known_reply, 2> known;
    const instant time = now();
    for (const ip_family family : walk_.families()) {
      if (const known_reply* reply = desk().known(walk_.name(), family, time))
        known[place_of(family)] = *reply;
      else
        desk().ask(walk_.name(), record_of(family), *this, tickets_[place_of(family)]);
    }
    result last = result::waits;
    for (const ip_family family : walk_.families()) {
      if (const known_reply& reply = known[place_of(family)]; reply.what) last = take(family, reply);
      if (last == result::destroyed) return false;
    }
    if (last == result::waits) return true;
  }
}

// Called from the loop, where nobody catches: without memory for the next candidate the lookup ends.
void dns_lookup::replied(dns_record record, const shared_reply& reply) try {
  const ip_family family = *family_of(record);                         // it asks for addresses only
  if (take(family, {reply, reply->ttl}) == result::next) (void)ask();  // last: this object may be gone
} catch (const std::bad_alloc&) {
  fail({UV_ENOMEM, uv_category()});
}

dns_lookup::result dns_lookup::take(ip_family family, const known_reply& reply) {
  switch (walk_.feed(family, reply.what->why)) {
    case name_walk::step::keep: held_ = reply; return result::waits;
    case name_walk::step::next: return result::next;
    case name_walk::step::report_both: {
      const known_reply other = std::exchange(held_, {});
      if (!report(other_than(family), other)) return result::destroyed;
      break;
    }
    case name_walk::step::report: break;
  }
  return report(family, reply) ? result::waits : result::destroyed;
}

bool dns_lookup::report(ip_family family, const known_reply& reply) {
  answer told = answer_from(reply, family, port_, walk_.name());
  if (told.why) told.why = walk_.final_code(family);
  if (walk_.asked().size() > 1 || !first_is_host_)
    told.names.assign(walk_.asked().begin(), walk_.asked().end());
  answered_[place_of(family)] = true;
  return tell(std::move(told));
}

bool dns_lookup::tell(answer&& told) {
  bool gone = false;
  destroyed_ = &gone;
  sink_.answered(std::move(told));
  if (gone) return false;
  destroyed_ = nullptr;
  return true;
}

void dns_lookup::fail(const std::error_code& why) {
  leave();
  for (question_ticket& each : tickets_) desk().forget(each);
  for (const ip_family family : walk_.families()) {
    if (std::exchange(answered_[place_of(family)], true)) continue;
    if (!tell(answer{family, {}, why})) return;
  }
}

}  // namespace uvdial::detail
