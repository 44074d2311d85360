// How often a file is looked at and read, and what stands while it cannot be.
#include "glue/watched_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <ctime>
#include <new>

#include "glue/hosts_file.hpp"
#include "glue/resolv_conf_file.hpp"
#include "support/faults.hpp"
#include "support/temporary_file.hpp"
#include "support/unity.hpp"
#include "uvdial/error.hpp"

using namespace std::chrono_literals;
using uvdial::detail::hosts_file;
using uvdial::detail::instant;
using uvdial::detail::resolv_conf_file;
using uvdial::detail::watched_file;

namespace {

instant clock_time{0};
instant test_clock() noexcept { return clock_time; }

// How much later than the files of a test were written the system's clock is.
std::chrono::seconds age_of_files{0};
bool clock_of_files_stands = false;  // all writes are in one tick

// The tested file is told from what else the program opens by its name.
bool is_ours(const char* path) {
  return std::string_view(path).find("uvdial-test-") != std::string_view::npos;
}

}  // namespace

extern "C" {
int __real_open(const char* path, int flags, ...);
int __wrap_open(const char* path, int flags, ...) {
  std::va_list rest;
  va_start(rest, flags);
  const unsigned mode = (flags & O_CREAT) != 0 ? va_arg(rest, unsigned) : 0;
  va_end(rest);
  if (is_ours(path)) {
    if (const auto scripted = faults::next("open")) {
      errno = static_cast<int>(*scripted);
      return -1;
    }
  }
  return __real_open(path, flags, mode);
}
ssize_t __real_read(int descriptor, void* into, size_t size);
ssize_t __wrap_read(int descriptor, void* into, size_t size) {
  if (const auto scripted = faults::next("read")) {
    errno = static_cast<int>(*scripted);
    return -1;
  }
  return __real_read(descriptor, into, size);
}
int __real_clock_gettime(clockid_t which, timespec* into);
int __wrap_clock_gettime(clockid_t which, timespec* into) {
  const int result = __real_clock_gettime(which, into);
  if (which == CLOCK_REALTIME)
    into->tv_sec = (clock_of_files_stands ? 0 : into->tv_sec) + age_of_files.count();
  return result;
}
int __real_stat(const char* path, struct stat* into);
int __wrap_stat(const char* path, struct stat* into) {
  if (is_ours(path)) {
    if (const auto scripted = faults::next("stat")) {
      errno = static_cast<int>(*scripted);
      return -1;
    }
  }
  const int result = __real_stat(path, into);
  if (clock_of_files_stands) into->st_mtim = into->st_ctim = {};
  return result;
}
int __real_fstat(int descriptor, struct stat* into);
int __wrap_fstat(int descriptor, struct stat* into) {
  const int result = __real_fstat(descriptor, into);
  if (clock_of_files_stands) into->st_mtim = into->st_ctim = {};
  return result;
}
}

void setUp() {
  faults::clear();
  clock_time = 0s;
  age_of_files = 1h;
  clock_of_files_stands = false;
}
void tearDown() { faults::clear(); }

namespace {

// What look() hands over; "-": nothing.
std::string taken(watched_file& file) {
  std::string text = "-";
  file.look([&text](std::string_view found) { text = found; });
  return text;
}

std::string taken_a_second_later(watched_file& file) {
  clock_time += 1s;
  return taken(file);
}

}  // namespace

void test_an_unchanged_file_is_read_once() {
  const temporary_file file("one");
  watched_file watched(file.path(), test_clock);
  TEST_ASSERT_EQUAL_STRING("one", taken(watched));
  for (int i = 0; i < 100; ++i) TEST_ASSERT_EQUAL_STRING("-", taken_a_second_later(watched));
  TEST_ASSERT_EQUAL(1u, faults::calls("open"));
  TEST_ASSERT_EQUAL(101u, faults::calls("stat"));
}

void test_within_a_second_the_file_is_not_even_looked_at() {
  const temporary_file file("one");
  watched_file watched(file.path(), test_clock);
  (void)taken(watched);
  for (int i = 0; i < 1000; ++i) {
    TEST_ASSERT_EQUAL_STRING("-", taken(watched));
    if (i % 2) clock_time += 1ms;
  }
  TEST_ASSERT_EQUAL(1u, faults::calls("stat"));
  clock_time = 1s;
  (void)taken(watched);
  TEST_ASSERT_EQUAL(2u, faults::calls("stat"));
}

void test_looking_again_is_a_look_and_no_reading() {
  const temporary_file file("one");
  watched_file watched(file.path(), test_clock);
  (void)taken(watched);
  watched.look_again();
  TEST_ASSERT_EQUAL_STRING("-", taken(watched));
  TEST_ASSERT_EQUAL_STRING("-", taken(watched));
  TEST_ASSERT_EQUAL(2u, faults::calls("stat"));
  TEST_ASSERT_EQUAL(1u, faults::calls("open"));
}

