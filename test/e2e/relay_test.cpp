// The relay of `uvdial`: every byte, both directions, and each of them to its own end.
//
// UVDIAL_RELAY_MIB says how much goes through the largest test; 64 unless told. A gigabyte:
//
//   UVDIAL_RELAY_MIB=1024 build/test/e2e_relay_test --filter '*unchanged*'
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
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

void write_all(const cli::descriptor& into, std::string_view text) {
  TEST_ASSERT_EQUAL(0, cli::write_all(into.number(), text));
}

// The bytes of a large test, in blocks that all differ. No byte of them is stored.
class block_source {
 public:
  using block = std::array<std::uint64_t, 8192>;  // 64 KiB
  const block& next() {
    for (std::uint64_t& word : block_) word = state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return block_;
  }

 private:
  std::uint64_t state_ = 1;
  block block_{};
};

void write_blocks(cli::descriptor into, std::size_t count) {
  block_source source;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& bytes = source.next();
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), sizeof bytes);
    if (cli::write_all(into.number(), text) != 0) return;  // the reader's count shows it
  }
}

// How many blocks came as they were sent, and nothing after them.
std::size_t read_blocks(const cli::descriptor& from) {
  block_source source;
  block_source::block came{};
  for (std::size_t blocks = 0;; ++blocks) {
    std::size_t size = 0;
    while (size < sizeof came) {
      const ssize_t count =
          read(from.number(), reinterpret_cast<char*>(came.data()) + size, sizeof came - size);
      if (count <= 0) return size == 0 && count == 0 ? blocks : 0;
      size += static_cast<std::size_t>(count);
    }
    if (came != source.next()) return 0;
  }
}

// A peer that is `cat`, on a thread of its own: one connection, what comes goes back, then FIN.
class cat_peer {
 public:
  cat_peer() : listening_(reserve(ip_family::v4)), address_(listening_.address()) {
    const demo::descriptor socket = std::move(listening_).release();
    TEST_ASSERT_EQUAL(0, listen(socket.get(), 1));
    const int copy = fcntl(socket.get(), F_DUPFD_CLOEXEC, 3);
    TEST_ASSERT_GREATER_OR_EQUAL(3, copy);
    thread_ = std::thread([copy] { serve(cli::descriptor(copy)); });
  }
  cat_peer(const cat_peer&) = delete;
  cat_peer& operator=(const cat_peer&) = delete;
  ~cat_peer() { thread_.join(); }
  const endpoint& address() const { return address_; }

