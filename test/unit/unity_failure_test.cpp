// Failing tests. They run in a child: this program again, with an argument that makes it register other tests.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

#include "unity.hpp"

namespace {

bool is_child = false;
int torn_down = 0;

// Says on standard output when it is destroyed.
struct witness {
  explicit witness(const char* text) : name(text) {}
  witness(const witness&) = delete;
  witness& operator=(const witness&) = delete;
  ~witness() { std::printf("destroyed %s\n", name); }
  const char* name;
};

struct child_result {
  int status;  // exit status; 256 and more: killed by a signal
  std::string output;
};

std::string own_path() {
  std::array<char, 4096> path{};
  const ssize_t length = readlink("/proc/self/exe", path.data(), path.size() - 1);
  return length > 0 ? std::string(path.data(), static_cast<std::size_t>(length)) : std::string();
}

// `settings` are assignments in front of the command, `arguments` what follows the word that makes it a child.
child_result run_child(const std::string& settings, const std::string& arguments) {
  if (own_path().empty()) {
    TEST_IGNORE_MESSAGE("a program cannot find itself here");
  }
  const std::string command =
      "ulimit -c 0; " + settings + " '" + own_path() + "' --child " + arguments + " 2>&1";
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) {
    throw std::runtime_error("popen failed");
  }
  child_result result{0, {}};
  std::array<char, 512> chunk{};
  while (const std::size_t size = std::fread(chunk.data(), 1, chunk.size(), pipe)) {
    result.output.append(chunk.data(), size);
  }
  const int status = pclose(pipe);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
  return result;
}

child_result run_child(const std::string& test) { return run_child("", "--filter " + test); }

// What the child runs.

void child_passes() { TEST_ASSERT_TRUE(true); }

void child_fails_under_an_object() {
  const witness seen("by a failure");
  const auto owned = std::make_unique<witness>("on the heap");
  TEST_ASSERT_EQUAL_MESSAGE(1, 2, "the message");
}

void child_throws() {
  const witness seen("by an exception");
  throw std::runtime_error("a foreign exception");
}

void child_throws_a_number() { throw 42; }

void child_is_ignored() {
  const witness seen("by an ignored test");
  TEST_IGNORE_MESSAGE("not today");
}

void child_swallows_its_failure() {
  try {
    TEST_FAIL_MESSAGE("swallowed");
  } catch (...) {
    std::puts("caught");
  }
}

void child_fails_in_tear_down() {}

void child_fails_in_set_up() { std::puts("the test ran"); }

void child_shows_values() { TEST_ASSERT_EQUAL(std::string("a\n\"b\""), "c"); }

void child_asserts_in_noexcept() {
  []() noexcept { TEST_FAIL_MESSAGE("inside noexcept"); }();
}

const char* running_child_test = "";

bool runs(std::string_view name) {
  return std::string_view(running_child_test).find(name) != std::string_view::npos;
}

int run_as_child(const char* filter) {
  running_child_test = filter;
  UNITY_BEGIN();
  RUN_TEST(child_passes);
  RUN_TEST(child_fails_under_an_object);
  RUN_TEST(child_throws);
  RUN_TEST(child_throws_a_number);
  RUN_TEST(child_is_ignored);
  RUN_TEST(child_swallows_its_failure);
  RUN_TEST(child_fails_in_tear_down);
  RUN_TEST(child_fails_in_set_up);
  RUN_TEST(child_shows_values);
  if (runs("child_asserts_in_noexcept")) {
    RUN_TEST(child_asserts_in_noexcept);  // ends the process
  }
  return UNITY_END();
}

// The tests.

void test_a_failure_runs_the_destructors() {
  const child_result child = run_child("child_fails_under_an_object");
  TEST_ASSERT_EQUAL_MESSAGE(1, child.status, child.output);
  TEST_ASSERT_CONTAINS_STRING("destroyed by a failure", child.output);
  TEST_ASSERT_CONTAINS_STRING("destroyed on the heap", child.output);
}

void test_a_failure_tells_place_values_and_message() {
  const child_result child = run_child("child_fails_under_an_object");
  TEST_ASSERT_CONTAINS_STRING("unity_failure_test.cpp:", child.output);
  TEST_ASSERT_CONTAINS_STRING("the message: 2: expected 1, was 2", child.output);
}

void test_values_of_a_failure_are_escaped() {
  const child_result child = run_child("child_shows_values");
  TEST_ASSERT_CONTAINS_STRING(R"(expected "a\n\"b\"", was "c")", child.output);
}

void test_a_foreign_exception_is_a_failure() {
  const child_result child = run_child("child_throws*");
  TEST_ASSERT_EQUAL(2, child.status);
  TEST_ASSERT_CONTAINS_STRING("destroyed by an exception", child.output);
  TEST_ASSERT_CONTAINS_STRING("an exception left child_throws: a foreign exception", child.output);
  TEST_ASSERT_CONTAINS_STRING("of unknown type left child_throws_a_number", child.output);
}

