// What the sockets to a DNS server make of calls that the machine refuses, and how many calls they make.
#include <sys/socket.h>
#include <uv.h>

#include <new>
#include <string>

#include "support/datagram_pair.hpp"
#include "support/dns_wire.hpp"
#include "support/faults.hpp"

using namespace uvdial;
using fixture::datagram_pair;

void setUp() { faults::clear(); }
void tearDown() { faults::clear(); }

extern "C" {
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
ssize_t __real_sendmsg(int descriptor, const msghdr* message, int flags);
ssize_t __wrap_sendmsg(int descriptor, const msghdr* message, int flags) {
  if (const auto scripted = faults::next("sendmsg")) {
    errno = static_cast<int>(*scripted);
    return -1;
  }
  return __real_sendmsg(descriptor, message, flags);
}
int __real_recvmmsg(int descriptor, mmsghdr* messages, unsigned count, int flags, timespec* timeout);
int __wrap_recvmmsg(int descriptor, mmsghdr* messages, unsigned count, int flags, timespec* timeout) {
  if (const auto scripted = faults::next("recvmmsg")) {
    errno = static_cast<int>(*scripted);
    return -1;
  }
  return __real_recvmmsg(descriptor, messages, count, flags, timeout);
}
int __real_setsockopt(int descriptor, int level, int name, const void* value, socklen_t size);
int __wrap_setsockopt(int descriptor, int level, int name, const void* value, socklen_t size) {
  if (const auto scripted = faults::next("setsockopt")) {
    errno = static_cast<int>(*scripted);
    return -1;
  }
  return __real_setsockopt(descriptor, level, name, value, size);
}
int __real_uv_random(uv_loop_t* loop, uv_random_t* request, void* into, size_t size, unsigned flags,
                     uv_random_cb then);
int __wrap_uv_random(uv_loop_t* loop, uv_random_t* request, void* into, size_t size, unsigned flags,
                     uv_random_cb then) {
  if (const auto scripted = faults::next("uv_random")) return static_cast<int>(*scripted);
  return __real_uv_random(loop, request, into, size, flags, then);
}
int __real_clock_gettime(clockid_t clock, timespec* into);
int __wrap_clock_gettime(clockid_t clock, timespec* into) {
  const int result = __real_clock_gettime(clock, into);
  if (clock == CLOCK_REALTIME) {
    if (const auto scripted = faults::next("wall clock")) into->tv_sec += static_cast<time_t>(*scripted);
  }
  return result;
}
}

namespace {

constexpr int shortages[] = {EMFILE, ENFILE, ENOBUFS, ENOMEM};
constexpr int no_ways[] = {ECONNREFUSED,  EHOSTUNREACH, ENETUNREACH, ENETDOWN, EHOSTDOWN,
                           EADDRNOTAVAIL, EAFNOSUPPORT, EPERM,       EACCES};

ssize_t send_one(datagram_pair& pair) {
  std::string text = "question";
  const iovec pieces[] = {{text.data(), 2}, {text.data() + 2, 6}};
  return pair.sockets.send(pair.descriptor, pieces, 2);
}

}  // namespace

void test_a_batch_is_one_call_and_an_empty_socket_is_known_without_another() {
  datagram_pair p;
  p.arrive(5);
  p.sockets.allow_reading();
  TEST_ASSERT_EQUAL(5u, p.read_all().size());
  TEST_ASSERT_EQUAL(EAGAIN, p.last_error);
  TEST_ASSERT_EQUAL(1u, faults::calls("recvmmsg"));
  p.arrive(12);
  p.sockets.allow_reading();
  TEST_ASSERT_EQUAL(12u, p.read_all().size());
  TEST_ASSERT_EQUAL(2u, faults::calls("recvmmsg"));
}

void test_the_bound_is_kept_without_a_call() {
  datagram_pair p;
  p.arrive(40);
  p.sockets.allow_reading();
  TEST_ASSERT_EQUAL(16u, p.read_all().size());
  TEST_ASSERT_EQUAL(1u, faults::calls("recvmmsg"));
}

