// A hundred thousand random steps: dials, lookups, streams, sleeps and tasks are started, moved, cancelled, dropped,
// detached and destroyed, outside and inside of callbacks, while peers answer, refuse, reset and hang and DNS answers
// late, wrongly or never. Whatever happens: each callback runs once, or never where it was dropped; who was cancelled
// hears that; a loop that has been run dry can be closed, and no descriptor is left.
//
// UVDIAL_SEED=N plays one seed, UVDIAL_STEPS=N so many steps. A seed chooses the same steps each time; what the sockets
// and the clock bring between them differs, as the rules must hold whatever wins.
#include <cstdlib>

#include "support/torture_walk.hpp"

void setUp() {}
void tearDown() {}

namespace {

constexpr unsigned steps_of_a_life = 1000;

std::optional<fixture::lasting_peers> peers;

unsigned setting(const char* name, unsigned usual) {
  const char* const text = std::getenv(name);
  return text ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : usual;
}

// One loop from its start to its end.
void live(unsigned steps, std::mt19937& random, fixture::watches& owed) {
  fixture::open();
  {
    fixture::torture_walk walk(*peers, owed, random);
    for (unsigned step = 0; step < steps && owed.first_mistake().empty(); ++step) walk.step();
    if (!walk.loop_is_busy()) owed.mistake("a loop with dials on it could be closed");
    walk.end();
    owed.settle();
  }
  fixture::close();
}

void play(unsigned seed, unsigned steps, fixture::watches& owed) {
  std::mt19937 random(seed);
  const std::size_t before = fixture::open_descriptors();
  for (unsigned done = 0; done < steps; done += steps_of_a_life) {
    live(std::min(steps_of_a_life, steps - done), random, owed);
    if (!owed.first_mistake().empty()) TEST_FAIL_MESSAGE(owed.first_mistake());
    while (peers->roomy.accept().get() >= 0) {}
    TEST_ASSERT_EQUAL(before, fixture::open_descriptors());
  }
}

}  // namespace

static void test_random_steps_lose_nothing_and_call_nobody_twice() {
  const unsigned only = setting("UVDIAL_SEED", 0);
  const unsigned steps = setting("UVDIAL_STEPS", 100'000);
  const unsigned seeds = only != 0 ? 1 : 4;
  fixture::watches owed;
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    const unsigned played = only != 0 ? only : seed;
    std::fprintf(stderr, "torture: UVDIAL_SEED=%u UVDIAL_STEPS=%u\n", played, steps / seeds);
    play(played, steps / seeds, owed);
  }
  owed.print();
  std::fprintf(stderr, "torture: %u steps, %zu operations ended as they must\n", steps, owed.settled());
}

int main() {
  fixture::ignore_broken_pipes();
  peers.emplace();
  fixture::open();  // the first loop of a process opens what all of them share
  fixture::close();
  UNITY_BEGIN();
  RUN_TEST(test_random_steps_lose_nothing_and_call_nobody_twice);
  return UNITY_END();
}
