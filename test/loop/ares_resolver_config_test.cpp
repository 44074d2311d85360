// resolv.conf as the resolver obeys it, seen at the servers that it names: each setting, and each change.
#include <cstdlib>
#include <stdexcept>

#include "demo/dns_responder.hpp"
#include "support/dns_askers.hpp"
#include "support/dns_client.hpp"
#include "support/loop_fixture.hpp"
#include "support/recording_sink.hpp"
#include "support/temporary_file.hpp"
#include "uvdial/ares_resolver.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::dns_responder;
using demo::record_type;
using demo::reply_fault;
using demo::response_code;
using demo::transport;
using fixture::hand_server;
using fixture::recording_sink;

void setUp() {
  (void)unsetenv("LOCALDOMAIN");  // these names are well formed
  (void)unsetenv("RES_OPTIONS");
  fixture::open();
}
void tearDown() { fixture::close(); }

namespace {

constexpr auto only_v4 = family_policy::v4_only;

template <class Server>
std::string server_line(const Server& server) {
  return "nameserver [127.0.0.1]:" + std::to_string(server.address().port()) + "\n";
}

// The root as the only domain: names are asked as they are, whatever this machine is called.
const std::string no_search = "search .\n";

std::string names_asked(const dns_responder& dns) {
  std::string text;
  for (const auto& seen : dns.questions()) text += (text.empty() ? "" : " ") + seen.name;
  return text;
}

struct world {
  dns_responder one{fixture::loop()};
  dns_responder two{fixture::loop()};
  temporary_file conf;
  std::optional<ares_resolver> names;
  recording_sink sink;

  explicit world(ares_resolver_options options = {}) : conf("") {
    for (dns_responder* each : {&one, &two}) each->answer_unknown({.addresses = {"192.0.2.1"}});
    options.resolv_conf = conf.path();
    options.hosts_file = "";
    names.emplace(fixture::loop(), std::move(options));
  }

  std::string lookup(const std::string& host) {
    recording_sink told;
    const lookup_handle running = names->lookup({host, 80, only_v4}, told);
    if (told.answers.empty()) fixture::run_until([&] { return !told.answers.empty(); });
    return told.all();
  }

  // A question that nobody answers: the next lookup looks at the file at once. Wants a short timeout.
  void have_trouble() {
    for (dns_responder* each : {&one, &two}) each->host("trouble.test", {.fault = reply_fault::silent});
    TEST_ASSERT_EQUAL_STRING("4:DNSTIMEOUT", lookup("trouble.test."));
  }

  // Asks now and then, until a question comes to this server: within a second the file is looked at.
  void ask_until_heard_by(const dns_responder& server) {
    lookup_handle probe;
    recording_sink unheard;
    int ticks = 0;
    const auto heard = [&] {
      if (ticks++ % 50 == 0) {
        const std::string name = "probe" + std::to_string(ticks) + ".test";
        probe = names->lookup({name, 80, only_v4}, unheard);
      }
      return !server.questions().empty();
    };
    TEST_ASSERT_TRUE(fixture::run_until(heard, 10s));
  }
};

ares_resolver_options impatient() { return {.timeout = 200ms, .tries = 1}; }

}  // namespace

void test_the_servers_of_the_file_are_asked_in_their_order() {
  world w;
  w.conf.write(no_search + server_line(w.one) + server_line(w.two));
  TEST_ASSERT_EQUAL_STRING("4:192.0.2.1", w.lookup("a.test"));
  TEST_ASSERT_EQUAL_STRING("a.test", names_asked(w.one));
  TEST_ASSERT_EQUAL_STRING("", names_asked(w.two));
  w.one.host("b.test", {.code = response_code::servfail});
  TEST_ASSERT_EQUAL_STRING("4:192.0.2.1", w.lookup("b.test"));
  TEST_ASSERT_EQUAL_STRING("b.test", names_asked(w.two));
}