void test_a_shortage_is_trouble_and_told_once() {
  for (const int error : shortages) {
    detail::server_sockets sockets(demo::loopback(ip_family::v4, 53));
    for (const int type : {SOCK_DGRAM, SOCK_STREAM}) {
      faults::clear();
      faults::fail("socket", 1, error);
      TEST_ASSERT_EQUAL(-1, sockets.open(type));
      TEST_ASSERT_EQUAL(error, errno);
      TEST_ASSERT_EQUAL(error, sockets.take_trouble());
      TEST_ASSERT_EQUAL(0, sockets.take_trouble());
      TEST_ASSERT_FALSE(sockets.take_refusal());
    }
  }
}

void test_no_way_to_the_server_is_a_refusal_of_its_datagrams_only() {
  for (const int error : no_ways) {
    for (const char* function : {"socket", "connect"}) {
      for (const bool datagrams : {true, false}) {
        faults::clear();
        faults::fail(function, 1, error);
        detail::server_sockets sockets(demo::loopback(ip_family::v4, 53));
        const int made = sockets.open(datagrams ? SOCK_DGRAM : SOCK_STREAM);
        if (made >= 0) {
          TEST_ASSERT_EQUAL(-1, sockets.connect(made));
          TEST_ASSERT_EQUAL(error, errno);
          TEST_ASSERT_EQUAL(0, sockets.close(made));
        }
        TEST_ASSERT_EQUAL_MESSAGE(datagrams, sockets.take_refusal(), function);
        TEST_ASSERT_EQUAL_MESSAGE(0, sockets.take_trouble(), function);
      }
    }
  }
}

void test_a_datagram_that_finds_no_room_counts_as_sent() {
  for (const int error : {EAGAIN, ENOBUFS}) {
    datagram_pair p;
    faults::clear();
    faults::fail("sendmsg", 1, error);
    TEST_ASSERT_EQUAL(8, send_one(p));
    TEST_ASSERT_EQUAL(0, p.sockets.take_trouble());
    TEST_ASSERT_FALSE(p.sockets.take_refusal());
  }
}

void test_a_datagram_that_cannot_be_sent_says_why() {
  datagram_pair p;
  faults::fail("sendmsg", 1, ENOMEM);
  faults::fail("sendmsg", 2, EPERM);
  TEST_ASSERT_EQUAL(-1, send_one(p));
  TEST_ASSERT_EQUAL(ENOMEM, errno);
  TEST_ASSERT_EQUAL(ENOMEM, p.sockets.take_trouble());
  TEST_ASSERT_EQUAL(-1, send_one(p));
  TEST_ASSERT_TRUE(p.sockets.take_refusal());
}

// There c-ares waits until the socket can be written to.
void test_a_stream_without_room_is_not_taken_for_sent() {
  detail::server_sockets sockets(demo::loopback(ip_family::v4, 53));
  const int made = sockets.open(SOCK_STREAM);
  faults::fail("sendmsg", 1, EAGAIN);
  std::string text = "question";
  const iovec piece{text.data(), text.size()};
  TEST_ASSERT_EQUAL(-1, sockets.send(made, &piece, 1));
  TEST_ASSERT_EQUAL(EAGAIN, errno);
  TEST_ASSERT_EQUAL(0, sockets.close(made));
}

void test_reading_that_fails_says_why_and_works_again() {
  datagram_pair p;
  p.arrive(1);
  faults::fail("recvmmsg", 1, ENOMEM);
  faults::fail("recvmmsg", 2, EHOSTUNREACH);
  faults::fail("recvmmsg", 3, EAGAIN);
  p.sockets.allow_reading();
  TEST_ASSERT_EQUAL(0u, p.read_all().size());
  TEST_ASSERT_EQUAL(ENOMEM, p.last_error);
  TEST_ASSERT_EQUAL(ENOMEM, p.sockets.take_trouble());
  TEST_ASSERT_EQUAL(0u, p.read_all().size());
  TEST_ASSERT_EQUAL(EHOSTUNREACH, p.last_error);
  TEST_ASSERT_TRUE(p.sockets.take_refusal());
  TEST_ASSERT_EQUAL(0u, p.read_all().size());
  TEST_ASSERT_EQUAL(EAGAIN, p.last_error);
  TEST_ASSERT_FALSE(p.sockets.take_refusal());
  p.sockets.allow_reading();
  TEST_ASSERT_EQUAL(1u, p.read_all().size());
}

