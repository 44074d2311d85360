#pragma once
// The rows of the lifetime table, and how one of its cells is played.
#include <functional>
#include <stdexcept>

#include "support/torture_things.hpp"

namespace fixture {

inline std::optional<lasting_peers> peers{};
inline int cells = 0;
inline int forbidden = 0;

using act = std::function<void()>;

// ---- rows

enum class about : std::uint8_t { nothing, dialer, step };  // what it takes away

struct row {
  std::string_view name;
  about takes;
  void (*destroy)(things&);
  void (*check)(const things&);  // once the loop has run on
};

inline void expect(const things& all, const char* what, std::string_view end) {
  TEST_ASSERT_EQUAL_MESSAGE(std::string(end), all.end_of(what), what);
}
inline void nothing_more(const things&) {}
inline void dials_cancelled(const things& all) {
  for (const char* each : {"dial", "confirmed dial", "dial by name", "Unix dial", "coroutine"})
    expect(all, each, "cancelled_error");
}
inline void all_silent(const things& all) { TEST_ASSERT_TRUE(all.ends.empty()); }

inline std::vector<operation*> operations_of(things& all) {
  return {&all.own,       &all.another,   &all.dialing, &all.confirming, &all.naming, &all.waiting,
          &all.resolving, &all.reversing, &all.piping,  &all.sleeping,   &all.spawned};
}
inline void drop_all(things& all) {
  for (operation* each : operations_of(all)) *each = {};
  all.looking.reset();
  all.coroutine.reset();
}

inline void drop_all_but_the_dialer(things& all) {
  drop_all(all);
  all.step.reset();
  all.answers.clear();
  all.stream.reset();
  all.names.reset();
  const pipe_stream gone = std::move(all.pipe.stream);
}
inline void cancel_all(things& all) {
  for (operation* each : operations_of(all)) each->cancel();
}

inline const row rows[] = {
    {"the dialer", about::dialer, [](things& all) { all.dials.reset(); }, dials_cancelled},
    {"the dialer, closed and destroyed", about::dialer,
     [](things& all) {
       if (all.ends.find("dialer close") == all.ends.end()) try {
           all.dials->close(all.counted<done>("dialer close"));
         } catch (const std::logic_error&) {  // it has been
         }
       all.dials.reset();
     },
     dials_cancelled},
    {"the dialer, replaced", about::dialer,
     [](things& all) { *all.dials = dialer(loop(), dialer_config{.names = all.names}); }, dials_cancelled},
    {"the resolver", about::nothing, [](things& all) { all.names.reset(); }, nothing_more},
    {"the resolver, closed and destroyed", about::nothing,
     [](things& all) {
       try {
         all.names->close(all.counted<done>("resolver close"));
       } catch (const std::logic_error&) {  // it has been
       }
       all.names.reset();
     },
     [](const things& all) {
       for (const char* each : {"resolve", "reverse"}) expect(all, each, "cancelled_error");
       expect(all, "dial by name", "dns_failure");
       expect(all, "lookup", "success");
       expect(all, "resolver close", "success");
     }},
    {"the stream", about::nothing, [](things& all) { all.stream.reset(); }, nothing_more},
    {"the stream, closed", about::nothing,
     [](things& all) {
       try {
         all.stream->close(all.counted<done>("stream close"));
       } catch (const std::logic_error&) {  // it has been
       }
     },
     nothing_more},
    {"the stream, reset and destroyed", about::nothing,
     [](things& all) {
       try {
         all.stream->reset();
       } catch (const std::logic_error&) {  // it is closed
       }
       all.stream.reset();
     },
     nothing_more},
    {"another stream", about::nothing,
     [](things& all) { const pipe_stream gone = std::move(all.pipe.stream); },
     [](const things& all) { expect(all, "pipe read", "cancelled_error"); }},
    {"its own operation", about::nothing, [](things& all) { all.own = {}; }, nothing_more},
    {"its own operation, cancelled", about::nothing, [](things& all) { all.own.cancel(); }, nothing_more},
    {"its own operation, moved over another", about::nothing,
     [](things& all) { all.dialing = std::move(all.own); },
     [](const things& all) { expect(all, "dial", "not called"); }},
    {"all operations", about::nothing, drop_all, all_silent},
    {"all operations, cancelled", about::nothing, cancel_all,
     [](const things& all) {
       for (const char* each : {"dial", "confirmed dial", "dial by name", "Unix dial", "resolve", "reverse",
                                "pipe read", "sleep", "task"})
         expect(all, each, "cancelled_error");
     }},
    {"all operations, cancelled and dropped", about::nothing,
     [](things& all) {
       cancel_all(all);
       drop_all(all);
     },
     all_silent},
    {"a lookup", about::nothing, [](things& all) { all.looking.reset(); },
     [](const things& all) { expect(all, "lookup", "not called"); }},
    {"a spawned task and what it awaits", about::nothing, [](things& all) { all.spawned = {}; },
     [](const things& all) { expect(all, "task", "not called"); }},
    {"a suspended coroutine of another type", about::nothing, [](things& all) { all.coroutine.reset(); },
     [](const things& all) { expect(all, "coroutine", "not called"); }},
    {"a dial and its confirm step", about::step,
     [](things& all) {
       all.confirming = {};
       all.step.reset();
     },
     [](const things& all) { expect(all, "confirmed dial", "not called"); }},
    {"the answer of a confirm step", about::nothing, [](things& all) { all.answers.clear(); },
     [](const things& all) { expect(all, "confirmed dial", "connect_error"); }},
    {"everything but the dialer", about::step, drop_all_but_the_dialer, all_silent},
    {"everything", about::dialer,
     [](things& all) {
       all.dials.reset();
       drop_all_but_the_dialer(all);
     },
     all_silent},
    {"everything, the other way round", about::dialer,
     [](things& all) {
       all.names.reset();
       all.stream.reset();
       cancel_all(all);
       all.dials.reset();
       drop_all(all);
       all.answers.clear();
       all.step.reset();
       const pipe_stream gone = std::move(all.pipe.stream);
     },
     all_silent},
};

// One cell. `arm` has `happens` called inside a callback once the loop runs.
inline void cell(const row& one, void (*arm)(things&, act)) {
  ++cells;
  fixture::open();
  {
    things all(*peers);
    int happened = 0;
    arm(all, [&] {
      if (happened++ == 0) one.destroy(all);
    });
    run_until([&happened] { return happened > 0; });
    for (int turn = 0; turn < 10; ++turn) run_turn();
    one.check(all);
    for (const auto& each : all.ends) TEST_ASSERT_LESS_OR_EQUAL_MESSAGE(1, each.second.calls, each.first);
  }
  fixture::close();
}

// One column: all rows that this place allows.
inline void inside(const char* place, void (*arm)(things&, act), about never = about::nothing) {
  const std::size_t before = open_descriptors();
  for (const row& one : rows) {
    const bool all_of_it = one.takes == about::dialer && one.name.starts_with("everything");
    if (never != about::nothing && (one.takes == never || (never == about::step && all_of_it))) {
      ++forbidden;
      continue;
    }
    try {
      cell(one, arm);
    } catch (...) {
      std::fprintf(stderr, "destroyed: %.*s; inside: %s\n", static_cast<int>(one.name.size()),
                   one.name.data(), place);
      throw;
    }
  }
  TEST_ASSERT_EQUAL(before, open_descriptors());
}

}  // namespace fixture
