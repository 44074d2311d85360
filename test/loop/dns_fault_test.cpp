// Every call of a DNS channel that the machine can refuse: a typed answer from the loop, and the next question works.
#include <ares.h>
#include <sys/socket.h>

#include <cerrno>

#include "demo/dns_responder.hpp"
#include "support/dns_askers.hpp"
#include "support/faults.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::dns_responder;
using fixture::make_channel;
using fixture::recording_waiter;

void setUp() {
  faults::clear();
  fixture::open();
}
void tearDown() {
  faults::clear();
  fixture::close();
}

extern "C" {
int __real_uv_poll_init(uv_loop_t* loop, uv_poll_t* handle, int descriptor);
int __wrap_uv_poll_init(uv_loop_t* loop, uv_poll_t* handle, int descriptor) {
  if (const auto scripted = faults::next("uv_poll_init")) return static_cast<int>(*scripted);
  return __real_uv_poll_init(loop, handle, descriptor);
}
int __real_uv_poll_start(uv_poll_t* handle, int events, uv_poll_cb then);
int __wrap_uv_poll_start(uv_poll_t* handle, int events, uv_poll_cb then) {
  if (const auto scripted = faults::next("uv_poll_start")) return static_cast<int>(*scripted);
  return __real_uv_poll_start(handle, events, then);
}
int __real_ares_init_options(ares_channel* channel, ares_options* options, int mask);
int __wrap_ares_init_options(ares_channel* channel, ares_options* options, int mask) {
  if (const auto scripted = faults::next("ares_init_options")) return static_cast<int>(*scripted);
  return __real_ares_init_options(channel, options, mask);
}
int __real_ares_set_servers_ports_csv(ares_channel channel, const char* servers);
int __wrap_ares_set_servers_ports_csv(ares_channel channel, const char* servers) {
  if (const auto scripted = faults::next("ares_set_servers_ports_csv")) return static_cast<int>(*scripted);
  return __real_ares_set_servers_ports_csv(channel, servers);
}
int __real_socket(int family, int type, int protocol);
int __wrap_socket(int family, int type, int protocol) {
  if (const auto scripted = faults::next("socket")) {
    errno = static_cast<int>(*scripted);
    return -1;
  }
  return __real_socket(family, type, protocol);
}
int __real_connect(int descriptor, const sockaddr* to, socklen_t size);
int __wrap_connect(int descriptor, const sockaddr* to, socklen_t size) {
  if (const auto scripted = faults::next("connect")) {
    errno = static_cast<int>(*scripted);
    return -1;
  }
  return __real_connect(descriptor, to, size);
}
int __real_getsockopt(int descriptor, int level, int name, void* value, socklen_t* size);
int __wrap_getsockopt(int descriptor, int level, int name, void* value, socklen_t* size) {
  const int result = __real_getsockopt(descriptor, level, name, value, size);
  if (level == SOL_SOCKET && name == SO_RCVBUF) {
    if (const auto scripted = faults::next("receive buffer"))
      *static_cast<int*>(value) = static_cast<int>(*scripted);
  }
  return result;
}
int __real_sendmmsg(int descriptor, mmsghdr* messages, unsigned count, int flags);
int __wrap_sendmmsg(int descriptor, mmsghdr* messages, unsigned count, int flags) {
  if (const auto scripted = faults::next("sendmmsg")) {
    errno = static_cast<int>(*scripted);
    return -1;
  }
  return __real_sendmmsg(descriptor, messages, count, flags);
}
}

namespace {

constexpr detail::dns_record v4 = detail::dns_record::v4_address;

struct world {
  dns_responder dns{fixture::loop()};
  std::shared_ptr<fixture::asked_channel> channel;
  recording_waiter waiter;

  world() : channel(make_channel({{dns.address()}, 100ms, 2})) {
    dns.answer_unknown({.addresses = {"192.0.2.1"}});
  }

  // Two questions at once, so that the failure of one is also seen by its neighbour; the first reply.
  std::string ask_two() {
    (void)channel->ask("a.test", v4, waiter);
    (void)channel->ask("b.test", v4, waiter);
    TEST_ASSERT_EQUAL_MESSAGE(0u, waiter.heard.size(), "told inside ask()");
    fixture::run();
    TEST_ASSERT_EQUAL(2u, waiter.heard.size());
    const std::string first = waiter.heard.front();
    waiter.heard.clear();
    return first;
  }
};

struct fault {
  const char* function;
  long result;
  const char* code;
  resolve_errc means;
};

}  // namespace

