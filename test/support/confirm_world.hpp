// A dialer, peers, and a confirm step that keeps what it is asked for the test to answer.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "demo/peers.hpp"
#include "support/connected.hpp"
#include "support/loop_fixture.hpp"
#include "uvdial/confirm.hpp"
#include "uvdial/dialer.hpp"

namespace fixture {

struct confirm_world {
  struct question {
    uvdial::tcp_stream* fresh;
    uvdial::endpoint to;
    uvdial::confirmation answer;
  };

  std::vector<uvdial::trace_event::step> steps{};
  std::unique_ptr<uvdial::dialer> dials = std::make_unique<uvdial::dialer>(
      loop(),
      uvdial::dialer_config{.trace = [this](const uvdial::trace_event& e) { steps.push_back(e.what); }});
  uvdial::demo::listener first{
      loop(), uvdial::demo::reserve(uvdial::ip_family::v4), {.greeting = "hello, later"}};
  uvdial::demo::listener second{
      loop(), uvdial::demo::reserve(uvdial::ip_family::v4), {.greeting = "hello, later"}};
  std::vector<uvdial::endpoint> both{first.address(), second.address()};

  std::vector<question> asked{};
  std::size_t times_asked = 0;
  uvdial::unique_function<void()> also{};  // runs inside the step
  uvdial::confirm_step step = [this](uvdial::tcp_stream& fresh, const uvdial::endpoint& to,
                                     uvdial::confirmation answer) {
    ++times_asked;
    asked.push_back({&fresh, to, std::move(answer)});
    if (also) also();
  };
  uvdial::dial_report report{};
  recorder<uvdial::tcp_stream> end{};
  uvdial::operation running{};

  uvdial::dial_options options() {
    uvdial::dial_options made;
    made.attempt_delay = std::chrono::milliseconds(10);
    made.confirm = &step;
    made.report = &report;
    return made;
  }
  void dial(std::span<const uvdial::endpoint> to) { running = dials->connect(to, options(), end.callback()); }
  void dial(const uvdial::endpoint& to) { dial(std::span(&to, 1)); }
  void run_until_asked(std::size_t times = 1) {
    run_until([this, times] { return times_asked >= times; });
  }
};

}  // namespace fixture
