#include "logic/recycler.hpp"

#include <array>
#include <cstdlib>
#include <new>
#include <stdexcept>

#include "support/unity.hpp"

using uvdial::detail::recycler;

namespace {

std::size_t allocations = 0;
std::size_t releases = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  ++releases;
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

void setUp() {}
void tearDown() {}

namespace {

struct counted {
  explicit counted(int& its_alive, bool fails = false) : alive(its_alive) {
    if (fails) throw std::runtime_error("as wanted");
    ++alive;
  }
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;
  ~counted() { --alive; }
  int& alive;
  int value = 7;
};

}  // namespace

void test_the_block_of_one_that_is_gone_serves_the_next_which_is_new() {
  int alive = 0;
  recycler<counted> blocks(4);
  counted& first = blocks.make(alive);
  first.value = 9;
  blocks.destroy(first);
  TEST_ASSERT_EQUAL(0, alive);
  const std::size_t before = allocations;
  counted& second = blocks.make(alive);
  const std::size_t after = allocations;
  TEST_ASSERT_EQUAL(before, after);
  TEST_ASSERT_EQUAL(7, second.value);
  TEST_ASSERT_EQUAL(1, alive);
  blocks.destroy(second);
}

void test_no_more_blocks_are_kept_than_it_says_and_none_when_it_is_gone() {
  int alive = 0;
  const std::size_t allocations_before = allocations, releases_before = releases;
  std::size_t released = 0, released_at_end = 0;
  {
    recycler<counted> blocks(2);
    std::array<counted*, 5> all{};
    for (counted*& each : all) each = &blocks.make(alive);
    for (counted* each : all) blocks.destroy(*each);
    released = releases - releases_before;
  }
  released_at_end = releases - releases_before;
  const std::size_t made = allocations - allocations_before;
  TEST_ASSERT_EQUAL(5u, made);
  TEST_ASSERT_EQUAL(3u, released);
  TEST_ASSERT_EQUAL(5u, released_at_end);
  TEST_ASSERT_EQUAL(0, alive);
}

void test_a_constructor_that_throws_costs_no_block() {
  int alive = 0;
  recycler<counted> blocks(1);
  try {
    (void)blocks.make(alive, true);
    TEST_FAIL_MESSAGE("nothing was thrown");
  } catch (const std::runtime_error&) {}
  const std::size_t before = allocations;
  counted& next = blocks.make(alive);
  const std::size_t after = allocations;
  TEST_ASSERT_EQUAL(before, after);
  blocks.destroy(next);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_the_block_of_one_that_is_gone_serves_the_next_which_is_new);
  RUN_TEST(test_no_more_blocks_are_kept_than_it_says_and_none_when_it_is_gone);
  RUN_TEST(test_a_constructor_that_throws_costs_no_block);
  return UNITY_END();
}
