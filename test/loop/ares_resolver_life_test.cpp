// Handles, sinks and resolvers that go away while a lookup runs; and the hosts file in front of DNS.
#include <optional>
#include <stdexcept>

#include "demo/dns_responder.hpp"
#include "glue/hosts_file.hpp"
#include "support/loop_fixture.hpp"
#include "support/recording_sink.hpp"
#include "support/temporary_file.hpp"
#include "uvdial/ares_resolver.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::dns_responder;
using demo::reply_fault;
using fixture::recording_sink;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

constexpr family_policy both = family_policy::v6_first;

struct world {
  dns_responder dns{fixture::loop()};
  std::optional<ares_resolver> names;
  recording_sink sink;

  explicit world(const std::string& hosts_file = "") {
    dns.answer_unknown({.addresses = {"2001:db8::1", "192.0.2.1"}});
    names.emplace(fixture::loop(), ares_resolver_options{.servers = {dns.address()},
                                                         .hosts_file = hosts_file,
                                                         .search = std::vector<std::string>{},
                                                         .ndots = 1});
  }
  lookup_handle lookup(const std::string& host, answer_sink& told, family_policy families = both) {
    return names->lookup({host, 80, families}, told);
  }
};

detail::instant clock_time{0};
detail::instant test_clock() noexcept { return clock_time; }

std::size_t known_names(detail::hosts_file& file) { return file.table().size(); }

}  // namespace

void test_destroying_the_handle_silences_the_sink() {
  world w;
  lookup_handle running = w.lookup("a.test", w.sink);
  recording_sink other;
  const lookup_handle neighbour = w.lookup("b.test", other);
  running.reset();
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("", w.sink.all());
  TEST_ASSERT_EQUAL(2u, other.answers.size());
}

void test_the_handle_may_be_destroyed_inside_answered() {
  world w;
  lookup_handle running = w.lookup("a.test", w.sink);
  w.sink.then = [&] { running.reset(); };
  fixture::run();
  TEST_ASSERT_EQUAL(1u, w.sink.answers.size());
}

// Both families are told in one go here: the first of them ends it.
void test_the_handle_may_be_destroyed_between_two_answers_of_one_turn() {
  world w;
  w.names.emplace(fixture::loop(), ares_resolver_options{.servers = {w.dns.address()},
                                                         .hosts_file = "",
                                                         .search = std::vector<std::string>{"s1.test"},
                                                         .ndots = 1});
  w.dns.host("a.test", {.addresses = {"192.0.2.1"}});
  lookup_handle running = w.lookup("a.test", w.sink);
  w.sink.then = [&] { running.reset(); };
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("6:NODATA", w.sink.all());
}

void test_a_sink_may_look_up_another_name() {
  world w;
  recording_sink other;
  lookup_handle second;
  w.sink.then = [&] {
    if (w.sink.answers.size() == 1) second = w.lookup("b.test", other);
  };
  const lookup_handle first = w.lookup("a.test", w.sink);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("6:2001:db8::1 4:192.0.2.1", w.sink.all());
  TEST_ASSERT_EQUAL_STRING("6:2001:db8::1 4:192.0.2.1", other.all());
}

void test_a_sink_may_destroy_the_resolver() {
  world w;
  w.sink.then = [&] { w.names.reset(); };
  const lookup_handle running = w.lookup("a.test", w.sink);
  fixture::run();
  TEST_ASSERT_EQUAL(2u, w.sink.answers.size());
}

void test_a_sink_may_destroy_the_resolver_inside_lookup() {
  world w;
  w.sink.then = [&] { w.names.reset(); };
  const lookup_handle running = w.lookup("localhost", w.sink);
  TEST_ASSERT_EQUAL(2u, w.sink.answers.size());
}

void test_lookups_outlive_their_resolver() {
  world w;
  const lookup_handle running = w.lookup("a.test", w.sink);
  w.names.reset();
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("6:2001:db8::1 4:192.0.2.1", w.sink.all());
}

void test_a_dropped_lookup_does_not_keep_the_loop_alive() {
  world w;
  w.dns.answer_unknown({.fault = reply_fault::silent});
  lookup_handle running = w.lookup("a.test", w.sink);
  TEST_ASSERT_TRUE(uv_loop_alive(&fixture::loop()) != 0);
  running.reset();
  TEST_ASSERT_FALSE(uv_loop_alive(&fixture::loop()) != 0);
}

