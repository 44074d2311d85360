// The control law of the pacing.
//
// A DNS server reads one socket. Its receive buffer holds some 270 questions (212,992 bytes, of which the kernel
// counts 768 for the smallest datagram); what comes while it is full is lost without a word, and each loss costs
// a wait that is many round trips long. So the aim is not to find the window at which packets get lost, as TCP's
// classic law does, but to stop before.
//
// * The window starts at 128, half of such a buffer. While ramping, each answer opens it by one: it doubles every
//   round trip. Each loss closes it by one: it grows as long as more than half of the packets get through.
// * The ramp pauses while the answers say that a queue builds up: while the fastest of the last eight took noticeably
//   longer than the least time ever seen (the idea of HyStart, RFC 9406, 4.2). The fastest of several, because a
//   name that the server has to ask others for is slow without any queue. Times are taken from the arrival at the
//   kernel: our own lateness would otherwise look like the server's queue. The ramp ends when a queue stands: when
//   not one answer of a whole round trip was fast.
// * After the ramp the window follows the queue, once a round trip, as TCP Vegas does: the share of the time that was
//   waited in a queue, times the window, is how many stand in it. Under 64: each answer opens the window by a
//   quarter. Above 160: it shrinks by an eighth.
// * A loss while answers are slow is taken for an overflow: the window shrinks to seven tenths and the ramp is
//   over, once for all losses of what was sent before. A loss while answers are as fast as ever is chance (a bad
//   radio link), and cutting the window would only make the rest late too.
// * While fewer than 128 are on the way, what is to be sent goes at once: they all fit into half of such a buffer,
//   however slowly it is read. Beyond that sends are spread: 128 may go at once, then 32 a millisecond, 16 at a time,
//   since a datagram that goes alone costs several times as much. A server that reads 50,000 a second stays ahead of
//   that, whatever the window says.
// * A window that was not full says nothing about what it could be, and does not grow. After a second of silence
//   the window is back at its start and ramps anew, since the network may be another one.
#include "logic/send_window.hpp"

#include <algorithm>

namespace uvdial::detail {

namespace {

using std::chrono::nanoseconds;
using namespace std::chrono_literals;

constexpr double least_window = 16;
constexpr nanoseconds spacing = nanoseconds(1ms) / 32;
constexpr nanoseconds burst = spacing * send_window::start;
constexpr nanoseconds rest = spacing * 16;
constexpr nanoseconds forgotten_after = 1s;
constexpr double slow_step = 0.25;
constexpr std::size_t few = 8;
constexpr double short_queue = 64;
constexpr double long_queue = 160;

}  // namespace

nanoseconds send_window::next_send(nanoseconds now) const noexcept {
  return on_the_way_ < start ? now : std::max(now, rests_until_);
}

void send_window::sent(nanoseconds now) noexcept {
  if (on_the_way_ == 0 && now - last_sent_ >= forgotten_after) {
    set(std::min<double>(window_, start));
    ramping_ = true;
    round_ = round{now};
  }
  last_sent_ = now;
  // What went at once, because so little was on the way, does not count beyond a burst.
  pace_ = std::min(std::max(pace_, now) + spacing, now + burst);
  if (pace_ + spacing > now + burst) rests_until_ = pace_ - burst + rest;
  ++on_the_way_;
  if (!has_room()) round_.was_full = true;
}

void send_window::limit(std::size_t most) noexcept {
  most_ = most;
  set(window_);
}

void send_window::set(double wanted) noexcept {
  window_ = std::clamp(wanted, least_window, std::max(least_window, static_cast<double>(most_)));
}

// Noticeably more than the least: an eighth, but no less than a busy machine adds, and no more than a buffer that
// fills up takes to be read.
bool send_window::is_slow(nanoseconds took) const noexcept {
  const nanoseconds least = times_.least();
  return took > least + std::clamp<nanoseconds>(least / 8, 1ms, 3ms);
}

void send_window::answered(nanoseconds sent_at, nanoseconds took, nanoseconds now) noexcept {
  // Before this one is taken off: many answers may be read before anything is sent again.
  const bool is_full = !has_room();
  if (on_the_way_ > 0) --on_the_way_;
  times_.add(took, now);
  usual_ = usual_.count() == 0 ? took : usual_ + (took - usual_) / 8;
  if (sent_at >= round_.began) end_round(is_full, now);
  round_.fastest = round_.answers == 0 ? took : std::min(round_.fastest, took);
  fastest_of_few_ = round_.answers % few == 0 ? took : std::min(fastest_of_few_, took);
  if (++round_.answers % few == 0) queue_builds_up_ = is_slow(fastest_of_few_);
  if (round_.was_full) set(window_ + step());
}

// By how much an answer opens the window, and a loss without a queue closes it.
double send_window::step() const noexcept {
  if (ramping_) return queue_builds_up_ ? 0 : 1;
  return queue_is_short_ ? slow_step : 0;
}

void send_window::end_round(bool is_full, nanoseconds now) noexcept {
  const round last = round_;
  round_ = round{now};
  round_.was_full = is_full;
  if (last.answers < few) return;
  const auto waited = static_cast<double>((last.fastest - times_.least()).count());
  const double queue = window_ * waited / static_cast<double>(std::max(last.fastest, 1ns).count());
  queue_is_short_ = queue < short_queue;
  if (!queue_is_short_) ramping_ = false;
  if (queue > long_queue) set(window_ * 7 / 8);
}

void send_window::answered_late(nanoseconds took, nanoseconds now) noexcept { times_.add(took, now); }

void send_window::lost(nanoseconds sent_at, nanoseconds now) noexcept {
  if (on_the_way_ > 0) --on_the_way_;
  if (!is_slow(usual_)) return set(window_ - std::max(step(), slow_step));
  if (sent_at < cut_at_) return;
  cut_at_ = now;
  ramping_ = false;
  set(window_ * 7 / 10);
}

void send_window::withdrawn() noexcept {
  if (on_the_way_ > 0) --on_the_way_;
}

}  // namespace uvdial::detail
