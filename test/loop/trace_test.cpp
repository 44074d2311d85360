// What a dial tells while it runs and when it is over.
#include <string>
#include <vector>

#include "demo/peers.hpp"
#include "support/loop_fixture.hpp"
#include "support/scripted_resolver.hpp"
#include "uvdial/dialer.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::listener;
using demo::reserve;
using demo::silent_listener;
using fixture::recorder;
using step = trace_event::step;

namespace {

struct world {
  std::shared_ptr<fixture::scripted_resolver> names = std::make_shared<fixture::scripted_resolver>();
  std::vector<std::string> lines;  // one word a step, and what belongs to it
  unique_function<void(const trace_event&)> also{};
  dialer dials{fixture::loop(), {.names = names, .trace = [this](const trace_event& event) {
                                   note(event);
                                   if (also) also(event);
                                 }}};
  listener alive{fixture::loop(), reserve(ip_family::v4)};
  demo::reserved_port refusing = reserve(ip_family::v4);
  silent_listener silent{reserve(ip_family::v4)};
  recorder<tcp_stream> end;

  void note(const trace_event& event) {
    static constexpr const char* names_of_steps[] = {"question", "answer", "filter", "start", "confirm",
                                                     "fail",     "abort",  "win",    "end"};
    std::string line = names_of_steps[static_cast<std::size_t>(event.what)];
    if (event.family) line += *event.family == ip_family::v6 ? " v6" : " v4";
    if (event.what == step::answer) line += " " + std::to_string(event.addresses.size());
    if (event.to) line += " " + name_of(*event.to);
    if (event.code) line += " " + std::string(code_name(event.code));
    if (event.server) line += " by " + event.server->to_string();
    lines.push_back(line);
  }
  std::string name_of(const endpoint& to) const {
    if (to == alive.address()) return "alive";
    if (to == refusing.address()) return "refusing";
    return to == silent.address() ? "silent" : to.to_string();
  }
  std::string told() const {
    std::string all;
    for (const std::string& line : lines) all += (all.empty() ? "" : "; ") + line;
    return all;
  }
};

std::unique_ptr<world> w;

}  // namespace

void setUp() {
  fixture::open();
  w = std::make_unique<world>();
}

void tearDown() {
  w.reset();
  fixture::close();
}

void test_a_dial_is_told_step_by_step() {
  w->names->fails_at_once = {{ip_family::v6, resolve_errc::no_address}};
  w->names->at_once = {{ip_family::v4, {w->refusing.address(), w->silent.address(), w->alive.address()}}};
  const operation running =
      w->dials.connect(target("three.test", 1), {.attempt_delay = 10ms}, w->end.callback());
  fixture::run();
  TEST_ASSERT_EQUAL(
      "question v6; question v4; answer v6 0 NODATA; answer v4 3; start refusing; fail refusing "
      "ECONNREFUSED; "
      "start silent; start alive; abort silent; win alive; end",
      w->told());
}

void test_a_literal_asks_nothing() {
  const operation running = w->dials.connect(
      target(w->refusing.address().address_to_string(), w->refusing.address().port()), {}, w->end.callback());
  fixture::run();
  TEST_ASSERT_EQUAL("start refusing; fail refusing ECONNREFUSED; end ECONNREFUSED", w->told());
}

namespace {

const endpoint blocked = endpoint::parse("127.0.0.2:1");
const endpoint also_blocked = endpoint::parse("127.0.0.3:1");

dialer guarded() {
  const auto policy = address_policy().deny("127.0.0.2").deny("127.0.0.3");
  return dialer(fixture::loop(), {.names = w->names, .policy = policy, .trace = [](const trace_event& event) {
                                    w->note(event);
                                    if (w->also) w->also(event);
                                  }});
}

}  // namespace

void test_a_filtered_address_is_told_once_behind_its_answer() {
  w->names->fails_at_once = {{ip_family::v6, resolve_errc::no_address}};
  w->names->at_once = {{ip_family::v4, {blocked, w->alive.address(), also_blocked, blocked}}};
  dialer dials = guarded();
  const operation running = dials.connect(target("four.test", 1), {}, w->end.callback());
  fixture::run();
  TEST_ASSERT_EQUAL(
      "question v6; question v4; answer v6 0 NODATA; answer v4 4; filter 127.0.0.2:1; filter 127.0.0.3:1; "
      "start alive; win alive; end",
      w->told());
}

void test_known_addresses_that_are_filtered_are_told_first() {
  const std::vector<endpoint> three{w->alive.address(), blocked, blocked};
  dialer dials = guarded();
  const operation running = dials.connect(three, {}, w->end.callback());
  fixture::run();
  TEST_ASSERT_EQUAL("filter 127.0.0.2:1; start alive; win alive; end", w->told());
}

