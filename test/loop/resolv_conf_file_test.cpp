// The system's configuration as it is at the moment: the file, the environment, the machine's name.
#include "glue/resolv_conf_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <new>

#include "support/temporary_file.hpp"
#include "support/unity.hpp"

using namespace std::chrono_literals;
using uvdial::detail::instant;
using uvdial::detail::resolv_conf_file;

namespace {

instant clock_time{0};
instant test_clock() noexcept { return clock_time; }

void forget_environment() {
  (void)unsetenv("LOCALDOMAIN");  // these names are well formed
  (void)unsetenv("RES_OPTIONS");
}

void set(const char* name, const char* value) {
  if (setenv(name, value, 1) != 0) throw std::bad_alloc();
}

std::string server(resolv_conf_file& conf) { return conf.current().servers.at(0).address_to_string(); }

std::string server_a_second_later(resolv_conf_file& conf) {
  clock_time += 1s;
  return server(conf);
}

std::string domains(resolv_conf_file& conf) {
  std::string all;
  for (const std::string& each : conf.current().search.domains) all += each + " ";
  return all;
}

}  // namespace

void setUp() {
  clock_time = 0s;
  forget_environment();
}
void tearDown() { forget_environment(); }

void test_a_change_is_seen_after_a_second() {
  const temporary_file file("nameserver 192.0.2.1\n");
  resolv_conf_file conf(file.path(), test_clock);
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", server(conf));
  file.write("nameserver 192.0.2.22\n");
  clock_time += 999ms;
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", server(conf));
  clock_time += 1ms;
  TEST_ASSERT_EQUAL_STRING("192.0.2.22", server(conf));
}

void test_looking_again_sees_a_change_at_once() {
  const temporary_file file("nameserver 192.0.2.1\n");
  resolv_conf_file conf(file.path(), test_clock);
  (void)server(conf);
  file.write("nameserver 192.0.2.22\n");
  conf.look_again();
  TEST_ASSERT_EQUAL_STRING("192.0.2.22", server(conf));
  file.write("nameserver 192.0.2.3\n");
  TEST_ASSERT_EQUAL_STRING_MESSAGE("192.0.2.22", server(conf), "once");
  TEST_ASSERT_EQUAL_STRING("192.0.2.3", server_a_second_later(conf));
}

void test_another_file_of_the_same_size_and_time_is_seen() {
  const temporary_file file("nameserver 192.0.2.1\n");
  resolv_conf_file conf(file.path(), test_clock);
  (void)server(conf);
  struct stat before {};
  TEST_ASSERT_EQUAL(0, stat(file.path().c_str(), &before));
  file.replace("nameserver 192.0.2.2\n");
  const timespec times[] = {before.st_atim, before.st_mtim};
  TEST_ASSERT_EQUAL(0, utimensat(AT_FDCWD, file.path().c_str(), times, 0));
  TEST_ASSERT_EQUAL_STRING("192.0.2.2", server_a_second_later(conf));
}

void test_a_file_that_goes_and_comes_back() {
  const temporary_file file("nameserver 192.0.2.1\noptions rotate\n");
  resolv_conf_file conf(file.path(), test_clock);
  TEST_ASSERT_TRUE(conf.current().rotate);
  file.remove();
  TEST_ASSERT_EQUAL_STRING("127.0.0.1", server_a_second_later(conf));
  TEST_ASSERT_FALSE(conf.current().rotate);
  file.write("nameserver 192.0.2.1\n");
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", server_a_second_later(conf));
}

void test_what_is_not_there_or_no_file_is_an_empty_text() {
  for (const char* path : {"", "/tmp/uvdial-no-such-file", "/tmp", "/dev/null", "/dev/null/x"}) {
    resolv_conf_file conf(path, test_clock);
    set("RES_OPTIONS", "ndots:3");
    TEST_ASSERT_EQUAL_STRING_MESSAGE("127.0.0.1", server(conf), path);
    TEST_ASSERT_EQUAL_MESSAGE(3u, conf.current().search.ndots, path);
    TEST_ASSERT_EQUAL_STRING_MESSAGE("127.0.0.1", server_a_second_later(conf), path);
  }
}

void test_the_environment_is_read_with_the_file() {
  const temporary_file file("search a.test\noptions ndots:2\n");
  set("LOCALDOMAIN", "b.test c.test");
  set("RES_OPTIONS", "ndots:4");
  resolv_conf_file conf(file.path(), test_clock);
  TEST_ASSERT_EQUAL_STRING("b.test c.test ", domains(conf));
  TEST_ASSERT_EQUAL(4u, conf.current().search.ndots);
  forget_environment();
  clock_time += 1s;
  TEST_ASSERT_EQUAL_STRING_MESSAGE("b.test c.test ", domains(conf), "the file is as it was");
  file.write("search a.test d.test\noptions ndots:2\n");
  clock_time += 1s;
  TEST_ASSERT_EQUAL_STRING("a.test d.test ", domains(conf));
  TEST_ASSERT_EQUAL(2u, conf.current().search.ndots);
}

void test_an_empty_localdomain_is_no_search_list() {
  const temporary_file file("search a.test\n");
  set("LOCALDOMAIN", "");
  resolv_conf_file conf(file.path(), test_clock);
  TEST_ASSERT_EQUAL_STRING("", domains(conf));
}

void test_without_a_list_the_domain_of_this_machine_is_searched() {
  char name[256] = {};
  TEST_ASSERT_EQUAL(0, gethostname(name, sizeof name - 1));
  const std::string host = name;
  resolv_conf_file conf("", test_clock);
  const uvdial::detail::resolver_surroundings here{{}, {}, host};
  TEST_ASSERT_TRUE(conf.current() == uvdial::detail::read_resolv_conf("", here));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_change_is_seen_after_a_second);
  RUN_TEST(test_looking_again_sees_a_change_at_once);
  RUN_TEST(test_another_file_of_the_same_size_and_time_is_seen);
  RUN_TEST(test_a_file_that_goes_and_comes_back);
  RUN_TEST(test_what_is_not_there_or_no_file_is_an_empty_text);
  RUN_TEST(test_the_environment_is_read_with_the_file);
  RUN_TEST(test_an_empty_localdomain_is_no_search_list);
  RUN_TEST(test_without_a_list_the_domain_of_this_machine_is_searched);
  return UNITY_END();
}