// Written twice within one tick of the file system, and read between: stat cannot tell the two apart.
void test_a_file_that_has_just_changed_is_read_again() {
  const temporary_file file("one");
  watched_file watched(file.path(), test_clock);
  age_of_files = 1s;
  clock_of_files_stands = true;
  TEST_ASSERT_EQUAL_STRING("one", taken(watched));
  file.write("two");
  TEST_ASSERT_EQUAL_STRING("two", taken_a_second_later(watched));
  TEST_ASSERT_EQUAL_STRING_MESSAGE("-", taken_a_second_later(watched), "the same text is no news");
  TEST_ASSERT_EQUAL(3u, faults::calls("open"));
  age_of_files = 2s;
  TEST_ASSERT_EQUAL_STRING("-", taken_a_second_later(watched));
  TEST_ASSERT_EQUAL(4u, faults::calls("open"));
  for (int i = 0; i < 10; ++i) TEST_ASSERT_EQUAL_STRING("-", taken_a_second_later(watched));
  TEST_ASSERT_EQUAL_MESSAGE(4u, faults::calls("open"), "it has settled");
}

void test_a_file_of_the_future_is_read_once() {
  const temporary_file file("one");
  watched_file watched(file.path(), test_clock);
  age_of_files = -1h;
  (void)taken(watched);
  (void)taken_a_second_later(watched);
  TEST_ASSERT_EQUAL(1u, faults::calls("open"));
}

void test_without_a_path_nothing_is_asked() {
  watched_file watched("", test_clock);
  TEST_ASSERT_EQUAL_STRING_MESSAGE("", taken(watched), "the first look always takes");
  TEST_ASSERT_EQUAL_STRING("-", taken_a_second_later(watched));
  TEST_ASSERT_EQUAL(0u, faults::calls("stat") + faults::calls("open"));
}

void test_while_descriptors_are_short_the_old_text_stands() {
  const temporary_file file("one");
  watched_file watched(file.path(), test_clock);
  (void)taken(watched);
  file.write("other");
  for (const int reason : {EMFILE, ENFILE, ENOMEM, EIO}) {
    faults::clear();
    faults::fail_from("open", 1, reason);
    TEST_ASSERT_EQUAL_STRING("-", taken_a_second_later(watched));
    TEST_ASSERT_EQUAL(1u, faults::calls("open"));
  }
  faults::clear();
  TEST_ASSERT_EQUAL_STRING("other", taken_a_second_later(watched));
}

void test_while_nothing_is_known_every_look_looks() {
  const temporary_file file("one");
  watched_file watched(file.path(), test_clock);
  faults::fail("open", 1, EMFILE);
  try {
    (void)taken(watched);
    TEST_FAIL();
  } catch (const uvdial::out_of_resources& why) {
    TEST_ASSERT_EQUAL_STRING("cannot read \"" + file.path() + "\": too many open files", why.what());
  }
  TEST_ASSERT_EQUAL_STRING("one", taken(watched));
  TEST_ASSERT_EQUAL_STRING("-", taken(watched));
  TEST_ASSERT_EQUAL(2u, faults::calls("open"));
}

void test_a_file_that_may_not_be_read_is_empty_until_it_changes() {
  const temporary_file file("one");
  watched_file watched(file.path(), test_clock);
  (void)taken(watched);
  file.write("other");
  faults::clear();
  faults::fail_from("open", 1, EACCES);
  TEST_ASSERT_EQUAL_STRING("", taken_a_second_later(watched));
  TEST_ASSERT_EQUAL_STRING("-", taken_a_second_later(watched));
  TEST_ASSERT_EQUAL(1u, faults::calls("open"));
  faults::clear();
  file.write("the third");
  TEST_ASSERT_EQUAL_STRING("the third", taken_a_second_later(watched));
}