void test_a_dial_without_an_allowed_address_is_told() {
  dialer dials = guarded();
  const operation running = dials.connect(blocked, {}, w->end.callback());
  TEST_ASSERT_EQUAL(0, w->end.calls);
  fixture::run();
  TEST_ASSERT_EQUAL("filter 127.0.0.2:1; end EACCES", w->told());
  TEST_ASSERT_EQUAL(error_kind::address_blocked, w->end.failure()->kind());
}

void test_a_dial_that_is_dropped_at_a_filtered_address_tells_of_no_other() {
  operation running;
  w->also = [&](const trace_event& event) {
    if (event.what == step::filter) running = {};
  };
  dialer dials = guarded();
  running = dials.connect(target("two.test", 1), {}, w->end.callback());
  w->names->answer(ip_family::v4, {blocked, also_blocked, w->alive.address()});
  fixture::run();
  TEST_ASSERT_EQUAL("question v6; question v4; answer v4 3; filter 127.0.0.2:1", w->told());
  TEST_ASSERT_EQUAL(0, w->end.calls);
}

void test_a_deadline_aborts_what_is_open() {
  const operation running = w->dials.connect(w->silent.address(), {.timeout = 20ms}, w->end.callback());
  fixture::run();
  TEST_ASSERT_EQUAL("start silent; abort silent; end ETIMEDOUT", w->told());
}

void test_a_cancel_is_told_from_the_loop() {
  operation running = w->dials.connect(w->silent.address(), {}, w->end.callback());
  running.cancel();
  TEST_ASSERT_EQUAL("start silent", w->told());
  fixture::run();
  TEST_ASSERT_EQUAL("start silent; abort silent; end ECANCELED", w->told());
}

void test_the_sink_may_drop_the_dial_it_hears_of() {
  operation running;
  w->also = [&](const trace_event& event) {
    if (event.what == step::fail) running = {};
  };
  const std::vector<endpoint> both{w->refusing.address(), w->alive.address()};
  running = w->dials.connect(both, {}, w->end.callback());
  fixture::run();
  TEST_ASSERT_EQUAL(0, w->end.calls);
  TEST_ASSERT_EQUAL("start refusing; fail refusing ECONNREFUSED", w->told());
}

void test_the_sink_may_cancel_the_dial_it_hears_of() {
  operation running;
  w->also = [&](const trace_event& event) {
    if (event.what == step::start) running.cancel();
  };
  const std::vector<endpoint> both{w->refusing.address(), w->alive.address()};
  running = w->dials.connect(both, {}, w->end.callback());
  fixture::run();
  TEST_ASSERT_EQUAL(1, w->end.calls);
  TEST_ASSERT_EQUAL(error_kind::cancelled, w->end.failure()->kind());
}

void test_a_report_stands_in_the_error_and_on_request_beside_a_success() {
  w->names->fails_at_once = {{ip_family::v6, resolve_errc::dns_timeout}};
  w->names->at_once = {{ip_family::v4, {w->refusing.address(), w->alive.address()}}};
  dial_report report;
  const operation running = w->dials.connect(target("two.test", 7), {.report = &report}, w->end.callback());
  fixture::run();
  TEST_ASSERT_TRUE(w->end.succeeded());
  TEST_ASSERT_EQUAL("two.test", report.host);
  TEST_ASSERT_EQUAL(7, report.port);
  TEST_ASSERT_EQUAL(2u, report.families.size());
  TEST_ASSERT_TRUE(report.families[0].why == resolve_errc::dns_timeout);
  TEST_ASSERT_EQUAL(2u, report.families[1].addresses.size());
  TEST_ASSERT_EQUAL(2u, report.attempts.size());
  TEST_ASSERT_TRUE(report.attempts[0].what == attempt::state::failed);
  TEST_ASSERT_TRUE(report.attempts[1].what == attempt::state::won);
  TEST_ASSERT_GREATER_OR_EQUAL(report.attempts[1].ended, report.elapsed);
}

void test_a_failed_answer_gives_its_server_and_its_detail() {
  const operation running = w->dials.connect(target("odd.test", 7), {}, w->end.callback());
  w->names->answer({.family = ip_family::v6,
                    .why = resolve_errc::dns_failure,
                    .server = endpoint::parse("127.0.0.1:5353"),
                    .detail = "status 503"});
  w->names->answer({.family = ip_family::v4,
                    .why = resolve_errc::dns_failure,
                    .server = endpoint::parse("127.0.0.53:53")});
  fixture::run();
  const dial_report& report = w->end.failure()->report();
  TEST_ASSERT_EQUAL("127.0.0.1:5353", report.families[0].server.value().to_string());
  TEST_ASSERT_EQUAL("status 503", report.families[0].detail);
  TEST_ASSERT_EQUAL("127.0.0.53:53", report.families[1].server.value().to_string());
  TEST_ASSERT_EQUAL("", report.families[1].detail);
  const std::string text = w->end.failure()->what();
  TEST_ASSERT_EQUAL(
      "resolve odd.test: DNS failure (IPv6 status 503 from 127.0.0.1:5353, IPv4 SERVFAIL from 127.0.0.53) "
      "after ",
      text.substr(0, text.rfind(" after ") + 7));
  TEST_ASSERT_EQUAL(
      "question v6; question v4; answer v6 0 SERVFAIL by 127.0.0.1:5353; answer v4 0 SERVFAIL by "
      "127.0.0.53:53; end SERVFAIL",
      w->told());
}

