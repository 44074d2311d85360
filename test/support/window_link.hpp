#pragma once
// A send window and its server, a round trip at a time: all that the window allows is sent at once, and answered at
// once. The window is looked at, never the pace.
#include <chrono>
#include <cstddef>

#include "logic/send_window.hpp"

namespace fixture {

using std::chrono::nanoseconds;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

class window_link {
 public:
  explicit window_link(std::size_t most = 4096) : window(most) {}

  // Sends until the window is full.
  void fill() {
    while (window.has_room()) window.sent(now);
  }
  void send(std::size_t count) {
    for (; count > 0; --count) window.sent(now);
  }
  void answer(std::size_t count, nanoseconds sent_at, nanoseconds took) {
    for (; count > 0; --count) window.answered(sent_at, took, now);
  }
  // A full window goes, and its answers come after that time, all of them.
  void round(nanoseconds took) {
    fill();
    const nanoseconds sent_at = now;
    now += took;
    answer(window.on_the_way(), sent_at, took);
  }
  // Answers that change nothing but the server's usual time: the window is not full.
  void answer_alone(int count, nanoseconds took) {
    for (; count > 0; --count) {
      window.sent(now);
      now += took;
      window.answered(now - took, took, now);
    }
  }
  void lose(nanoseconds sent_at) {
    window.sent(sent_at);
    window.lost(sent_at, now);
  }
  // The ramp is over, with a queue of 67 in the last round; the window is 135, the least time 20 ms.
  void end_ramp() {
    answer_alone(8, 20ms);
    round(40ms);            // seven answers grow, then eight were slow
    answer_alone(1, 25ms);  // that round ends
    answer_alone(20, 20ms);
  }

  uvdial::detail::send_window window;
  nanoseconds now{10s};
};

}  // namespace fixture
