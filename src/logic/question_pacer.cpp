// A resolver that sends whatever it is asked at once, and asks again after five seconds, loses a tenth of a burst
// in the server's receive buffer and then waits. c-ares does that, and cannot do otherwise: its timeouts and tries
// are fixed when a channel is made, and the server is chosen inside. So the questions wait here, and each datagram
// is decided here:
//
// * Whether: the server's window has room (send_window), and the pace allows it. Repeats go first, then questions
//   in the order in which they were asked. One that is forgotten leaves the queue at once.
// * How long it is waited for: as long as that server usually takes (round_trip), each further time a quarter
//   longer. After that the datagram counts as lost, although its answer is still welcome if it comes.
// * Where it goes then: if the server has answered anything since it was sent, the datagram was lost on the way and
//   the same server is asked again. If not, the server may be dead, and the next one is asked. Two such silences
//   in a row, or a closed port, and it is left alone for a while (server_choice); then all that is open there goes
//   to the next one at once.
// * When it ends: with a usable answer; when all servers have said that they cannot or are not there; or when its
//   time is over, which begins with its first send, so that waiting in the queue costs none of it, unless no
//   server answers anything.
//
// How often a question is asked is thus bounded by its time and not by a count: at 30 % loss three tries would lose
// one question in 37. With the default of six seconds and a server 20 ms away it is asked 13 times, in growing
// distances, and not once more than the window allows.
#include "logic/question_pacer.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace uvdial::detail {

namespace {

using std::chrono::nanoseconds;

constexpr unsigned most_sends = 16;

}  // namespace

question_pacer::question_pacer(const pacing_rules& rules)
    : rules_(rules), choice_(rules.servers, rules.rotates) {
  servers_.reserve(rules.servers);
  for (std::size_t i = 0; i < rules.servers; ++i) servers_.emplace_back(rules.most_on_the_way);
}

void question_pacer::ask(paced_question& what, nanoseconds now) noexcept {
  fresh_.push_back(what);
  what.asked_at_ = now;
  what.sends_ = 0;
  what.failed_ = what.refused_ = 0;
}

void question_pacer::forget(paced_question& what) noexcept { leave(what); }

void question_pacer::leave(paced_question& what) noexcept {
  if (!paced_question::queue::is_listed(what)) return;
  paced_question::queue::remove(what);
  if (probed_ == &what) probed_ = nullptr;
  let_go(what);
}

// Nothing that happens to its tries concerns it any more.
void question_pacer::let_go(paced_question& what) noexcept {
  limits_.remove(what);
  for (paced_try* each = what.tries_; each; each = each->next_) each->question_ = nullptr;
  what.tries_ = what.latest_ = nullptr;
}

void question_pacer::detach(paced_try& which) noexcept {
  paced_question* const of = std::exchange(which.question_, nullptr);
  if (!of) return;
  paced_try** link = &of->tries_;
  while (*link != &which) link = &(*link)->next_;
  *link = which.next_;
  if (of->latest_ == &which) of->latest_ = nullptr;
}

nanoseconds question_pacer::patience_for(const paced_question& what,
                                         const server_state& server) const noexcept {
  nanoseconds patience = server.window.times().patience();
  for (unsigned i = 0; i < what.sends_ && patience < rules_.patience; ++i) patience += patience / 4;
  return std::min(patience, rules_.patience);
}

void question_pacer::sent(paced_question& what, paced_try& made, std::size_t server, nanoseconds now) {
  server_state& to = servers_[server];
  to.open.set(made, now + patience_for(what, to));
  if (!limits_.is_listed(what)) {
    what.ends_at_ = now + rules_.time_limit;
    limits_.push_back(what);
  }
  made.question_ = &what;
  made.server_ = static_cast<std::uint8_t>(server);  // under most_servers
  made.sent_at_ = now;
  made.next_ = std::exchange(what.tries_, &made);
  to.window.sent(now);
  if (what.latest_) return;  // a probe, sent beside the one that is waited for
  what.latest_ = &made;
  what.server_ = made.server_;
  ++what.sends_;
  out_.push_back(what);
}

// What an answer says about its server and the way there, whatever it says to the question.
void question_pacer::heard(paced_try& which, nanoseconds arrived) noexcept {
  server_state& from = servers_[which.server_];
  const bool waited = which.waits();
  if (waited) from.open.remove(which);
  if (!which.is_announced_) {
    const nanoseconds took = std::max(arrived - which.sent_at_, nanoseconds(0));
    const bool first = !from.window.times().measured();
    if (waited)
      from.window.answered(which.sent_at_, took, arrived);
    else
      from.window.answered_late(took, arrived);
    if (first) shorten_waits(from);
  }
  from.heard_at = std::max(from.heard_at, arrived);
  heard_at_ = std::max(heard_at_, arrived);
  choice_.heard(which.server_);
}

