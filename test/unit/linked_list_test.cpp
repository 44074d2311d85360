#include "logic/linked_list.hpp"

#include <array>
#include <string>
#include <utility>

#include "support/unity.hpp"

using uvdial::detail::linked_list;
using uvdial::detail::list_link;

void setUp() {}
void tearDown() {}

namespace {

struct here;
struct there;
struct letter : list_link<here>, list_link<there> {
  explicit letter(char its_name) : name(its_name) {}
  char name;
};
using list = linked_list<letter, here>;
using other_list = linked_list<letter, there>;

struct world {
  std::array<letter, 4> letters{letter('a'), letter('b'), letter('c'), letter('d')};
  list all{};
  world() {
    for (letter& each : letters) all.push_back(each);
  }
};

// Takes out what is in it.
template <class Of>
std::string drained(linked_list<letter, Of>& from) {
  std::string text;
  while (!from.empty()) text += from.pop_front().name;
  return text;
}

}  // namespace

void test_elements_come_in_the_order_in_which_they_were_put() {
  world w;
  TEST_ASSERT_EQUAL(4u, w.all.size());
  TEST_ASSERT_TRUE(w.all.front().name == 'a' && w.all.back().name == 'd');
  TEST_ASSERT_EQUAL_STRING("abcd", drained(w.all));
  TEST_ASSERT_TRUE(w.all.empty());
  TEST_ASSERT_EQUAL(0u, w.all.size());
}

void test_one_leaves_from_anywhere_and_may_do_so_twice() {
  for (const std::size_t gone : {0u, 1u, 3u}) {
    world w;
    w.all.remove(w.letters[gone]);
    w.all.remove(w.letters[gone]);
    TEST_ASSERT_FALSE(list::is_listed(w.letters[gone]));
    std::string expected = "abcd";
    expected.erase(gone, 1);
    TEST_ASSERT_EQUAL_STRING(expected, drained(w.all));
  }
}

void test_one_that_is_put_again_moves() {
  world w;
  list other;
  w.all.push_back(w.letters[0]);
  w.all.push_front(w.letters[2]);
  other.push_back(w.letters[1]);
  TEST_ASSERT_EQUAL_STRING("cda", drained(w.all));
  TEST_ASSERT_EQUAL_STRING("b", drained(other));
}

void test_one_may_be_put_where_it_is() {
  world w;
  w.all.push_front(w.letters[0]);
  w.all.push_back(w.letters[3]);
  TEST_ASSERT_EQUAL_STRING("abcd", drained(w.all));
}

void test_one_is_in_lists_of_two_kinds_at_once() {
  world w;
  other_list others;
  others.push_back(w.letters[2]);
  w.all.remove(w.letters[2]);
  TEST_ASSERT_TRUE(other_list::is_listed(w.letters[2]));
  TEST_ASSERT_EQUAL_STRING("abd", drained(w.all));
  TEST_ASSERT_EQUAL_STRING("c", drained(others));
}

void test_a_list_takes_all_of_another_behind_its_own() {
  world w;
  list first, empty;
  first.push_back(w.letters[3]);
  first.push_back(w.letters[1]);
  first.take_all(w.all);
  first.take_all(empty);
  TEST_ASSERT_TRUE(w.all.empty());
  TEST_ASSERT_EQUAL_STRING("dbac", drained(first));
  w.all.push_back(w.letters[0]);
  list moved(std::move(w.all));
  TEST_ASSERT_EQUAL_STRING("a", drained(moved));
}

void test_whoever_goes_first_leaves_nothing_behind() {
  world w;
  {
    letter passing('x');
    list passing_list;
    w.all.push_front(passing);
    passing_list.push_back(w.letters[1]);
  }
  TEST_ASSERT_FALSE(list::is_listed(w.letters[1]));
  TEST_ASSERT_EQUAL_STRING("acd", drained(w.all));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_elements_come_in_the_order_in_which_they_were_put);
  RUN_TEST(test_one_leaves_from_anywhere_and_may_do_so_twice);
  RUN_TEST(test_one_that_is_put_again_moves);
  RUN_TEST(test_one_may_be_put_where_it_is);
  RUN_TEST(test_one_is_in_lists_of_two_kinds_at_once);
  RUN_TEST(test_a_list_takes_all_of_another_behind_its_own);
  RUN_TEST(test_whoever_goes_first_leaves_nothing_behind);
  return UNITY_END();
}
