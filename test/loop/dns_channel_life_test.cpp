// Who may forget, close, destroy and ask, and when; and what a channel leaves behind.
#include "demo/dns_responder.hpp"
#include "support/dns_askers.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::dns_responder;
using demo::reply_fault;
using fixture::make_channel;
using fixture::recording_waiter;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

constexpr detail::dns_record v4 = detail::dns_record::v4_address;
constexpr auto impossible = "a..test";  // refused by c-ares inside the call that asks

struct world {
  dns_responder dns{fixture::loop()};
  std::shared_ptr<fixture::asked_channel> channel = make_channel({.servers = {dns.address()}});
  recording_waiter waiter;
  recording_waiter other;

  world() { dns.answer_unknown({.addresses = {"192.0.2.1"}}); }
};

bool loop_alive() { return uv_loop_alive(&fixture::loop()) != 0; }

}  // namespace

void test_forgetting_silences_one_question_alone() {
  world w;
  (void)w.channel->ask("a.test", v4, w.other);
  detail::dns_query* forgotten = w.channel->ask("b.test", v4, w.waiter);
  (void)w.channel->ask("c.test", v4, w.other);
  w.channel->forget(forgotten);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("", w.waiter.all());
  TEST_ASSERT_EQUAL_STRING("192.0.2.1 192.0.2.1", w.other.all());
}

void test_a_question_that_has_failed_already_can_be_forgotten() {
  world w;
  w.channel->forget(w.channel->ask(impossible, v4, w.waiter));
  TEST_ASSERT_FALSE(loop_alive());
  fixture::run_turn();
  TEST_ASSERT_EQUAL_STRING("", w.waiter.all());
}

void test_a_waiter_may_forget_its_neighbour() {
  world w;
  (void)w.channel->ask(impossible, v4, w.waiter);
  detail::dns_query* neighbour = w.channel->ask(impossible, v4, w.other);
  w.waiter.then = [&] { w.channel->forget(neighbour); };
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("NXDOMAIN", w.waiter.all());
  TEST_ASSERT_EQUAL_STRING("", w.other.all());
}

void test_a_waiter_may_ask_again() {
  world w;
  int left = 3;
  w.waiter.then = [&] {
    if (left-- > 0) (void)w.channel->ask(left % 2 == 0 ? "again.test" : impossible, v4, w.waiter);
  };
  (void)w.channel->ask("first.test", v4, w.waiter);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("192.0.2.1 192.0.2.1 NXDOMAIN 192.0.2.1", w.waiter.all());
  TEST_ASSERT_FALSE(w.waiter.nested);
}

void test_a_waiter_may_close_the_channel() {
  world w;
  w.waiter.then = [&] { w.channel->close(); };
  (void)w.channel->ask(impossible, v4, w.waiter);
  (void)w.channel->ask(impossible, v4, w.waiter);
  (void)w.channel->ask("open.test", v4, w.waiter);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("NXDOMAIN", w.waiter.all());
}

void test_a_waiter_may_close_and_drop_the_channel_when_an_answer_comes() {
  world w;
  w.waiter.then = [&] {
    w.channel->close();
    w.channel.reset();
  };
  (void)w.channel->ask("a.test", v4, w.waiter);
  (void)w.channel->ask("b.test", v4, w.waiter);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", w.waiter.all());
}

void test_a_waiter_may_drop_the_channel_when_a_question_fails() {
  world w;
  w.waiter.then = [&] { w.channel.reset(); };
  (void)w.channel->ask(impossible, v4, w.waiter);
  (void)w.channel->ask("b.test", v4, w.waiter);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("NXDOMAIN", w.waiter.all());
}

void test_closing_tells_nobody_and_twice_is_once() {
  world w;
  (void)w.channel->ask("a.test", v4, w.waiter);
  (void)w.channel->ask(impossible, v4, w.waiter);
  w.channel->close();
  w.channel->close();
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("", w.waiter.all());
}

void test_a_channel_that_was_never_asked_leaves_nothing() {
  world w;
  const auto count = std::make_shared<detail::handle_count>();
  auto unused = std::make_shared<detail::dns_channel>(
      fixture::loop(), detail::dns_channel_options{.servers = {w.dns.address()}}, count);
  TEST_ASSERT_FALSE(loop_alive());
  unused.reset();
  fixture::run();
  TEST_ASSERT_EQUAL(0u, count->open());
}