void test_search_and_ndots_are_those_of_the_file() {
  world w;
  w.one.answer_unknown({.code = response_code::nxdomain});
  w.conf.write("search s1.test s2.test\noptions ndots:2\n" + server_line(w.one));
  TEST_ASSERT_EQUAL_STRING("4:NXDOMAIN", w.lookup("a.b"));
  TEST_ASSERT_EQUAL_STRING("a.b.s1.test a.b.s2.test a.b", names_asked(w.one));
}

void test_servers_take_turns_only_where_the_file_says_so() {
  for (const bool rotates : {false, true}) {
    world w;
    w.conf.write(no_search + server_line(w.one) + server_line(w.two) + (rotates ? "options rotate\n" : ""));
    for (const char* name : {"a.test", "b.test", "c.test", "d.test"}) (void)w.lookup(name);
    TEST_ASSERT_EQUAL(rotates ? 2u : 4u, w.one.questions().size());
    TEST_ASSERT_EQUAL(rotates ? 2u : 0u, w.two.questions().size());
  }
}

void test_use_vc_and_edns0_are_obeyed() {
  const struct {
    const char* options;
    transport over;
    bool edns;
  } rows[] = {{"", transport::udp, false},
              {"options use-vc\n", transport::tcp, false},
              {"options edns0\n", transport::udp, true}};
  for (const auto& row : rows) {
    world w;
    w.conf.write(no_search + row.options + server_line(w.one));
    TEST_ASSERT_EQUAL_STRING_MESSAGE("4:192.0.2.1", w.lookup("a.test"), row.options);
    TEST_ASSERT_EQUAL_MESSAGE(1u, w.one.questions().size(), row.options);
    TEST_ASSERT_TRUE_MESSAGE(row.over == w.one.questions()[0].over, row.options);
    TEST_ASSERT_EQUAL_MESSAGE(row.edns, w.one.questions()[0].edns.has_value(), row.options);
  }
}

void test_timeout_and_attempts_bound_the_silence_that_is_borne() {
  struct timed {
    world w;
    std::chrono::nanoseconds least;
    detail::instant started{};
    detail::instant ended{};
    lookup_handle running{};
    timed(ares_resolver_options options, std::chrono::nanoseconds limit)
        : w(std::move(options)), least(limit) {}
    void start(const char* words) {
      w.one.answer_unknown({.fault = reply_fault::silent});
      w.conf.write(no_search + words + server_line(w.one));
      w.sink.then = [this] { ended = detail::now(); };
      started = detail::now();
      running = w.names->lookup({"a.test", 80, only_v4}, w.sink);
    }
  };
  timed code_wins({.timeout = 50ms, .tries = 2}, 100ms);
  timed once({}, 1s);
  timed twice({}, 2s);
  code_wins.start("options timeout:7 attempts:5\n");
  once.start("options timeout:1 attempts:1\n");
  twice.start("options timeout:1 attempts:2\n");
  fixture::run_until([&] { return !twice.w.sink.answers.empty(); });
  for (const timed* each : {&code_wins, &once, &twice}) {
    TEST_ASSERT_EQUAL_STRING("4:DNSTIMEOUT", each->w.sink.all());
    TEST_ASSERT_GREATER_OR_EQUAL(each->least, each->ended - each->started);
  }
  TEST_ASSERT_LESS_THAN(once.ended, code_wins.ended);
  TEST_ASSERT_LESS_THAN(twice.ended, once.ended);
}

void test_what_is_given_in_code_wins_over_the_file() {
  dns_responder server(fixture::loop());
  server.answer_unknown({.code = response_code::nxdomain});
  world w({.servers = {server.address()},
           .search = std::vector<std::string>{"code.test"},
           .ndots = 1,
           .rotate = false,
           .tcp_only = false,
           .edns = false});
  w.conf.write("search file.test\noptions ndots:9 rotate use-vc edns0\n" + server_line(w.one));
  TEST_ASSERT_EQUAL_STRING("4:NXDOMAIN", w.lookup("a.b"));
  TEST_ASSERT_EQUAL_STRING("a.b a.b.code.test", names_asked(server));
  TEST_ASSERT_EQUAL_STRING("", names_asked(w.one));
  TEST_ASSERT_TRUE(server.questions()[0].over == transport::udp);
  TEST_ASSERT_FALSE(server.questions()[0].edns.has_value());
}

