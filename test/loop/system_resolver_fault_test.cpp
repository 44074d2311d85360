// What getaddrinfo and getnameinfo may say, played by a script: the pool works as ever, on a literal.
#include "uvdial/system_resolver.hpp"

#include <netdb.h>
#include <netinet/in.h>

#include <cstring>
#include <deque>
#include <memory>
#include <vector>

#include "support/faults.hpp"
#include "support/recording_sink.hpp"
#include "support/resolve_world.hpp"
#include "values/international_name.hpp"

using namespace uvdial;
using fixture::recorder;
using fixture::recording_sink;
using fixture::without_times;

namespace {

constexpr family_policy both = family_policy::v6_first;

// One scripted list of addresses; it stays where it is.
class address_list {
 public:
  void add(const sockaddr_storage& address, const char* canonical_name = nullptr) {
    node& made = nodes_.emplace_back();
    made.address = address;
    made.info.ai_family = address.ss_family;
    made.info.ai_addr = reinterpret_cast<sockaddr*>(&made.address);
    made.info.ai_canonname = const_cast<char*>(canonical_name);  // getaddrinfo has no other type for it
    if (nodes_.size() > 1) nodes_[nodes_.size() - 2].info.ai_next = &made.info;
  }
  void add(const char* address, const char* canonical_name = nullptr) {
    sockaddr_storage storage{};
    const endpoint parsed = *endpoint::from_literal(address, 0);
    std::memcpy(&storage, &parsed.native(), parsed.native_size());
    add(storage, canonical_name);
  }
  addrinfo* first() { return nodes_.empty() ? nullptr : &nodes_.front().info; }

 private:
  struct node {
    addrinfo info{};
    sockaddr_storage address{};
  };
  std::deque<node> nodes_;
};

struct script {
  int status = 0;
  address_list list{};
  const char* name = nullptr;
  uv_getaddrinfo_cb told_addresses = nullptr;
  uv_getnameinfo_cb told_name = nullptr;
  std::string host{};
  addrinfo hints{};
  int flags = 0;
  int freed = 0;
};
std::unique_ptr<script> play;

void addresses_come(uv_getaddrinfo_t* request, int, addrinfo* real);
void name_comes(uv_getnameinfo_t* request, int, const char*, const char*) {
  play->told_name(request, play->status, play->name, nullptr);
}

}  // namespace

extern "C" {
void __real_uv_freeaddrinfo(addrinfo* list);
void __wrap_uv_freeaddrinfo(addrinfo*) { ++play->freed; }

int __real_uv_getaddrinfo(uv_loop_t* loop, uv_getaddrinfo_t* request, uv_getaddrinfo_cb then,
                          const char* host, const char* service, const addrinfo* hints);
int __wrap_uv_getaddrinfo(uv_loop_t* loop, uv_getaddrinfo_t* request, uv_getaddrinfo_cb then,
                          const char* host, const char*, const addrinfo* hints) {
  if (const auto scripted = faults::next("uv_getaddrinfo")) return static_cast<int>(*scripted);
  play->told_addresses = then;
  play->host = host;
  play->hints = *hints;
  addrinfo literal{};
  literal.ai_flags = AI_NUMERICHOST;
  return __real_uv_getaddrinfo(loop, request, addresses_come, "127.0.0.1", nullptr, &literal);
}

int __real_uv_getnameinfo(uv_loop_t* loop, uv_getnameinfo_t* request, uv_getnameinfo_cb then,
                          const sockaddr* address, int flags);
int __wrap_uv_getnameinfo(uv_loop_t* loop, uv_getnameinfo_t* request, uv_getnameinfo_cb then,
                          const sockaddr* address, int flags) {
  if (const auto scripted = faults::next("uv_getnameinfo")) return static_cast<int>(*scripted);
  play->told_name = then;
  play->flags = flags;
  return __real_uv_getnameinfo(loop, request, name_comes, address, NI_NUMERICHOST);
}
}

