// Between those who ask, the pacing, and one c-ares channel for each server.
//
// The pacing decides what is sent when and where (question_pacer); a server_channel sends it and hears the answer;
// this file carries the one's commands to the other, and the other's news back. What needs care:
//
// * Nothing is told to a query while it is asked, or while c-ares is on the stack: tries that ended, and questions that
//   have, are put into lists, and looked at when nobody else is there (take_news, deliver). Its owner may then ask
//   again, forget, close or destroy the channel.
// * A question that is sent again is a new try with an id of its own; the old one stays with c-ares, and its answer
//   is as good if it comes first. The tries of an answered or forgotten question are strangers: they are counted by
//   the pacing, and hold neither the loop nor anybody's memory but their own.
// * Time acts only after ready sockets were read: an answer that is there beats its timeout. What was not due before
//   the poll is not acted on after it, however long a foreign callback took meanwhile; and not before a socket was
//   read to its end, of which only so much is read in one turn.
// * Questions are given to c-ares inside ask() where the pacing allows it, which spares a turn of the loop; no more
//   than a few dozen in one go. What it writes is gathered, and leaves in one call before the loop waits: a datagram
//   that goes alone costs three times as much. Nobody hears at once of what the kernel does not take: that is lost, as
//   others are on the way, but for what says that there is no way, which is looked at right after it.
// * The loop is kept alive by awaited questions only. A second after the last one the c-ares channels are destroyed,
//   which closes their sockets; the next question opens new ones, with fresh source ports. While questions go on, a
//   port is used for no more than a second or some hundred of them, and at once for no more where somebody seems to
//   have found it (server_sockets). Either way questions only change to another channel.
#include "glue/dns_channel.hpp"

#define CARES_NO_DEPRECATED
#include <ares.h>

#include <algorithm>
#include <new>
#include <utility>

#include "uvdial/error.hpp"

