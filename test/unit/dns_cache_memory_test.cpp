// What the cache asks of the heap: nothing to find a reply, and it survives each refusal.
#include <cstdlib>
#include <new>
#include <optional>
#include <string>

#include "logic/dns_cache.hpp"
#include "support/unity.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using detail::dns_cache;
using detail::dns_reply;
using detail::known_reply;
using detail::shared_reply;
using std::chrono::nanoseconds;
using std::chrono::seconds;

namespace {

std::size_t allocations = 0;
std::optional<std::size_t> fails_at{};  // the allocation, counted from now, that throws

void* allocate(std::size_t size) {
  if (fails_at && allocations >= *fails_at) throw std::bad_alloc();
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

void setUp() { fails_at.reset(); }
void tearDown() { fails_at.reset(); }

namespace {

constexpr ip_family v4 = ip_family::v4;
constexpr nanoseconds start = 1000s;

shared_reply address(const char* text, seconds ttl) {
  dns_reply reply;
  reply.addresses.push_back(*endpoint::from_literal(text, 0));
  reply.ttl = ttl;
  return std::make_shared<dns_reply>(reply);
}

std::string found(dns_cache& cache, std::string_view name) {
  const known_reply* known = cache.find(name, v4, start);
  return known ? known->what->addresses.at(0).address_to_string() : "nothing";
}

}  // namespace

void test_finding_allocates_nothing() {
  dns_cache cache(10);
  cache.keep("a-name-that-no-small-string-holds.example.test", v4, address("192.0.2.1", 7s), start);
  const std::string_view other_case = "A-NAME-THAT-NO-SMALL-STRING-HOLDS.example.test.";
  const std::size_t before = allocations;
  const bool there = cache.find(other_case, v4, start) != nullptr;
  const bool absent = cache.find("nosuch.test", v4, start) == nullptr;
  const bool expired = cache.find(other_case, v4, start + 7s) == nullptr;
  TEST_ASSERT_EQUAL(before, allocations);
  TEST_ASSERT_TRUE(there && absent && expired);
}

// Each allocation of a keep() fails once: a new entry, and one that pushes another out. To replace one takes none.
void test_where_memory_runs_out_the_cache_is_as_it_was() {
  const std::string name = "a-name-that-no-small-string-holds.example.test";
  const shared_reply reply = address("192.0.2.2", 60s);
  for (const char* wanted : {"a.test", name.c_str()}) {
    std::size_t failed = 0;
    for (bool done = false; !done; ++failed) {
      dns_cache cache(2);
      cache.keep("a.test", v4, address("192.0.2.1", 60s), start);
      cache.keep("b.test", v4, address("192.0.2.1", 60s), start);
      try {
        fails_at = allocations + failed;
        cache.keep(wanted, v4, reply, start);
        done = true;
      } catch (const std::bad_alloc&) {}
      fails_at.reset();
      if (done) break;
      TEST_ASSERT_EQUAL(2u, cache.size());
      TEST_ASSERT_EQUAL_STRING("192.0.2.1", found(cache, "a.test"));
      TEST_ASSERT_EQUAL_STRING("192.0.2.1", found(cache, "b.test"));
      cache.keep(wanted, v4, reply, start);
      TEST_ASSERT_EQUAL_STRING("192.0.2.2", found(cache, wanted));
    }
    TEST_ASSERT_EQUAL(wanted == name, failed > 0);
  }
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_finding_allocates_nothing);
  RUN_TEST(test_where_memory_runs_out_the_cache_is_as_it_was);
  return UNITY_END();
}
