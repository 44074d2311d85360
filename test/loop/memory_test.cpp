// What won lately goes first, on a real loop: which address each dial starts with, and nobody else's dials.
#include <map>
#include <string>

#include "demo/peers.hpp"
#include "support/connected.hpp"
#include "support/loop_fixture.hpp"
#include "support/scripted_resolver.hpp"
#include "uvdial/dialer.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::listener;
using demo::reserve;
using demo::silent_listener;
using fixture::recorder;

namespace {

// All of one family, so that it needs no ::1: the order of the answer is that of the race.
struct world {
  std::shared_ptr<fixture::scripted_resolver> names = std::make_shared<fixture::scripted_resolver>();
  std::string tried{};
  dialer_config config() {
    return {.names = names, .trace = [this](const trace_event& event) {
              if (event.what == trace_event::step::start) tried += name_of(*event.to) + " ";
            }};
  }
  dialer dials{fixture::loop(), config()};
  silent_listener silent{reserve(ip_family::v4)};
  listener alive{fixture::loop(), reserve(ip_family::v4)};
  listener other{fixture::loop(), reserve(ip_family::v4)};
  dial_report report{};

  std::string name_of(const endpoint& to) const {
    if (to == silent.address()) return "silent";
    return to == alive.address() ? "alive" : "other";
  }
  void answer(std::vector<endpoint> v4) {
    names->at_once = {{ip_family::v4, std::move(v4)}};
    names->fails_at_once = {{ip_family::v6, resolve_errc::no_address}};
  }

  // The addresses that one dial tried, in order; "-" behind them where it did not win.
  template <class To>
  std::string dial(const To& to, dial_options options = {}, dialer* with = nullptr) {
    options.attempt_delay = 10ms;
    options.report = &report;
    tried.clear();
    recorder<tcp_stream> end;
    const operation running = (with ? *with : dials).connect(to, options, end.callback());
    fixture::run_until([&end] { return end.called(); });
    return tried + (end.succeeded() ? "" : "-");
  }
};

std::unique_ptr<world> w;

const target named("slow.test", 80);

}  // namespace

void setUp() {
  fixture::open();
  w = std::make_unique<world>();
  w->answer({w->silent.address(), w->alive.address()});
}

void tearDown() {
  w.reset();
  fixture::close();
}

void test_a_silent_first_address_costs_one_delay_and_not_one_at_every_dial() {
  TEST_ASSERT_EQUAL("silent alive ", w->dial(named));
  TEST_ASSERT_TRUE(w->report.why_won == win_reason::others_slower);
  for (int again = 0; again < 3; ++again) {
    TEST_ASSERT_EQUAL("alive ", w->dial(named));
    TEST_ASSERT_TRUE(w->report.why_won == win_reason::remembered);
  }
}

void test_a_silent_v6_costs_one_delay_and_not_one_at_every_dial() {
  if (!demo::v6_loopback_available()) TEST_IGNORE_MESSAGE("this machine has no ::1");
  auto ports = demo::reserve_pair();
  const silent_listener v6(std::move(ports.v6));
  const listener v4(fixture::loop(), std::move(ports.v4));
  w->names->fails_at_once.clear();
  w->names->at_once = {{ip_family::v6, {v6.address()}}, {ip_family::v4, {v4.address()}}};
  (void)w->dial(named);
  TEST_ASSERT_EQUAL(2u, w->report.attempts.size());
  (void)w->dial(named);
  TEST_ASSERT_EQUAL(1u, w->report.attempts.size());
  TEST_ASSERT_EQUAL(v4.address(), w->report.attempts[0].to);
  TEST_ASSERT_CONTAINS_STRING(" (IPv4) in ", explain_win(w->report));
}

void test_the_name_counts_whatever_its_case() {
  (void)w->dial(named);
  TEST_ASSERT_EQUAL("alive ", w->dial(target("SLOW.Test", 80)));
  TEST_ASSERT_EQUAL("silent alive ", w->dial(target("slow.test", 81)));
  TEST_ASSERT_EQUAL("silent alive ", w->dial(target("other.test", 80)));
}

void test_other_answers_end_it() {
  (void)w->dial(named);
  w->answer({w->silent.address(), w->other.address(), w->alive.address()});
  TEST_ASSERT_EQUAL("silent other ", w->dial(named));
  TEST_ASSERT_EQUAL("other ", w->dial(named));
}

void test_the_same_answers_in_another_order_do_not() {
  w->answer({w->silent.address(), w->alive.address(), w->other.address()});
  (void)w->dial(named);
  w->answer({w->other.address(), w->silent.address(), w->alive.address()});
  TEST_ASSERT_EQUAL("alive ", w->dial(named));
}

