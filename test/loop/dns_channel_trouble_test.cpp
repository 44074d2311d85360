// Servers that refuse, loops that are held up, and channels beside each other.
#include "demo/dns_responder.hpp"
#include "support/dns_askers.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::dns_responder;
using fixture::hand_server;
using fixture::make_channel;
using fixture::recording_waiter;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

constexpr detail::dns_record v4 = detail::dns_record::v4_address;
constexpr auto impossible = "a..test";  // refused by c-ares inside the call that asks
constexpr auto short_timeout = 60ms;

// Runs `work` once, from a foreign callback in the loop's poll phase.
class foreign_callback {
 public:
  explicit foreign_callback(std::function<void()> work) : work_(std::move(work)) {
    (void)handle_.open(nullptr,
                       [](uv_async_t* async) { return uv_async_init(&fixture::loop(), async, on_sent); });
    handle_->data = this;
    (void)uv_async_send(handle_.get());
  }
  bool ran() const noexcept { return ran_; }

 private:
  static void on_sent(uv_async_t* async) noexcept {
    auto* self = static_cast<foreign_callback*>(async->data);
    if (!self) return;
    self->work_();
    self->ran_ = true;
    self->handle_.reset();
  }

  std::function<void()> work_;
  detail::uv_handle<uv_async_t> handle_;
  bool ran_ = false;
};

}  // namespace

void test_a_refused_server_is_unreachable() {
  hand_server server;
  server.refuse();
  recording_waiter waiter;
  const auto channel = make_channel({.servers = {server.address()}});
  (void)channel->ask("a.test", v4, waiter);
  TEST_ASSERT_EQUAL_STRING("", waiter.all());
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("DNSUNREACHABLE", waiter.all());
}

// The refusal of one datagram may be reported to the sending of the next, and the first would wait in vain.
void test_many_questions_to_a_refused_server_are_all_unreachable() {
  hand_server server;
  server.refuse();
  recording_waiter waiter;
  const auto channel = make_channel({{server.address()}, short_timeout, 2});
  for (int i = 0; i < 20; ++i) (void)channel->ask("a.test", v4, waiter);
  fixture::run();
  TEST_ASSERT_EQUAL(20u, waiter.heard.size());
  for (const std::string& each : waiter.heard) TEST_ASSERT_EQUAL_STRING("DNSUNREACHABLE", each);
}

void test_a_server_that_came_back_is_heard() {
  hand_server server;
  server.refuse();
  recording_waiter waiter;
  const auto channel = make_channel({.servers = {server.address()}});
  (void)channel->ask("a.test", v4, waiter);
  fixture::run();
  server.accept_again();
  (void)channel->ask("a.test", v4, waiter);
  fixture::run_turn();  // now it is sent
  const int answered = server.answer(1, "192.0.2.1");
  fixture::run();
  TEST_ASSERT_EQUAL(1, answered);
  TEST_ASSERT_EQUAL_STRING("DNSUNREACHABLE 192.0.2.1", waiter.all());
}

void test_a_second_server_answers_for_one_that_refuses() {
  hand_server refusing;
  refusing.refuse();
  dns_responder working(fixture::loop());
  working.answer_unknown({.addresses = {"192.0.2.1"}});
  recording_waiter waiter;
  const auto channel = make_channel({.servers = {refusing.address(), working.address()}});
  for (const char* name : {"a.test", "b.test", "c.test"}) (void)channel->ask(name, v4, waiter);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("192.0.2.1 192.0.2.1 192.0.2.1", waiter.all());
}

void test_an_answer_in_the_socket_beats_its_timeout() {
  hand_server server;
  recording_waiter waiter;
  const auto channel = make_channel({{server.address()}, short_timeout, 1});
  (void)channel->ask("a.test", v4, waiter);
  fixture::run_turn();  // now it is sent
  const int answered = server.answer(1, "192.0.2.1");
  fixture::hold_for(2 * short_timeout);
  fixture::run();
  TEST_ASSERT_EQUAL(1, answered);
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", waiter.all());
}