// Each fails for as long as the question runs, and then no more.
void test_each_refused_call_is_a_typed_answer_and_the_next_question_works() {
  const fault faults_of_the_machine[] = {
      {"uv_poll_init", UV_EMFILE, "EMFILE", resolve_errc::out_of_resources},
      {"uv_poll_init", UV_ENOMEM, "ENOMEM", resolve_errc::out_of_resources},
      {"uv_poll_init", UV_EPERM, "EPERM", resolve_errc::dns_failure},
      {"uv_poll_start", UV_ENOMEM, "ENOMEM", resolve_errc::out_of_resources},
      {"uv_poll_start", UV_EEXIST, "EEXIST", resolve_errc::dns_failure},
      {"ares_init_options", ARES_ENOMEM, "ENOMEM", resolve_errc::out_of_resources},
      {"ares_init_options", ARES_EFILE, "EIO", resolve_errc::dns_failure},
      {"ares_set_servers_ports_csv", ARES_ENOMEM, "ENOMEM", resolve_errc::out_of_resources},
      {"ares_set_servers_ports_csv", ARES_EBADSTR, "EINVAL", resolve_errc::dns_failure},
      {"socket", EMFILE, "EMFILE", resolve_errc::out_of_resources},
      {"socket", ENFILE, "ENFILE", resolve_errc::out_of_resources},
      {"socket", ENOBUFS, "ENOBUFS", resolve_errc::out_of_resources},
      {"socket", EAFNOSUPPORT, "DNSUNREACHABLE", resolve_errc::dns_failure},
      {"connect", ENETUNREACH, "DNSUNREACHABLE", resolve_errc::dns_failure},
      {"connect", EADDRNOTAVAIL, "DNSUNREACHABLE", resolve_errc::dns_failure},
      {"connect", EAGAIN, "EAGAIN", resolve_errc::out_of_resources},
      {"sendmmsg", EPERM, "DNSUNREACHABLE", resolve_errc::dns_failure},
      {"sendmmsg", ENETDOWN, "DNSUNREACHABLE", resolve_errc::dns_failure},
  };
  world w;
  const std::size_t before = fixture::open_descriptors();
  for (const fault& each : faults_of_the_machine) {
    faults::clear();
    faults::fail_from(each.function, 1, each.result);
    TEST_ASSERT_EQUAL_STRING_MESSAGE(each.code, w.ask_two(), each.function);
    TEST_ASSERT_TRUE_MESSAGE(to_resolve_errc(w.waiter.last.why) == each.means, each.function);
    TEST_ASSERT_GREATER_OR_EQUAL_MESSAGE(1u, faults::calls(each.function), each.function);
    faults::clear();
    TEST_ASSERT_EQUAL_STRING_MESSAGE("192.0.2.1", w.ask_two(), each.function);
    w.channel = make_channel({{w.dns.address()}, 100ms, 2});
  }
  w.channel.reset();
  fixture::run();
  TEST_ASSERT_EQUAL(before, fixture::open_descriptors());
}

void test_one_refused_socket_or_datagram_costs_only_a_try() {
  for (const char* function : {"socket", "connect", "sendmmsg"}) {
    world w;
    faults::clear();
    faults::fail(function, 1, ENOBUFS);
    TEST_ASSERT_EQUAL_STRING_MESSAGE("192.0.2.1", w.ask_two(), function);
  }
}

void test_questions_that_are_asked_together_leave_in_one_call() {
  world w;
  faults::clear();
  for (const char name : {'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'})
    (void)w.channel->ask(name + std::string(".test"), v4, w.waiter);
  TEST_ASSERT_EQUAL(0u, faults::calls("sendmmsg"));
  fixture::run();
  TEST_ASSERT_EQUAL(10u, w.waiter.heard.size());
  TEST_ASSERT_EQUAL(1u, faults::calls("sendmmsg"));
}

// The first of three: the other two are sent all the same.
void test_a_datagram_that_the_kernel_does_not_take_holds_up_no_other() {
  world w;
  faults::clear();
  faults::fail("sendmmsg", 1, ENOBUFS);
  for (const char* name : {"a.test", "b.test", "c.test"}) (void)w.channel->ask(name, v4, w.waiter);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("192.0.2.1 192.0.2.1 192.0.2.1", w.waiter.all());
  TEST_ASSERT_EQUAL(3u, faults::calls("sendmmsg"));  // all, those behind the first, and that one again
}

