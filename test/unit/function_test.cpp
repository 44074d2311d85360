#include "uvdial/function.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "unity.hpp"

using uvdial::unique_function;

namespace {

// How many objects of the kind live, and how often one was made.
int alive = 0;
int made = 0;

struct counted {
  counted() { count(); }
  counted(counted&&) noexcept { count(); }
  counted(const counted&) = delete;
  counted& operator=(counted&&) = delete;
  ~counted() { --alive; }

 private:
  static void count() {
    ++alive;
    ++made;
  }
};

template <std::size_t Size>
struct callable {
  counted life{};
  std::array<unsigned char, Size> filler{};
  int operator()(int add) { return filler.front() += static_cast<unsigned char>(add); }
};

// Small, but its move may throw: inline storage could not promise a noexcept move.
struct throwing_move {
  throwing_move() = default;
  throwing_move(throwing_move&&) noexcept(false) { ++moves; }
  int operator()() const { return 7; }
  static inline int moves = 0;
};

struct throws_when_made {
  throws_when_made() = default;
  throws_when_made(const throws_when_made&) { throw std::runtime_error("made"); }
  void operator()() const {}
  std::array<unsigned char, 100> filler{};
};

struct alignas(64) wide {
  bool operator()() const { return reinterpret_cast<std::uintptr_t>(this) % 64 == 0; }
};

int doubled(int value) { return 2 * value; }

struct person {
  std::string name;
  std::string greet(const std::string& who) const { return name + " greets " + who; }
};

template <std::size_t Size>
void check_destroyed_once() {
  {
    unique_function<int(int)> first = callable<Size>();
    TEST_ASSERT_EQUAL_INT(1, alive);
    unique_function<int(int)> second = std::move(first);
    TEST_ASSERT_EQUAL_INT(1, alive);
    TEST_ASSERT_FALSE(first);
    TEST_ASSERT_EQUAL_INT(3, second(3));
    TEST_ASSERT_EQUAL_INT(5, second(2));  // the same object: state stays
    first = std::move(second);
    TEST_ASSERT_EQUAL_INT(1, alive);
    TEST_ASSERT_EQUAL_INT(6, first(1));
  }
  TEST_ASSERT_EQUAL_INT(0, alive);
}

}  // namespace

void setUp() { alive = made = throwing_move::moves = 0; }
void tearDown() {}

static_assert(!std::is_copy_constructible_v<unique_function<void()>>);
static_assert(std::is_nothrow_move_constructible_v<unique_function<void()>>);
static_assert(!std::is_constructible_v<unique_function<void()>, int>);
static_assert(!std::is_constructible_v<unique_function<int()>, void (*)()>);

void test_an_empty_function_says_so() {
  unique_function<void()> none;
  TEST_ASSERT_FALSE(none);
  unique_function<void()> null = nullptr;
  TEST_ASSERT_FALSE(null);
}

void test_a_small_callable_is_destroyed_once() { check_destroyed_once<1>(); }

void test_a_big_callable_is_destroyed_once() { check_destroyed_once<1000>(); }

void test_a_big_callable_stays_where_it_is_when_moved() {
  unique_function<int(int)> first = callable<1000>();
  const int before = made;
  unique_function<int(int)> second = std::move(first);
  TEST_ASSERT_EQUAL_INT(before, made);
}

void test_a_callable_may_own_what_cannot_be_copied() {
  auto owned = std::make_unique<int>(42);
  unique_function<int()> function = [owned = std::move(owned)] { return *owned; };
  auto moved = std::move(function);
  TEST_ASSERT_EQUAL_INT(42, moved());
}

void test_arguments_and_results_may_be_move_only() {
  unique_function<std::unique_ptr<int>(std::unique_ptr<int>)> function = [](std::unique_ptr<int> given) {
    ++*given;
    return given;
  };
  TEST_ASSERT_EQUAL_INT(2, *function(std::make_unique<int>(1)));
}

void test_references_reach_the_caller() {
  unique_function<int&(int&)> function = [](int& given) -> int& { return ++given; };
  int value = 1;
  TEST_ASSERT_EQUAL_PTR(&value, &function(value));
  TEST_ASSERT_EQUAL_INT(2, value);
}

void test_a_result_that_nobody_wants_is_dropped() {
  int calls = 0;
  unique_function<void()> function = [&calls] { return ++calls; };
  function();
  TEST_ASSERT_EQUAL_INT(1, calls);
}

