#include "logic/name_walk.hpp"

#include "support/unity.hpp"
#include "uvdial/error.hpp"

using uvdial::code_name;
using uvdial::family_policy;
using uvdial::ip_family;
using uvdial::detail::families_of;
using uvdial::detail::name_walk;
using uvdial::detail::search_rules;

void setUp() {}
void tearDown() {}

namespace {

constexpr ip_family v4 = ip_family::v4;
constexpr ip_family v6 = ip_family::v6;
const std::vector<ip_family> only_v6{v6};

// The numbers of c-ares's ares.h, which is not for this floor.
std::error_code code_of(std::string_view name) {
  constexpr struct {
    std::string_view name;
    int status;
  } codes[] = {{"NODATA", 1},  {"FORMERR", 2},         {"SERVFAIL", 3},    {"NXDOMAIN", 4},
               {"REFUSED", 6}, {"DNSUNREACHABLE", 11}, {"DNSTIMEOUT", 12}, {"ENOMEM", 15}};
  for (const auto& each : codes)
    if (each.name == name) return {each.status, uvdial::ares_category()};
  return {};  // addresses came
}

std::string_view step_name(name_walk::step step) {
  constexpr std::string_view names[] = {"keep", "report", "both", "next"};
  return names[static_cast<std::size_t>(step)];
}

std::string_view final_name(const name_walk& walk, ip_family family) {
  const std::error_code why = walk.final_code(family);
  return why ? code_name(why) : "ok";
}

// Feeds "6:REPLY" and "4:REPLY" in turn; gives the steps, then the final codes of both families.
std::string walked(std::string_view replies, std::size_t candidates, const std::vector<ip_family>& families) {
  auto rules = std::make_shared<search_rules>();
  while (rules->domains.size() + 1 < candidates)
    rules->domains.push_back("s" + std::to_string(rules->domains.size()) + ".test");
  name_walk walk("name.test", rules, families);
  std::string steps;
  while (!replies.empty()) {
    const std::string_view word = replies.substr(0, replies.find(' '));
    replies.remove_prefix(std::min(word.size() + 1, replies.size()));
    const ip_family family = word.starts_with("6:") ? v6 : v4;
    steps += std::string(step_name(walk.feed(family, code_of(word.substr(2))))) + " ";
  }
  return steps + std::string(final_name(walk, v6)) + "/" + std::string(final_name(walk, v4));
}

struct row {
  std::string_view replies;
  std::size_t candidates;
  std::string_view expected;  // steps, then the codes of IPv6/IPv4
};

template <std::size_t Size>
void check(const row (&rows)[Size], const std::vector<ip_family>& families = {v6, v4}) {
  for (const row& each : rows)
    TEST_ASSERT_EQUAL_STRING_MESSAGE(each.expected, walked(each.replies, each.candidates, families),
                                     each.replies);
}

}  // namespace

void test_the_last_candidate_reports_each_reply_as_it_comes() {
  check({
      {"6:ok 4:ok", 1, "report report ok/ok"},
      {"4:ok 6:ok", 1, "report report ok/ok"},
      {"6:NODATA 4:ok", 1, "report report NODATA/ok"},
      {"6:NXDOMAIN 4:NXDOMAIN", 1, "report report NXDOMAIN/NXDOMAIN"},
      {"4:DNSTIMEOUT 6:SERVFAIL", 1, "report report SERVFAIL/DNSTIMEOUT"},
  });
}

void test_a_candidate_with_one_address_is_the_host_of_both_families() {
  check({
      {"6:ok 4:NODATA", 3, "report report ok/NODATA"},
      {"6:ok 4:NXDOMAIN", 3, "report report ok/NXDOMAIN"},
      {"4:ok 6:SERVFAIL", 3, "report report SERVFAIL/ok"},
      {"6:NODATA 4:ok", 3, "keep both NODATA/ok"},
      {"4:NXDOMAIN 6:ok", 3, "keep both ok/NXDOMAIN"},
      {"6:DNSTIMEOUT 4:ok", 3, "keep both DNSTIMEOUT/ok"},
      {"6:NXDOMAIN 4:NXDOMAIN 6:NODATA 4:ok", 3, "keep next keep both NODATA/ok"},
  });
}

void test_two_negative_replies_go_on_to_the_next_candidate() {
  check({
      {"6:NXDOMAIN 4:NXDOMAIN 6:ok 4:ok", 2, "keep next report report ok/ok"},
      {"6:NODATA 4:NXDOMAIN 6:ok 4:ok", 2, "keep next report report ok/ok"},
      {"4:NODATA 6:NODATA 4:ok 6:NODATA", 2, "keep next report report NODATA/ok"},
      {"6:SERVFAIL 4:NXDOMAIN 6:NXDOMAIN 4:ok", 2, "keep next report report SERVFAIL/ok"},
      {"6:SERVFAIL 4:SERVFAIL 6:ok 4:ok", 2, "keep next report report ok/ok"},
      {"6:DNSUNREACHABLE 4:SERVFAIL 6:ok 4:ok", 2, "keep next report report ok/ok"},
  });
}

void test_what_says_more_is_remembered_over_a_later_nxdomain() {
  check({
      {"6:NODATA 4:NODATA 6:NXDOMAIN 4:NXDOMAIN", 2, "keep next report report NODATA/NODATA"},
      {"6:NODATA 4:SERVFAIL 6:NXDOMAIN 4:NXDOMAIN", 2, "keep next report report NODATA/SERVFAIL"},
      {"6:SERVFAIL 4:NODATA 6:NODATA 4:SERVFAIL 6:NXDOMAIN 4:NXDOMAIN", 3,
       "keep next keep next report report NODATA/NODATA"},
  });
}

