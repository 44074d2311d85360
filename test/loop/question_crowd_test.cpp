// Hundreds who wait for one question: they are told in portions, a turn of the loop for each.
#include <algorithm>
#include <memory>
#include <vector>

#include "demo/dns_responder.hpp"
#include "service/question_desk.hpp"
#include "support/loop_fixture.hpp"
#include "support/unity.hpp"

using namespace uvdial;
using detail::dns_record;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

struct crowd {
  struct listener final : detail::reply_listener {
    detail::question_ticket ticket{};
    crowd* all = nullptr;
    std::size_t place = 0;
    void replied(dns_record, const detail::shared_reply& reply) override { all->heard(place, *reply); }
  };

  static constexpr std::size_t size = 500;
  demo::dns_responder dns{fixture::loop()};
  std::shared_ptr<detail::question_desk> desk = std::make_shared<detail::question_desk>(16);
  std::vector<listener> ears = std::vector<listener>(size);
  std::size_t told = 0;
  std::size_t most_in_a_turn = 0;
  bool in_order = true;

  crowd() {
    dns.answer_unknown({.addresses = {"192.0.2.1"}});
    desk->use(channel());
    for (std::size_t i = 0; i < size; ++i) {
      ears[i].all = this;
      ears[i].place = i;
      ask(ears[i]);
    }
  }
  std::shared_ptr<detail::dns_channel> channel() const {
    return std::make_shared<detail::dns_channel>(fixture::loop(),
                                                 detail::dns_channel_options{.servers = {dns.address()}},
                                                 std::make_shared<detail::handle_count>());
  }
  void ask(listener& who) { desk->ask("demo.test", dns_record::v4_address, who, who.ticket); }
  void heard(std::size_t place, const detail::dns_reply& reply) {
    in_order = in_order && place == told && reply.addresses.size() == 1;
    ++told;
  }
  bool turn() {
    const std::size_t before = told;
    const bool alive = uv_run(&fixture::loop(), UV_RUN_ONCE) != 0;
    most_in_a_turn = std::max(most_in_a_turn, told - before);
    return alive;
  }
  void run_until_some_are_told() {
    while (told == 0 && turn()) {}
  }
};

}  // namespace

void test_all_are_told_in_portions_and_in_order() {
  crowd all;
  while (all.turn()) {}
  TEST_ASSERT_EQUAL(crowd::size, all.told);
  TEST_ASSERT_TRUE(all.in_order);
  TEST_ASSERT_LESS_OR_EQUAL(crowd::size / 2, all.most_in_a_turn);
  TEST_ASSERT_EQUAL(1u, all.dns.questions().size());
}

void test_whoever_goes_between_two_portions_is_not_told() {
  crowd all;
  all.run_until_some_are_told();
  const std::size_t told = all.told;
  TEST_ASSERT_LESS_THAN(crowd::size, told);
  for (crowd::listener& each : all.ears) all.desk->forget(each.ticket);
  fixture::run();
  TEST_ASSERT_EQUAL(told, all.told);
}

void test_a_desk_that_is_closed_between_two_portions_tells_nobody() {
  for (const bool destroys : {false, true}) {
    crowd all;
    all.run_until_some_are_told();
    const std::size_t told = all.told;
    if (destroys)
      all.desk.reset();
    else
      all.desk->close();
    fixture::run();
    TEST_ASSERT_EQUAL(told, all.told);
  }
}

void test_another_configuration_between_two_portions_changes_nothing_for_the_rest() {
  crowd all;
  all.run_until_some_are_told();
  all.desk->use(all.channel());
  all.ask(all.ears[0]);  // which was told, and asks anew
  fixture::run();
  TEST_ASSERT_EQUAL(crowd::size + 1, all.told);
  TEST_ASSERT_EQUAL(2u, all.dns.questions().size());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_all_are_told_in_portions_and_in_order);
  RUN_TEST(test_whoever_goes_between_two_portions_is_not_told);
  RUN_TEST(test_a_desk_that_is_closed_between_two_portions_tells_nobody);
  RUN_TEST(test_another_configuration_between_two_portions_changes_nothing_for_the_rest);
  return UNITY_END();
}
