// What c-ares does as time goes by, with a clock that is set by hand.
#include "glue/server_channel.hpp"

#include <ares.h>
#include <sys/time.h>

#include <ctime>

#include "demo/dns_responder.hpp"
#include "support/dns_askers.hpp"
#include "support/dns_client.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::dns_responder;
using demo::reply_fault;
using detail::dns_record;
using fixture::soon;

namespace {

std::chrono::milliseconds ahead{0};  // of the real clock

}  // namespace

void setUp() {
  ahead = 0ms;
  fixture::open();
}
void tearDown() { fixture::close(); }

extern "C" {
int __real_clock_gettime(clockid_t clock, timespec* into);
int __wrap_clock_gettime(clockid_t clock, timespec* into) {
  const int result = __real_clock_gettime(clock, into);
  const auto later = std::chrono::nanoseconds(into->tv_nsec) + ahead;
  into->tv_sec += static_cast<time_t>(later / 1s);
  into->tv_nsec = static_cast<long>((later % 1s).count());
  return result;
}
}

namespace {

struct recording_question final : detail::channel_question {
  int status = -1;
  void ended(int its_status, const unsigned char*, int) noexcept override { status = its_status; }
};

struct world final : detail::channel_owner {
  void has_read() noexcept override {}

  void answer(const char* name) {
    recording_question question;
    (void)channel.ask(name, dns_record::v4_address, question);
    TEST_ASSERT_TRUE(fixture::run_until([&] { return question.status >= 0; }, soon));
    TEST_ASSERT_EQUAL(ARES_SUCCESS, question.status);
  }

  dns_responder dns{fixture::loop()};
  detail::server_channel channel{
      fixture::loop(), *this, {dns.address()}, std::make_shared<detail::handle_count>()};
};

}  // namespace

void test_a_question_that_nobody_answers_expires() {
  world w;
  w.dns.answer_unknown({.fault = reply_fault::silent});
  recording_question question;
  (void)w.channel.ask("silent.test", dns_record::v4_address, question);
  ahead = 4s;  // newer versions never wait for more than five
  w.channel.expire();
  TEST_ASSERT_EQUAL(-1, question.status);
  ahead = 11s;
  w.channel.expire();
  TEST_ASSERT_EQUAL(ARES_ETIMEOUT, question.status);
}

// Newer versions measure how fast a server is, and would then wait for a quarter of a second only.
void test_a_slow_answer_among_fast_ones_is_waited_for() {
  world w;
  w.dns.answer_unknown({.addresses = {"192.0.2.1"}});
  w.dns.host("slow.test", {.fault = reply_fault::silent});
  for (int i = 0; i < 5; ++i) w.answer("fast.test");
  recording_question slow;
  (void)w.channel.ask("slow.test", dns_record::v4_address, slow);
  ahead = 2s;
  w.answer("fast.test");
  TEST_ASSERT_EQUAL(-1, slow.status);
  w.channel.shut();
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_question_that_nobody_answers_expires);
  RUN_TEST(test_a_slow_answer_among_fast_ones_is_waited_for);
  return UNITY_END();
}
