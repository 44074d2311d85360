// What a DNS server can do to us: each attack is over by the deadline with a typed end, a lookup and a dial alike, and the
// same resolver then answers a good question.
// over 350 lines because most of them are the tables of attacks
#include "support/hostile_server.hpp"

#include <malloc.h>

#include <iostream>
#include <random>

#include "demo/peers.hpp"
#include "support/dns_client.hpp"
#include "support/resolve_world.hpp"
#include "support/scripted_resolver.hpp"
#include "uvdial/ares_resolver.hpp"
#include "uvdial/dialer.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using fixture::heard;
using fixture::hostile_server;
using fixture::recorder;
using fixture::soon;
using fixture::tcp_port;
using fixture::text_of;
using namespace fixture::wire;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

using script = hostile_server::script;

void answer_well(hostile_server& server, const heard& question) { server.send(question, question.good()); }

struct world {
  hostile_server server;
  demo::listener peer{fixture::loop(), demo::reserve(ip_family::v4)};
  std::shared_ptr<ares_resolver> names;

  explicit world(script attack, tcp_port over_tcp = tcp_port::listening, ares_resolver_options options = {})
      : server(fixture::loop(), std::move(attack), over_tcp) {
    options.servers = {server.address()};
    options.resolv_conf = options.hosts_file = "";
    options.search.emplace();
    if (!options.timeout) options.timeout = 15ms;
    options.tries = 1;
    names = std::make_shared<ares_resolver>(fixture::loop(), std::move(options));
  }

  // The code of its failure, or its addresses; both families get the same.
  std::string resolve(const std::string& host) {
    recorder<host_entry> end;
    const operation running = names->resolve(host, {.timeout = 1s}, end.callback());
    fixture::run_until([&end] { return end.called(); });
    if (const error* why = end.failure()) return std::string(code_name(why->code()));
    return std::to_string(end.result->get_if()->endpoints.size()) + " addresses";
  }
  std::string dial(const std::string& host, dial_report* report = nullptr) {
    recorder<tcp_stream> end;
    dialer dials(fixture::loop(), {.names = names});
    const operation running =
        dials.connect({host, peer.address().port()}, {.timeout = 1s, .report = report}, end.callback());
    fixture::run_until([&end] { return end.called(); });
    if (const error* why = end.failure()) return std::string(code_name(why->code()));
    return "connected";
  }
  // A machine that is busy may lose one question more to the short timeout.
  std::string answers_well_again() {
    server.use(answer_well);
    std::string end;
    for (int i = 0; i < 5 && end != "connected"; ++i) end = dial("good" + std::to_string(i) + ".test");
    return end;
  }
};

struct attack {
  const char* label;
  script act;
  std::string expected;   // of a lookup
  std::string dialled{};  // of a dial; empty: the same
  tcp_port over_tcp = tcp_port::listening;
};

// A script that sends that over whatever way the question came.
template <class Make>
script sends(Make make) {
  return [make](hostile_server& server, const heard& question) { server.send(question, make(question)); };
}
// The good answer with other octets in some place of it.
script spoils(std::size_t at, const std::string& octets) {
  return sends([at, octets](const heard& q) { return q.good().replace(at, octets.size(), octets); });
}
// Truncated over datagrams; that over TCP.
template <class Act>
script over_tcp(Act act) {
  return [act](hostile_server& server, const heard& question) {
    if (question.over_tcp()) return act(server, question);
    server.send(question, question.reply({}, 0x8380));
  };
}

std::string noise(std::size_t size) {
  static std::mt19937 random(17);
  std::string made(size, '\0');
  for (char& each : made) each = static_cast<char>(random());
  return made;
}

std::string plain_record(const heard& q, const std::string& data) {
  return std::string("\xc0\x0c", 2) + u16(q.type()) + u16(1) + u32(60) +
         u16(static_cast<unsigned>(data.size())) + data;
}

parts chain(const heard& q, int length) {
  parts all;
  std::string last = q.name();
  for (int i = 0; i < length; ++i) {
    const std::string next = "n" + std::to_string(i);
    all.push_back(alias(last, next));
    last = next;
  }
  all.push_back(q.address(last));
  return all;
}

const std::string silence = "DNSTIMEOUT";
const std::string unreadable = "BADRESP";