void test_a_good_answer_gives_its_server_but_no_detail() {
  dial_report report;
  const operation running = w->dials.connect(target("good.test", 7), {.report = &report}, w->end.callback());
  w->names->answer({.family = ip_family::v4,
                    .endpoints = {w->alive.address()},
                    .server = endpoint::parse("127.0.0.53:53"),
                    .detail = "from memory"});
  w->names->answer({.family = ip_family::v6,
                    .why = resolve_errc::dns_failure,
                    .server = endpoint::parse("127.0.0.54:53")});
  fixture::run();
  TEST_ASSERT_TRUE(w->end.succeeded());
  TEST_ASSERT_EQUAL("127.0.0.54:53", report.families[0].server.value().to_string());
  TEST_ASSERT_EQUAL("127.0.0.53:53", report.families[1].server.value().to_string());
  TEST_ASSERT_EQUAL("", report.families[1].detail);
}

void test_a_second_answer_for_a_family_changes_nothing() {
  dial_report report;
  const operation running = w->dials.connect(target("twice.test", 7), {.report = &report}, w->end.callback());
  w->names->answer({.family = ip_family::v6, .why = resolve_errc::dns_failure});
  w->names->answer({.family = ip_family::v6,
                    .why = resolve_errc::host_not_found,
                    .server = endpoint::parse("127.0.0.53:53"),
                    .detail = "a late word"});
  w->names->answer(ip_family::v4, {w->alive.address()});
  fixture::run();
  TEST_ASSERT_TRUE(w->end.succeeded());
  TEST_ASSERT_FALSE(report.families[0].server.has_value());
  TEST_ASSERT_EQUAL("", report.families[0].detail);
}

void test_a_lookup_that_failed_beside_an_attempt_names_its_server() {
  w->names->at_once = {{ip_family::v4, {w->refusing.address()}}};
  const operation running = w->dials.connect(target("half.test", 7), {}, w->end.callback());
  w->names->answer({.family = ip_family::v6,
                    .why = resolve_errc::dns_failure,
                    .server = endpoint::parse("127.0.0.53:53")});
  fixture::run();
  TEST_ASSERT_CONTAINS_STRING("; IPv6 lookup failed: SERVFAIL from 127.0.0.53", w->end.failure()->what());
}

void test_a_dropped_dial_leaves_the_report_alone() {
  dial_report report;
  report.host = "untouched";
  { const operation running = w->dials.connect(w->alive.address(), {.report = &report}, w->end.callback()); }
  fixture::run();
  TEST_ASSERT_EQUAL("untouched", report.host);
}

void test_each_step_says_which_host_it_is_about() {
  std::vector<std::string> hosts;
  w->also = [&hosts](const trace_event& event) { hosts.emplace_back(event.host); };
  const operation running =
      w->dials.connect(target("127.0.0.1", w->refusing.address().port()), {}, w->end.callback());
  fixture::run();
  TEST_ASSERT_EQUAL(3u, hosts.size());  // start, fail, end
  for (const std::string& host : hosts) TEST_ASSERT_EQUAL("127.0.0.1", host);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_each_step_says_which_host_it_is_about);
  RUN_TEST(test_a_dial_is_told_step_by_step);
  RUN_TEST(test_a_literal_asks_nothing);
  RUN_TEST(test_a_filtered_address_is_told_once_behind_its_answer);
  RUN_TEST(test_known_addresses_that_are_filtered_are_told_first);
  RUN_TEST(test_a_dial_without_an_allowed_address_is_told);
  RUN_TEST(test_a_dial_that_is_dropped_at_a_filtered_address_tells_of_no_other);
  RUN_TEST(test_a_deadline_aborts_what_is_open);
  RUN_TEST(test_a_cancel_is_told_from_the_loop);
  RUN_TEST(test_the_sink_may_drop_the_dial_it_hears_of);
  RUN_TEST(test_the_sink_may_cancel_the_dial_it_hears_of);
  RUN_TEST(test_a_report_stands_in_the_error_and_on_request_beside_a_success);
  RUN_TEST(test_a_failed_answer_gives_its_server_and_its_detail);
  RUN_TEST(test_a_good_answer_gives_its_server_but_no_detail);
  RUN_TEST(test_a_second_answer_for_a_family_changes_nothing);
  RUN_TEST(test_a_lookup_that_failed_beside_an_attempt_names_its_server);
  RUN_TEST(test_a_dropped_dial_leaves_the_report_alone);
  return UNITY_END();
}