// Those that were sent before anything was known wait for much longer than they need to.
void question_pacer::shorten_waits(server_state& server) noexcept {
  std::vector<paced_try*> open;
  try {
    open.reserve(server.window.on_the_way());
  } catch (const std::bad_alloc&) {
    return;  // then they wait for longer
  }
  while (wake_entry* entry = server.open.take_due(nanoseconds::max()))
    open.push_back(static_cast<paced_try*>(entry));
  const nanoseconds patience = server.window.times().patience();
  for (paced_try* each : open) server.open.set(*each, std::min(each->when(), each->sent_at_ + patience));
}

paced_question* question_pacer::answered(paced_try& which, nanoseconds arrived) noexcept {
  heard(which, arrived);
  paced_question* const what = which.question_;
  if (what) leave(*what);
  return what;
}

void question_pacer::announced(paced_try& which, nanoseconds arrived) noexcept {
  heard(which, arrived);
  which.is_announced_ = true;
  try {
    if (which.question_) servers_[which.server_].open.set(which, arrived + rules_.patience);
  } catch (const std::bad_alloc&) {
    detach(which);  // as if it had not been heard: the time limit of the question is left
  }
}

void question_pacer::failed(paced_try& which, nanoseconds arrived) noexcept {
  heard(which, arrived);
  paced_question* const what = which.question_;
  if (!what) return;
  what->failed_ |= only(which.server_);
  detach(which);
  if (!what->latest_) go_on(*what, which.server_);
}

void question_pacer::given_up(paced_try& which, nanoseconds now) noexcept {
  if (which.waits()) {
    servers_[which.server_].open.remove(which);
    lose(which, now);
  }
  detach(which);
}

void question_pacer::withdrawn(paced_try& which) noexcept {
  if (which.waits()) {
    servers_[which.server_].open.remove(which);
    if (!which.is_announced_) servers_[which.server_].window.withdrawn();
  }
  paced_question* const what = which.question_;
  const bool waited_for = what && what->latest_ == &which;
  detach(which);
  if (waited_for) go_on(*what, which.server_);
}

void question_pacer::refused(std::size_t server, nanoseconds now) noexcept {
  choice_.refused(server, now);
  server_state& closed = servers_[server];
  while (wake_entry* entry = closed.open.take_due(nanoseconds::max())) {
    auto& each = static_cast<paced_try&>(*entry);
    if (!each.is_announced_) closed.window.withdrawn();
    if (!each.question_) continue;
    each.question_->refused_ |= only(server);
    if (each.question_->latest_ != &each) continue;
    each.question_->latest_ = nullptr;
    go_on(*each.question_, server);
  }
  redirect(server, only(server));
}

// Those that were to be asked there again go elsewhere, if there is anybody else.
void question_pacer::redirect(std::size_t server, server_set refused_by) noexcept {
  paced_question::queue redirected(std::move(servers_[server].repeats));
  while (!redirected.empty()) {
    paced_question& what = redirected.front();
    what.refused_ |= refused_by;
    go_on(what, server);
  }
}

void question_pacer::tick(nanoseconds due, nanoseconds now) noexcept {
  for (std::size_t server = 0; server < servers_.size(); ++server) {
    while (wake_entry* entry = servers_[server].open.take_due(due))
      lose(static_cast<paced_try&>(*entry), now);
  }
  while (!limits_.empty() && limits_.front().ends_at_ <= due) {
    paced_question& late = limits_.front();
    finish(late, late.failed_ ? question_end::failed : question_end::silent);
  }
  end_the_queue(due);
}

// Those that had left before get it as well, but none more than one that leaves now: so all stay in their order.
void question_pacer::put_off(nanoseconds time, nanoseconds now) noexcept {
  for (server_state& each : servers_) each.open.put_off(time);
  paced_question* each = limits_.empty() ? nullptr : &limits_.front();
  for (; each; each = limits_.behind(*each))
    each->ends_at_ = std::min(each->ends_at_ + time, now + rules_.time_limit);
}

// The window of a silent server is small, and a long queue would wait for it for hours.
void question_pacer::end_the_queue(nanoseconds due) noexcept {
  while (!fresh_.empty()) {
    paced_question& oldest = fresh_.front();
    if (std::max(oldest.asked_at_, heard_at_) + rules_.time_limit > due) return;
    finish(oldest, question_end::silent);
  }
}

