// The words beside each bar of the chart, in full and, where there is little room, in brief.
#include <ares.h>
#include <uv.h>

#include <string>
#include <vector>

#include "cli/picture.hpp"
#include "support/unity.hpp"
#include "uvdial/error.hpp"

using namespace uvdial;
using namespace std::chrono_literals;
using cli::bar;
using cli::note_size;
using cli::picture;
using state = cli::bar::state;

void setUp() {}
void tearDown() {}

namespace {

std::error_code uv(int status) { return {status, uv_category()}; }
std::error_code ares(int status) { return {status, ares_category()}; }

// How the dial stood when it was drawn.
const picture runs{};
const picture won{{}, 1ms, true, {}};
const picture timed_out{{}, 1ms, true, uv(UV_ETIMEDOUT)};
const picture cancelled{{}, 1ms, true, uv(UV_ECANCELED)};
const picture refused{{}, 1ms, true, uv(UV_ECONNREFUSED)};

bar asked(state now, std::error_code code = {}, std::size_t addresses = 0) {
  return {ip_family::v4, {}, 0us, 1ms, now, addresses, code, endpoint::parse("192.0.2.53:53")};
}

bar attempt_at(state now, std::error_code code = {}, bool confirming = false) {
  return {{}, endpoint::parse("192.0.2.7:443"), 0us, 1ms, now, 0, code, {}, confirming};
}

struct row {
  bar one;
  const picture& drawn;
  const char* full;
  const char* brief;
};

void check(const std::vector<row>& rows) {
  for (const row& each : rows) {
    TEST_ASSERT_EQUAL_STRING(each.full, note_of(each.one, each.drawn, note_size::with_server));
    TEST_ASSERT_EQUAL_STRING_MESSAGE(each.brief, note_of(each.one, each.drawn, note_size::brief), each.full);
  }
}

}  // namespace

static void test_a_question() {
  check({
      {asked(state::answered, {}, 1), won, "1 address", "1 address"},
      {asked(state::answered, {}, 2), won, "2 addresses", "2 addresses"},
      {asked(state::unanswered), won, "no address", "no address"},
      {asked(state::unanswered, ares(ARES_ENODATA)), won, "NODATA", "NODATA"},
      {asked(state::unanswered, ares(ARES_ESERVFAIL)), won, "SERVFAIL from 192.0.2.53", "SERVFAIL"},
      {asked(state::unanswered, ares(ARES_ETIMEOUT)), won, "DNSTIMEOUT at 192.0.2.53", "DNSTIMEOUT"},
      {asked(state::open), runs, "not answered yet", "still open"},
      {asked(state::open), timed_out, "no answer by the deadline", "no answer"},
      {asked(state::open), cancelled, "no answer", "no answer"},
      {asked(state::open), won, "not waited for", "not needed"},
  });
}

static void test_an_attempt() {
  check({
      {attempt_at(state::won), won, "connected", "connected"},
      {attempt_at(state::blocked), won, "blocked by the policy", "blocked"},
      {attempt_at(state::failed, uv(UV_ECONNREFUSED)), won, "refused (ECONNREFUSED)", "ECONNREFUSED"},
      {attempt_at(state::failed, uv(UV_ETIMEDOUT)), won, "timed out (ETIMEDOUT)", "ETIMEDOUT"},
      {attempt_at(state::failed, uv(UV_ENETUNREACH)), won, "no way there (ENETUNREACH)", "ENETUNREACH"},
      {attempt_at(state::failed, uv(UV_EHOSTUNREACH)), won, "no way there (EHOSTUNREACH)", "EHOSTUNREACH"},
      {attempt_at(state::failed, uv(UV_EMFILE)), won, "failed (EMFILE)", "EMFILE"},
      {attempt_at(state::open), runs, "still open", "still open"},
      {attempt_at(state::aborted), runs, "closed", "closed"},
      {attempt_at(state::aborted), won, "closed: another one won", "closed"},
      {attempt_at(state::aborted), timed_out, "still open at the deadline", "still open"},
      {attempt_at(state::aborted), cancelled, "closed: cancelled", "closed"},
      {attempt_at(state::aborted), refused, "closed", "closed"},
  });
}

static void test_an_attempt_that_is_looked_at_before_it_wins() {
  constexpr bool confirming = true;
  check({
      {attempt_at(state::won, {}, confirming), won, "connected and confirmed", "confirmed"},
      {attempt_at(state::failed, uv(UV_ECONNABORTED), confirming), won,
       "connected, then failed (ECONNABORTED)", "ECONNABORTED"},
      {attempt_at(state::open, {}, confirming), runs, "not confirmed", "still open"},
      {attempt_at(state::aborted, {}, confirming), timed_out, "not confirmed at the deadline", "still open"},
  });
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_question);
  RUN_TEST(test_an_attempt);
  RUN_TEST(test_an_attempt_that_is_looked_at_before_it_wins);
  return UNITY_END();
}