void test_function_pointers_are_callables() {
  unique_function<int(int)> function = doubled;
  TEST_ASSERT_EQUAL_INT(8, function(4));
  unique_function<int(int)> by_address = &doubled;
  TEST_ASSERT_EQUAL_INT(8, by_address(4));
}

void test_a_null_function_pointer_makes_an_empty_function() {
  int (*null)(int) = nullptr;
  unique_function<int(int)> function = null;
  TEST_ASSERT_FALSE(function);
}

void test_member_pointers_are_callables() {
  unique_function<std::string(const person&, const std::string&)> function = &person::greet;
  TEST_ASSERT_EQUAL_STRING("a greets b", function(person{"a"}, "b"));
  unique_function<std::string(const person&)> field = &person::name;
  TEST_ASSERT_EQUAL_STRING("a", field(person{"a"}));
  std::string person::*nothing = nullptr;
  unique_function<std::string(const person&)> empty = nothing;
  TEST_ASSERT_FALSE(empty);
}

void test_assignment_destroys_what_was_held() {
  unique_function<int(int)> function = callable<1>();
  function = callable<1000>();
  TEST_ASSERT_EQUAL_INT(1, alive);
  function = nullptr;
  TEST_ASSERT_EQUAL_INT(0, alive);
  TEST_ASSERT_FALSE(function);
}

void test_a_function_moved_into_itself_keeps_its_callable() {
  unique_function<int(int)> function = callable<1>();
  auto& same = function;
  function = std::move(same);
  TEST_ASSERT_EQUAL_INT(1, alive);
  TEST_ASSERT_EQUAL_INT(5, function(5));
}

void test_a_callable_with_a_throwing_move_goes_to_the_heap() {
  unique_function<int()> first = throwing_move();
  const int moves = throwing_move::moves;
  unique_function<int()> second = std::move(first);
  TEST_ASSERT_EQUAL_INT(moves, throwing_move::moves);
  TEST_ASSERT_EQUAL_INT(7, second());
}

void test_a_callable_with_a_wide_alignment_is_aligned() {
  unique_function<bool()> function = wide();
  TEST_ASSERT_TRUE(function());
}

void test_a_callable_that_cannot_be_made_leaks_nothing() {
  const throws_when_made bad;
  TEST_ASSERT_THROWS(std::runtime_error, unique_function<void()>(bad));
}

// How the library calls a user's callback: moved out first, so that the callback may destroy its owner.
void test_a_function_that_was_moved_out_may_destroy_its_old_place() {
  struct owner {
    unique_function<void()> function{};
  };
  auto place = std::make_unique<owner>();
  bool called = false;
  place->function = [&place, &called] {
    place.reset();
    called = true;
  };
  auto function = std::move(place->function);
  function();
  TEST_ASSERT_TRUE(called);
  TEST_ASSERT_NULL(place.get());
}

void test_a_callable_may_set_a_new_one_in_its_old_place() {
  unique_function<int()> next = [] { return 1; };
  unique_function<int()> place;
  place = [&place, next = std::move(next)]() mutable {
    place = std::move(next);
    return 0;
  };
  auto current = std::move(place);
  TEST_ASSERT_EQUAL_INT(0, current());
  TEST_ASSERT_EQUAL_INT(1, place());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_an_empty_function_says_so);
  RUN_TEST(test_a_small_callable_is_destroyed_once);
  RUN_TEST(test_a_big_callable_is_destroyed_once);
  RUN_TEST(test_a_big_callable_stays_where_it_is_when_moved);
  RUN_TEST(test_a_callable_may_own_what_cannot_be_copied);
  RUN_TEST(test_arguments_and_results_may_be_move_only);
  RUN_TEST(test_references_reach_the_caller);
  RUN_TEST(test_a_result_that_nobody_wants_is_dropped);
  RUN_TEST(test_function_pointers_are_callables);
  RUN_TEST(test_a_null_function_pointer_makes_an_empty_function);
  RUN_TEST(test_member_pointers_are_callables);
  RUN_TEST(test_assignment_destroys_what_was_held);
  RUN_TEST(test_a_function_moved_into_itself_keeps_its_callable);
  RUN_TEST(test_a_callable_with_a_throwing_move_goes_to_the_heap);
  RUN_TEST(test_a_callable_with_a_wide_alignment_is_aligned);
  RUN_TEST(test_a_callable_that_cannot_be_made_leaks_nothing);
  RUN_TEST(test_a_function_that_was_moved_out_may_destroy_its_old_place);
  RUN_TEST(test_a_callable_may_set_a_new_one_in_its_old_place);
  return UNITY_END();
}