void endure(const std::vector<attack>& attacks) {
  for (const attack& each : attacks) {
    // Where silence is expected it is waited for.
    world w(each.act, each.over_tcp, {.timeout = each.expected == silence ? 15ms : 800ms});
    const detail::instant before = detail::now();
    TEST_ASSERT_EQUAL_MESSAGE(each.expected, w.resolve("victim.test"), each.label);
    TEST_ASSERT_EQUAL_MESSAGE(each.dialled.empty() ? each.expected : each.dialled, w.dial("second.test"),
                              each.label);
    TEST_ASSERT_LESS_THAN_MESSAGE(1s, detail::now() - before, each.label);
    TEST_ASSERT_EQUAL_MESSAGE("connected", w.answers_well_again(), each.label);
  }
}

}  // namespace

void test_what_is_no_answer_to_the_question_is_as_if_nothing_came() {
  endure({
      {"garbage", sends([](const heard&) { return noise(100); }), silence},
      {"much garbage", sends([](const heard&) { return noise(5'000); }), silence},
      {"nothing", sends([](const heard&) { return std::string(); }), silence},
      {"one octet", sends([](const heard&) { return noise(1); }), silence},
      {"half a header", sends([](const heard& q) { return q.good().substr(0, 7); }), silence},
      {"a header", sends([](const heard& q) { return q.good().substr(0, 12); }), silence},
      {"half a question", sends([](const heard& q) { return q.good().substr(0, 17); }), silence},
      {"another id", sends([](const heard& q) { return q.good().replace(0, 2, u16(0x1234)); }), silence},
      {"another name", spoils(13, "w"), silence},
      {"another type", sends([](const heard& q) {
         std::string made = q.good();
         made[12 + q.question().size() - 3] = 16;
         return made;
       }),
       silence},
      {"another class", sends([](const heard& q) {
         std::string made = q.good();
         made[12 + q.question().size() - 1] = 3;
         return made;
       }),
       silence},
      {"the question", sends([](const heard& q) { return q.packet; }), silence},
      {"an answer that is none", spoils(2, "\x01"), silence},
      {"another operation", spoils(2, "\xa9"), silence},
      {"no question", spoils(4, u16(0)), silence},
      {"two questions", spoils(4, u16(2)), silence},
      {"65,535 questions", spoils(4, u16(65'535)), silence},
      {"silence", [](hostile_server&, const heard&) {}, silence},
  });
}

void test_an_answer_that_cannot_be_read_is_a_failure() {
  const std::string label(63, 'a');
  const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'a');
  const auto aliased = [](const std::string& data) {
    return sends([data](const heard& q) {
      return q.reply({std::string("\xc0\x0c", 2) + u16(cname) + u16(1) + u32(60) +
                          u16(static_cast<unsigned>(data.size())) + data,
                      q.address()});
    });
  };
  endure({
      {"more answers than there are", spoils(6, u16(2)), unreadable},
      {"65,535 answers", spoils(6, u16(65'535)), unreadable},
      {"it breaks off", sends([](const heard& q) { return q.good().substr(0, q.good().size() - 1); }),
       unreadable},
      {"an address of 3 octets", sends([](const heard& q) { return q.reply({plain_record(q, "abc")}); }),
       unreadable},
      {"an address of 5 octets", sends([](const heard& q) { return q.reply({plain_record(q, "abcde")}); }),
       unreadable},
      {"a pointer to itself", aliased(u16(0xc000 + 12 + 17 + 12)), unreadable},
      {"two pointers to each other", aliased("\1a" + u16(0xc000 + 12 + 17 + 12)), unreadable},
      {"a pointer behind the end", aliased("\xff\xff"), unreadable},
      {"a label of 64", aliased('\x40' + std::string(64, 'a') + '\0'), unreadable},
      {"a name of 256 octets", aliased(name(longest + "a")), unreadable},
      {"control characters", aliased(name("\x1b[2J\x07.test")), unreadable},
      {"a NUL", aliased(name(std::string("a\0b.test", 8))), unreadable},
      {"a dot in a label", aliased(std::string("\5a.b.c\4test\0", 12)), unreadable},
      {"aliases in a circle", sends([](const heard& q) {
         return q.reply({alias(q.name(), "b.test"), alias("b.test", q.name()), q.address("b.test")});
       }),
       unreadable},
      {"33 aliases", over_tcp([](hostile_server& s, const heard& q) { s.send(q, q.reply(chain(q, 33))); }),
       unreadable},
  });
}

void test_what_a_server_says_of_other_names_is_not_heard() {
  endure({
      {"other names", sends([](const heard& q) { return q.reply({q.address("other.test")}); }), "NODATA"},
      {"other classes", sends([](const heard& q) {
         std::string made = q.good();
         made[12 + q.question().size() + 5] = 3;
         return made;
       }),
       "NODATA"},
      {"NXDOMAIN with addresses", sends([](const heard& q) { return q.reply({q.address()}, 0x8183); }),
       "NXDOMAIN"},
      {"SERVFAIL with addresses", sends([](const heard& q) { return q.reply({q.address()}, 0x8182); }),
       "SERVFAIL"},
      {"a chain of 20", sends([](const heard& q) { return q.reply(chain(q, 20)); }), "2 addresses",
       "connected"},
      {"a name of 255 octets", sends([](const heard& q) {
         const std::string label(63, 'a');
         const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'a');
         return q.reply({alias(q.name(), longest), q.address(longest)});
       }),
       "2 addresses", "connected"},
      {"a DNAME", sends([](const heard& q) {
         const std::string first = q.name().substr(0, q.name().find('.'));
         return q.reply({record("test", 39, 60, name("example")), alias(q.name(), first + ".example"),
                         q.address(first + ".example")});
       }),
       "2 addresses", "connected"},
      {"a foreign answer beside", sends([](const heard& q) {
         return q.reply({q.address("other.test"), q.address(), q.address("test")});
       }),
       "2 addresses", "connected"},
  });
}

void test_rubbish_in_EDNS_does_no_harm() {
  const auto with = [](const std::string& additional, unsigned count, unsigned flags = 0x8180) {
    return sends([=](const heard& q) {
      std::string made = q.reply({q.address()}, flags);
      return made.replace(10, 2, u16(count)) + additional;
    });
  };
  const auto option = [](unsigned size, const std::string& data) {
    return '\0' + u16(41) + u16(1232) + u32(0) + u16(size) + data;
  };
  const auto run = [&](const char* label, const script& act) {
    world w(act, tcp_port::listening, {.edns = true});
    const std::string end = w.resolve("victim.test");  // what it comes to is for c-ares to say
    TEST_ASSERT_TRUE_MESSAGE(end == "2 addresses" || end == unreadable || end == silence || end == "FORMERR",
                             label);
    TEST_ASSERT_EQUAL_MESSAGE("connected", w.answers_well_again(), label);
  };
  run("two of them", with(option(0, "") + option(0, ""), 2));
  run("longer than the packet", with(option(500, "abc"), 1));
  run("an option longer than all", with(option(4, u16(10) + u16(60'000)), 1));
  run("cut", with(option(0, "").substr(0, 6), 1));
  run("a cookie of no length", with(option(4, u16(10) + u16(0)), 1));
  run("a cookie of others", with(option(28, u16(10) + u16(24) + std::string(24, 'c')), 1));
  run("more than there are", with(option(0, ""), 9));
  run("with a name", with("\1a" + option(0, ""), 1));
  run("another version", with('\0' + u16(41) + u16(1232) + u32(0x01630000) + u16(0), 1));
  run("FORMERR", with(option(0, ""), 1, 0x8181));
}

void test_any_time_to_live_is_borne() {
  const struct {
    unsigned ttl;
    bool is_kept;
  } rows[] = {{0, false}, {0x80000000U, false}, {0xffffffffU, false}, {0x7fffffffU, true}};
  for (const auto& row : rows) {
    world w(sends([&row](const heard& q) { return q.reply({q.address("\xc0\x0c", row.ttl)}); }),
            tcp_port::listening, {.timeout = 800ms});
    for (int i = 0; i < 3; ++i) TEST_ASSERT_EQUAL("2 addresses", w.resolve("victim.test"));
    TEST_ASSERT_EQUAL(row.is_kept ? 2u : 6u, w.server.questions());
  }
}

void test_truncated_answers_end_whatever_TCP_brings() {
  const auto silent = [](hostile_server&, const heard&) {};
  const auto raw = [](std::string octets) {
    return over_tcp([octets](hostile_server& s, const heard& q) { s.send_raw(q, octets); });
  };
  endure({
      {"TCP refused", over_tcp(silent), "DNSUNREACHABLE", "", tcp_port::refusing},
      {"TCP is silent", over_tcp(silent), silence},
      {"closed at once", over_tcp([](hostile_server& s, const heard& q) { s.hang_up(q); }), "DNSUNREACHABLE"},
      {"closed in the middle", over_tcp([](hostile_server& s, const heard& q) {
         s.send_raw(q, u16(200) + q.good());
         s.hang_up(q);
       }),
       "DNSUNREACHABLE"},
      {"truncated again", over_tcp([](hostile_server& s, const heard& q) { s.send(q, q.reply({}, 0x8380)); }),
       unreadable},
      {"truncated with addresses",
       over_tcp([](hostile_server& s, const heard& q) { s.send(q, q.reply({q.address()}, 0x8380)); }),
       unreadable},
      {"a length and nothing else", raw(u16(500)), silence},
      {"more length than is sent",
       over_tcp([](hostile_server& s, const heard& q) { s.send_raw(q, u16(900) + q.good()); }), silence},
      {"an octet a millisecond", over_tcp([](hostile_server& s, const heard& q) { s.drip(q); }), silence},
      {"another question",
       over_tcp([](hostile_server& s, const heard& q) { s.send(q, q.good().replace(13, 1, "w")); }), silence},
      {"the question", over_tcp([](hostile_server& s, const heard& q) { s.send(q, q.packet); }), unreadable},
  });
}

void test_a_length_of_zero_and_garbage_over_TCP_end_in_time() {
  for (const std::string& octets :
       {std::string(2, '\0'), std::string(2'000, '\0'), noise(60'000), u16(3) + "abc",
        u16(65'535) + noise(65'535), u16(12) + std::string(12, '\xff')}) {
    world w(over_tcp([&octets](hostile_server& s, const heard& q) { s.send_raw(q, octets); }));
    const std::string end =
        w.resolve("victim.test");  // versions of c-ares differ: a broken stream, or none at all
    TEST_ASSERT_TRUE_MESSAGE(end == silence || end == unreadable || end == "DNSUNREACHABLE", end);
    TEST_ASSERT_EQUAL("connected", w.answers_well_again());
  }
}

void test_of_four_thousand_addresses_so_many_are_kept_and_the_rest_is_counted() {
  const script thousands = over_tcp([](hostile_server& s, const heard& q) {
    parts all;
    const std::size_t most = q.type() == a ? 4'000 : 2'000;
    while (all.size() < most)
      all.push_back(plain_record(q, std::string(q.type() == a ? 0 : 12, '\x20') +
                                        u32(0x7f000001 + static_cast<unsigned>(all.size()))));
    s.send(q, q.reply(all));
  });
  world w(thousands, tcp_port::listening, {.timeout = 800ms});
  TEST_ASSERT_EQUAL("512 addresses", w.resolve("victim.test"));
  dial_report report;
  TEST_ASSERT_EQUAL("connected", w.dial("victim.test", &report));
  TEST_ASSERT_EQUAL(2u, report.families.size());
  std::size_t left_out = 0;
  for (const family_report& each : report.families) {
    TEST_ASSERT_EQUAL(256u, each.addresses.size());
    TEST_ASSERT_EQUAL(each.family == ip_family::v4 ? 4'000u - 256u : 2'000u - 256u, each.left_out);
    left_out += each.left_out + each.addresses.size();
  }
  TEST_ASSERT_EQUAL(6'000u, left_out);
  TEST_ASSERT_EQUAL(6'000u - 64u, report.left_out);  // told of a dial that heard both answers
}

// As many as no message of DNS has, from a resolver of one's own.
void test_of_ten_thousand_addresses_sixty_four_are_tried() {
  const auto names = std::make_shared<fixture::scripted_resolver>();
  std::vector<endpoint> all;
  demo::listener peer(fixture::loop(), demo::reserve(ip_family::v4));
  for (unsigned i = 0; i < 10'000; ++i)
    all.push_back(
        endpoint::from_literal("127." + std::to_string(i / 250) + ".0." + std::to_string(i % 250 + 1),
                               peer.address().port())
            .value());
  names->at_once = {{ip_family::v4, all}};
  names->fails_at_once = {{ip_family::v6, resolve_errc::no_address}};
  std::size_t told = 0;
  dialer dials(fixture::loop(), {.names = names, .trace = [&told](const trace_event& event) {
                                   if (event.what == trace_event::step::answer)
                                     told += event.addresses.size();
                                 }});
  dial_report report;
  recorder<tcp_stream> end;
  const operation running = dials.connect({"many.test", 80}, {.report = &report}, end.callback());
  fixture::run_until([&end] { return end.called(); });
  TEST_ASSERT_TRUE(end.succeeded());
  TEST_ASSERT_EQUAL(10'000u, told);
  TEST_ASSERT_EQUAL(10'000u - 64u, report.left_out);
}

void test_only_TCP_can_be_endured_too() {
  for (const bool is_silent : {true, false}) {
    world w([](hostile_server& s, const heard& q) { s.send_raw(q, "\xff\xff"); },
            is_silent ? tcp_port::listening : tcp_port::refusing,
            {.timeout = is_silent ? 15ms : 800ms, .tcp_only = true});
    TEST_ASSERT_EQUAL(is_silent ? silence : "DNSUNREACHABLE", w.resolve("victim.test"));
    if (is_silent) TEST_ASSERT_EQUAL("connected", w.answers_well_again());
  }
}

void test_an_answer_after_its_deadline_is_lost() {
  std::vector<heard> late;
  world w([&late](hostile_server&, const heard& q) { late.push_back(q); });
  TEST_ASSERT_EQUAL(silence, w.resolve("victim.test"));
  for (const heard& each : late) w.server.send(each, each.good());
  TEST_ASSERT_EQUAL("connected", w.answers_well_again());
}

namespace {

std::size_t bytes_in_use() {
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
  return mallinfo2().uordblks;
#else
  return 0;
#endif
}

// While so many packets come for each question.
void flood(const char* label, int count, const std::function<std::string(const heard&, int)>& make,
           const std::string& expected) {
  const script floods = [&](hostile_server& server, const heard& question) {
    for (int i = 0; i < count; ++i) server.send(question, make(question, i));
  };
  world w(floods, tcp_port::listening, {.timeout = expected == silence ? 15ms : 800ms});
  const std::string end = w.resolve("victim.test");
  TEST_ASSERT_EQUAL_MESSAGE(expected, end, label);
  const std::size_t before = bytes_in_use();
  for (int i = 0; i < 2; ++i) (void)w.resolve("victim" + std::to_string(i) + ".test");
  const std::size_t after = bytes_in_use();
  TEST_ASSERT_EQUAL_MESSAGE("connected", w.answers_well_again(), label);
  const std::size_t more = after > before ? after - before : 0;
  TEST_ASSERT_LESS_THAN_MESSAGE(512u * 1024u, more, label);
  TEST_ASSERT_LESS_THAN_MESSAGE(200u, w.server.questions(), label);
  std::cout << "flood: " << label << ": " << w.server.questions() << " questions, " << count
            << " packets for each, " << more << " octets of heap more\n";
}

}  // namespace

void test_floods_cost_neither_memory_nor_the_next_answer() {
  flood(
      "copies of one answer", 2'000, [](const heard& q, int) { return q.good(); }, "2 addresses");
  flood(
      "SERVFAIL", 2'000, [](const heard& q, int) { return q.reply({}, 0x8182); }, "SERVFAIL");
  flood(
      "answers to other ids", 2'000,
      [](const heard& q, int i) { return q.good().replace(0, 2, u16(static_cast<unsigned>(i))); }, silence);
  flood(
      "answers to other names", 2'000, [](const heard& q, int) { return q.good().replace(13, 1, "w"); },
      silence);
  flood(
      "truncated answers", 2'000,
      [](const heard& q, int) { return q.reply({}, q.over_tcp() ? 0x8180 : 0x8380); }, "NODATA");
  flood(
      "garbage", 2'000, [](const heard&, int) { return noise(600); }, silence);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_what_is_no_answer_to_the_question_is_as_if_nothing_came);
  RUN_TEST(test_an_answer_that_cannot_be_read_is_a_failure);
  RUN_TEST(test_what_a_server_says_of_other_names_is_not_heard);
  RUN_TEST(test_rubbish_in_EDNS_does_no_harm);
  RUN_TEST(test_any_time_to_live_is_borne);
  RUN_TEST(test_truncated_answers_end_whatever_TCP_brings);
  RUN_TEST(test_a_length_of_zero_and_garbage_over_TCP_end_in_time);
  RUN_TEST(test_of_four_thousand_addresses_so_many_are_kept_and_the_rest_is_counted);
  RUN_TEST(test_of_ten_thousand_addresses_sixty_four_are_tried);
  RUN_TEST(test_only_TCP_can_be_endured_too);
  RUN_TEST(test_an_answer_after_its_deadline_is_lost);
  RUN_TEST(test_floods_cost_neither_memory_nor_the_next_answer);
  return UNITY_END();
}
