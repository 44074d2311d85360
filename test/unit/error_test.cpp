#include "uvdial/error.hpp"

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include "unity.hpp"

namespace {

// How many more allocations succeed.
constexpr std::size_t plenty = SIZE_MAX;
std::size_t memory_left = plenty;
std::size_t allocations = 0;

void* allocate(std::size_t size) {
  ++allocations;
  void* memory = memory_left == 0 ? nullptr : std::malloc(size);
  if (memory_left != 0 && memory_left != plenty) --memory_left;
  if (!memory) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

void setUp() { memory_left = plenty; }
void tearDown() { memory_left = plenty; }

using namespace uvdial;

namespace {

const std::error_code refused = std::make_error_code(std::errc::connection_refused);

template <class Wanted>
bool caught_as(const error& thrown) {
  bool matched = false;
  try {
    thrown.raise();
  } catch (const Wanted&) {
    matched = true;
  } catch (...) {}
  return matched;
}

template <class Thrown, class Wanted>
void check_catch(const error& thrown) {
  const auto what = std::string(typeid(Thrown).name()) + " as " + typeid(Wanted).name();
  TEST_ASSERT_EQUAL_MESSAGE((std::is_base_of_v<Wanted, Thrown>), caught_as<Wanted>(thrown), what);
}

template <class Thrown>
void check_class(error_kind kind) {
  const auto made = make_error(kind, refused, "the text");
  const error& thrown = *made;
  TEST_ASSERT_TRUE(typeid(thrown) == typeid(Thrown));
  TEST_ASSERT_TRUE(made->kind() == kind);
  check_catch<Thrown, std::exception>(*made);
  check_catch<Thrown, std::runtime_error>(*made);
  check_catch<Thrown, std::system_error>(*made);
  check_catch<Thrown, error>(*made);
  check_catch<Thrown, resolve_error>(*made);
  check_catch<Thrown, host_not_found>(*made);
  check_catch<Thrown, no_address>(*made);
  check_catch<Thrown, dns_failure>(*made);
  check_catch<Thrown, dns_timeout>(*made);
  check_catch<Thrown, connect_error>(*made);
  check_catch<Thrown, connection_refused>(*made);
  check_catch<Thrown, unreachable>(*made);
  check_catch<Thrown, address_blocked>(*made);
  check_catch<Thrown, out_of_resources>(*made);
  check_catch<Thrown, timeout_error>(*made);
  check_catch<Thrown, cancelled_error>(*made);
  check_catch<Thrown, stream_error>(*made);
  check_catch<Thrown, connection_reset>(*made);
}

template <class Leaf, class... Bases>
constexpr bool is_all = (std::is_base_of_v<Bases, Leaf> && ...);

static_assert(is_all<host_not_found, resolve_error, error, std::system_error>);
static_assert(is_all<no_address, resolve_error> && is_all<dns_failure, resolve_error>);
static_assert(is_all<dns_timeout, resolve_error> && is_all<connection_refused, connect_error, error>);
static_assert(is_all<unreachable, connect_error> && is_all<address_blocked, connect_error>);
static_assert(is_all<out_of_resources, connect_error> && is_all<connection_reset, stream_error, error>);
static_assert(is_all<timeout_error, error> && is_all<cancelled_error, error>);

// Copies made while an exception is on its way must not throw another one.
static_assert(std::is_nothrow_copy_constructible_v<host_not_found>);
static_assert(std::is_nothrow_copy_assignable_v<connection_reset>);

dial_report sample_report() {
  using std::chrono::microseconds;
  dial_report report;
  report.host = "a-host-with-a-name-that-needs-the-heap.test";
  report.port = 80;
  report.families.push_back({ip_family::v4, true, {endpoint::parse("192.0.2.1:80")}});
  report.attempts.push_back(
      {attempt::state::failed, endpoint::parse("192.0.2.1:80"), refused, microseconds(1), microseconds(2)});
  return report;
}

struct named_kind {
  error_kind kind;
  const char* name;
};
constexpr named_kind kinds[] = {{error_kind::resolve, "resolve_error"},
                                {error_kind::host_not_found, "host_not_found"},
                                {error_kind::no_address, "no_address"},
                                {error_kind::dns_failure, "dns_failure"},
                                {error_kind::dns_timeout, "dns_timeout"},
                                {error_kind::connect, "connect_error"},
                                {error_kind::connection_refused, "connection_refused"},
                                {error_kind::unreachable, "unreachable"},
                                {error_kind::address_blocked, "address_blocked"},
                                {error_kind::out_of_resources, "out_of_resources"},
                                {error_kind::timeout, "timeout_error"},
                                {error_kind::cancelled, "cancelled_error"},
                                {error_kind::stream, "stream_error"},
                                {error_kind::connection_reset, "connection_reset"}};

}  // namespace

void test_each_error_is_thrown_as_its_own_class_and_caught_as_its_bases_only() {
  check_class<resolve_error>(error_kind::resolve);
  check_class<host_not_found>(error_kind::host_not_found);
  check_class<no_address>(error_kind::no_address);
  check_class<dns_failure>(error_kind::dns_failure);
  check_class<dns_timeout>(error_kind::dns_timeout);
  check_class<connect_error>(error_kind::connect);
  check_class<connection_refused>(error_kind::connection_refused);
  check_class<unreachable>(error_kind::unreachable);
  check_class<address_blocked>(error_kind::address_blocked);
  check_class<out_of_resources>(error_kind::out_of_resources);
  check_class<timeout_error>(error_kind::timeout);
  check_class<cancelled_error>(error_kind::cancelled);
  check_class<stream_error>(error_kind::stream);
  check_class<connection_reset>(error_kind::connection_reset);
}

void test_each_kind_has_the_name_of_its_class() {
  for (const auto& row : kinds) TEST_ASSERT_EQUAL_STRING(row.name, kind_name(row.kind));
}

void test_a_thrown_error_keeps_kind_code_text_and_report() {
  const auto made =
      make_error(error_kind::connection_refused, refused, "connect host.test:80: no", sample_report());
  try {
    made->raise();
  } catch (const error& caught) {
    TEST_ASSERT_TRUE(typeid(caught) == typeid(connection_refused));
    TEST_ASSERT_TRUE(caught.kind() == error_kind::connection_refused);
    TEST_ASSERT_TRUE(caught.code() == std::errc::connection_refused);
    TEST_ASSERT_EQUAL_STRING("connect host.test:80: no", caught.what());
    TEST_ASSERT_EQUAL_UINT(1, caught.attempts().size());
    TEST_ASSERT_EQUAL_STRING("192.0.2.1:80", caught.attempts()[0].to.to_string());
    TEST_ASSERT_EQUAL_UINT(1, caught.report().families.size());
    return;
  }
  TEST_FAIL_MESSAGE("nothing was caught");
}

void test_text_and_attempts_live_as_long_as_any_copy() {
  auto first = std::make_unique<unreachable>(refused, std::string(100, 'x'), sample_report());
  const error copy = *first;  // a copy as its base keeps all but the class
  const char* text = first->what();
  const auto attempts = first->attempts();
  first.reset();
  TEST_ASSERT_EQUAL_STRING(std::string(100, 'x'), text);
  TEST_ASSERT_EQUAL_UINT(80, attempts[0].to.port());
  TEST_ASSERT_TRUE(copy.kind() == error_kind::unreachable);
  TEST_ASSERT_EQUAL_PTR(text, copy.what());
}

void test_assignment_takes_everything_over() {
  dns_timeout target(refused);
  target = dns_timeout(std::make_error_code(std::errc::timed_out), "second");
  TEST_ASSERT_EQUAL_STRING("second", target.what());
  TEST_ASSERT_TRUE(target.code() == std::errc::timed_out);
}

void test_an_error_without_text_says_what_its_kind_says() {
  for (const auto& row : kinds) {
    const auto made = make_error(row.kind, refused, "");
    TEST_ASSERT_NOT_NULL(made->what());
    TEST_ASSERT_TRUE_MESSAGE(std::string(made->what()).size() > 5, row.name);
  }
  const connection_refused bare(refused);
  TEST_ASSERT_EQUAL_STRING("connection refused", bare.what());
  TEST_ASSERT_TRUE(bare.code() == refused);
  TEST_ASSERT_EQUAL_UINT(0, bare.attempts().size());
  TEST_ASSERT_EQUAL_STRING("", bare.report().host);
}

void test_the_code_is_that_of_the_constructor_in_every_form() {
  const std::error_code code(42, resolve_category());
  TEST_ASSERT_TRUE(timeout_error(code).code() == code);
  TEST_ASSERT_TRUE(timeout_error(code, "text").code() == code);
  const timeout_error first(code);
  const timeout_error second(first);
  TEST_ASSERT_TRUE(second.code() == code);
}

void test_what_may_pass_is_temporary() {
  struct {
    error_kind kind;
    bool temporary;
  } const rows[] = {
      {error_kind::host_not_found, false},
      {error_kind::no_address, false},
      {error_kind::dns_failure, true},
      {error_kind::dns_timeout, true},
      {error_kind::connection_refused, true},
      {error_kind::unreachable, true},
      {error_kind::address_blocked, false},
      {error_kind::out_of_resources, true},
      {error_kind::timeout, true},
      {error_kind::cancelled, false},
      {error_kind::connection_reset, true},
  };
  for (const auto& row : rows)
    TEST_ASSERT_EQUAL_MESSAGE(row.temporary, make_error(row.kind, {}, "")->temporary(),
                              std::string(kind_name(row.kind)));
}

void test_the_code_of_a_branch_decides_whether_it_is_temporary() {
  const auto temporary = [](error_kind kind, std::error_code code) {
    return make_error(kind, code, "")->temporary();
  };
  const auto timed_out = std::make_error_code(std::errc::timed_out);
  const auto forbidden = std::make_error_code(std::errc::permission_denied);
  TEST_ASSERT_TRUE(temporary(error_kind::connect, timed_out));
  TEST_ASSERT_TRUE(temporary(error_kind::connect, refused));
  TEST_ASSERT_FALSE(temporary(error_kind::connect, forbidden));
  TEST_ASSERT_TRUE(temporary(error_kind::stream, std::make_error_code(std::errc::broken_pipe)));
  TEST_ASSERT_FALSE(temporary(error_kind::stream, std::make_error_code(std::errc::not_connected)));
  TEST_ASSERT_TRUE(temporary(error_kind::resolve, resolve_errc::dns_timeout));
  TEST_ASSERT_FALSE(temporary(error_kind::resolve, resolve_errc::host_not_found));
}

void test_an_error_with_nothing_but_a_code_needs_no_memory() {
#ifndef __GLIBCXX__
  TEST_IGNORE_MESSAGE("std::runtime_error always allocates in this C++ library");
#endif
  memory_left = 0;
  const cancelled_error bare(refused);
  const cancelled_error copy(bare);
  const char* text = copy.what();
  const auto attempts = copy.attempts();
  memory_left = plenty;
  TEST_ASSERT_EQUAL_STRING("cancelled", text);
  TEST_ASSERT_EQUAL_UINT(0, attempts.size());
  TEST_ASSERT_TRUE(copy.code() == refused);
}

void test_copying_an_error_allocates_nothing() {
  const timeout_error first(refused, std::string(100, 'x'), sample_report());
  const auto before = allocations;
  const timeout_error copy(first);
  const auto after = allocations;
  TEST_ASSERT_EQUAL_UINT(before, after);
  TEST_ASSERT_EQUAL_PTR(first.what(), copy.what());
}

void test_without_memory_every_error_becomes_the_static_out_of_resources() {
  for (const auto& row : kinds) {
    std::string text(100, 'x');
    auto report = sample_report();
    memory_left = 0;
    const auto made = make_error(row.kind, refused, std::move(text), std::move(report));
    memory_left = plenty;
    TEST_ASSERT_NOT_NULL_MESSAGE(made.get(), row.name);
    TEST_ASSERT_TRUE_MESSAGE(made->kind() == error_kind::out_of_resources, row.name);
    TEST_ASSERT_TRUE_MESSAGE(made->code() == std::errc::not_enough_memory, row.name);
    TEST_ASSERT_EQUAL_STRING("out of descriptors, buffers, memory or local ports", made->what());
    TEST_ASSERT_TRUE(caught_as<out_of_resources>(*made));
  }
}

// make_error allocates several times, and memory may end at any of them.
void test_memory_may_end_at_any_step() {
  std::size_t steps = 0;
  for (error_kind kind = error_kind::out_of_resources; kind != error_kind::timeout; ++steps) {
    std::string text(100, 'x');
    memory_left = steps;
    const auto made = make_error(error_kind::timeout, refused, std::move(text));
    memory_left = plenty;
    kind = made->kind();
    TEST_ASSERT_TRUE(kind == error_kind::timeout || kind == error_kind::out_of_resources);
  }
  TEST_ASSERT_GREATER_THAN(2u, steps);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_each_error_is_thrown_as_its_own_class_and_caught_as_its_bases_only);
  RUN_TEST(test_each_kind_has_the_name_of_its_class);
  RUN_TEST(test_a_thrown_error_keeps_kind_code_text_and_report);
  RUN_TEST(test_text_and_attempts_live_as_long_as_any_copy);
  RUN_TEST(test_assignment_takes_everything_over);
  RUN_TEST(test_an_error_without_text_says_what_its_kind_says);
  RUN_TEST(test_the_code_is_that_of_the_constructor_in_every_form);
  RUN_TEST(test_what_may_pass_is_temporary);
  RUN_TEST(test_the_code_of_a_branch_decides_whether_it_is_temporary);
  RUN_TEST(test_an_error_with_nothing_but_a_code_needs_no_memory);
  RUN_TEST(test_copying_an_error_allocates_nothing);
  RUN_TEST(test_without_memory_every_error_becomes_the_static_out_of_resources);
  RUN_TEST(test_memory_may_end_at_any_step);
  return UNITY_END();
}