// It has left `open` already.
void question_pacer::lose(paced_try& which, nanoseconds now) noexcept {
  server_state& silent = servers_[which.server_];
  if (!which.is_announced_) silent.window.lost(which.sent_at_, now);
  const bool answers = silent.heard_at >= which.sent_at_;
  if (!answers && choice_.was_silent(which.server_, now) && choice_.count() > 1) lose_all(which.server_, now);
  paced_question* const what = which.question_;
  if (!what || what->latest_ != &which) return;
  what->latest_ = nullptr;
  if (answers && !(what->failed_ & only(which.server_)))
    repeat_at(*what, which.server_);
  else
    go_on(*what, which.server_);
}

// What was sent to a server that is dead has no reason to wait.
void question_pacer::lose_all(std::size_t server, nanoseconds now) noexcept {
  while (wake_entry* entry = servers_[server].open.take_due(nanoseconds::max()))
    lose(static_cast<paced_try&>(*entry), now);
  redirect(server, 0);
}

void question_pacer::go_on(paced_question& what, std::size_t after) noexcept {
  const auto next = choice_.after(after, what.failed_ | what.refused_);
  if (!next) return finish(what, what.failed_ ? question_end::failed : question_end::refused);
  repeat_at(what, *next);
}

void question_pacer::repeat_at(paced_question& what, std::size_t server) noexcept {
  // One that was sent too often waits for a late answer, or for the end of its time.
  auto& queue = what.sends_ < most_sends ? servers_[server].repeats : out_;
  queue.push_back(what);
}

void question_pacer::finish(paced_question& what, question_end why) noexcept {
  what.why_ = why;
  let_go(what);
  ended_.push_back(what);
}

std::optional<question_pacer::command> question_pacer::next(nanoseconds now) {
  if (!ended_.empty()) {
    paced_question& over = ended_.front();
    leave(over);
    return end{&over, over.why_};
  }
  return next_send(now);
}

std::optional<question_pacer::command> question_pacer::next_send(nanoseconds now) noexcept {
  if (probe_) {
    const std::size_t server = *std::exchange(probe_, std::nullopt);
    paced_question* const beside = std::exchange(probed_, nullptr);
    if (beside && beside->latest_ && beside->server_ != server) return send{beside, server};
  }
  for (std::size_t server = 0; server < servers_.size(); ++server) {
    const server_state& each = servers_[server];
    if (!each.repeats.empty() && each.window.has_room() && each.window.next_send(now) <= now)
      return send{&servers_[server].repeats.front(), server};
  }
  const auto server = fresh_.empty() ? std::nullopt : open_server(now);
  if (!server) return std::nullopt;
  choice_.first_was_taken();
  probe_ = choice_.take_probe(now);
  probed_ = &fresh_.front();
  return send{probed_, *server};
}

// The one whose turn it is for a fresh question, if it can take it; where they take turns, the next that can.
std::optional<std::size_t> question_pacer::open_server(nanoseconds now) const noexcept {
  const auto can_take = [this, now](std::size_t server) {
    const send_window& window = servers_[server].window;
    return window.has_room() && window.next_send(now) <= now;
  };
  server_set full = 0;
  for (std::size_t server = 0; rules_.rotates && server < servers_.size(); ++server) {
    if (!can_take(server)) full |= only(server);
  }
  const auto first = choice_.first(full);
  return first && can_take(*first) ? first : std::nullopt;
}

std::optional<nanoseconds> question_pacer::wake_at(nanoseconds now) const noexcept {
  std::optional<nanoseconds> earliest;
  if (!limits_.empty()) earliest = limits_.front().ends_at_;
  const auto consider = [&earliest](std::optional<nanoseconds> when) {
    if (when && (!earliest || *when < *earliest)) earliest = when;
  };
  for (const server_state& each : servers_) {
    consider(each.open.earliest());
    if (!each.repeats.empty() && each.window.has_room()) consider(each.window.next_send(now));
  }
  if (fresh_.empty()) return earliest;
  consider(std::max(fresh_.front().asked_at_, heard_at_) + rules_.time_limit);
  for (std::size_t server = 0; server < servers_.size(); ++server) {
    const bool takes = server == choice_.first(0) || (rules_.rotates && !choice_.rests(server));
    if (takes && servers_[server].window.has_room()) consider(servers_[server].window.next_send(now));
  }
  return earliest;
}

}  // namespace uvdial::detail
