#include "service/resolve_call.hpp"

#include <uv.h>

#include <algorithm>
#include <new>

#include "logic/address_order.hpp"
#include "logic/name_walk.hpp"
#include "uvdial/error.hpp"

namespace uvdial::detail {

namespace {

// A source costs four system calls. What stands behind so many addresses goes last, unasked.
constexpr std::size_t most_sources = 64;

std::error_code uv_code(int status) noexcept { return {status, uv_category()}; }

verdict judge_end(finish::how end, const dial_report& report, const std::error_code& shortage) {
  if (end == finish::how::timed_out) return {error_kind::timeout, uv_code(UV_ETIMEDOUT)};
  if (end == finish::how::stopped) return {error_kind::cancelled, uv_code(UV_ECANCELED)};
  if (shortage) return {error_kind::out_of_resources, shortage};
  return judge(report);
}

}  // namespace

running_call::running_call(std::shared_ptr<call_owner> owner, question_kind kind, std::string host)
    : owner_(std::move(owner)), kind_(kind) {
  report_.host = std::move(host);
}

std::chrono::microseconds running_call::elapsed() const noexcept {
  return std::chrono::floor<std::chrono::microseconds>(now() - started_);
}

void running_call::settle(finish::how end) noexcept {
  if (settled() || !owner_) return;
  end_ = end;
  report_.elapsed = elapsed();
  owner_->post(*this);
}

void running_call::run_out(const std::error_code& of_what) noexcept {
  if (settled()) return;
  shortage_ = of_what;
  settle(finish::how::failed);
}

// What waits for its callback is cancelled all the same.
void running_call::cancel(std::uint32_t) noexcept {
  settle(finish::how::stopped);
  if (owner_) end_ = finish::how::stopped;
}

void running_call::leave() noexcept {
  const auto owner = std::move(owner_);
  lookup_.reset();
  if (owner) owner->remove(*this);
}

family_report* running_call::take_answer(ip_family family) noexcept {
  if (settled()) return nullptr;
  for (family_report& asked : report_.families) {
    if (asked.family != family || asked.answered) continue;
    asked.answered = true;
    asked.ended = elapsed();
    return &asked;
  }
  return nullptr;
}

bool running_call::all_answered() const noexcept {
  return std::all_of(report_.families.begin(), report_.families.end(),
                     [](const family_report& asked) { return asked.answered; });
}

std::shared_ptr<const error> running_call::failure() noexcept try {
  const finish::how end = end_.value_or(finish::how::failed);
  const verdict why = judge_end(end, report_, shortage_);
  std::string text = describe_question(kind_, report_, end, why);
  return make_error(why.kind, why.code, std::move(text), std::move(report_));
} catch (const std::bad_alloc&) {
  return out_of_memory();
}

std::shared_ptr<const error> running_call::out_of_memory() const noexcept {
  if (end_ == finish::how::stopped) return make_error(error_kind::cancelled, uv_code(UV_ECANCELED), {});
  return make_error(error_kind::out_of_resources, uv_code(UV_ENOMEM), {});
}

void resolve_call::stand_for_itself(const endpoint& literal) {
  const auto wanted = families_of(families_);
  const bool fits = std::find(wanted.begin(), wanted.end(), literal.family()) != wanted.end();
  if (fits) answers_.push_back({literal.family(), {literal}});
  settle(fits ? finish::how::won : finish::how::failed);
}

void resolve_call::look_up(resolver& names) {
  const auto wanted = families_of(families_);
  answers_.reserve(wanted.size());
  for (const ip_family family : wanted) ask(family);
  holds(names.lookup({host(), 0, families_}, *this));
}

// From the loop, where nobody catches.
void resolve_call::answered(answer received) noexcept try {
  family_report* asked = take_answer(received.family);
  if (!asked) return;
  asked->addresses = received.endpoints;
  if (received.endpoints.empty()) asked->why = received.why;
  asked->server = received.server;
  asked->detail = std::move(received.detail);
  answers_.push_back(std::move(received));
  if (!all_answered()) return;
  const bool any =
      std::any_of(answers_.begin(), answers_.end(), [](const answer& one) { return !one.endpoints.empty(); });
  settle(any ? finish::how::won : finish::how::failed);
} catch (const std::bad_alloc&) {
  run_out(uv_code(UV_ENOMEM));
}

host_entry resolve_call::value() {
  host_entry entry;
  std::vector<destination> places;
  for (const ip_family family : families_of(families_)) {  // in the order asked, not in that of the answers
    for (answer& one : answers_) {
      if (one.family != family) continue;
      for (const endpoint& address : one.endpoints) places.push_back({address.with_port(0)});
      if (!entry.canonical_name.empty() || one.canonical_name.empty()) continue;
      entry.canonical_name = std::move(one.canonical_name);
      entry.aliases = std::move(one.aliases);
    }
  }
  if (entry.canonical_name.empty()) entry.canonical_name = host();
  const std::size_t ordered = places.size() > 1 ? std::min(places.size(), most_sources) : 0;
  for (std::size_t at = 0; at < ordered; ++at) places[at].source = sources().source_for(places[at].to);
  order_addresses(places, families_ == family_policy::v4_first ? std::optional(ip_family::v4) : std::nullopt);
  for (const destination& each : places) entry.endpoints.push_back(each.to);
  return entry;
}

reverse_call::reverse_call(std::shared_ptr<call_owner> owner, const endpoint& address,
                           callback<std::vector<std::string>> on_done)
    : valued_call(std::move(owner), question_kind::reverse, address.address_to_string(), std::move(on_done)),
      family_(address.family()) {
  ask(family_);
}

void reverse_call::named(reverse_answer received) noexcept {
  family_report* asked = take_answer(family_);
  if (!asked) return;
  names_ = std::move(received.names);
  if (names_.empty()) asked->why = received.why;
  asked->server = received.server;
  settle(names_.empty() ? finish::how::failed : finish::how::won);
}

}  // namespace uvdial::detail
