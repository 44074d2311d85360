#include "uvdial/operation.hpp"

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "unity.hpp"

using uvdial::operation;

void setUp() {}
void tearDown() {}

namespace {

// Writes down what an operation asks of its work: "cancel 7 drop 7".
class recorder final : public uvdial::detail::pending {
 public:
  explicit recorder(std::string& log) : log_(log) {}
  ~recorder() { write("gone"); }

  void cancel(std::uint32_t ticket) noexcept override { write("cancel " + std::to_string(ticket)); }
  void drop(std::uint32_t ticket) noexcept override { write("drop " + std::to_string(ticket)); }
  bool running(std::uint32_t ticket) const noexcept override { return ticket == current; }

  std::uint32_t current = 0;

 private:
  void write(const std::string& what) { log_ += (log_.empty() ? "" : " ") + what; }
  std::string& log_;
};

}  // namespace

static_assert(!std::is_copy_constructible_v<operation> && !std::is_copy_assignable_v<operation>);
static_assert(std::is_nothrow_move_constructible_v<operation>);
static_assert(std::is_nothrow_move_assignable_v<operation>);

void test_an_empty_operation_does_nothing() {
  operation none;
  TEST_ASSERT_FALSE(none.running());
  none.cancel();
  none.detach();
}

void test_destroying_an_operation_drops_its_work_with_its_ticket() {
  std::string log;
  { operation op(std::make_shared<recorder>(log), 7); }
  TEST_ASSERT_EQUAL_STRING("drop 7 gone", log);
}

void test_a_move_drops_nothing() {
  std::string log;
  auto work = std::make_shared<recorder>(log);
  work->current = 7;
  operation first(work, 7);
  operation second = std::move(first);
  TEST_ASSERT_EQUAL_STRING("", log);
  TEST_ASSERT_FALSE(first.running());
  TEST_ASSERT_TRUE(second.running());
  first.cancel();
  TEST_ASSERT_EQUAL_STRING("", log);
}

void test_assignment_drops_what_was_gripped() {
  std::string old_log;
  std::string new_log;
  auto work = std::make_shared<recorder>(new_log);
  work->current = 2;
  operation op(std::make_shared<recorder>(old_log), 1);
  op = operation(work, 2);
  TEST_ASSERT_EQUAL_STRING("drop 1 gone", old_log);
  TEST_ASSERT_EQUAL_STRING("", new_log);
  TEST_ASSERT_TRUE(op.running());
}

void test_assigning_an_empty_operation_drops_too() {
  std::string log;
  operation op(std::make_shared<recorder>(log), 1);
  op = {};
  TEST_ASSERT_EQUAL_STRING("drop 1 gone", log);
  TEST_ASSERT_FALSE(op.running());
}

void test_an_operation_moved_into_itself_runs_on() {
  std::string log;
  auto work = std::make_shared<recorder>(log);
  work->current = 7;
  operation op(work, 7);
  auto& same = op;
  op = std::move(same);
  TEST_ASSERT_EQUAL_STRING("", log);
  TEST_ASSERT_TRUE(op.running());
}

void test_a_detached_operation_runs_on_alone() {
  std::string log;
  auto work = std::make_shared<recorder>(log);
  work->current = 7;
  {
    operation op(work, 7);
    op.detach();
    TEST_ASSERT_FALSE(op.running());
    op.cancel();
  }
  TEST_ASSERT_EQUAL_STRING("", log);
}

void test_cancel_passes_the_ticket_and_keeps_the_grip() {
  std::string log;
  {
    operation op(std::make_shared<recorder>(log), 7);
    op.cancel();
    TEST_ASSERT_EQUAL_STRING("cancel 7", log);
  }
  TEST_ASSERT_EQUAL_STRING("cancel 7 drop 7 gone", log);
}

void test_an_operation_whose_ticket_is_old_does_not_run() {
  std::string log;
  auto work = std::make_shared<recorder>(log);
  work->current = 1;
  operation first(work, 1);
  work->current = 2;
  operation second(work, 2);
  TEST_ASSERT_FALSE(first.running());
  TEST_ASSERT_TRUE(second.running());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_an_empty_operation_does_nothing);
  RUN_TEST(test_destroying_an_operation_drops_its_work_with_its_ticket);
  RUN_TEST(test_a_move_drops_nothing);
  RUN_TEST(test_assignment_drops_what_was_gripped);
  RUN_TEST(test_assigning_an_empty_operation_drops_too);
  RUN_TEST(test_an_operation_moved_into_itself_runs_on);
  RUN_TEST(test_a_detached_operation_runs_on_alone);
  RUN_TEST(test_cancel_passes_the_ticket_and_keeps_the_grip);
  RUN_TEST(test_an_operation_whose_ticket_is_old_does_not_run);
  return UNITY_END();
}