namespace uvdial::detail {

namespace {

constexpr std::chrono::seconds idle_limit{1};
constexpr std::chrono::seconds between_expiries{10};  // newer versions of c-ares then drop younger ones, too
constexpr int most_sends_at_once = 32;                // well under a millisecond's work

constexpr std::chrono::milliseconds unnoticed{5};  // that questions left late
constexpr std::size_t most_blocks_kept = 256;      // of tries

std::error_code ares_code(int status) noexcept { return {status, ares_category()}; }

pacing_rules rules_from(const dns_channel_options& options) {
  pacing_rules rules;
  rules.servers = options.servers.size();
  rules.rotates = options.rotates;
  rules.patience = options.timeout;
  rules.time_limit = options.timeout * options.tries;
  return rules;
}

}  // namespace

dns_channel::dns_channel(uv_loop_t& loop, const dns_channel_options& options,
                         const std::shared_ptr<handle_count>& count)
    : turn_(loop, *this, count),
      tcp_only_(options.tcp_only),
      servers_(loop, static_cast<channel_owner&>(*this), options, count),
      pacer_(rules_from(options)),
      tries_(most_blocks_kept) {}

dns_channel::~dns_channel() { close(); }

void dns_channel::ask(dns_query& query) noexcept {
  query.reply_.reset();
  query.has_ended_ = false;
  query.troubles_ = query.breaks_ = query.sieges_ = 0;
  query.is_respelled_ = false;
  asked_.push_back(query);
  const instant time = now();
  pacer_.ask(query, time);
  pump(time);
  update();
  wake_to_send();
}

void dns_channel::forget(dns_query& query) noexcept {
  if (query.has_ended_) {
    ended_.remove(query);
  } else {
    pacer_.forget(query);
    asked_.remove(query);
  }
  update();
}

void dns_channel::tell_again(dns_query& query, const shared_reply& reply) noexcept {
  ended_.again(query, reply);
  update();
}

void dns_channel::close() noexcept {
  if (closed_) return;
  closed_ = true;
  while (!asked_.empty()) pacer_.forget(asked_.pop_front());
  ended_.clear();
  shut();
  turn_.hold(false);
  turn_.watch(false);
}

void dns_channel::shut() noexcept {
  servers_.shut();
  while (!ended_tries_.empty()) {
    pacer_.withdrawn(ended_tries_.front());
    tries_.destroy(ended_tries_.front());
  }
  idle_since_.reset();
}

// Commands, until there are none or it is somebody else's turn on the loop.
void dns_channel::pump(instant time) noexcept {
  int sends = 0;
  do {
    while (sends < most_sends_at_once) {
      const auto command = pacer_.next(time);
      if (!command) break;
      carry_out(*command, time);
      time = now();
      ++sends;
    }
  } while (take_news());
  if (sends >= most_sends_at_once) wake();
}

void dns_channel::wake() noexcept {
  woken_to_send_ = false;
  turn_.wake_soon();
}

// Before the loop waits there is next_wake(), mostly: not if the question was asked in between, by somebody else's
// prepare handle.
void dns_channel::wake_to_send() noexcept {
  if (turn_.is_due() || !servers_.has_unsent()) return;
  turn_.wake_soon();
  woken_to_send_ = true;
}

void dns_channel::carry_out(const question_pacer::command& command, instant time) noexcept {
  if (const auto* wanted = std::get_if<question_pacer::send>(&command))
    return send(static_cast<dns_query&>(*wanted->what), wanted->server, time);
  const auto& over = std::get<question_pacer::end>(command);
  auto& query = static_cast<dns_query&>(*over.what);
  if (over.why == question_end::failed) return ended_.answered(query);
  if (over.why == question_end::silent) renew_sockets(query);
  fail(query, ares_code(over.why == question_end::silent ? ARES_ETIMEOUT : ARES_ECONNREFUSED));
}

// Where the server said nothing for as long as the question ran, it may be the socket: its own address may have gone
// with a network, and a connected socket keeps it. The next question gets one from the address of the day. A connection
// may also hang in the middle of an answer that does not go on, and then brings nothing else.
void dns_channel::renew_sockets(const dns_query& unanswered) noexcept {
  const auto place = unanswered.last_server();
  if (!place) return;
  dns_server& silent = servers_[*place];
  if (!pacer_.heard_since(*place, unanswered.asked_at())) silent.shut_datagrams();
  if (unanswered.goes_over_tcp_ && silent.stream_heard_at < unanswered.asked_at()) silent.stream().shut();
}

void dns_channel::send(dns_query& query, std::size_t place, instant time) noexcept {
  dns_try* made = nullptr;
  try {
    made = &tries_.make(ended_tries_);
    pacer_.sent(query, *made, place, time);
  } catch (const std::bad_alloc&) {
    if (made) tries_.destroy(*made);
    pacer_.forget(query);
    return fail(query, ares_code(ARES_ENOMEM));
  }
  dns_server& to = servers_[place];
  under_way_.push_back(*made);
  const bool over_tcp = tcp_only_ || query.sieges_ > dns_query::bearable_sieges;
  query.goes_over_tcp_ = over_tcp;
  made->send(over_tcp ? to.stream() : to.datagrams(time), over_tcp);  // which may end it at once
  if (!unsent_since_) unsent_since_ = time;
}

void dns_channel::fail(dns_query& query, const std::error_code& why) noexcept {
  const auto last = query.last_server();
  ended_.failed(query, why, last ? std::optional(servers_[*last].address()) : std::nullopt);
}

void dns_channel::fail_all(const std::error_code& why) noexcept {
  while (!asked_.empty()) {
    pacer_.forget(asked_.front());
    fail(asked_.front(), why);
  }
  shut();
}

void dns_channel::deliver() noexcept {
  ended_.tell();
  if (!closed_) update();
}

void dns_channel::update() noexcept {
  if (closed_) return;
  if (!ended_.empty() || !ended_tries_.empty()) wake();  // it happened inside ask()
  const bool awaited = !asked_.empty() || !ended_.empty();
  if (awaited)
    idle_since_.reset();
  else if (!idle_since_ && servers_.is_open())
    idle_since_ = now();
  turn_.hold(awaited);
  turn_.watch(servers_.is_open());
}

void dns_channel::has_read() noexcept {
  const auto self = shared_from_this();
  while (take_news()) {}
  wake();  // what may be sent now goes in the check phase: no single callback has to do both
  deliver();
}

// A loop that was held may find that a question's time is over which nobody was asked yet.
bool dns_channel::flush() noexcept {
  const auto since = std::exchange(unsent_since_, std::nullopt);
  const instant time = now();
  if (since && servers_.has_unsent() && time - *since >= unnoticed) pacer_.put_off(time - *since, time);
  return servers_.flush();
}

// What is asked while they are told leaves before the loop waits.
void dns_channel::pump_and_tell() noexcept {
  do pump(now());
  while (flush());
  deliver();
}

std::optional<instant> dns_channel::next_wake() noexcept {
  if (flush()) wake();
  if (std::exchange(woken_to_send_, false)) turn_.take_back();
  before_poll_ = now();
  ended_.next_turn();
  // What was left unread in an earlier turn is ready again, or there was nothing: only this turn's reading counts.
  servers_.allow_reading();
  auto earliest = pacer_.wake_at(before_poll_);
  if (idle_since_) {
    const instant idle_end = *idle_since_ + idle_limit;
    earliest = earliest ? std::min(*earliest, idle_end) : idle_end;
  }
  return earliest;
}

void dns_channel::woken() noexcept {
  const auto self = shared_from_this();
  woken_to_send_ = false;
  if (!servers_.has_unread()) pacer_.tick(before_poll_, now());
  expire();
  if (idle_since_ && *idle_since_ + idle_limit <= before_poll_) shut();
  pump_and_tell();
}

void dns_channel::expire() noexcept {
  if (before_poll_ - expired_at_ < between_expiries) return;
  expired_at_ = before_poll_;
  servers_.expire();
}

}  // namespace uvdial::detail
