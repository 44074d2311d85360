#include "logic/wake_queue.hpp"

#include <algorithm>
#include <map>
#include <random>

#include "support/unity.hpp"

using uvdial::detail::wake_entry;
using uvdial::detail::wake_queue;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;

void setUp() {}
void tearDown() {}

namespace {

constexpr unsigned seed = 20240817;

// The queue beside a multimap that does the same, slowly and plainly.
class pair_of_queues {
 public:
  void set(wake_entry& entry, nanoseconds when) {
    forget(entry);
    model_.emplace(when, &entry);
    queue_.set(entry, when);
  }
  void remove(wake_entry& entry) {
    forget(entry);
    queue_.remove(entry);
  }
  // Entries of the same time come in any order: what was taken must be one of the earliest.
  void take_due(nanoseconds now) {
    wake_entry* taken = queue_.take_due(now);
    const bool some_due = !model_.empty() && model_.begin()->first <= now;
    TEST_ASSERT_EQUAL(some_due, taken != nullptr);
    if (!taken) return;
    TEST_ASSERT_EQUAL(model_.begin()->first, taken->when());
    TEST_ASSERT_FALSE(taken->waits());
    TEST_ASSERT_TRUE(forget(*taken));
  }
  void check(const wake_entry& entry) const {
    const auto earliest = queue_.earliest();
    TEST_ASSERT_EQUAL(model_.empty(), !earliest.has_value());
    if (earliest) TEST_ASSERT_EQUAL(model_.begin()->first, *earliest);
    const bool waits =
        std::any_of(model_.begin(), model_.end(), [&](auto& each) { return each.second == &entry; });
    TEST_ASSERT_EQUAL(waits, entry.waits());
  }

 private:
  bool forget(const wake_entry& entry) {
    return std::erase_if(model_, [&entry](const auto& each) { return each.second == &entry; }) == 1;
  }

  wake_queue queue_;
  std::multimap<nanoseconds, const wake_entry*> model_;
};

}  // namespace

void test_an_empty_queue_has_nothing_due() {
  wake_queue queue;
  TEST_ASSERT_FALSE(queue.earliest().has_value());
  TEST_ASSERT_NULL(queue.take_due(nanoseconds::max()));
}

void test_an_entry_is_due_at_its_time_and_not_before() {
  wake_queue queue;
  wake_entry entry;
  queue.set(entry, 10ns);
  TEST_ASSERT_NULL(queue.take_due(9ns));
  TEST_ASSERT_TRUE(entry.waits());
  TEST_ASSERT_EQUAL_PTR(&entry, queue.take_due(10ns));
  TEST_ASSERT_FALSE(entry.waits());
  TEST_ASSERT_FALSE(queue.earliest().has_value());
}

void test_setting_again_moves_the_entry() {
  wake_queue queue;
  wake_entry entry;
  wake_entry other;
  queue.set(other, 20ns);
  queue.set(entry, 10ns);
  queue.set(entry, 30ns);
  TEST_ASSERT_EQUAL_PTR(&other, queue.take_due(100ns));
  TEST_ASSERT_EQUAL_PTR(&entry, queue.take_due(100ns));
  TEST_ASSERT_NULL(queue.take_due(100ns));
}

void test_removing_what_does_not_wait_does_nothing() {
  wake_queue queue;
  wake_entry entry;
  wake_entry other;
  queue.set(other, 1ns);
  queue.remove(entry);
  TEST_ASSERT_EQUAL(nanoseconds(1), queue.earliest().value());
  queue.remove(other);
}

void test_entries_of_one_time_all_come() {
  wake_queue queue;
  std::vector<wake_entry> entries(5);
  for (wake_entry& each : entries) queue.set(each, 7ns);
  for (std::size_t left = entries.size(); left > 0; --left) TEST_ASSERT_NOT_NULL(queue.take_due(7ns));
  TEST_ASSERT_NULL(queue.take_due(7ns));
}

void test_random_operations_agree_with_a_multimap() {
  std::mt19937 random(seed);
  std::vector<wake_entry> entries(40);
  pair_of_queues queues;
  for (int step = 0; step < 20'000; ++step) {
    wake_entry& entry = entries[random() % entries.size()];
    const nanoseconds when(random() % 50);  // few times, so that many are the same
    switch (random() % 4) {
      case 0:
      case 1: queues.set(entry, when); break;
      case 2: queues.remove(entry); break;
      default: queues.take_due(when);
    }
    queues.check(entry);
  }
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_an_empty_queue_has_nothing_due);
  RUN_TEST(test_an_entry_is_due_at_its_time_and_not_before);
  RUN_TEST(test_setting_again_moves_the_entry);
  RUN_TEST(test_removing_what_does_not_wait_does_nothing);
  RUN_TEST(test_entries_of_one_time_all_come);
  RUN_TEST(test_random_operations_agree_with_a_multimap);
  return UNITY_END();
}
