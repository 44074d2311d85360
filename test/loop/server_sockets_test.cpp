// The sockets to one DNS server, on the loopback: batches, bounds, times and reasons.
#include "glue/server_sockets.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <fstream>

#include "support/datagram_pair.hpp"
#include "support/dns_askers.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using fixture::datagram_pair;

void setUp() {}
void tearDown() {}

namespace {

int option_of(int descriptor, int level, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  TEST_ASSERT_EQUAL(0, ::getsockopt(descriptor, level, name, &value, &size));
  return value;
}

// What a listener and a client of it share.
struct stream_pair {
  demo::descriptor listener = demo::bound_socket(demo::socket_kind::tcp, demo::loopback(ip_family::v4));
  detail::server_sockets sockets{demo::bound_address(listener)};
  int descriptor = sockets.open(SOCK_STREAM);

  ~stream_pair() { (void)sockets.close(descriptor); }
};

}  // namespace

void test_datagrams_are_read_in_order_and_then_the_socket_is_empty() {
  datagram_pair p;
  p.arrive(12);
  p.sockets.allow_reading();
  const auto all = p.read_all();
  TEST_ASSERT_EQUAL(12u, all.size());
  for (std::size_t i = 0; i < all.size(); ++i) TEST_ASSERT_EQUAL_STRING(std::to_string(i), all[i]);
  TEST_ASSERT_EQUAL(EAGAIN, p.last_error);
  TEST_ASSERT_FALSE(p.sockets.has_unread());
}

void test_of_a_hundred_datagrams_so_many_are_read_each_time_and_the_rest_is_unread() {
  datagram_pair p;
  p.arrive(100);
  for (const std::size_t expected : {16u, 16u, 16u, 16u, 16u, 16u}) {
    p.sockets.allow_reading();
    TEST_ASSERT_EQUAL(expected, p.read_all().size());
    TEST_ASSERT_EQUAL(EAGAIN, p.last_error);
    TEST_ASSERT_TRUE(p.sockets.has_unread());
    TEST_ASSERT_EQUAL(0u, p.read_all().size());  // without a new allowance
  }
  p.sockets.allow_reading();
  const auto rest = p.read_all();
  TEST_ASSERT_EQUAL(4u, rest.size());
  TEST_ASSERT_EQUAL_STRING("99", rest.back());
  TEST_ASSERT_FALSE(p.sockets.has_unread());
}

void test_a_socket_that_was_empty_is_read_again_when_reading_is_allowed() {
  datagram_pair p;
  p.sockets.allow_reading();
  TEST_ASSERT_EQUAL(0u, p.read_all().size());
  p.arrive(1);
  p.sockets.allow_reading();
  TEST_ASSERT_EQUAL(1u, p.read_all().size());
}

void test_empty_datagrams_are_skipped() {
  datagram_pair p;
  p.arrive("");
  p.arrive("one");
  p.arrive("");
  p.arrive("");
  p.arrive("two");
  p.arrive("");
  p.sockets.allow_reading();
  const auto all = p.read_all();
  TEST_ASSERT_EQUAL(2u, all.size());
  TEST_ASSERT_EQUAL_STRING("one", all[0]);
  TEST_ASSERT_EQUAL_STRING("two", all[1]);
  TEST_ASSERT_EQUAL(EAGAIN, p.last_error);
}