void test_what_ended_the_walk_is_the_reason() {
  check({
      {"6:NODATA 4:NODATA 6:SERVFAIL 4:NXDOMAIN", 2, "keep next report report SERVFAIL/NODATA"},
      {"6:NODATA 4:NODATA 6:DNSTIMEOUT 4:NXDOMAIN", 3, "keep next keep both DNSTIMEOUT/NODATA"},
  });
}

void test_silence_and_refusals_end_the_walk() {
  check({
      {"6:DNSTIMEOUT 4:NXDOMAIN", 3, "keep both DNSTIMEOUT/DNSTIMEOUT"},
      {"4:NXDOMAIN 6:DNSTIMEOUT", 3, "keep both DNSTIMEOUT/DNSTIMEOUT"},
      {"6:NXDOMAIN 4:ENOMEM", 3, "keep both ENOMEM/ENOMEM"},
      {"6:DNSTIMEOUT 4:DNSTIMEOUT", 3, "keep both DNSTIMEOUT/DNSTIMEOUT"},
      {"6:REFUSED 4:NODATA", 3, "keep both REFUSED/NODATA"},
      {"6:FORMERR 4:NXDOMAIN", 3, "keep both FORMERR/FORMERR"},
      {"6:NODATA 4:ENOMEM", 3, "keep both NODATA/ENOMEM"},
  });
}

void test_one_family_walks_alone() {
  check({{"4:ok", 2, "report ok/ok"},
         {"4:NXDOMAIN 4:ok", 2, "next report ok/ok"},
         {"4:NODATA 4:NXDOMAIN", 2, "next report ok/NODATA"},
         {"4:DNSTIMEOUT", 2, "report ok/DNSTIMEOUT"}},
        {v4});
  check({{"6:SERVFAIL 6:NXDOMAIN", 2, "next report SERVFAIL/ok"}}, {v6});
}

void test_the_name_is_that_of_the_candidate_that_is_due() {
  const auto rules = std::make_shared<search_rules>(search_rules{{"s1.test", "s2.test"}, 1});
  name_walk walk("db", rules, only_v6);
  TEST_ASSERT_EQUAL_STRING("db.s1.test", walk.name());
  (void)walk.feed(v6, code_of("NXDOMAIN"));
  TEST_ASSERT_EQUAL_STRING("db.s2.test", walk.name());
  (void)walk.feed(v6, code_of("ok"));
  TEST_ASSERT_EQUAL_STRING("db.s2.test", walk.name());
}

void test_a_name_with_enough_dots_is_its_own_first_candidate() {
  const auto rules = std::make_shared<search_rules>(search_rules{{"s1.test"}, 1});
  name_walk walk("db.test", rules, only_v6);
  TEST_ASSERT_EQUAL_STRING("db.test", walk.name());
  TEST_ASSERT_EQUAL(1u, walk.asked().size());
  TEST_ASSERT_EQUAL_STRING("next", step_name(walk.feed(v6, code_of("NXDOMAIN"))));
  TEST_ASSERT_EQUAL_STRING("db.test.s1.test", walk.name());
  TEST_ASSERT_EQUAL(2u, walk.asked().size());
  TEST_ASSERT_EQUAL_STRING("db.test", walk.asked()[0]);
}

void test_a_final_dot_ends_the_candidates() {
  const auto rules = std::make_shared<search_rules>(search_rules{{"s1.test"}, 1});
  name_walk walk("db.", rules, only_v6);
  TEST_ASSERT_EQUAL_STRING("db", walk.name());
  TEST_ASSERT_EQUAL_STRING("report", step_name(walk.feed(v6, code_of("NXDOMAIN"))));
}

// RFC 8305, 3: "the AAAA query SHOULD be first, followed by the A query".
void test_a_policy_says_which_families_are_asked_in_which_order() {
  const auto asked = [](family_policy policy) {
    std::string text;
    for (const ip_family family : families_of(policy)) text += family == v6 ? '6' : '4';
    return text;
  };
  TEST_ASSERT_EQUAL_STRING("64", asked(family_policy::v6_first));
  TEST_ASSERT_EQUAL_STRING("46", asked(family_policy::v4_first));
  TEST_ASSERT_EQUAL_STRING("6", asked(family_policy::v6_only));
  TEST_ASSERT_EQUAL_STRING("4", asked(family_policy::v4_only));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_the_last_candidate_reports_each_reply_as_it_comes);
  RUN_TEST(test_a_candidate_with_one_address_is_the_host_of_both_families);
  RUN_TEST(test_two_negative_replies_go_on_to_the_next_candidate);
  RUN_TEST(test_what_says_more_is_remembered_over_a_later_nxdomain);
  RUN_TEST(test_what_ended_the_walk_is_the_reason);
  RUN_TEST(test_silence_and_refusals_end_the_walk);
  RUN_TEST(test_one_family_walks_alone);
  RUN_TEST(test_the_name_is_that_of_the_candidate_that_is_due);
  RUN_TEST(test_a_name_with_enough_dots_is_its_own_first_candidate);
  RUN_TEST(test_a_final_dot_ends_the_candidates);
  RUN_TEST(test_a_policy_says_which_families_are_asked_in_which_order);
  return UNITY_END();
}