namespace {

void addresses_come(uv_getaddrinfo_t* request, int, addrinfo* real) {
  __real_uv_freeaddrinfo(real);
  play->told_addresses(request, play->status, play->status == 0 ? play->list.first() : nullptr);
}

std::string answers_to(const std::string& host, family_policy families = both) {
  system_resolver names(fixture::loop());
  recording_sink sink;
  const lookup_handle running = names.lookup({host, 80, families}, sink);
  fixture::run();
  return sink.all();
}

struct row {
  int status;
  resolve_errc means;
  error_kind kind;
};

constexpr row rows[] = {
    {UV_EAI_NONAME, resolve_errc::host_not_found, error_kind::host_not_found},
    {UV_EAI_NODATA, resolve_errc::no_address, error_kind::no_address},
    {UV_EAI_ADDRFAMILY, resolve_errc::no_address, error_kind::no_address},
    {UV_EAI_AGAIN, resolve_errc::dns_failure, error_kind::dns_failure},
    {UV_EAI_FAIL, resolve_errc::dns_failure, error_kind::dns_failure},
    {UV_EAI_FAMILY, resolve_errc::dns_failure, error_kind::dns_failure},
    {UV_EAI_CANCELED, resolve_errc::dns_failure, error_kind::dns_failure},
    {UV_EAI_MEMORY, resolve_errc::out_of_resources, error_kind::out_of_resources},
    {UV_ENOMEM, resolve_errc::out_of_resources, error_kind::out_of_resources},
    {UV_EMFILE, resolve_errc::out_of_resources, error_kind::out_of_resources},
    {UV_EINVAL, resolve_errc::host_not_found, error_kind::host_not_found},
    {UV_ETIMEDOUT, resolve_errc::dns_timeout, error_kind::dns_timeout},
};

std::string name_of(int status) { return std::string(code_name({status, uv_category()})); }

}  // namespace

void setUp() {
  faults::clear();
  play = std::make_unique<script>();
  fixture::open();
}
void tearDown() {
  fixture::close();
  play.reset();
  faults::clear();
}

void test_one_request_brings_both_families() {
  play->list.add("192.0.2.1", "b.test");
  play->list.add("2001:db8::1");
  play->list.add("192.0.2.2");
  TEST_ASSERT_EQUAL_STRING("6:2001:db8::1 4:192.0.2.1,192.0.2.2", answers_to("a.test"));
  TEST_ASSERT_EQUAL(1u, faults::calls("uv_getaddrinfo"));
  TEST_ASSERT_EQUAL(1, play->freed);
  TEST_ASSERT_EQUAL_STRING("a.test", play->host);
  TEST_ASSERT_EQUAL(AF_UNSPEC, play->hints.ai_family);
  TEST_ASSERT_EQUAL(SOCK_STREAM, play->hints.ai_socktype);
  TEST_ASSERT_EQUAL(AI_CANONNAME, play->hints.ai_flags);
}

void test_one_family_is_asked_alone() {
  (void)answers_to("a.test", family_policy::v4_only);
  TEST_ASSERT_EQUAL(AF_INET, play->hints.ai_family);
  (void)answers_to("a.test", family_policy::v6_only);
  TEST_ASSERT_EQUAL(AF_INET6, play->hints.ai_family);
  (void)answers_to("a.test", family_policy::v4_first);
  TEST_ASSERT_EQUAL(AF_UNSPEC, play->hints.ai_family);
}

void test_a_family_without_addresses_has_none_beside_the_other() {
  play->list.add("192.0.2.1");
  TEST_ASSERT_EQUAL_STRING("6:NODATA 4:192.0.2.1", answers_to("a.test"));
  play->list = {};
  TEST_ASSERT_EQUAL_STRING("6:NODATA 4:NODATA", answers_to("a.test"));
}

void test_an_address_that_comes_twice_is_told_once() {
  for (const char* each : {"127.0.0.1", "127.0.0.2", "127.0.0.1", "::1", "::1"}) play->list.add(each);
  TEST_ASSERT_EQUAL_STRING("6:::1 4:127.0.0.1,127.0.0.2", answers_to("a.test"));
}

void test_addresses_keep_their_zone() {
  sockaddr_storage storage{};
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr.s6_addr[0] = 0xfe;
  address.sin6_addr.s6_addr[1] = 0x80;
  for (const std::uint32_t scope : {7u, 8u}) {
    address.sin6_scope_id = scope;
    std::memcpy(&storage, &address, sizeof address);
    play->list.add(storage);
  }
  system_resolver names(fixture::loop());
  recording_sink sink;
  const lookup_handle running = names.lookup({"printer.local", 80, family_policy::v6_only}, sink);
  fixture::run();
  TEST_ASSERT_EQUAL(2u, sink.answers.at(0).endpoints.size());
  TEST_ASSERT_EQUAL(7u, sink.answers[0].endpoints[0].scope());
  TEST_ASSERT_EQUAL(8u, sink.answers[0].endpoints[1].scope());
}