// As somebody without CAP_NET_ADMIN, and as somebody whose system refuses all options.
void test_options_that_are_refused_do_not_matter() {
  faults::fail("setsockopt", 1, EPERM);
  {
    datagram_pair p;
    TEST_ASSERT_EQUAL(3u, faults::calls("setsockopt"));  // forced, asked for, times
    TEST_ASSERT_TRUE(p.sockets.take_capacity().has_value());
  }
  faults::clear();
  faults::fail_from("setsockopt", 1, EPERM);
  datagram_pair p;
  TEST_ASSERT_TRUE(p.sockets.take_capacity().has_value());
  p.arrive(1);
  p.sockets.allow_reading();
  const detail::instant before = detail::now();
  TEST_ASSERT_EQUAL(1u, p.read_all().size());
  TEST_ASSERT_LESS_OR_EQUAL(p.sockets.arrived(),
                            before);  // without a time of its own it has come when it was read
}

void test_a_wall_clock_that_was_set_says_nothing_about_arrivals() {
  for (const long seconds : {-3600L, 3600L}) {
    datagram_pair p;
    p.arrive(1);
    faults::clear();
    faults::fail_from("wall clock", 1, seconds);
    p.sockets.allow_reading();
    const detail::instant before = detail::now();
    TEST_ASSERT_EQUAL(1u, p.read_all().size());
    TEST_ASSERT_LESS_OR_EQUAL(p.sockets.arrived(), before);
    TEST_ASSERT_LESS_OR_EQUAL(detail::now(), p.sockets.arrived());
    TEST_ASSERT_GREATER_OR_EQUAL(1u, faults::calls("wall clock"));
  }
}

// Rather none than one that can be foretold.
void test_without_random_numbers_no_question_goes_out() {
  datagram_pair p;
  TEST_ASSERT_TRUE(p.sockets.guard());
  std::string question = fixture::wire::packet("www.test", fixture::wire::a, {});
  const iovec piece{question.data(), question.size()};
  faults::fail("uv_random", 1, UV_EIO);
  TEST_ASSERT_EQUAL(-1, p.sockets.send(p.descriptor, &piece, 1));
  TEST_ASSERT_EQUAL(EIO, errno);
  char into[512];
  TEST_ASSERT_EQUAL(-1, ::recv(p.peer.get(), into, sizeof into, 0));
  TEST_ASSERT_EQUAL(question.size(), p.sockets.send(p.descriptor, &piece, 1));
  TEST_ASSERT_EQUAL(question.size(), ::recv(p.peer.get(), into, sizeof into, 0));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_batch_is_one_call_and_an_empty_socket_is_known_without_another);
  RUN_TEST(test_the_bound_is_kept_without_a_call);
  RUN_TEST(test_a_shortage_is_trouble_and_told_once);
  RUN_TEST(test_no_way_to_the_server_is_a_refusal_of_its_datagrams_only);
  RUN_TEST(test_a_datagram_that_finds_no_room_counts_as_sent);
  RUN_TEST(test_a_datagram_that_cannot_be_sent_says_why);
  RUN_TEST(test_a_stream_without_room_is_not_taken_for_sent);
  RUN_TEST(test_reading_that_fails_says_why_and_works_again);
  RUN_TEST(test_options_that_are_refused_do_not_matter);
  RUN_TEST(test_a_wall_clock_that_was_set_says_nothing_about_arrivals);
  RUN_TEST(test_without_random_numbers_no_question_goes_out);
  return UNITY_END();
}
