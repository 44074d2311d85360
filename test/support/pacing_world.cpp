#include "support/pacing_world.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace fixture {

using uvdial::detail::paced_question;
using uvdial::detail::question_end;
using uvdial::detail::question_pacer;

nanoseconds ideal(const world_load& load, const world_server& server) {
  const auto reads = static_cast<double>(load.questions) / (1 - server.loss);
  const auto in_flight = static_cast<double>(server.latency / server.service);
  const double most = std::min(in_flight, static_cast<double>(load.at_once));
  const double doublings = std::max(0.0, std::ceil(std::log2(most / 128)));
  return server.service * std::llround(reads) + server.latency + server.latency * std::llround(doublings);
}

nanoseconds waits(std::size_t tries, nanoseconds patience) {
  nanoseconds all{0};
  for (; tries > 1; --tries, patience += patience / 4) all += patience;
  return all;
}

pacing_world::pacing_world(uvdial::detail::pacing_rules rules, std::vector<world_server> servers,
                           unsigned seed)
    : pacer_(rules), servers_(std::move(servers)), states_(servers_.size()), random_(seed) {}

void pacing_world::at(nanoseconds when, datagram& what, bool is_answer) {
  events_.push(event{when, events_made_++, &what, is_answer});
}

bool pacing_world::dead(std::size_t server) const noexcept {
  return time() >= servers_[server].dies && time() < servers_[server].comes_back;
}

// Not by a distribution of the standard library: each one draws other numbers.
bool pacing_world::is_lost(std::size_t server) {
  return static_cast<double>(random_()) < servers_[server].loss * 4294967296.0;
}

world_result pacing_world::run(const world_load& load) {
  result_ = world_result{};
  result_.sends.resize(servers_.size());
  result_.first_send.resize(servers_.size(), nanoseconds::max());
  asked_ = 0;
  run_began_ = time_;
  fill(load);
  pump();
  while (open_ > 0) {
    if (!step(nanoseconds::max())) throw std::logic_error("open questions, and nothing that could end them");
    fill(load);
    pump();
  }
  result_.wall = time_ - run_began_;
  return result_;
}

void pacing_world::pass(nanoseconds time) {
  const nanoseconds end = time_ + time;
  while (step(end)) {}
  time_ = end;
}

// The next thing that happens until then: a datagram arrives, or the pacer's time has come. False: nothing does.
bool pacing_world::step(nanoseconds end) {
  const auto wake = pacer_.wake_at(time_);
  const bool is_event = !events_.empty() && (!wake || events_.top().when <= *wake);
  if (!is_event && !wake) return false;
  const nanoseconds when = is_event ? events_.top().when : *wake;
  if (when > end) return false;
  time_ = std::max(time_, when);
  if (is_event) {
    const event next = events_.top();
    events_.pop();
    next.is_answer ? come_back(*next.what) : arrive_at_server(*next.what);
  } else {
    pacer_.tick(time_, time_);
  }
  pump();
  const auto again = pacer_.wake_at(time_);
  if (!is_event && again && *again <= time_) throw std::logic_error("the pacer wakes for nothing");
  return true;
}

void pacing_world::fill(const world_load& load) {
  for (; open_ < load.at_once && asked_ < load.questions; ++open_, ++asked_) {
    question& made = questions_.emplace_back();
    made.self = std::prev(questions_.end());
    pacer_.ask(made, time_);
  }
}

void pacing_world::pump() {
  while (const auto command = pacer_.next(time_)) {
    if (const auto* wanted = std::get_if<question_pacer::send>(&*command)) {
      send(*wanted);
      continue;
    }
    const auto& over = std::get<question_pacer::end>(*command);
    if (over.why == question_end::silent) end(*over.what, result_.silent);
    if (over.why == question_end::failed) end(*over.what, result_.failed);
    if (over.why == question_end::refused) end(*over.what, result_.refused);
  }
}

void pacing_world::end(paced_question& what, std::size_t& count) {
  auto& ended = static_cast<question&>(what);
  ++count;
  --open_;
  result_.most_tries = std::max(result_.most_tries, ended.tries);
  result_.slowest = std::max(result_.slowest, time_ - ended.first_sent);
  questions_.erase(ended.self);
}

void pacing_world::send(const question_pacer::send& command) {
  auto& asked = static_cast<question&>(*command.what);
  if (asked.tries++ == 0) asked.first_sent = time_;
  datagram& made = datagrams_.emplace_back();
  made.self = std::prev(datagrams_.end());
  pacer_.sent(asked, made, command.server, time_);
  ++result_.sends[command.server];
  auto& first = result_.first_send[command.server];
  first = std::min(first, time_ - run_began_);
  at(time_ + servers_[command.server].latency / 2, made, false);
}

void pacing_world::arrive_at_server(datagram& what) {
  const world_server& server = servers_[what.server()];
  server_state& state = states_[what.server()];
  if (dead(what.server()) || is_lost(what.server())) return;  // it stays in the list: nobody tells the pacer
  while (!state.taken_at.empty() && state.taken_at.front() <= time_) state.taken_at.pop_front();
  if (state.taken_at.size() >= server.buffer) {
    ++result_.overruns;
    return;
  }
  state.taken_at.push_back(std::max(state.free_at, time_));
  state.free_at = state.taken_at.back() + server.service;
  at(state.free_at + server.latency / 2, what, true);
}

void pacing_world::come_back(datagram& what) {
  switch (servers_[what.server()].is) {
    case world_server::kind::answers:
      if (paced_question* ended = pacer_.answered(what, time_)) end(*ended, result_.answered);
      break;
    case world_server::kind::cannot: pacer_.failed(what, time_); break;
    case world_server::kind::refuses:
      pacer_.refused(what.server(), time_);
      pacer_.withdrawn(what);
      break;
  }
  datagrams_.erase(what.self);
}

}  // namespace fixture