void test_addresses_of_other_kinds_are_passed_over() {
  sockaddr_storage other{};
  other.ss_family = AF_UNIX;
  play->list.add(other);
  play->list.add("192.0.2.1");
  TEST_ASSERT_EQUAL_STRING("6:NODATA 4:192.0.2.1", answers_to("a.test"));
}

void test_each_failure_keeps_its_code_and_has_its_meaning() {
  for (const row& each : rows) {
    play->status = each.status;
    const std::string name = name_of(each.status);
    TEST_ASSERT_EQUAL_STRING("6:" + name + " 4:" + name, answers_to("a.test"));
    TEST_ASSERT_TRUE_MESSAGE(to_resolve_errc({each.status, uv_category()}) == each.means, name);
  }
}

void test_a_request_that_is_refused_is_told_at_once() {
  for (const row& each : rows) {
    faults::clear();
    faults::fail_from("uv_getaddrinfo", 1, each.status);
    system_resolver names(fixture::loop());
    recording_sink sink;
    const lookup_handle ended = names.lookup({"a.test", 80, both}, sink);
    const std::string name = name_of(each.status);
    TEST_ASSERT_EQUAL_STRING("6:" + name + " 4:" + name, sink.all());
  }
}

void test_resolve_gives_the_entry_or_a_typed_error() {
  play->list.add("127.0.0.1", "b.test");
  play->list.add("::1");
  system_resolver names(fixture::loop());
  recorder<host_entry> end;
  operation running = names.resolve("a.test", {}, end.callback());
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("b.test: ::1 127.0.0.1", fixture::text_of(end));
  for (const row& each : rows) {
    play->status = each.status;
    running = names.resolve("a.test", {}, end.callback());
    fixture::run();
    TEST_ASSERT_EQUAL_MESSAGE(each.kind, end.failure()->kind(), name_of(each.status));
    TEST_ASSERT_TRUE(end.failure()->code() == std::error_code(each.status, uv_category()));
  }
  play->status = UV_EAI_NONAME;
  running = names.resolve("a.test", {}, end.callback());
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("resolve a.test: host not found (EAI_NONAME) after N ms",
                           without_times(fixture::text_of(end)));
}

void test_reverse_wants_a_name_and_gives_it_or_a_typed_error() {
  const endpoint address = endpoint::parse("192.0.2.1:80");
  play->name = "a.test";
  system_resolver names(fixture::loop());
  recorder<std::vector<std::string>> end;
  operation running = names.reverse(address, {}, end.callback());
  fixture::run();
  TEST_ASSERT_EQUAL(NI_NAMEREQD, play->flags);
  TEST_ASSERT_TRUE(end.succeeded());
  TEST_ASSERT_EQUAL_STRING("a.test", end.result->get_if()->at(0));
  play->status = UV_EAI_NONAME;
  play->name = nullptr;
  for (const bool refused : {false, true}) {
    if (refused) faults::fail_from("uv_getnameinfo", 1, UV_EAI_NONAME);
    running = names.reverse(address, {}, end.callback());
    fixture::run();
    TEST_ASSERT_EQUAL(error_kind::host_not_found, end.failure()->kind());
    TEST_ASSERT_EQUAL_STRING("reverse 192.0.2.1: no name (EAI_NONAME) after N ms",
                             without_times(end.failure()->what()));
    faults::clear();
  }
}

void test_names_beyond_ascii_are_asked_for_as_a_labels() {
  play->list.add("192.0.2.1");
  (void)answers_to(
      "b\xc3\xbc"
      "cher.test");
  if (detail::knows_international_names())
    TEST_ASSERT_EQUAL_STRING("xn--bcher-kva.test", play->host);
  else
    TEST_ASSERT_EQUAL_STRING(
        "b\xc3\xbc"
        "cher.test",
        play->host);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_one_request_brings_both_families);
  RUN_TEST(test_one_family_is_asked_alone);
  RUN_TEST(test_a_family_without_addresses_has_none_beside_the_other);
  RUN_TEST(test_an_address_that_comes_twice_is_told_once);
  RUN_TEST(test_addresses_keep_their_zone);
  RUN_TEST(test_addresses_of_other_kinds_are_passed_over);
  RUN_TEST(test_each_failure_keeps_its_code_and_has_its_meaning);
  RUN_TEST(test_a_request_that_is_refused_is_told_at_once);
  RUN_TEST(test_resolve_gives_the_entry_or_a_typed_error);
  RUN_TEST(test_reverse_wants_a_name_and_gives_it_or_a_typed_error);
  RUN_TEST(test_names_beyond_ascii_are_asked_for_as_a_labels);
  return UNITY_END();
}
