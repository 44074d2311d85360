// Two loops in two threads, each with a dialer, a resolver and streams of its own: they have nothing in common. Under
// ThreadSanitizer (`make threads`) that is the proof that the library has no state of its own that is not guarded.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "demo/dns_responder.hpp"
#include "demo/peers.hpp"
#include "service/local_names.hpp"
#include "support/connected.hpp"
#include "uvdial/uvdial.hpp"

using namespace std::chrono_literals;
using namespace uvdial;

void setUp() {}
void tearDown() {}

namespace {

constexpr int lives = 3;    // of loops, in each thread
constexpr int rounds = 25;  // of dials, in each life

// What one thread has counted; read when it has ended.
struct tally {
  std::string mistake{};
  int connected = 0;
  int failed = 0;
  int resolved = 0;
  int slept = 0;
  int talked = 0;
  std::size_t letters = 0;  // of messages, so that they are made
};

class one_loop {
 public:
  one_loop(uv_loop_t& loop, tally& counted) : counted_(counted), loop_(loop) {
    dns_.host("alive.test", {.addresses = {"127.0.0.1"}});
    dns_.host("servfail.test", {.code = demo::response_code::servfail});
    dns_.host("cut.test", {.addresses = {"127.0.0.1"}, .fault = demo::reply_fault::truncated});
    dns_.answer("1.2.0.192.in-addr.arpa", demo::record_type::ptr, {.names = {"back.test"}});
  }

  // Everything at once, again and again.
  void live() {
    for (int round = 0; round < rounds; ++round) {
      const std::uint16_t port = echo_.address().port();
      for (const char* host : {"alive.test", "cut.test", "localhost", "nosuch.test", "servfail.test",
                               "b\xc3\xbc"
                               "cher.test"})
        dials_.connect(target(host, port), {.timeout = 2s}, ending()).detach();
      dials_.connect(refusing_.address(), {}, ending()).detach();
      dials_.connect(silent_.address(), {.timeout = 2ms}, ending()).detach();
      const std::vector<endpoint> list{refusing_.address(), echo_.address()};
      dials_.connect(list, {}, ending()).detach();
      names_->resolve("alive.test", {}, [this](outcome<host_entry> got) { note(got, counted_.resolved); })
          .detach();
      names_
          ->reverse(*endpoint::from_literal("192.0.2.1", 0), {},
                    [this](outcome<std::vector<std::string>> got) { note(got, counted_.resolved); })
          .detach();
      system_.resolve("localhost", {}, [this](outcome<host_entry> got) { note(got, counted_.resolved); })
          .detach();
      spawn(loop_, talk(), [this](outcome<done> got) { note(got, counted_.talked); }).detach();
      operation cancelled = dials_.connect(silent_.address(), {}, ending());
      cancelled.cancel();
      cancelled.detach();
      (void)uv_run(&loop_, UV_RUN_DEFAULT);
    }
    run(loop_, sleep_twice());
    try {
      (void)dials_.connect_blocking(target("alive.test", refusing_.address().port()));
    } catch (const connection_refused& why) {
      counted_.letters += std::string_view(why.what()).size();
    }
  }

 private:
  ares_resolver_options servers() const {
    ares_resolver_options made;
    made.servers = {dns_.address()};
    made.search = std::vector<std::string>{};
    return made;
  }

  template <class Value>
  void note(const outcome<Value>& got, int& successes) {
    if (got) ++successes;
    if (const error* why = got.failure()) {
      ++counted_.failed;
      counted_.letters += std::string_view(why->what()).size() + why->code().message().size();
      counted_.letters += code_name(why->code()).size() + why->attempts().size();
    }
  }
  callback<tcp_stream> ending() {
    return [this](const outcome<tcp_stream>& got) { note(got, counted_.connected); };
  }
  task<void> talk() {
    tcp_stream stream = co_await connect(dials_, echo_.address());
    std::array<std::byte, 4> four{};
    co_await write(stream, std::as_bytes(std::span("ping", 4)));
    co_await read_exactly(stream, four);
    (void)co_await first_of(sleep(loop_, 1ms), read(stream, four));
  }
  task<void> sleep_twice() {
    co_await when_all(sleep(loop_, 0ms), sleep(loop_, 1ms));
    ++counted_.slept;
  }

  tally& counted_;
  uv_loop_t& loop_;
  demo::dns_responder dns_{loop_};
  demo::listener echo_{loop_, demo::reserve(ip_family::v4), {.then = demo::behaviour::echo}};
  demo::reserved_port refusing_ = demo::reserve(ip_family::v4);
  demo::silent_listener silent_{demo::reserve(ip_family::v4)};
  std::shared_ptr<ares_resolver> names_ = std::make_shared<ares_resolver>(loop_, servers());
  system_resolver system_{loop_};
  dialer dials_{loop_, {.names = names_, .trace = [this](const trace_event& told) {
                          counted_.letters += told.host.size();
                        }}};
};

void live(tally& counted) {
  for (int life = 0; life < lives; ++life) {
    uv_loop_t loop;
    if (uv_loop_init(&loop) != 0) counted.mistake = "uv_loop_init";
    try {
      one_loop(loop, counted).live();
    } catch (const std::exception& why) {
      counted.mistake = why.what();
    }
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    if (uv_loop_close(&loop) != 0) counted.mistake = "a handle is still open";
  }
}

void check(const tally& counted) {
  TEST_ASSERT_EQUAL("", counted.mistake);
  TEST_ASSERT_EQUAL(lives * rounds * 4, counted.connected);
  TEST_ASSERT_EQUAL(lives * rounds * 6, counted.failed);
  TEST_ASSERT_EQUAL(lives * rounds * 3, counted.resolved);
  TEST_ASSERT_EQUAL(lives * rounds, counted.talked);
  TEST_ASSERT_EQUAL(lives, counted.slept);
  TEST_ASSERT_GREATER_THAN(0u, counted.letters);
}

}  // namespace

static void test_two_loops_in_two_threads_share_nothing() {
  std::array<tally, 2> counted;
  {
    std::thread first([&counted] { live(counted[0]); });
    std::thread second([&counted] { live(counted[1]); });
    first.join();
    second.join();
  }
  for (const tally& each : counted) check(each);
}

namespace {

// Made before anything is looked up, and so destroyed after all statics that a lookup makes.
struct last_of_all {
  std::unique_ptr<detail::local_names> names = std::make_unique<detail::local_names>("");
  ~last_of_all() {
    const auto* found = names->names_of(*endpoint::from_literal("127.0.0.1", 0));
    const detail::local_finding host = names->find("localhost");
    const bool whole =
        found && found->at(0) == "localhost" && host.entry && host.entry->addresses.size() == 2;
    if (!whole) ::_exit(1);
  }
};

}  // namespace

static void test_this_machine_has_its_names_while_the_program_ends() {
  const pid_t child = ::fork();
  if (child == 0) {
    static const last_of_all last;
    (void)last.names->names_of(*endpoint::from_literal("127.0.0.1", 0));
    (void)last.names->find("localhost");
    (void)::freopen("/dev/null", "w", stdout);  // what the parent has not written yet
    std::exit(0);
  }
  int status = -1;
  TEST_ASSERT_EQUAL(child, ::waitpid(child, &status, 0));
  TEST_ASSERT_EQUAL(0, status);
}

int main() {
  fixture::ignore_broken_pipes();
  UNITY_BEGIN();
  RUN_TEST(test_this_machine_has_its_names_while_the_program_ends);
  RUN_TEST(test_two_loops_in_two_threads_share_nothing);
  return UNITY_END();
}
