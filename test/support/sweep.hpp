// Every call that can fail fails: the first one, then the second, and so on until a run ends without a fault.
//
//   sweep::result swept = sweep::run(scenario, peers, {sweep::kind::calls, sweep::lasting::once});
//   TEST_ASSERT_EQUAL(0u, swept.losses);
//
// The functions that the linker replaces (-Wl,--wrap, or operator new) ask strike() whether it is their turn. Only what
// the thread of the sweep calls while a scenario acts counts: its peers are a process of their own.
//
// After each fault: each call of the library has ended exactly once, as it does without a fault or with an error of a
// class that fits; the same work done again on the same loop with the same objects ends well; then uv_loop_close gives
// 0, and the heap and the table of descriptors are as they were.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace sweep {

enum class kind : std::uint8_t { calls, memory };
enum class lasting : std::uint8_t {
  once,  // the n-th call alone
  on     // and all later ones of that function, until the scenario has ended
};

struct way {
  kind what;
  lasting length;
};

// 0: call the real function. Else the code that it fails with, one after the other of those given in runs of their own.
int strike(const char* function, std::initializer_list<int> codes) noexcept;
bool strike_memory() noexcept;

// While it is, no write is taken at once.
void kernel_is_full(bool now_it_is) noexcept;
bool kernel_is_full() noexcept;

// What was given out, and taken back, by any of the replaced allocators on this thread.
void given(const void* memory) noexcept;
void taken(const void* memory) noexcept;

class rig;
struct peers;

// Plain functions, so that nothing but the library allocates between the faults.
struct scenario {
  const char* name;
  void (*prepare)(rig&);  // without faults
  void (*act)(rig&);
  void (*again)(rig&);  // without faults: what was tried must work now
};

struct result {
  std::set<std::string> functions{};  // that were struck
  std::size_t scenarios = 0;
  std::size_t runs = 0;                           // of the scenario
  std::size_t faults = 0;                         // injected
  std::size_t calls = 0;                          // of the library that were begun, with those done again
  std::map<std::string, std::size_t> ended{};     // of those that a fault may have met: how
  std::map<std::string, std::size_t> by_fault{};  // "function code: how"
  std::size_t losses = 0;  // what was promised and did not come; each is told on stderr
  void add(const result& other);
  std::string text() const;
};

result run(const scenario& what, const peers& with, way how);

}  // namespace sweep
