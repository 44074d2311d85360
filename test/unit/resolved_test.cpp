// What --resolve prints, letter by letter.
#include "cli/resolved.hpp"

#include <string>
#include <vector>

#include "unity.hpp"

using namespace std::chrono_literals;
using uvdial::endpoint;
using uvdial::host_entry;
using uvdial::cli::resolved_line;
using uvdial::cli::resolved_text;

void setUp() {}
void tearDown() {}

namespace {

const endpoint v6 = endpoint::parse("[2001:db8::1]:443");
const endpoint v4 = endpoint::parse("192.0.2.7:443");

const host_entry plain{"www.example.test", {"web.example.test", "example.test"}, {v6, v4}};
// A server may put anything into a name.
const host_entry hostile{"a\nname evil\x1b[2J", {"b\xff\"\\"}, {v4}};

}  // namespace

static void test_an_entry_is_a_fact_a_line() {
  TEST_ASSERT_EQUAL(
      "name     www.example.test\n"
      "alias    web.example.test\n"
      "alias    example.test\n"
      "address  2001:db8::1\n"
      "address  192.0.2.7\n",
      resolved_text(plain));
}

static void test_an_entry_without_aliases_has_no_line_for_them() {
  TEST_ASSERT_EQUAL("name     demo.test\naddress  192.0.2.7\n",
                    resolved_text(host_entry{"demo.test", {}, {v4}}));
}

static void test_an_address_comes_before_its_names() {
  TEST_ASSERT_EQUAL(
      "address  2001:db8::1\n"
      "name     www.example.test\n"
      "name     old.example.test\n",
      resolved_text(v6, std::vector<std::string>{"www.example.test", "old.example.test"}));
}

static void test_a_name_cannot_make_lines_of_its_own() {
  TEST_ASSERT_EQUAL(
      "name     a\\x0aname evil\\x1b[2J\n"
      "alias    b\\xff\"\\\n"
      "address  192.0.2.7\n",
      resolved_text(hostile));
  TEST_ASSERT_EQUAL("address  192.0.2.7\nname     x\\x0ay\n",
                    resolved_text(v4, std::vector<std::string>{"x\ny"}));
}

static void test_an_entry_as_json() {
  TEST_ASSERT_EQUAL(
      "{\"event\":\"resolved\",\"t_ms\":1.250,\"host\":\"web\",\"canonical_name\":\"www.example.test\","
      "\"aliases\":[\"web.example.test\",\"example.test\"],\"addresses\":[\"2001:db8::1\",\"192.0.2.7\"]}\n",
      resolved_line("web", plain, 1250us));
  TEST_ASSERT_EQUAL(
      "{\"event\":\"resolved\",\"t_ms\":0.000,\"host\":\"d\",\"canonical_name\":\"d\",\"aliases\":[],"
      "\"addresses\":[\"192.0.2.7\"]}\n",
      resolved_line("d", host_entry{"d", {}, {v4}}, 0us));
}

static void test_an_address_as_json() {
  TEST_ASSERT_EQUAL(
      "{\"event\":\"resolved\",\"t_ms\":20.004,\"address\":\"2001:db8::1\",\"names\":[\"a.test\",\"b.test\"]}"
      "\n",
      resolved_line(v6, std::vector<std::string>{"a.test", "b.test"}, 20004us));
}

static void test_names_are_escaped_in_json() {
  TEST_ASSERT_EQUAL(
      "{\"event\":\"resolved\",\"t_ms\":0.000,\"host\":\"h\\\"\",\"canonical_name\":\"a\\nname "
      "evil\\u001b[2J\","
      "\"aliases\":[\"b\xef\xbf\xbd\\\"\\\\\"],\"addresses\":[\"192.0.2.7\"]}\n",
      resolved_line("h\"", hostile, 0us));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_an_entry_is_a_fact_a_line);
  RUN_TEST(test_an_entry_without_aliases_has_no_line_for_them);
  RUN_TEST(test_an_address_comes_before_its_names);
  RUN_TEST(test_a_name_cannot_make_lines_of_its_own);
  RUN_TEST(test_an_entry_as_json);
  RUN_TEST(test_an_address_as_json);
  RUN_TEST(test_names_are_escaped_in_json);
  return UNITY_END();
}
