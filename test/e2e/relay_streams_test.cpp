// What `uvdial` relays may be anything: files, terminals, sockets, nothing at all. And it is left as it was.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>
#include <vector>

#include "demo/peers.hpp"
#include "support/child.hpp"
#include "support/loop_fixture.hpp"
#include "support/unity.hpp"

using namespace uvdial;
using demo::behaviour;
using demo::listener;
using demo::reserve;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

std::vector<std::string> words_for(const endpoint& to) { return {UVDIAL_PROGRAM, to.to_string()}; }

bool is_blocking(int number) { return (fcntl(number, F_GETFL) & O_NONBLOCK) == 0; }

void write_all(const cli::descriptor& into, std::string_view text) {
  TEST_ASSERT_EQUAL(0, cli::write_all(into.number(), text));
}

child::result relay(const listener& with, const child::descriptors& descriptors) {
  return child::run(words_for(with.address()), descriptors);
}

}  // namespace

static void test_the_input_may_be_a_file_and_the_output_too() {
  const listener peer(fixture::loop(), reserve(ip_family::v4), {.then = behaviour::echo});
  const std::string text(300'000, 'x');
  const child::temporary_file from(text + "end");
  const child::temporary_file to("kept ");
  const child::descriptor in = child::open_file(from.path(), O_RDONLY);
  const child::descriptor out = child::open_file(to.path(), O_WRONLY | O_APPEND);
  const child::result ended = relay(peer, {in.number(), out.number()});
  TEST_ASSERT_EQUAL("", ended.err);
  TEST_ASSERT_EQUAL(0, ended.status);
  TEST_ASSERT_TRUE("kept " + text + "end" == to.contents());
}

static void test_an_input_that_is_closed_or_nothing_is_at_its_end() {
  const listener peer(fixture::loop(), reserve(ip_family::v4),
                      {.then = behaviour::answer, .greeting = "hello"});
  const child::descriptor nothing = child::open_file("/dev/null", O_RDONLY);
  for (const int in : {-1, nothing.number()}) {
    const child::result ended = relay(peer, {.in = in});
    TEST_ASSERT_EQUAL("", ended.err);
    TEST_ASSERT_EQUAL("hello", ended.out);
    TEST_ASSERT_EQUAL(0, ended.status);
  }
}

static void test_an_input_that_cannot_be_read_ends_the_relay() {
  const listener peer(fixture::loop(), reserve(ip_family::v4));
  const child::descriptor folder = child::open_file("/", O_RDONLY | O_DIRECTORY);
  const child::result ended = relay(peer, {.in = folder.number()});
  TEST_ASSERT_EQUAL("uvdial: standard input: illegal operation on a directory\n", ended.err);
  TEST_ASSERT_EQUAL(1, ended.status);
}

static void check_broken_output(child::pipe_ends out) {
  const listener peer(fixture::loop(), reserve(ip_family::v4), {.greeting = "hello"});
  const child::pipe_ends in = child::make_pipe();  // open to the end: nothing else ends the relay
  out.reading.close();
  const child::result ended = relay(peer, {in.reading.number(), out.writing.number()});
  TEST_ASSERT_EQUAL("uvdial: standard output: broken pipe\n", ended.err);
  TEST_ASSERT_EQUAL(1, ended.status);
}

static void test_an_output_pipe_that_nobody_reads_ends_the_relay() {
  check_broken_output(child::make_pipe());
}
static void test_an_output_socket_that_nobody_reads_ends_the_relay() {
  check_broken_output(child::make_socket_pair());
}

static void test_an_output_that_is_closed_or_full_ends_the_relay() {
  const listener peer(fixture::loop(), reserve(ip_family::v4), {.greeting = "hello"});
  const child::descriptor full = child::open_file("/dev/full", O_WRONLY);
  const child::pipe_ends in = child::make_pipe();
  const child::result closed = relay(peer, {in.reading.number(), -1});
  TEST_ASSERT_EQUAL("uvdial: standard output: bad file descriptor\n", closed.err);
  TEST_ASSERT_EQUAL(1, closed.status);
  const child::result at_full = relay(peer, {in.reading.number(), full.number()});
  TEST_ASSERT_EQUAL("uvdial: standard output: no space left on device\n", at_full.err);
  TEST_ASSERT_EQUAL(1, at_full.status);
}

static void test_shared_descriptors_are_blocking_again() {
  const listener peer(fixture::loop(), reserve(ip_family::v4), {.then = behaviour::echo});
  child::pipe_ends in = child::make_socket_pair();
  const child::pipe_ends out = child::make_socket_pair();
  child::program running =
      child::start(words_for(peer.address()), {in.reading.number(), out.writing.number()});
  write_all(in.writing, "ping");
  in.writing.close();
  child::finish(running);
  TEST_ASSERT_EQUAL(0, running.status());
  TEST_ASSERT_TRUE(is_blocking(in.reading.number()));
  TEST_ASSERT_TRUE(is_blocking(out.writing.number()));
}

// As inetd starts programs.
static void test_one_socket_may_be_input_and_output() {
  const listener peer(fixture::loop(), reserve(ip_family::v4), {.then = behaviour::echo});
  child::pipe_ends both = child::make_socket_pair();
  child::program running =
      child::start(words_for(peer.address()), {both.reading.number(), both.reading.number()});
  write_all(both.writing, "ping");
  TEST_ASSERT_EQUAL(0, shutdown(both.writing.number(), SHUT_WR));
  child::finish(running);
  TEST_ASSERT_EQUAL("", running.err());
  TEST_ASSERT_EQUAL(0, running.status());
  TEST_ASSERT_TRUE(is_blocking(both.reading.number()));
  std::array<char, 16> came{};
  TEST_ASSERT_EQUAL(4, recv(both.writing.number(), came.data(), came.size(), MSG_DONTWAIT));
  TEST_ASSERT_EQUAL("ping", came.data());
}

// Other programs that write to the same pipe must not see EAGAIN, and no crash of ours may leave it so.
static void test_a_shared_pipe_is_blocking_all_the_time() {
  const listener peer(fixture::loop(), reserve(ip_family::v4), {.greeting = "hello"});
  const child::pipe_ends in = child::make_pipe();
  const child::pipe_ends out = child::make_pipe();
  child::program running =
      child::start(words_for(peer.address()), {in.reading.number(), out.writing.number()});
  std::array<char, 5> greeting{};
  fixture::run_until([&peer] { return peer.accepted() == 1; });
  TEST_ASSERT_EQUAL(5, read(out.reading.number(), greeting.data(), greeting.size()));
  TEST_ASSERT_TRUE(is_blocking(in.reading.number()));
  TEST_ASSERT_TRUE(is_blocking(out.writing.number()));
  running.signal(SIGKILL);
  child::finish(running);
  TEST_ASSERT_EQUAL(-SIGKILL, running.status());
}

static void test_a_terminal_is_relayed_and_left_as_it_was() {
  const child::descriptor master(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (master.number() < 0) TEST_IGNORE_MESSAGE("this machine has no pseudo terminals");
  TEST_ASSERT_EQUAL(0, grantpt(master.number()));
  TEST_ASSERT_EQUAL(0, unlockpt(master.number()));
  const child::descriptor terminal = child::open_file(ptsname(master.number()), O_RDWR | O_NOCTTY);
  const listener peer(fixture::loop(), reserve(ip_family::v4), {.then = behaviour::echo});
  child::program running = child::start(words_for(peer.address()), {.in = terminal.number()});
  write_all(master, "typed\n\x04");  // control-D: the end of the input
  child::finish(running);
  TEST_ASSERT_EQUAL("typed\n", running.out());
  TEST_ASSERT_EQUAL("", running.err());
  TEST_ASSERT_EQUAL(0, running.status());
  TEST_ASSERT_TRUE(is_blocking(terminal.number()));
}

int main() {
  // A child that ends early breaks our pipes; the tests look at what it said.
  (void)std::signal(SIGPIPE, SIG_IGN);
  UNITY_BEGIN();
  RUN_TEST(test_the_input_may_be_a_file_and_the_output_too);
  RUN_TEST(test_an_input_that_is_closed_or_nothing_is_at_its_end);
  RUN_TEST(test_an_input_that_cannot_be_read_ends_the_relay);
  RUN_TEST(test_an_output_pipe_that_nobody_reads_ends_the_relay);
  RUN_TEST(test_an_output_socket_that_nobody_reads_ends_the_relay);
  RUN_TEST(test_an_output_that_is_closed_or_full_ends_the_relay);
  RUN_TEST(test_shared_descriptors_are_blocking_again);
  RUN_TEST(test_one_socket_may_be_input_and_output);
  RUN_TEST(test_a_shared_pipe_is_blocking_all_the_time);
  RUN_TEST(test_a_terminal_is_relayed_and_left_as_it_was);
  return UNITY_END();
}
