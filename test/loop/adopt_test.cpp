// Sockets that somebody else has connected, as streams; and all that is no such thing.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>

#include "support/connected.hpp"
#include "support/plain_listener.hpp"
#include "support/unix_listener.hpp"
#include "uvdial/pipe_stream.hpp"

using namespace uvdial;
using demo::descriptor;
using fixture::bytes_of;
using fixture::ending;
using fixture::plain_listener;
using fixture::reading;
using fixture::recorder;
using fixture::wired;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

template <class Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const std::invalid_argument& why) {
    return why.what();
  }
  return "accepted";
}

struct socket_pair {
  explicit socket_pair(int type = SOCK_STREAM) : socket_pair(made(type)) {}
  descriptor ours;
  descriptor theirs;

 private:
  explicit socket_pair(std::array<int, 2> both) : ours(both[0]), theirs(both[1]) {}
  static std::array<int, 2> made(int type) {
    std::array<int, 2> both{};
    TEST_ASSERT_EQUAL(0, ::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, both.data()));
    return both;
  }
};

// A blocking one, as a program without a loop has it.
descriptor connected_socket(const endpoint& to) {
  descriptor made(::socket(to.family() == ip_family::v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  TEST_ASSERT_EQUAL(0, ::connect(made.get(), &to.native(), to.native_size()));
  return made;
}

bool is_non_blocking(const descriptor& of) { return (::fcntl(of.get(), F_GETFL) & O_NONBLOCK) != 0; }
std::string number_of(const descriptor& of) { return std::to_string(of.get()); }

// Refused with std::invalid_argument, and the caller has it as it was.
template <class Stream>
std::string refused(const descriptor& given) {
  const bool non_blocking = is_non_blocking(given);
  const std::string why = refusal([&given] { (void)Stream::adopt(fixture::loop(), given.get()); });
  TEST_ASSERT_EQUAL(non_blocking, is_non_blocking(given));
  fixture::run();
  TEST_ASSERT_NOT_EQUAL_MESSAGE(-1, ::fcntl(given.get(), F_GETFD), "it was closed");
  return why;
}

template <class Stream>
std::string code_of_refusal(int number) {
  try {
    (void)Stream::adopt(fixture::loop(), number);
  } catch (const stream_error& why) {
    return std::string(code_name(why.code()));
  }
  return "adopted";
}

}  // namespace

static void test_a_connected_descriptor_becomes_a_stream() {
  for (const ip_family family : {ip_family::v4, ip_family::v6}) {
    if (family == ip_family::v6 && !demo::v6_loopback_available()) continue;
    const plain_listener listening(family);
    descriptor given = connected_socket(listening.address());
    const descriptor peer = listening.accept();
    tcp_stream stream = tcp_stream::adopt(fixture::loop(), given.get());
    TEST_ASSERT_TRUE(is_non_blocking(given));
    const int number = given.release();  // the stream's
    TEST_ASSERT_EQUAL(listening.address(), stream.peer());
    TEST_ASSERT_EQUAL(2, ::send(peer.get(), "hi", 2, MSG_NOSIGNAL));
    reading one(stream);
    fixture::run();
    TEST_ASSERT_EQUAL_STRING("hi", one.text());
    stream.close([](outcome<done>) {});
    fixture::run();
    TEST_ASSERT_EQUAL_MESSAGE(-1, ::fcntl(number, F_GETFD), "the stream has closed it");
  }
}

static void test_a_connected_unix_socket_becomes_a_pipe_stream() {
  socket_pair both;
  pipe_stream stream = pipe_stream::adopt(fixture::loop(), both.ours.get());
  TEST_ASSERT_TRUE(is_non_blocking(both.ours));
  (void)both.ours.release();
  stream.set_send_buffer_size(20'000);
  TEST_ASSERT_GREATER_OR_EQUAL(20'000, stream.send_buffer_size());
  recorder<std::size_t> end;
  const operation writing = stream.write(bytes_of("hi"), end.callback());
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("success", ending(end));
  TEST_ASSERT_EQUAL_STRING("hi", fixture::read_all(both.theirs));
}

static void test_other_kinds_of_descriptors_are_refused_by_their_number() {
  const descriptor file(::open("/dev/null", O_RDWR | O_CLOEXEC));
  TEST_ASSERT_EQUAL("tcp_stream: bad descriptor " + number_of(file) + ": it is no socket",
                    refused<tcp_stream>(file));
  const descriptor datagrams = demo::bound_socket(demo::socket_kind::udp, demo::loopback(ip_family::v4));
  TEST_ASSERT_EQUAL("tcp_stream: bad descriptor " + number_of(datagrams) + ": it is no stream socket",
                    refused<tcp_stream>(datagrams));
  const socket_pair unix_ones;
  TEST_ASSERT_EQUAL(
      "tcp_stream: bad descriptor " + number_of(unix_ones.ours) + ": it is no socket of IPv4 or IPv6",
      refused<tcp_stream>(unix_ones.ours));
  const plain_listener listening;
  const descriptor tcp = connected_socket(listening.address());
  TEST_ASSERT_EQUAL("pipe_stream: bad descriptor " + number_of(tcp) + ": it is no Unix-domain socket",
                    refused<pipe_stream>(tcp));
  const socket_pair packets(SOCK_SEQPACKET);
  TEST_ASSERT_EQUAL("pipe_stream: bad descriptor " + number_of(packets.ours) + ": it is no stream socket",
                    refused<pipe_stream>(packets.ours));
  int ends[2] = {};
  TEST_ASSERT_EQUAL(0, ::pipe2(ends, O_CLOEXEC));
  const descriptor reads(ends[0]);
  const descriptor writes(ends[1]);
  TEST_ASSERT_EQUAL("pipe_stream: bad descriptor " + number_of(reads) + ": it is no socket",
                    refused<pipe_stream>(reads));
}

static void test_a_socket_that_is_not_connected_is_a_stream_error_and_stays_the_callers() {
  const plain_listener listening;
  descriptor fresh(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  TEST_ASSERT_EQUAL("ENOTCONN", code_of_refusal<tcp_stream>(fresh.get()));
  TEST_ASSERT_FALSE(is_non_blocking(fresh));
  const fixture::socket_folder folder;
  const fixture::unix_listener file(folder / "x");
  const descriptor fresh_unix(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  TEST_ASSERT_EQUAL("ENOTCONN", code_of_refusal<pipe_stream>(fresh_unix.get()));
  const descriptor silent(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  TEST_ASSERT_EQUAL(0, ::listen(silent.get(), 1));
  TEST_ASSERT_EQUAL("ENOTCONN", code_of_refusal<tcp_stream>(silent.get()));
  fixture::run();
  const endpoint to = listening.address();
  TEST_ASSERT_EQUAL_MESSAGE(0, ::connect(fresh.get(), &to.native(), to.native_size()), "it is as it was");
}

static void test_no_descriptor_is_a_stream_error() {
  TEST_ASSERT_EQUAL("EBADF", code_of_refusal<tcp_stream>(-1));
  TEST_ASSERT_EQUAL("EBADF", code_of_refusal<pipe_stream>(-1));
}

static void test_a_descriptor_that_the_loop_has_already_is_a_stream_error() {
  wired w;
  reading one(w.stream);
  uv_os_fd_t number = -1;
  (void)uv_fileno(reinterpret_cast<uv_handle_t*>(&w.stream.native()), &number);
  TEST_ASSERT_EQUAL("EEXIST", code_of_refusal<tcp_stream>(number));
  fixture::run_turn();
  w.send("x");
  fixture::run_until([&one] { return one.end.called(); });
  TEST_ASSERT_EQUAL_STRING("x", one.text());
}

int main() {
  fixture::ignore_broken_pipes();
  UNITY_BEGIN();
  RUN_TEST(test_a_connected_descriptor_becomes_a_stream);
  RUN_TEST(test_a_connected_unix_socket_becomes_a_pipe_stream);
  RUN_TEST(test_other_kinds_of_descriptors_are_refused_by_their_number);
  RUN_TEST(test_a_socket_that_is_not_connected_is_a_stream_error_and_stays_the_callers);
  RUN_TEST(test_no_descriptor_is_a_stream_error);
  RUN_TEST(test_a_descriptor_that_the_loop_has_already_is_a_stream_error);
  return UNITY_END();
}