void test_code_turns_on_what_the_file_leaves_off() {
  world w({.rotate = true, .tcp_only = true, .edns = true});
  w.conf.write(no_search + server_line(w.one) + server_line(w.two));
  for (const char* name : {"a.test", "b.test"}) (void)w.lookup(name);
  for (const dns_responder* each : {&w.one, &w.two}) {
    TEST_ASSERT_EQUAL(1u, each->questions().size());
    TEST_ASSERT_TRUE(each->questions()[0].over == transport::tcp);
    TEST_ASSERT_TRUE(each->questions()[0].edns.has_value());
  }
}

void test_what_runs_ends_on_the_old_server_and_its_sockets_close_then() {
  world w;
  hand_server old;
  w.conf.write(no_search + server_line(old));
  const lookup_handle running = w.names->lookup({"running.test", 80, only_v4}, w.sink);
  w.two.host("stays.test", {.fault = reply_fault::silent});  // keeps the new channel from closing its sockets
  w.conf.write(no_search + server_line(w.two) + "#\n");
  w.ask_until_heard_by(w.two);
  recording_sink unheard;
  const lookup_handle stays = w.names->lookup({"stays.test", 80, only_v4}, unheard);
  const lookup_handle same = w.names->lookup({"running.test", 80, only_v4}, unheard);
  fixture::run_until([&] { return !unheard.answers.empty(); });
  TEST_ASSERT_EQUAL_STRING_MESSAGE("4:192.0.2.1", unheard.all(), "nobody joins what runs on the old server");
  TEST_ASSERT_EQUAL_STRING("", w.sink.all());

  const std::size_t with_both = fixture::open_descriptors();
  TEST_ASSERT_EQUAL(1, old.answer(1, "192.0.2.99"));
  fixture::run_until([&] { return !w.sink.answers.empty(); });
  TEST_ASSERT_EQUAL_STRING("4:192.0.2.99", w.sink.all());
  TEST_ASSERT_EQUAL(with_both - 1, fixture::open_descriptors());
  TEST_ASSERT_EQUAL_STRING_MESSAGE("4:192.0.2.1", w.lookup("running.test"),
                                   "what the old server says is not remembered");
}

void test_dropping_the_last_question_of_the_old_server_closes_its_sockets() {
  world w;
  hand_server old;
  w.conf.write(no_search + server_line(old));
  lookup_handle running = w.names->lookup({"running.test", 80, only_v4}, w.sink);
  w.two.host("stays.test", {.fault = reply_fault::silent});
  w.conf.write(no_search + server_line(w.two) + "#\n");
  w.ask_until_heard_by(w.two);
  const lookup_handle stays = w.names->lookup({"stays.test", 80, only_v4}, w.sink);
  const std::size_t with_both = fixture::open_descriptors();
  running.reset();
  TEST_ASSERT_EQUAL(with_both - 1, fixture::open_descriptors());
}

void test_another_search_list_of_the_same_server_is_taken_over() {
  world w(impatient());
  w.conf.write("search s1.test\noptions ndots:2\n" + server_line(w.one));
  TEST_ASSERT_EQUAL_STRING("4:192.0.2.1", w.lookup("db"));
  w.conf.write("search other.test\noptions ndots:2\n" + server_line(w.one));
  TEST_ASSERT_EQUAL_STRING("4:192.0.2.1", w.lookup("a"));
  w.have_trouble();
  TEST_ASSERT_EQUAL_STRING("4:192.0.2.1", w.lookup("db"));
  TEST_ASSERT_EQUAL(1u, w.one.asked("db.s1.test", record_type::a));
  TEST_ASSERT_EQUAL(1u, w.one.asked("db.other.test", record_type::a));
}

