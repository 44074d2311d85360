// The owner of a uv handle: when it closes, who frees the memory, and what the count says.
#include "glue/handle.hpp"

#include <cstdlib>
#include <memory>
#include <utility>

#include "support/loop_fixture.hpp"

using uvdial::tcp_handle;
using uvdial::detail::close_then;
using uvdial::detail::handle_count;
using uvdial::detail::uv_handle;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

struct noted {
  int number = 0;
};

template <class Handle>
int open_timer(Handle& owner, const std::shared_ptr<handle_count>& count = nullptr) {
  return owner.open(count, [](uv_timer_t* made) { return uv_timer_init(&fixture::loop(), made); });
}

int open_tcp(uv_handle<uv_tcp_t>& owner, const std::shared_ptr<handle_count>& count) {
  return owner.open(count, [](uv_tcp_t* made) { return uv_tcp_init(&fixture::loop(), made); });
}

bool closing(uv_timer_t* handle) { return uv_is_closing(reinterpret_cast<uv_handle_t*>(handle)) != 0; }

void free_closed(uv_handle_t* handle) { std::free(handle); }

tcp_handle plain_tcp() {
  auto* made = static_cast<uv_tcp_t*>(std::malloc(sizeof(uv_tcp_t)));
  TEST_ASSERT_EQUAL(0, uv_tcp_init(&fixture::loop(), made));
  return tcp_handle(made);
}

}  // namespace

static void test_an_owner_starts_with_nothing() {
  uv_handle<uv_timer_t> owner;
  TEST_ASSERT_FALSE(owner);
  TEST_ASSERT_NULL(owner.get());
  TEST_ASSERT_NULL(owner.release());
  owner.reset();
}

static void test_a_failing_init_owns_nothing_and_counts_nothing() {
  const auto count = std::make_shared<handle_count>();
  uv_handle<uv_timer_t> owner;
  TEST_ASSERT_EQUAL(UV_EMFILE, owner.open(count, [](uv_timer_t*) -> int { return UV_EMFILE; }));
  TEST_ASSERT_FALSE(owner);
  TEST_ASSERT_EQUAL(0u, count->open());
  TEST_ASSERT_EQUAL(1, count.use_count());
}

static void test_an_opened_handle_has_no_data_and_a_zeroed_extra() {
  uv_handle<uv_timer_t, noted> owner;
  TEST_ASSERT_EQUAL(0, open_timer(owner));
  TEST_ASSERT_NULL(owner->data);
  TEST_ASSERT_EQUAL(0, owner.extra().number);
  owner.extra().number = 4;
  TEST_ASSERT_EQUAL(4, owner.extra().number);
}

static void test_the_end_of_the_owner_closes_and_the_loop_frees() {
  const auto count = std::make_shared<handle_count>();
  {
    uv_handle<uv_timer_t> owner;
    TEST_ASSERT_EQUAL(0, open_timer(owner, count));
    TEST_ASSERT_EQUAL(1u, count->open());
  }
  TEST_ASSERT_EQUAL_MESSAGE(1u, count->open(), "closing takes a turn of the loop");
  fixture::run();
  TEST_ASSERT_EQUAL(0u, count->open());
  TEST_ASSERT_EQUAL(1, count.use_count());
}

static void test_data_is_cleared_before_the_close() {
  uv_handle<uv_timer_t> owner;
  TEST_ASSERT_EQUAL(0, open_timer(owner));
  owner->data = &owner;
  uv_timer_t* handle = owner.get();
  owner.reset();
  TEST_ASSERT_TRUE(closing(handle));
  TEST_ASSERT_NULL(handle->data);
}

static void test_opening_again_closes_the_first() {
  const auto count = std::make_shared<handle_count>();
  uv_handle<uv_timer_t> owner;
  TEST_ASSERT_EQUAL(0, open_timer(owner, count));
  uv_timer_t* first = owner.get();
  TEST_ASSERT_EQUAL(0, open_timer(owner, count));
  TEST_ASSERT_TRUE(closing(first));
  TEST_ASSERT_FALSE(closing(owner.get()));
  TEST_ASSERT_EQUAL(2u, count->open());
  fixture::run();
  TEST_ASSERT_EQUAL(1u, count->open());
}

static void test_a_move_takes_the_handle_along() {
  uv_handle<uv_timer_t> first;
  TEST_ASSERT_EQUAL(0, open_timer(first));
  uv_timer_t* handle = first.get();
  uv_handle<uv_timer_t> second(std::move(first));
  TEST_ASSERT_FALSE(first);
  TEST_ASSERT_EQUAL_PTR(handle, second.get());
  uv_handle<uv_timer_t> third;
  third = std::move(second);
  TEST_ASSERT_FALSE(second);
  TEST_ASSERT_EQUAL_PTR(handle, third.get());
  TEST_ASSERT_FALSE(closing(handle));
}