void test_the_exit_status_counts_failures() {
  const child_result child = run_child("", "");
  // Passed or ignored, or failing only when chosen: four of nine.
  TEST_ASSERT_EQUAL_MESSAGE(5, child.status, child.output);
}

void test_an_ignored_test_gives_its_reason_and_does_not_fail() {
  const child_result child = run_child("child_is_ignored");
  TEST_ASSERT_EQUAL_MESSAGE(0, child.status, child.output);
  TEST_ASSERT_CONTAINS_STRING("ignored: not today", child.output);
  TEST_ASSERT_CONTAINS_STRING("destroyed by an ignored test", child.output);
  TEST_ASSERT_CONTAINS_STRING("SKIPPED", child.output);
}

void test_a_swallowed_failure_still_fails() {
  const child_result child = run_child("child_swallows_its_failure");
  TEST_ASSERT_EQUAL(1, child.status);
  TEST_ASSERT_CONTAINS_STRING("caught", child.output);
  TEST_ASSERT_CONTAINS_STRING("swallowed", child.output);
}

void test_tear_down_runs_after_a_failure_and_may_fail() {
  TEST_ASSERT_CONTAINS_STRING("torn down 1", run_child("child_fails_under_an_object").output);
  const child_result child = run_child("child_fails_in_tear_down");
  TEST_ASSERT_EQUAL(1, child.status);
  TEST_ASSERT_CONTAINS_STRING("tearDown says no", child.output);
}

void test_a_failing_set_up_keeps_the_test_from_running() {
  const child_result child = run_child("child_fails_in_set_up");
  TEST_ASSERT_EQUAL(1, child.status);
  TEST_ASSERT_CONTAINS_STRING("setUp says no", child.output);
  TEST_ASSERT_CONTAINS_STRING("torn down 1", child.output);
  TEST_ASSERT_EQUAL(std::string::npos, child.output.find("the test ran"));
}

void test_an_assertion_that_cannot_unwind_is_named() {
  const child_result child = run_child("child_asserts_in_noexcept");
  TEST_ASSERT_NOT_EQUAL(0, child.status);
  TEST_ASSERT_CONTAINS_STRING("inside noexcept", child.output);
}

void test_one_test_can_be_chosen() {
  TEST_ASSERT_EQUAL(0, run_child("", "--filter child_passes").status);
  TEST_ASSERT_EQUAL(0, run_child("", "--filter=child_p*").status);
  TEST_ASSERT_EQUAL(0, run_child("UVDIAL_TEST=child_passes", "").status);
  const child_result none = run_child("", "--filter child_nowhere");
  TEST_ASSERT_EQUAL(1, none.status);
  TEST_ASSERT_CONTAINS_STRING("none matches child_nowhere", none.output);
}

void test_the_report_of_cmocka_can_be_xml() {
  const child_result child = run_child("CMOCKA_MESSAGE_OUTPUT=XML", "--filter child_fails_under_an_object");
  TEST_ASSERT_EQUAL(1, child.status);
  TEST_ASSERT_CONTAINS_STRING("<testcase name=\"child_fails_under_an_object\"", child.output);
  TEST_ASSERT_CONTAINS_STRING("the message: 2: expected 1, was 2", child.output);
}

}  // namespace

void setUp() {
  if (is_child && runs("child_fails_in_set_up")) {
    TEST_FAIL_MESSAGE("setUp says no");
  }
}

void tearDown() {
  ++torn_down;
  if (is_child) {
    std::printf("torn down %d\n", torn_down);
    if (runs("child_fails_in_tear_down")) {
      TEST_FAIL_MESSAGE("tearDown says no");
    }
  }
}

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "--child") {
    is_child = true;
    return run_as_child(argc > 3 ? argv[3] : "");
  }
  UNITY_BEGIN();
  RUN_TEST(test_a_failure_runs_the_destructors);
  RUN_TEST(test_a_failure_tells_place_values_and_message);
  RUN_TEST(test_values_of_a_failure_are_escaped);
  RUN_TEST(test_a_foreign_exception_is_a_failure);
  RUN_TEST(test_the_exit_status_counts_failures);
  RUN_TEST(test_an_ignored_test_gives_its_reason_and_does_not_fail);
  RUN_TEST(test_a_swallowed_failure_still_fails);
  RUN_TEST(test_tear_down_runs_after_a_failure_and_may_fail);
  RUN_TEST(test_a_failing_set_up_keeps_the_test_from_running);
  RUN_TEST(test_an_assertion_that_cannot_unwind_is_named);
  RUN_TEST(test_one_test_can_be_chosen);
  RUN_TEST(test_the_report_of_cmocka_can_be_xml);
  return UNITY_END();
}