 private:
  static void serve(const cli::descriptor& listening) {
    pollfd ready{listening.number(), POLLIN, 0};
    if (poll(&ready, 1, 30'000) != 1) return;  // the child never came; the test has failed by itself
    const cli::descriptor connection(accept4(listening.number(), nullptr, nullptr, SOCK_CLOEXEC));
    std::array<char, 65536> buffer;
    while (true) {
      const ssize_t count = recv(connection.number(), buffer.data(), buffer.size(), 0);
      if (count <= 0) return;
      if (cli::write_all(connection.number(), {buffer.data(), static_cast<std::size_t>(count)}) != 0) return;
    }
  }

  demo::reserved_port listening_;
  endpoint address_;
  std::thread thread_;
};

std::size_t blocks_to_send() {
  const char* text = std::getenv("UVDIAL_RELAY_MIB");
  const std::size_t mebibytes = text ? std::strtoul(text, nullptr, 10) : 64;
  return mebibytes * 1024 * 1024 / sizeof(block_source::block);
}

// Large amounts through `in` and `out`; the ends that the test keeps, and those that the child gets.
void check_unchanged(child::pipe_ends in, child::pipe_ends out) {
  const std::size_t blocks = blocks_to_send();
  const cat_peer peer;
  child::program running =
      child::start(words_for(peer.address()), {in.reading.number(), out.writing.number()});
  in.reading.close();
  out.writing.close();
  std::thread writer(write_blocks, std::move(in.writing), blocks);
  const std::size_t came = read_blocks(out.reading);
  out.reading.close();  // where something went wrong, the writer sees a broken pipe and ends
  writer.join();
  child::finish(running);
  TEST_ASSERT_EQUAL("", running.err());
  TEST_ASSERT_EQUAL(0, running.status());
  TEST_ASSERT_EQUAL(blocks, came);
}

}  // namespace

static void test_bytes_pass_through_pipes_unchanged() {
  check_unchanged(child::make_pipe(), child::make_pipe());
}

static void test_bytes_pass_through_sockets_unchanged() {
  check_unchanged(child::make_socket_pair(), child::make_socket_pair());
}

// The peer answers only when it has seen our end.
static void test_the_end_of_the_input_reaches_the_peer_and_its_answer_comes_back() {
  const listener peer(fixture::loop(), reserve(ip_family::v4), {.then = behaviour::answer});
  child::pipe_ends in = child::make_pipe();
  child::program running = child::start(words_for(peer.address()), {.in = in.reading.number()});
  write_all(in.writing, "question");
  in.writing.close();
  child::finish(running);
  TEST_ASSERT_EQUAL("question", running.out());
  TEST_ASSERT_EQUAL("", running.err());
  TEST_ASSERT_EQUAL(0, running.status());
}

static void test_the_end_of_the_peer_ends_the_output_and_the_input_still_goes_out() {
  const listener peer(fixture::loop(), reserve(ip_family::v4),
                      {.then = behaviour::finish, .greeting = "bye"});
  child::pipe_ends in = child::make_pipe();
  child::program running = child::start(words_for(peer.address()), {.in = in.reading.number()});
  fixture::run_until([&running] { return running.out_ended(); });
  TEST_ASSERT_EQUAL("bye", running.out());
  TEST_ASSERT_FALSE(running.ended());
  write_all(in.writing, "still here");
  in.writing.close();
  child::finish(running);
  TEST_ASSERT_EQUAL("", running.err());
  TEST_ASSERT_EQUAL(0, running.status());
  fixture::run_until([&peer] { return peer.ended() == 1; });
  TEST_ASSERT_EQUAL("still here", peer.received());
}

static void test_a_peer_that_resets_is_a_failure_of_one_line() {
  listener peer(fixture::loop(), reserve(ip_family::v4), {.greeting = "hello"});
  const child::pipe_ends in = child::make_pipe();
  child::program running = child::start(words_for(peer.address()), {.in = in.reading.number()});
  fixture::run_until([&running] { return running.out() == "hello"; });
  peer.reset_connections();
  child::finish(running);
  TEST_ASSERT_EQUAL(
      "uvdial: connection to " + peer.address().to_string() + ": read: connection reset by peer\n",
      running.err());
  TEST_ASSERT_EQUAL(1, running.status());
}

static void a_signal_ends_the_relay(int number, int expected_status) {
  const listener peer(fixture::loop(), reserve(ip_family::v4), {.greeting = "hello"});
  const child::pipe_ends in = child::make_pipe();
  child::program running = child::start(words_for(peer.address()), {.in = in.reading.number()});
  fixture::run_until([&running] { return running.out() == "hello"; });
  running.signal(number);
  child::finish(running);
  TEST_ASSERT_EQUAL("", running.err());
  TEST_ASSERT_EQUAL(expected_status, running.status());
}

static void test_sigint_ends_the_relay() { a_signal_ends_the_relay(SIGINT, 130); }

static void test_sigterm_ends_the_relay() { a_signal_ends_the_relay(SIGTERM, 143); }

int main() {
  // A child that ends early breaks our pipes; the tests look at what it said.
  (void)std::signal(SIGPIPE, SIG_IGN);
  UNITY_BEGIN();
  RUN_TEST(test_bytes_pass_through_pipes_unchanged);
  RUN_TEST(test_bytes_pass_through_sockets_unchanged);
  RUN_TEST(test_the_end_of_the_input_reaches_the_peer_and_its_answer_comes_back);
  RUN_TEST(test_the_end_of_the_peer_ends_the_output_and_the_input_still_goes_out);
  RUN_TEST(test_a_peer_that_resets_is_a_failure_of_one_line);
  RUN_TEST(test_sigint_ends_the_relay);
  RUN_TEST(test_sigterm_ends_the_relay);
  return UNITY_END();
}
