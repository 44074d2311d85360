// --unix of `uvdial`: a Unix-domain socket in place of a host.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cctype>
#include <string>
#include <thread>
#include <vector>

#include "e2e/contract_lines.hpp"
#include "support/program.hpp"
#include "support/unix_listener.hpp"

using namespace contract;
using fixture::socket_folder;
using fixture::unix_listener;
using program::run;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

// Accepts one connection on a thread of its own, reads to the end, sends everything back in capitals, and closes.
class loud_peer {
 public:
  explicit loud_peer(const std::string& path)
      : path_(path), socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    TEST_ASSERT_EQUAL(0, ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
    TEST_ASSERT_EQUAL(0, ::listen(socket_.get(), 1));
    thread_ = std::thread([this] { serve(); });
  }
  loud_peer(const loud_peer&) = delete;
  loud_peer& operator=(const loud_peer&) = delete;
  ~loud_peer() {
    (void)::shutdown(socket_.get(), SHUT_RDWR);  // ends an accept() that nobody answered
    thread_.join();
    (void)::unlink(path_.c_str());
  }

 private:
  void serve() const {
    const uvdial::demo::descriptor peer(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    std::string text;
    char piece[256];
    for (ssize_t count; (count = ::recv(peer.get(), piece, sizeof piece, 0)) > 0;)
      text.append(piece, static_cast<std::size_t>(count));
    for (char& each : text) each = static_cast<char>(std::toupper(static_cast<unsigned char>(each)));
    (void)::send(peer.get(), text.data(), text.size(), MSG_NOSIGNAL);  // the test sees what came
  }

  std::string path_;
  uvdial::demo::descriptor socket_;
  std::thread thread_{};
};

}  // namespace

static void test_the_relay_goes_both_ways_to_both_ends() {
  const socket_folder folder;
  const loud_peer peer(folder / "s");
  const child::temporary_file input("hello there");
  const child::descriptor from = child::open_file(input.path(), O_RDONLY);
  const child::result ended = run({"--unix", folder / "s"}, {.in = from.number()});
  TEST_ASSERT_EQUAL_MESSAGE(0, ended.status, ended.err);
  TEST_ASSERT_EQUAL("HELLO THERE", ended.out);
  TEST_ASSERT_EQUAL("", ended.err);
}

static void test_z_connects_and_says_nothing() {
  const socket_folder folder;
  const unix_listener peer(folder / "s");
  const child::result ended = run({"-z", "--unix=" + peer.path()});
  TEST_ASSERT_EQUAL(0, ended.status);
  TEST_ASSERT_EQUAL("", ended.out + ended.err);
  TEST_ASSERT_GREATER_OR_EQUAL(0, peer.accept().get());
}

static void test_an_at_sign_makes_an_abstract_name() {
  const std::string name = "uvdial-e2e-" + std::to_string(getpid());
  const unix_listener peer('\0' + name);
  TEST_ASSERT_EQUAL(0, run({"-z", "--unix", "@" + name}).status);
  TEST_ASSERT_GREATER_OR_EQUAL(0, peer.accept().get());
}

static void test_json_has_the_path_as_the_address() {
  const socket_folder folder;
  const unix_listener peer(folder / "s");
  const child::result ended = run({"--json", "--unix", peer.path()});
  TEST_ASSERT_EQUAL_MESSAGE(0, ended.status, ended.err);
  check_lines({R"({"event":"connected","t_ms":T,"address":")" + peer.path() +
               R"(","port":null,"local_address":null})"},
              told(ended.out).dialing);
}

static void test_a_socket_that_is_not_there() {
  const socket_folder folder;
  const child::result json = run({"--json", "--unix", folder / "none"});
  TEST_ASSERT_EQUAL(1, json.status);
  check_lines({failed("connect_error", "ENOENT", "")}, told(json.out).dialing);
  const child::result plain = run({"-z", "--unix", folder / "none"});
  TEST_ASSERT_EQUAL(1, plain.status);
  TEST_ASSERT_EQUAL(
      "uvdial: connect unix:" + (folder / "none") +
          ": no such file or directory\n"
          "uvdial: hint: nothing has that path: is its server running, and is the path right?\n",
      plain.err);
}

static void test_the_timeout_ends_a_wait_for_room() {
  const socket_folder folder;
  unix_listener peer(folder / "s", 0);
  peer.fill();
  const child::result ended = run({"--json", "--timeout=40", "--unix", peer.path()});
  TEST_ASSERT_EQUAL(1, ended.status);
  check_lines({failed("timeout_error", "ETIMEDOUT", "")}, told(ended.out).dialing);
  TEST_ASSERT_GREATER_OR_EQUAL(40.0, time_of(ended.out));
}

static void test_trace_is_one_line() {
  const socket_folder folder;
  const unix_listener peer(folder / "s");
  const child::result ended = run({"-z", "--trace", "--unix", peer.path()});
  TEST_ASSERT_EQUAL(0, ended.status);
  TEST_ASSERT_EQUAL(1, child::lines_of(ended.err).size());
  TEST_ASSERT_EQUAL(0, ended.err.find("  connected to unix:" + peer.path() + " in "));
}

static void test_repeat_counts_without_families() {
  const socket_folder folder;
  const unix_listener peer(folder / "s");
  const child::result ended = run({"--repeat=3", "--unix", peer.path()});
  TEST_ASSERT_EQUAL_MESSAGE(0, ended.status, ended.err);
  const auto lines = child::lines_of(ended.out);
  TEST_ASSERT_TRUE(lines.size() > 3);  // the distribution is below
  TEST_ASSERT_EQUAL("unix:" + peer.path() + ": 3 dials, 0 failed", lines[0]);
  TEST_ASSERT_EQUAL(0, lines[2].find("  all        3 "));
  TEST_ASSERT_EQUAL("", lines[3]);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_the_relay_goes_both_ways_to_both_ends);
  RUN_TEST(test_z_connects_and_says_nothing);
  RUN_TEST(test_an_at_sign_makes_an_abstract_name);
  RUN_TEST(test_json_has_the_path_as_the_address);
  RUN_TEST(test_a_socket_that_is_not_there);
  RUN_TEST(test_the_timeout_ends_a_wait_for_room);
  RUN_TEST(test_trace_is_one_line);
  RUN_TEST(test_repeat_counts_without_families);
  return UNITY_END();
}