void test_half_a_reading_is_none() {
  const temporary_file file(std::string(10'000, 'a'));
  watched_file watched(file.path(), test_clock);
  faults::fail("read", 2, EIO);
  TEST_ASSERT_EQUAL_STRING("-", taken(watched));
  faults::fail("read", 4, EINTR);  // this one goes on
  TEST_ASSERT_EQUAL(10'000u, taken_a_second_later(watched).size());
}

void test_a_look_that_fails_for_a_while_does_not_empty_it() {
  const temporary_file file("one");
  watched_file watched(file.path(), test_clock);
  (void)taken(watched);
  faults::fail("stat", 2, ENOMEM);
  TEST_ASSERT_EQUAL_STRING("-", taken_a_second_later(watched));
  faults::fail("stat", 3, ENOENT);
  TEST_ASSERT_EQUAL_STRING("", taken_a_second_later(watched));
  TEST_ASSERT_EQUAL_STRING("one", taken_a_second_later(watched));
}

void test_what_could_not_be_taken_comes_again() {
  const temporary_file file("one");
  watched_file watched(file.path(), test_clock);
  TEST_ASSERT_THROWS(std::bad_alloc, watched.look([](std::string_view) { throw std::bad_alloc(); }));
  TEST_ASSERT_EQUAL_STRING_MESSAGE("one", taken(watched), "at once, and not a second later");
}

void test_a_hosts_table_stands_while_descriptors_are_short() {
  const temporary_file file("192.0.2.1 a b\n");
  hosts_file hosts(file.path(), test_clock);
  TEST_ASSERT_EQUAL(2u, hosts.table().size());
  file.write("192.0.2.1 a b c\n");
  clock_time += 1s;
  faults::fail("open", 2, EMFILE);
  TEST_ASSERT_EQUAL(2u, hosts.table().size());
  clock_time += 1s;
  TEST_ASSERT_EQUAL(3u, hosts.table().size());
}

void test_a_configuration_stands_while_descriptors_are_short() {
  const temporary_file file("nameserver 192.0.2.1\n");
  resolv_conf_file conf(file.path(), test_clock);
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", conf.current().servers.at(0).address_to_string());
  file.write("nameserver 192.0.2.22\n");
  clock_time += 1s;
  faults::fail("open", 2, EMFILE);
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", conf.current().servers.at(0).address_to_string());
  conf.look_again();
  TEST_ASSERT_EQUAL_STRING("192.0.2.22", conf.current().servers.at(0).address_to_string());
}

// To go on without it would be to ask others for what it says.
void test_a_file_that_was_never_read_for_lack_of_descriptors_is_out_of_resources_until_it_is() {
  const temporary_file file("nameserver 192.0.2.1\n");
  for (const int reason : {EMFILE, ENFILE, ENOMEM}) {
    faults::clear();
    hosts_file hosts(file.path(), test_clock);
    resolv_conf_file conf(file.path(), test_clock);
    faults::fail("open", 1, reason);
    faults::fail("open", 2, reason);
    faults::fail("stat", 4, reason);
    faults::fail("read", 1, reason);
    TEST_ASSERT_THROWS(uvdial::out_of_resources, hosts.table());
    TEST_ASSERT_THROWS(uvdial::out_of_resources, conf.current());
    TEST_ASSERT_THROWS_MESSAGE(uvdial::out_of_resources, "half a reading is none", conf.current());
    TEST_ASSERT_THROWS(uvdial::out_of_resources, conf.current());
    TEST_ASSERT_EQUAL_STRING_MESSAGE("192.0.2.1", conf.current().servers.at(0).address_to_string(),
                                     "at once, and not a second later");
    (void)hosts.table();
  }
}

void test_a_broken_disk_is_an_empty_file() {
  const temporary_file file("192.0.2.1 a b\n");
  hosts_file hosts(file.path(), test_clock);
  faults::fail("read", 1, EIO);
  TEST_ASSERT_EQUAL(0u, hosts.table().size());
}

void test_no_descriptor_is_kept() {
  const temporary_file file("one");
  const int before = dup(STDERR_FILENO);
  TEST_ASSERT_GREATER_OR_EQUAL(0, before);
  TEST_ASSERT_EQUAL(0, close(before));
  watched_file watched(file.path(), test_clock);
  TEST_ASSERT_EQUAL_STRING("one", taken(watched));
  faults::fail("read", faults::calls("read") + 1, EIO);
  file.write("other");
  (void)taken_a_second_later(watched);
  const int after = dup(STDERR_FILENO);
  TEST_ASSERT_EQUAL(before, after);
  TEST_ASSERT_EQUAL(0, close(after));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_an_unchanged_file_is_read_once);
  RUN_TEST(test_within_a_second_the_file_is_not_even_looked_at);
  RUN_TEST(test_looking_again_is_a_look_and_no_reading);
  RUN_TEST(test_a_file_that_has_just_changed_is_read_again);
  RUN_TEST(test_a_file_of_the_future_is_read_once);
  RUN_TEST(test_without_a_path_nothing_is_asked);
  RUN_TEST(test_while_descriptors_are_short_the_old_text_stands);
  RUN_TEST(test_while_nothing_is_known_every_look_looks);
  RUN_TEST(test_a_file_that_may_not_be_read_is_empty_until_it_changes);
  RUN_TEST(test_half_a_reading_is_none);
  RUN_TEST(test_a_look_that_fails_for_a_while_does_not_empty_it);
  RUN_TEST(test_what_could_not_be_taken_comes_again);
  RUN_TEST(test_a_hosts_table_stands_while_descriptors_are_short);
  RUN_TEST(test_a_configuration_stands_while_descriptors_are_short);
  RUN_TEST(test_a_file_that_was_never_read_for_lack_of_descriptors_is_out_of_resources_until_it_is);
  RUN_TEST(test_a_broken_disk_is_an_empty_file);
  RUN_TEST(test_no_descriptor_is_kept);
  return UNITY_END();
}