void test_a_file_that_says_the_same_changes_nothing() {
  world w(impatient());
  w.conf.write(no_search + server_line(w.one));
  (void)w.lookup("a.test");
  w.conf.write("# written anew\n" + no_search + server_line(w.one));
  w.have_trouble();
  (void)w.lookup("a.test");
  TEST_ASSERT_EQUAL_MESSAGE(1u, w.one.asked("a.test", record_type::a), "what was remembered stays");
}

void test_a_file_that_is_gone_says_nothing() {
  dns_responder server(fixture::loop());
  world w({.servers = {server.address()}, .ndots = 2, .timeout = 200ms, .tries = 1});
  server.host("trouble.test", {.fault = reply_fault::silent});
  w.conf.write("search s1.test\n");
  (void)w.lookup("db");
  TEST_ASSERT_EQUAL(1u, server.asked("db.s1.test", record_type::a));
  w.conf.remove();
  w.have_trouble();
  (void)w.lookup("dc");
  TEST_ASSERT_EQUAL(0u, server.asked("dc.s1.test", record_type::a));
  TEST_ASSERT_EQUAL(1u, server.asked("dc", record_type::a));
}

void test_a_corrected_file_is_obeyed_by_the_very_next_lookup() {
  world w;
  hand_server closed;
  closed.refuse();
  w.conf.write(no_search + server_line(closed));
  for (int i = 0; i < 2; ++i) TEST_ASSERT_EQUAL_STRING("4:DNSUNREACHABLE", w.lookup("a.test"));
  w.conf.write(no_search + server_line(w.one));
  TEST_ASSERT_EQUAL_STRING("4:192.0.2.1", w.lookup("a.test"));
}

void test_a_corrected_file_is_obeyed_by_the_next_reverse_question() {
  world w;
  hand_server closed;
  closed.refuse();
  w.conf.write(no_search + server_line(closed));
  (void)w.lookup("a.test");
  w.conf.write(no_search + server_line(w.one));
  w.one.answer("7.2.0.192.in-addr.arpa", record_type::ptr, {.names = {"demo.test"}});
  fixture::recorder<std::vector<std::string>> end;
  const operation running = w.names->reverse(*endpoint::from_literal("192.0.2.7", 0), {}, end.callback());
  fixture::run_until([&] { return end.called(); });
  TEST_ASSERT_TRUE(end.succeeded());
}

void test_more_servers_than_can_be_asked_are_refused_and_counted() {
  const endpoint server = *endpoint::from_literal("127.0.0.1", 53);
  std::string message;
  try {
    const ares_resolver names(fixture::loop(), {.servers = std::vector<endpoint>(33, server)});
  } catch (const std::invalid_argument& why) {
    message = why.what();
  }
  TEST_ASSERT_EQUAL_STRING("ares_resolver_options: bad servers: there are 33, and at most 32 are taken",
                           message);
  const ares_resolver most(fixture::loop(), {.servers = std::vector<endpoint>(32, server)});
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_the_servers_of_the_file_are_asked_in_their_order);
  RUN_TEST(test_search_and_ndots_are_those_of_the_file);
  RUN_TEST(test_servers_take_turns_only_where_the_file_says_so);
  RUN_TEST(test_use_vc_and_edns0_are_obeyed);
  RUN_TEST(test_timeout_and_attempts_bound_the_silence_that_is_borne);
  RUN_TEST(test_what_is_given_in_code_wins_over_the_file);
  RUN_TEST(test_code_turns_on_what_the_file_leaves_off);
  RUN_TEST(test_what_runs_ends_on_the_old_server_and_its_sockets_close_then);
  RUN_TEST(test_dropping_the_last_question_of_the_old_server_closes_its_sockets);
  RUN_TEST(test_another_search_list_of_the_same_server_is_taken_over);
  RUN_TEST(test_a_file_that_says_the_same_changes_nothing);
  RUN_TEST(test_a_file_that_is_gone_says_nothing);
  RUN_TEST(test_a_corrected_file_is_obeyed_by_the_very_next_lookup);
  RUN_TEST(test_a_corrected_file_is_obeyed_by_the_next_reverse_question);
  RUN_TEST(test_more_servers_than_can_be_asked_are_refused_and_counted);
  return UNITY_END();
}
