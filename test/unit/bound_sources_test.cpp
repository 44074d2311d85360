// Which source the order of addresses goes by when a dial is bound.
#include "logic/bound_sources.hpp"

#include <optional>
#include <vector>

#include "unity.hpp"

using namespace uvdial;
using detail::bound_sources;

void setUp() {}
void tearDown() {}

namespace {

endpoint address(const char* text, std::uint16_t port = 0) {
  return endpoint::from_literal(text, port).value();
}

// The system, which would go out by 192.0.2.9, and has no way out for IPv6.
class scripted_finder final : public detail::source_finder {
 public:
  std::optional<endpoint> source_for(const endpoint& to) override {
    asked.push_back(to);
    if (to.family() == ip_family::v4) return address("192.0.2.9");
    return std::nullopt;
  }
  bool usable(ip_family family) override { return family == ip_family::v4; }
  std::vector<endpoint> asked{};
};

}  // namespace

static void test_an_unbound_dial_asks_the_system() {
  scripted_finder system;
  bound_sources sources(system, {});
  TEST_ASSERT_EQUAL(address("192.0.2.9"), sources.source_for(address("192.0.2.1", 80)).value());
  TEST_ASSERT_FALSE(sources.source_for(address("2001:db8::1", 80)).has_value());
  TEST_ASSERT_EQUAL(2u, system.asked.size());
}

static void test_a_bound_family_has_its_own_source_without_asking() {
  scripted_finder system;
  bound_sources sources(system, {.bind_v6 = address("2001:db8::7", 4000)});
  TEST_ASSERT_EQUAL(address("2001:db8::7"), sources.source_for(address("2001:db8::1", 80)).value());
  TEST_ASSERT_EQUAL(0u, system.asked.size());
  TEST_ASSERT_EQUAL(address("192.0.2.9"), sources.source_for(address("192.0.2.1", 80)).value());
}

static void test_a_port_alone_is_no_source() {
  scripted_finder system;
  bound_sources sources(system, {.bind_v4 = address("0.0.0.0", 4000), .bind_v6 = address("::", 4000)});
  TEST_ASSERT_EQUAL(address("192.0.2.9"), sources.source_for(address("192.0.2.1", 80)).value());
  TEST_ASSERT_FALSE(sources.source_for(address("2001:db8::1", 80)).has_value());
}

static void test_a_bound_family_is_usable_where_the_system_says_so() {
  scripted_finder system;
  bound_sources sources(system, {.bind_v6 = address("2001:db8::7")});
  TEST_ASSERT_TRUE(sources.usable(ip_family::v4));
  TEST_ASSERT_FALSE(sources.usable(ip_family::v6));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_an_unbound_dial_asks_the_system);
  RUN_TEST(test_a_bound_family_has_its_own_source_without_asking);
  RUN_TEST(test_a_port_alone_is_no_source);
  RUN_TEST(test_a_bound_family_is_usable_where_the_system_says_so);
  return UNITY_END();
}