void test_a_refused_socket_for_a_truncated_answer_costs_only_a_try() {
  world w;
  w.dns.answer_unknown({.addresses = {"192.0.2.1"}, .fault = demo::reply_fault::truncated});
  faults::clear();
  faults::fail("socket", 2, EMFILE);  // the first one is for datagrams
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", w.ask_two());
  faults::clear();
  w.channel = make_channel({{w.dns.address()}, 100ms, 2});
  faults::fail_from("socket", 2, EMFILE);
  TEST_ASSERT_EQUAL_STRING("EMFILE", w.ask_two());
}

// Two silences in a row, and it would be left alone.
void test_a_shortage_of_this_machine_is_no_silence_of_the_server() {
  world w;
  dns_responder second(fixture::loop());
  second.answer_unknown({.addresses = {"192.0.2.2"}});
  w.channel = make_channel({.servers = {w.dns.address(), second.address()}});
  faults::clear();
  faults::fail("socket", 1, EMFILE);
  faults::fail("socket", 3, EMFILE);  // for the second question; the second one is the other server's
  TEST_ASSERT_EQUAL_STRING("192.0.2.2", w.ask_two());
  TEST_ASSERT_EQUAL(0u, w.dns.questions().size());
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", w.ask_two());
}

void test_a_socket_that_cannot_be_watched_fails_all_questions_that_run() {
  world w;
  (void)w.channel->ask("a.test", v4, w.waiter);
  fixture::run_until([&] { return w.waiter.heard.size() == 1; });
  w.dns.answer_unknown({.addresses = {"192.0.2.2"}, .fault = demo::reply_fault::truncated});
  faults::clear();
  faults::fail("uv_poll_init", 1, UV_EMFILE);  // the socket of the TCP connection
  (void)w.channel->ask("b.test", v4, w.waiter);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("192.0.2.1 EMFILE", w.waiter.all());
  (void)w.channel->ask("c.test", v4, w.waiter);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("192.0.2.1 EMFILE 192.0.2.2", w.waiter.all());
}

// A socket that was connected before the network came up may have no way out for ever.
void test_after_a_refusal_the_sockets_are_new() {
  fixture::hand_server server;
  server.refuse();
  recording_waiter waiter;
  const auto channel = make_channel({.servers = {server.address()}});
  (void)channel->ask("a.test", v4, waiter);
  fixture::run();
  const std::size_t started = faults::calls("ares_init_options");
  (void)channel->ask("a.test", v4, waiter);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("DNSUNREACHABLE DNSUNREACHABLE", waiter.all());
  TEST_ASSERT_EQUAL(2 * started, faults::calls("ares_init_options"));
}

void test_no_more_is_on_the_way_than_the_receive_buffer_holds() {
  fixture::hand_server server;
  recording_waiter waiter;
  faults::fail_from("receive buffer", 1, 20 * 1024);
  const auto channel = make_channel({.servers = {server.address()}});
  for (int i = 0; i < 100; ++i) (void)channel->ask("a.test", v4, waiter);
  fixture::run_turn();  // now all that may be sent is
  TEST_ASSERT_EQUAL(20, server.answer(1'000, "192.0.2.1"));
  channel->close();
}

void test_sockets_that_work_are_kept() {
  world w;
  (void)w.ask_two();
  const std::size_t started = faults::calls("ares_init_options");
  (void)w.ask_two();
  TEST_ASSERT_EQUAL(started, faults::calls("ares_init_options"));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_each_refused_call_is_a_typed_answer_and_the_next_question_works);
  RUN_TEST(test_one_refused_socket_or_datagram_costs_only_a_try);
  RUN_TEST(test_questions_that_are_asked_together_leave_in_one_call);
  RUN_TEST(test_a_datagram_that_the_kernel_does_not_take_holds_up_no_other);
  RUN_TEST(test_a_refused_socket_for_a_truncated_answer_costs_only_a_try);
  RUN_TEST(test_a_shortage_of_this_machine_is_no_silence_of_the_server);
  RUN_TEST(test_a_socket_that_cannot_be_watched_fails_all_questions_that_run);
  RUN_TEST(test_after_a_refusal_the_sockets_are_new);
  RUN_TEST(test_no_more_is_on_the_way_than_the_receive_buffer_holds);
  RUN_TEST(test_sockets_that_work_are_kept);
  return UNITY_END();
}