void test_a_long_datagram_is_cut_and_the_next_is_whole() {
  datagram_pair p;
  p.arrive(std::string(5'000, 'x'));
  p.arrive("next");
  p.sockets.allow_reading();
  const auto all = p.read_all();
  TEST_ASSERT_EQUAL(2u, all.size());
  TEST_ASSERT_EQUAL_STRING(std::string(4'096, 'x'), all[0]);
  TEST_ASSERT_EQUAL_STRING("next", all[1]);
}

void test_no_more_is_given_than_the_reader_has_room_for() {
  datagram_pair p;
  p.arrive("abcdef");
  p.arrive("ghijkl");
  p.sockets.allow_reading();
  const auto all = p.read_all(3);
  TEST_ASSERT_EQUAL(2u, all.size());
  TEST_ASSERT_EQUAL_STRING("abc", all[0]);
  TEST_ASSERT_EQUAL_STRING("ghi", all[1]);
}

// Each datagram has its own time, though all are read at once.
void test_a_late_reader_is_told_when_the_datagrams_came() {
  constexpr auto apart = 40ms;
  datagram_pair p;
  bool is_noted = false;  // the kernel begins with its times a little after it was asked for them
  for (int tries = 0; tries < 1'000 && !is_noted; ++tries) {
    p.arrive(1);
    fixture::hold_for(2ms);
    const detail::instant before = detail::now();
    p.sockets.allow_reading();
    TEST_ASSERT_EQUAL(1u, p.read_all().size());
    is_noted = p.sockets.arrived() < before - 1ms;
  }
  const detail::instant start = detail::now();
  p.arrive(1);
  fixture::hold_for(apart);
  p.arrive(1);
  fixture::hold_for(apart);
  const detail::instant reading = detail::now();
  p.sockets.allow_reading();
  char into = 0;
  TEST_ASSERT_EQUAL(1, p.sockets.receive(p.descriptor, &into, 1, nullptr, nullptr));
  const detail::instant first = p.sockets.arrived();
  TEST_ASSERT_EQUAL(1, p.sockets.receive(p.descriptor, &into, 1, nullptr, nullptr));
  const detail::instant second = p.sockets.arrived();
  TEST_ASSERT_GREATER_OR_EQUAL(start, first);
  TEST_ASSERT_GREATER_OR_EQUAL(start + apart, second);
  TEST_ASSERT_LESS_OR_EQUAL(reading - apart, first);  // with half of the time for a busy machine
  TEST_ASSERT_LESS_OR_EQUAL(reading - apart / 2, second);
}

void test_the_sender_is_the_server() {
  datagram_pair p;
  p.arrive(1);
  p.sockets.allow_reading();
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  char into = 0;
  auto* sender = reinterpret_cast<sockaddr*>(&from);
  TEST_ASSERT_EQUAL(1, p.sockets.receive(p.descriptor, &into, 1, sender, &size));
  TEST_ASSERT_EQUAL_STRING(p.sockets.server().to_string(), endpoint(*sender).to_string());
  TEST_ASSERT_EQUAL(p.sockets.server().native_size(), size);
}

void test_a_sender_for_which_there_is_no_room_is_not_written() {
  datagram_pair p;
  p.arrive(1);
  p.sockets.allow_reading();
  sockaddr from{};
  socklen_t size = 1;
  char into = 0;
  TEST_ASSERT_EQUAL(1, p.sockets.receive(p.descriptor, &into, 1, &from, &size));
  TEST_ASSERT_EQUAL(0, from.sa_family);
}

void test_what_is_sent_in_pieces_arrives_as_one() {
  datagram_pair p;
  std::string one = "ab";
  std::string two = "cde";
  const iovec pieces[] = {{one.data(), one.size()}, {two.data(), two.size()}};
  TEST_ASSERT_EQUAL(5, p.sockets.send(p.descriptor, pieces, 2));
  std::string into(100, '\0');
  TEST_ASSERT_EQUAL(5, ::recv(p.peer.get(), into.data(), into.size(), 0));
  TEST_ASSERT_EQUAL_STRING("abcde", into.substr(0, 5));
}

void test_a_closed_port_is_a_refusal_and_told_once() {
  datagram_pair p;
  p.peer = demo::descriptor(-1);
  std::string text = "question";
  const iovec piece{text.data(), text.size()};
  TEST_ASSERT_FALSE(p.sockets.take_refusal());
  TEST_ASSERT_EQUAL(8, p.sockets.send(p.descriptor, &piece, 1));
  p.sockets.allow_reading();
  TEST_ASSERT_EQUAL(0u, p.read_all().size());
  TEST_ASSERT_EQUAL(ECONNREFUSED, p.last_error);
  TEST_ASSERT_TRUE(p.sockets.take_refusal());
  TEST_ASSERT_FALSE(p.sockets.take_refusal());
  TEST_ASSERT_EQUAL(0, p.sockets.take_trouble());
}

// The kernel tells the refusal of the first datagram to who sends the second.
void test_a_closed_port_is_also_heard_of_while_sending() {
  datagram_pair p;
  p.peer = demo::descriptor(-1);
  std::string text = "question";
  const iovec piece{text.data(), text.size()};
  TEST_ASSERT_EQUAL(8, p.sockets.send(p.descriptor, &piece, 1));
  TEST_ASSERT_EQUAL(-1, p.sockets.send(p.descriptor, &piece, 1));
  TEST_ASSERT_TRUE(p.sockets.take_refusal());
}

void test_the_receive_buffer_is_as_large_as_the_system_lets_it_be() {
  int most = 0;
  std::ifstream("/proc/sys/net/core/rmem_max") >> most;
  if (most == 0) TEST_IGNORE_MESSAGE("this system does not say how large a buffer may be");
  datagram_pair p;
  const int granted = option_of(p.descriptor, SOL_SOCKET, SO_RCVBUF);
  TEST_ASSERT_GREATER_OR_EQUAL(2 * std::min(1 << 20, most), granted);
  const auto capacity = p.sockets.take_capacity();
  TEST_ASSERT_TRUE(capacity.has_value());
  TEST_ASSERT_EQUAL(granted / 1024, *capacity);
  TEST_ASSERT_FALSE(p.sockets.take_capacity().has_value());
  p.close();
  p.open();
  TEST_ASSERT_TRUE(p.sockets.take_capacity().has_value());
}

void test_what_a_closed_socket_had_in_its_batch_is_not_given_by_the_next() {
  datagram_pair p;
  p.arrive(3);
  p.sockets.allow_reading();
  char into = 0;
  TEST_ASSERT_EQUAL(1, p.sockets.receive(p.descriptor, &into, 1, nullptr, nullptr));
  p.close();
  p.open();
  p.arrive("new");
  p.sockets.allow_reading();
  const auto all = p.read_all();
  TEST_ASSERT_EQUAL(1u, all.size());
  TEST_ASSERT_EQUAL_STRING("new", all[0]);
}

void test_sockets_do_not_block_and_are_not_inherited() {
  datagram_pair datagrams;
  stream_pair stream;
  for (const int descriptor : {datagrams.descriptor, stream.descriptor}) {
    TEST_ASSERT_TRUE((::fcntl(descriptor, F_GETFL) & O_NONBLOCK) != 0);
    TEST_ASSERT_TRUE((::fcntl(descriptor, F_GETFD) & FD_CLOEXEC) != 0);
  }
  TEST_ASSERT_NOT_EQUAL(0, option_of(stream.descriptor, IPPROTO_TCP, TCP_NODELAY));
}

void test_a_stream_is_read_by_itself_beside_the_datagrams() {
  stream_pair s;
  TEST_ASSERT_EQUAL(0, ::listen(s.listener.get(), 1));
  TEST_ASSERT_TRUE(s.sockets.connect(s.descriptor) == 0 || errno == EINPROGRESS);
  demo::descriptor accepted(-1);
  while (accepted.get() < 0) accepted = demo::descriptor(::accept(s.listener.get(), nullptr, nullptr));
  TEST_ASSERT_EQUAL(3, ::send(accepted.get(), "abc", 3, MSG_NOSIGNAL));
  std::string into(10, '\0');
  ssize_t size = -1;
  while (size < 0) size = s.sockets.receive(s.descriptor, into.data(), into.size(), nullptr, nullptr);
  TEST_ASSERT_EQUAL(3, size);
  TEST_ASSERT_EQUAL(-1, s.sockets.receive(s.descriptor, into.data(), into.size(), nullptr, nullptr));
  TEST_ASSERT_EQUAL(EAGAIN, errno);
  const iovec piece{into.data(), 3};
  TEST_ASSERT_EQUAL(3, s.sockets.send(s.descriptor, &piece, 1));
  accepted = demo::descriptor(-1);
  while ((size = s.sockets.receive(s.descriptor, into.data(), into.size(), nullptr, nullptr)) < 0 &&
         errno == EAGAIN) {}
  TEST_ASSERT_LESS_OR_EQUAL(0, size);  // the end, or a reset
}

// A server without TCP still has its datagram port.
void test_a_stream_that_is_refused_is_no_refusal_of_the_server() {
  stream_pair s;  // bound, and not listening
  int status = s.sockets.connect(s.descriptor);
  while (status < 0 && (errno == EINPROGRESS || errno == EALREADY)) status = s.sockets.connect(s.descriptor);
  TEST_ASSERT_EQUAL(-1, status);
  TEST_ASSERT_EQUAL(ECONNREFUSED, errno);
  TEST_ASSERT_FALSE(s.sockets.take_refusal());
  TEST_ASSERT_EQUAL(0, s.sockets.take_trouble());
  TEST_ASSERT_FALSE(s.sockets.take_capacity().has_value());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_datagrams_are_read_in_order_and_then_the_socket_is_empty);
  RUN_TEST(test_of_a_hundred_datagrams_so_many_are_read_each_time_and_the_rest_is_unread);
  RUN_TEST(test_a_socket_that_was_empty_is_read_again_when_reading_is_allowed);
  RUN_TEST(test_empty_datagrams_are_skipped);
  RUN_TEST(test_a_long_datagram_is_cut_and_the_next_is_whole);
  RUN_TEST(test_no_more_is_given_than_the_reader_has_room_for);
  RUN_TEST(test_a_late_reader_is_told_when_the_datagrams_came);
  RUN_TEST(test_the_sender_is_the_server);
  RUN_TEST(test_a_sender_for_which_there_is_no_room_is_not_written);
  RUN_TEST(test_what_is_sent_in_pieces_arrives_as_one);
  RUN_TEST(test_a_closed_port_is_a_refusal_and_told_once);
  RUN_TEST(test_a_closed_port_is_also_heard_of_while_sending);
  RUN_TEST(test_the_receive_buffer_is_as_large_as_the_system_lets_it_be);
  RUN_TEST(test_what_a_closed_socket_had_in_its_batch_is_not_given_by_the_next);
  RUN_TEST(test_sockets_do_not_block_and_are_not_inherited);
  RUN_TEST(test_a_stream_is_read_by_itself_beside_the_datagrams);
  RUN_TEST(test_a_stream_that_is_refused_is_no_refusal_of_the_server);
  return UNITY_END();
}