void test_an_answer_that_comes_while_the_loop_is_held_beats_its_timeout() {
  hand_server server;
  recording_waiter waiter;
  const auto channel = make_channel({{server.address()}, short_timeout, 1});
  (void)channel->ask("a.test", v4, waiter);
  fixture::run_turn();  // the timer is armed
  int answered = 0;
  foreign_callback foreign([&] {
    fixture::hold_for(2 * short_timeout);
    answered = server.answer(1, "192.0.2.1");
  });
  fixture::run();
  TEST_ASSERT_TRUE(foreign.ran());
  TEST_ASSERT_EQUAL(1, answered);
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", waiter.all());
}

void test_a_timeout_that_passed_while_the_loop_was_held_is_acted_on() {
  hand_server silent;
  recording_waiter waiter;
  const auto channel = make_channel({{silent.address()}, short_timeout, 1});
  (void)channel->ask("a.test", v4, waiter);
  fixture::run_turn();       // it leaves
  fixture::hold_for(600ms);  // c-ares since 1.32 waits at least 250 ms, whatever it was told
  for (int turns = 0; turns < 10; ++turns) fixture::run_turn();
  TEST_ASSERT_EQUAL_STRING("DNSTIMEOUT", waiter.all());
}

// Datagrams leave before the loop waits: what it was held until then is not the server's time.
void test_a_question_that_leaves_late_has_its_whole_time() {
  hand_server server;
  recording_waiter waiter;
  const auto channel = make_channel({{server.address()}, short_timeout, 1});
  (void)channel->ask("a.test", v4, waiter);
  fixture::hold_for(2 * short_timeout);
  fixture::run_turn();
  const int answered = server.answer(1, "192.0.2.1");
  fixture::run();
  TEST_ASSERT_EQUAL(1, answered);
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", waiter.all());
}

// The check phase of the held turn has work of its own, but the socket has not been read since the hold.
void test_work_in_the_turn_that_was_held_does_not_bring_the_timeout_forward() {
  hand_server server;
  recording_waiter waiter;
  recording_waiter other;
  const auto channel = make_channel({{server.address()}, short_timeout, 1});
  (void)channel->ask("a.test", v4, waiter);
  fixture::run_turn();
  int answered = 0;
  foreign_callback foreign([&] {
    answered = server.answer(1, "192.0.2.1");
    fixture::hold_for(2 * short_timeout);
    (void)channel->ask(impossible, v4, other);
  });
  fixture::run();
  TEST_ASSERT_EQUAL(1, answered);
  TEST_ASSERT_EQUAL_STRING("NXDOMAIN", other.all());
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", waiter.all());
}

void test_channels_of_two_servers_share_a_loop() {
  dns_responder first(fixture::loop());
  dns_responder second(fixture::loop());
  first.host("a.test", {.addresses = {"192.0.2.1"}});
  second.host("a.test", {.addresses = {"192.0.2.2"}});
  recording_waiter from_first;
  recording_waiter from_second;
  auto one = make_channel({.servers = {first.address()}});
  auto two = make_channel({.servers = {second.address()}});
  for (int i = 0; i < 3; ++i) {
    (void)one->ask("a.test", v4, from_first);
    (void)two->ask("a.test", v4, from_second);
  }
  from_first.then = [&] { one->close(); };
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", from_first.all());
  TEST_ASSERT_EQUAL_STRING("192.0.2.2 192.0.2.2 192.0.2.2", from_second.all());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_refused_server_is_unreachable);
  RUN_TEST(test_many_questions_to_a_refused_server_are_all_unreachable);
  RUN_TEST(test_a_server_that_came_back_is_heard);
  RUN_TEST(test_a_second_server_answers_for_one_that_refuses);
  RUN_TEST(test_an_answer_in_the_socket_beats_its_timeout);
  RUN_TEST(test_an_answer_that_comes_while_the_loop_is_held_beats_its_timeout);
  RUN_TEST(test_a_timeout_that_passed_while_the_loop_was_held_is_acted_on);
  RUN_TEST(test_a_question_that_leaves_late_has_its_whole_time);
  RUN_TEST(test_work_in_the_turn_that_was_held_does_not_bring_the_timeout_forward);
  RUN_TEST(test_channels_of_two_servers_share_a_loop);
  return UNITY_END();
}