void test_what_fails_is_no_longer_remembered() {
  auto gone = std::make_unique<listener>(fixture::loop(), reserve(ip_family::v4));
  const endpoint address = gone->address();
  w->answer({w->silent.address(), address, w->alive.address()});
  TEST_ASSERT_EQUAL("silent other ", w->dial(named));  // "other": whatever is not one of the two
  gone.reset();
  fixture::run_turn();
  TEST_ASSERT_EQUAL("other silent alive ", w->dial(named));
  TEST_ASSERT_EQUAL("alive ", w->dial(named));
}

void test_the_option_turns_it_off() {
  (void)w->dial(named, {.remember = false});
  TEST_ASSERT_EQUAL("silent alive ", w->dial(named));
  TEST_ASSERT_EQUAL("silent alive ", w->dial(named, {.remember = false}));
  TEST_ASSERT_EQUAL("alive ", w->dial(named));
}

void test_two_dialers_do_not_share_it() {
  dialer second(fixture::loop(), w->config());
  (void)w->dial(named);
  TEST_ASSERT_EQUAL("silent alive ", w->dial(named, {}, &second));
}

// What won where IPv4 alone was asked for must not keep a dial from IPv6.
void test_each_family_policy_has_its_own() {
  (void)w->dial(named, {.families = family_policy::v4_only});
  TEST_ASSERT_EQUAL("silent alive ", w->dial(named));
  TEST_ASSERT_EQUAL("alive ", w->dial(named, {.families = family_policy::v4_only}));
}

void test_a_list_of_endpoints_is_remembered_by_its_first_one() {
  const std::vector<endpoint> list{w->silent.address(), w->alive.address()};
  TEST_ASSERT_EQUAL("silent alive ", w->dial(std::span(list)));
  TEST_ASSERT_EQUAL("alive ", w->dial(std::span(list)));
  const std::vector<endpoint> longer{w->silent.address(), w->alive.address(), w->other.address()};
  TEST_ASSERT_EQUAL("silent alive ", w->dial(std::span(longer)));
}

void test_a_single_endpoint_neither_uses_nor_changes_it() {
  const std::vector<endpoint> list{w->silent.address(), w->alive.address()};
  (void)w->dial(std::span(list));
  TEST_ASSERT_EQUAL("silent -", w->dial(w->silent.address(), {.timeout = 20ms}));
  TEST_ASSERT_EQUAL("alive ", w->dial(std::span(list)));
}

void test_a_lookup_that_fails_once_does_not_end_it() {
  (void)w->dial(named);
  w->names->at_once.clear();
  w->names->fails_at_once = {{ip_family::v6, resolve_errc::dns_timeout},
                             {ip_family::v4, resolve_errc::dns_timeout}};
  TEST_ASSERT_EQUAL("-", w->dial(named));
  w->answer({w->silent.address(), w->alive.address()});
  TEST_ASSERT_EQUAL("alive ", w->dial(named));
}

void test_a_name_that_is_gone_ends_it() {
  (void)w->dial(named);
  w->names->at_once.clear();
  w->names->fails_at_once = {{ip_family::v6, resolve_errc::host_not_found},
                             {ip_family::v4, resolve_errc::host_not_found}};
  TEST_ASSERT_EQUAL("-", w->dial(named));
  w->answer({w->silent.address(), w->alive.address()});
  TEST_ASSERT_EQUAL("silent alive ", w->dial(named));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_silent_first_address_costs_one_delay_and_not_one_at_every_dial);
  RUN_TEST(test_a_silent_v6_costs_one_delay_and_not_one_at_every_dial);
  RUN_TEST(test_the_name_counts_whatever_its_case);
  RUN_TEST(test_other_answers_end_it);
  RUN_TEST(test_the_same_answers_in_another_order_do_not);
  RUN_TEST(test_what_fails_is_no_longer_remembered);
  RUN_TEST(test_the_option_turns_it_off);
  RUN_TEST(test_two_dialers_do_not_share_it);
  RUN_TEST(test_each_family_policy_has_its_own);
  RUN_TEST(test_a_list_of_endpoints_is_remembered_by_its_first_one);
  RUN_TEST(test_a_single_endpoint_neither_uses_nor_changes_it);
  RUN_TEST(test_a_lookup_that_fails_once_does_not_end_it);
  RUN_TEST(test_a_name_that_is_gone_ends_it);
  return UNITY_END();
}
