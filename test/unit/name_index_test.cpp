#include "logic/name_index.hpp"

#include <map>
#include <random>
#include <string>

#include "support/unity.hpp"

using uvdial::detail::indexed_name;
using uvdial::detail::make_named;
using uvdial::detail::name_index;
using uvdial::detail::named;

void setUp() {}
void tearDown() {}

namespace {

struct entry final : indexed_name {
  entry(std::string_view name, std::uint16_t kind) noexcept : indexed_name(name, kind) {}
};

named<entry> make(std::string_view name, std::uint16_t kind = 1) {
  return make_named<entry>(name, std::move(kind));
}

}  // namespace

void test_what_was_added_is_found_until_it_is_removed() {
  name_index index;
  const auto one = make("a.test");
  TEST_ASSERT_NULL(index.find("a.test", 1));
  index.add(*one);
  TEST_ASSERT_TRUE(index.find("a.test", 1) == one.get());
  TEST_ASSERT_NULL(index.find("b.test", 1));
  index.remove(*one);
  index.remove(*one);
  TEST_ASSERT_NULL(index.find("a.test", 1));
}

void test_the_number_tells_apart_what_has_one_name() {
  name_index index;
  const auto one = make("a.test", 1), other = make("a.test", 28);
  index.add(*one);
  index.add(*other);
  TEST_ASSERT_TRUE(index.find("a.test", 1) == one.get());
  TEST_ASSERT_TRUE(index.find("a.test", 28) == other.get());
  TEST_ASSERT_NULL(index.find("a.test", 12));
}

void test_case_and_one_final_dot_do_not_matter() {
  name_index index;
  const auto one = make("Long-Name.Example.TEST.");
  index.add(*one);
  for (const char* same : {"long-name.example.test", "LONG-NAME.EXAMPLE.TEST.", "Long-Name.Example.TEST"})
    TEST_ASSERT_TRUE_MESSAGE(index.find(same, 1) == one.get(), same);
  for (const char* other :
       {"long-name.example.test..", "long-name.example.tes", "long-name.example.t\x85st", ""})
    TEST_ASSERT_NULL_MESSAGE(index.find(other, 1), other);
}

void test_each_carries_its_own_copy_of_its_name() {
  std::string name = "a.test";
  const auto one = make(name);
  name.assign(name.size(), 'x');
  TEST_ASSERT_EQUAL_STRING("a.test", std::string(one->text()));
  TEST_ASSERT_EQUAL_STRING("a.test", one->text().data());
  TEST_ASSERT_EQUAL_STRING("", make("")->text().data());
}

void test_a_cleared_index_can_be_used_again() {
  name_index index;
  const auto one = make("a.test"), other = make("b.test");
  index.add(*one);
  index.add(*other);
  index.clear();
  TEST_ASSERT_NULL(index.find("a.test", 1));
  index.remove(*one);
  index.add(*other);
  TEST_ASSERT_TRUE(index.find("b.test", 1) == other.get());
}

void test_any_number_of_names_comes_and_goes() {
  name_index index;
  std::map<std::string, named<entry>> model;
  std::mt19937 random(2026);
  for (int step = 0; step < 20'000; ++step) {
    const std::string name = "h" + std::to_string(random() % 3'000) + ".test";
    auto& kept = model[name];
    TEST_ASSERT_TRUE(index.find(name, 1) == kept.get());
    if (kept) {
      index.remove(*kept);
      kept.reset();
    } else {
      kept = make(name);
      index.add(*kept);
    }
  }
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_what_was_added_is_found_until_it_is_removed);
  RUN_TEST(test_the_number_tells_apart_what_has_one_name);
  RUN_TEST(test_case_and_one_final_dot_do_not_matter);
  RUN_TEST(test_each_carries_its_own_copy_of_its_name);
  RUN_TEST(test_a_cleared_index_can_be_used_again);
  RUN_TEST(test_any_number_of_names_comes_and_goes);
  return UNITY_END();
}
