// The vector whose first elements lie inside of it.
#include "logic/few.hpp"

#include <memory>
#include <utility>
#include <vector>

#include "unity.hpp"

using uvdial::detail::few;

void setUp() {}
void tearDown() {}

namespace {

using few_owners = few<std::unique_ptr<int>, 2>;

std::vector<int> values_of(const few_owners& list) {
  std::vector<int> values;
  for (const auto& each : list) values.push_back(*each);
  return values;
}

void fill(few_owners& list, int count) {
  for (int value = 0; value < count; ++value) list.add(std::make_unique<int>(value));
}

bool lies_inside(const few_owners& list) {
  const auto* const object = reinterpret_cast<const std::byte*>(&list);
  const auto* const first = reinterpret_cast<const std::byte*>(list.begin());
  return first >= object && first < object + sizeof list;
}

}  // namespace

static void test_the_first_elements_lie_inside_and_more_do_not() {
  few_owners list;
  TEST_ASSERT_TRUE(list.empty());
  fill(list, 2);
  TEST_ASSERT_TRUE(lies_inside(list));
  list.add(std::make_unique<int>(2));
  TEST_ASSERT_FALSE(lies_inside(list));
  TEST_ASSERT_TRUE(values_of(list) == (std::vector{0, 1, 2}));
}

static void test_elements_keep_their_order_however_many_there_are() {
  few_owners list;
  fill(list, 100);
  TEST_ASSERT_EQUAL(100u, list.size());
  for (int value = 0; value < 100; ++value) TEST_ASSERT_EQUAL(value, *list[static_cast<std::size_t>(value)]);
  TEST_ASSERT_EQUAL(99, *list.back());
}

static void test_an_erased_element_leaves_no_gap() {
  few_owners list;
  fill(list, 4);
  list.erase(&list[1]);
  TEST_ASSERT_TRUE(values_of(list) == (std::vector{0, 2, 3}));
  list.erase(&list[2]);
  list.erase(&list[0]);
  TEST_ASSERT_TRUE(values_of(list) == (std::vector{2}));
}

static void test_room_that_was_reserved_is_used_without_moving() {
  few_owners list;
  fill(list, 1);
  list.reserve(5);
  const auto* const first = list.begin();
  while (list.size() < 5) list.add(std::make_unique<int>(7));
  TEST_ASSERT_TRUE(first == list.begin());
}

static void test_what_is_cleared_or_destroyed_is_let_go() {
  const auto shared = std::make_shared<int>(1);
  {
    few<std::shared_ptr<int>, 1> list;
    for (int i = 0; i < 3; ++i) list.add(shared);
    TEST_ASSERT_EQUAL(4, shared.use_count());
    list.clear();
    TEST_ASSERT_EQUAL(1, shared.use_count());
    list.add(shared);
    list.add(shared);
  }
  TEST_ASSERT_EQUAL(1, shared.use_count());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_the_first_elements_lie_inside_and_more_do_not);
  RUN_TEST(test_elements_keep_their_order_however_many_there_are);
  RUN_TEST(test_an_erased_element_leaves_no_gap);
  RUN_TEST(test_room_that_was_reserved_is_used_without_moving);
  RUN_TEST(test_what_is_cleared_or_destroyed_is_let_go);
  return UNITY_END();
}