void test_an_idle_channel_does_not_keep_the_loop_alive() {
  world w;
  (void)w.channel->ask("a.test", v4, w.waiter);
  TEST_ASSERT_TRUE(loop_alive());
  fixture::run_until([&] { return !w.waiter.heard.empty(); });
  TEST_ASSERT_FALSE(loop_alive());
}

void test_forgotten_questions_do_not_keep_the_loop_alive() {
  world w;
  w.dns.answer_unknown({.fault = reply_fault::silent});
  detail::dns_query* first = w.channel->ask("a.test", v4, w.waiter);
  detail::dns_query* second = w.channel->ask("b.test", v4, w.waiter);
  fixture::run_turn();
  w.channel->forget(first);
  TEST_ASSERT_TRUE(loop_alive());
  w.channel->forget(second);
  TEST_ASSERT_FALSE(loop_alive());
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("", w.waiter.all());
}

// It takes as long as it takes: what is proved is that it comes without another question, and not at once.
void test_an_idle_channel_closes_its_sockets_after_about_a_second() {
  world w;
  const std::size_t before = fixture::open_descriptors();
  (void)w.channel->ask("a.test", v4, w.waiter);
  fixture::run_until([&] { return !w.waiter.heard.empty(); });
  const detail::instant idle_since = detail::now();
  TEST_ASSERT_GREATER_THAN(before, fixture::open_descriptors());

  detail::uv_handle<uv_timer_t> life;  // somebody else's, that keeps the loop going
  (void)life.open(nullptr, [](uv_timer_t* timer) { return uv_timer_init(&fixture::loop(), timer); });
  (void)uv_timer_start(
      life.get(), [](uv_timer_t*) {}, 5, 5);
  fixture::run_until([&] { return fixture::open_descriptors() == before; });
  TEST_ASSERT_GREATER_OR_EQUAL(detail::instant(900ms), detail::now() - idle_since);

  (void)w.channel->ask("a.test", v4, w.waiter);  // and it opens again
  fixture::run_until([&] { return w.waiter.heard.size() == 2; });
  const auto& seen = w.dns.questions();
  TEST_ASSERT_EQUAL_STRING("192.0.2.1 192.0.2.1", w.waiter.all());
  TEST_ASSERT_EQUAL(2u, seen.size());
}

void test_no_descriptor_is_left_behind_by_many_channels() {
  world w;
  w.channel.reset();
  fixture::run();
  const std::size_t before = fixture::open_descriptors();
  for (int i = 0; i < 200; ++i) {
    w.channel = make_channel({.servers = {w.dns.address()}});
    (void)w.channel->ask("a.test", v4, w.waiter);
    if (i % 2 == 0) fixture::run();
    w.channel.reset();
    fixture::run();
  }
  TEST_ASSERT_EQUAL(100u, w.waiter.heard.size());
  TEST_ASSERT_EQUAL(before, fixture::open_descriptors());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_forgetting_silences_one_question_alone);
  RUN_TEST(test_a_question_that_has_failed_already_can_be_forgotten);
  RUN_TEST(test_a_waiter_may_forget_its_neighbour);
  RUN_TEST(test_a_waiter_may_ask_again);
  RUN_TEST(test_a_waiter_may_close_the_channel);
  RUN_TEST(test_a_waiter_may_close_and_drop_the_channel_when_an_answer_comes);
  RUN_TEST(test_a_waiter_may_drop_the_channel_when_a_question_fails);
  RUN_TEST(test_closing_tells_nobody_and_twice_is_once);
  RUN_TEST(test_a_channel_that_was_never_asked_leaves_nothing);
  RUN_TEST(test_an_idle_channel_does_not_keep_the_loop_alive);
  RUN_TEST(test_forgotten_questions_do_not_keep_the_loop_alive);
  RUN_TEST(test_an_idle_channel_closes_its_sockets_after_about_a_second);
  RUN_TEST(test_no_descriptor_is_left_behind_by_many_channels);
  return UNITY_END();
}