static void test_a_handle_that_is_assigned_over_is_closed_with_the_source() {
  const auto count = std::make_shared<handle_count>();
  uv_handle<uv_timer_t> target;
  TEST_ASSERT_EQUAL(0, open_timer(target, count));
  {
    uv_handle<uv_timer_t> source;
    TEST_ASSERT_EQUAL(0, open_timer(source, count));
    target = std::move(source);
  }
  fixture::run();
  TEST_ASSERT_EQUAL(1u, count->open());
  TEST_ASSERT_FALSE(closing(target.get()));
}

static void test_the_count_tells_when_the_last_handle_is_closed() {
  const auto count = std::make_shared<handle_count>();
  int told = 0;
  std::size_t open_then = 9;
  uv_handle<uv_timer_t> first;
  uv_handle<uv_timer_t> second;
  TEST_ASSERT_EQUAL(0, open_timer(first, count));
  TEST_ASSERT_EQUAL(0, open_timer(second, count));
  count->when_none([&] { ++told, open_then = count->open(); });
  first.reset();
  fixture::run();
  TEST_ASSERT_EQUAL(0, told);
  second.reset();
  TEST_ASSERT_EQUAL_MESSAGE(0, told, "not inside reset()");
  fixture::run();
  TEST_ASSERT_EQUAL(1, told);
  TEST_ASSERT_EQUAL(0u, open_then);
}

static void test_the_count_outlives_its_owners_until_it_has_told() {
  auto count = std::make_shared<handle_count>();
  int told = 0;
  {
    uv_handle<uv_timer_t> owner;
    TEST_ASSERT_EQUAL(0, open_timer(owner, count));
    count->when_none([&told] { ++told; });
    count.reset();
  }
  fixture::run();
  TEST_ASSERT_EQUAL(1, told);
}

static void test_a_released_handle_leaves_the_count_and_is_freed_by_its_new_owner() {
  const auto count = std::make_shared<handle_count>();
  int told = 0;
  uv_handle<uv_tcp_t> owner;
  TEST_ASSERT_EQUAL(0, open_tcp(owner, count));
  owner->data = &owner;
  count->when_none([&told] { ++told; });
  uv_tcp_t* given = owner.release();
  TEST_ASSERT_FALSE(owner);
  TEST_ASSERT_NULL(given->data);
  TEST_ASSERT_EQUAL(0u, count->open());
  TEST_ASSERT_EQUAL(1, told);
  TEST_ASSERT_EQUAL(1, count.use_count());
  uv_close(reinterpret_cast<uv_handle_t*>(given), free_closed);
}

static void test_a_tcp_handle_closes_itself() {
  { const tcp_handle dying = plain_tcp(); }
  fixture::run();
}

static void test_close_then_tells_from_the_loop_when_the_handle_is_gone() {
  struct : uvdial::detail::close_listener {
    void handle_closed() noexcept override { ++told; }
    int told = 0;
  } owner;
  close_then(uvdial::stream_handle(reinterpret_cast<uv_stream_t*>(plain_tcp().release())), owner);
  TEST_ASSERT_EQUAL(0, owner.told);
  fixture::run();
  TEST_ASSERT_EQUAL(1, owner.told);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_an_owner_starts_with_nothing);
  RUN_TEST(test_a_failing_init_owns_nothing_and_counts_nothing);
  RUN_TEST(test_an_opened_handle_has_no_data_and_a_zeroed_extra);
  RUN_TEST(test_the_end_of_the_owner_closes_and_the_loop_frees);
  RUN_TEST(test_data_is_cleared_before_the_close);
  RUN_TEST(test_opening_again_closes_the_first);
  RUN_TEST(test_a_move_takes_the_handle_along);
  RUN_TEST(test_a_handle_that_is_assigned_over_is_closed_with_the_source);
  RUN_TEST(test_the_count_tells_when_the_last_handle_is_closed);
  RUN_TEST(test_the_count_outlives_its_owners_until_it_has_told);
  RUN_TEST(test_a_released_handle_leaves_the_count_and_is_freed_by_its_new_owner);
  RUN_TEST(test_a_tcp_handle_closes_itself);
  RUN_TEST(test_close_then_tells_from_the_loop_when_the_handle_is_gone);
  return UNITY_END();
}