void test_closing_ends_running_lookups_and_then_says_so() {
  world w;
  w.dns.answer_unknown({.fault = reply_fault::silent});
  const lookup_handle running = w.lookup("a.test", w.sink);
  std::size_t told_before = 0;
  int closed = 0;
  w.names->close([&](outcome<done>) {
    told_before = w.sink.answers.size();
    ++closed;
  });
  TEST_ASSERT_EQUAL_STRING("", w.sink.all());
  TEST_ASSERT_EQUAL(0, closed);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("6:ECANCELED 4:ECANCELED", w.sink.all());
  TEST_ASSERT_TRUE(to_resolve_errc(w.sink.answers.at(0).why) == resolve_errc::dns_failure);
  TEST_ASSERT_EQUAL(2u, told_before);
  TEST_ASSERT_EQUAL(1, closed);
}

void test_closing_tells_only_the_families_that_are_open() {
  world w;
  w.dns.answer("a.test", demo::record_type::a, {.fault = reply_fault::silent});
  w.dns.answer("a.test", demo::record_type::aaaa, {.addresses = {"2001:db8::1"}});
  const lookup_handle running = w.lookup("a.test", w.sink);
  w.sink.then = [&] {
    if (w.sink.answers.size() == 1) w.names->close({});
  };
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("6:2001:db8::1 4:ECANCELED", w.sink.all());
}

void test_a_lookup_after_close_is_misuse() {
  world w;
  w.names->close({});
  TEST_ASSERT_THROWS(std::logic_error, w.lookup("a.test", w.sink));
  TEST_ASSERT_THROWS(std::logic_error, w.names->close({}));
}

void test_the_hosts_file_comes_first_for_both_families() {
  const temporary_file hosts("192.0.2.99 hosted.test alias.test\n");
  world w(hosts.path());
  const lookup_handle running = w.lookup("alias.test", w.sink);
  TEST_ASSERT_EQUAL_STRING("6:NODATA 4:192.0.2.99", w.sink.all());
  TEST_ASSERT_EQUAL_STRING("hosted.test", w.sink.answers.at(1).canonical_name);
  TEST_ASSERT_EQUAL(80, w.sink.answers.at(1).endpoints.at(0).port());
  TEST_ASSERT_EQUAL(0u, w.dns.questions().size());
}

void test_the_hosts_file_may_say_what_localhost_is() {
  const temporary_file hosts("127.0.0.5 localhost\n");
  world w(hosts.path());
  const lookup_handle running = w.lookup("localhost", w.sink);
  TEST_ASSERT_EQUAL_STRING("6:NODATA 4:127.0.0.5", w.sink.all());
}

void test_a_hosts_file_that_is_missing_or_unreadable_is_empty() {
  for (const char* path : {"/tmp/uvdial-no-such-file", "/tmp", "/dev/null"}) {
    world w(path);
    const lookup_handle running = w.lookup("a.test", w.sink);
    fixture::run();
    TEST_ASSERT_EQUAL_STRING_MESSAGE("6:2001:db8::1 4:192.0.2.1", w.sink.all(), path);
  }
}

void test_a_hosts_file_is_read_again_when_it_has_changed() {
  const temporary_file hosts("192.0.2.1 a\n");
  clock_time = 10s;
  detail::hosts_file file(hosts.path(), test_clock);
  TEST_ASSERT_EQUAL(1u, known_names(file));
  hosts.write("192.0.2.1 a b c\n");
  clock_time += 999ms;
  TEST_ASSERT_EQUAL_MESSAGE(1u, known_names(file), "it looks once a second");
  clock_time += 1ms;
  TEST_ASSERT_EQUAL(3u, known_names(file));
  hosts.remove();
  clock_time += 1s;
  TEST_ASSERT_EQUAL(0u, known_names(file));
  hosts.write("192.0.2.1 back again\n");
  clock_time += 1s;
  TEST_ASSERT_EQUAL(2u, known_names(file));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_destroying_the_handle_silences_the_sink);
  RUN_TEST(test_the_handle_may_be_destroyed_inside_answered);
  RUN_TEST(test_the_handle_may_be_destroyed_between_two_answers_of_one_turn);
  RUN_TEST(test_a_sink_may_look_up_another_name);
  RUN_TEST(test_a_sink_may_destroy_the_resolver);
  RUN_TEST(test_a_sink_may_destroy_the_resolver_inside_lookup);
  RUN_TEST(test_lookups_outlive_their_resolver);
  RUN_TEST(test_a_dropped_lookup_does_not_keep_the_loop_alive);
  RUN_TEST(test_closing_ends_running_lookups_and_then_says_so);
  RUN_TEST(test_closing_tells_only_the_families_that_are_open);
  RUN_TEST(test_a_lookup_after_close_is_misuse);
  RUN_TEST(test_the_hosts_file_comes_first_for_both_families);
  RUN_TEST(test_the_hosts_file_may_say_what_localhost_is);
  RUN_TEST(test_a_hosts_file_that_is_missing_or_unreadable_is_empty);
  RUN_TEST(test_a_hosts_file_is_read_again_when_it_has_changed);
  return UNITY_END();
}
