// Anything may be destroyed in any callback: a table of every object against every kind of callback.
//
// The rows are what a program can have of this library, each in the middle of something (support/torture_things.hpp).
// The columns are the places where code of the program runs. A cell destroys, closes, cancels or drops its row inside
// its column, then everything else, and asks that each callback came once or, where it was dropped, never; that the
// loop can be closed, and that no descriptor is left. Under AddressSanitizer that is the proof that nothing is touched
// after it is gone.
//
// Not allowed, so that there is no such cell, is only this:
//
//   the trace sink and the hook before a connect    may not destroy, replace or close the dialer     dialer.hpp
//   a confirm step                                  may not destroy the confirm_step that it is      confirm.hpp
//   a coroutine of a type that is not ours          may not destroy itself while it runs             coroutine.hpp
// over 350 lines because all columns are one table
#include "support/torture_rows.hpp"

using namespace fixture;

void setUp() {}
void tearDown() {}

namespace {

// What a callback has captured, and uses after it has destroyed whatever it could.
class captured {
 public:
  void use() const {
    if (*mine_ != 1) std::abort();
  }

 private:
  std::unique_ptr<int> mine_ = std::make_unique<int>(1);
};

// A callback that makes it happen.
template <class Value>
callback<Value> then(act happens) {
  return [happens = std::move(happens), mine = captured()](const outcome<Value>&) {
    happens();
    mine.use();
  };
}

// What a callback has captured: it happens where that is destroyed.
struct last_act {
  act happens;
  explicit last_act(act what) : happens(std::move(what)) {}
  last_act(last_act&& other) noexcept : happens(std::exchange(other.happens, nullptr)) {}
  last_act& operator=(last_act&&) = delete;
  ~last_act() {
    if (happens) happens();
  }
};
template <class Value>
callback<Value> owning(act happens) {
  return [last = last_act(std::move(happens))](const outcome<Value>&) {};
}

std::string_view text("some bytes");
bool from_a_name(const trace_event& told) { return told.host == "alive.test"; }

void dial_alive(things& all, const dial_options& options = {}) {
  const target to("alive.test", all.echo.address().port());
  all.own = all.dials->connect(to, options, [](const outcome<tcp_stream>&) {});
}

}  // namespace

// ---- columns: the ends of dials

static void test_inside_the_outcome_of_a_dial() {
  inside("a dial connected", [](things& all, act happens) {
    all.own = all.dials->connect(all.echo.address(), {}, then<tcp_stream>(std::move(happens)));
  });
  inside("a dial by name connected", [](things& all, act happens) {
    const target to("alive.test", all.echo.address().port());
    all.own = all.dials->connect(to, {}, then<tcp_stream>(std::move(happens)));
  });
  inside("a dial failed", [](things& all, act happens) {
    all.own = all.dials->connect(peers->refusing.address(), {}, then<tcp_stream>(std::move(happens)));
  });
  inside("a dial ran out of time", [](things& all, act happens) {
    all.own =
        all.dials->connect(peers->silent.address(), {.timeout = 1ms}, then<tcp_stream>(std::move(happens)));
  });
  inside("a dial was cancelled", [](things& all, act happens) {
    all.own = all.dials->connect(peers->silent.address(), {}, then<tcp_stream>(std::move(happens)));
    all.own.cancel();
  });
}

static void test_inside_the_outcome_of_a_unix_dial() {
  inside("a Unix dial connected", [](things& all, act happens) {
    all.own = all.dials->connect_unix(peers->roomy.path(), {}, then<pipe_stream>(std::move(happens)));
    (void)peers->roomy.accept();
  });
  inside("a Unix dial ran out of time", [](things& all, act happens) {
    all.own =
        all.dials->connect_unix(peers->full.path(), {.timeout = 1ms}, then<pipe_stream>(std::move(happens)));
  });
}

// ---- columns: names

static void test_inside_the_outcome_of_resolve_and_reverse() {
  inside("resolve() ended", [](things& all, act happens) {
    all.own = all.names->resolve("alive.test", {}, then<host_entry>(std::move(happens)));
  });
  inside("resolve() ran out of time", [](things& all, act happens) {
    all.own = all.names->resolve("silent.test", {.timeout = 1ms}, then<host_entry>(std::move(happens)));
  });
  inside("reverse() ended", [](things& all, act happens) {
    all.own = all.names->reverse(*endpoint::from_literal("192.0.2.1", 0), {},
                                 then<std::vector<std::string>>(std::move(happens)));
  });
}

static void test_inside_the_sink_of_a_lookup() {
  struct acting_sink final : answer_sink {
    act happens{};
    void answered(answer) override { happens(); }
  };
  static acting_sink sink;
  static lookup_handle started;
  inside("answered() from the loop", [](things& all, act happens) {
    sink.happens = [happens = std::move(happens)] {
      started.reset();
      happens();
    };
    started = all.names->lookup({"alive.test", 80, family_policy::v6_first}, sink);
  });
  inside("answered() inside lookup()", [](things& all, act happens) {
    sink.happens = std::move(happens);
    const auto kept = all.names;
    const lookup_handle known = kept->lookup({"localhost", 80, family_policy::v6_first}, sink);
  });
  sink.happens = {};
}

// ---- columns: the steps of a dial, where the dialer itself may not go

template <trace_event::step Step>
static void in_the_sink(things& all, act happens) {
  all.on_trace = [happens = std::move(happens)](const trace_event& told) {
    if (told.what == Step && from_a_name(told)) happens();
  };
  try {
    dial_alive(all);
  } catch (const std::logic_error&) {  // the resolver was closed before it was asked
    TEST_ASSERT_TRUE(Step == trace_event::step::question);
  }
}

static void test_inside_the_trace_sink() {
  inside("trace: question", in_the_sink<trace_event::step::question>, about::dialer);
  inside("trace: answer", in_the_sink<trace_event::step::answer>, about::dialer);
  inside("trace: start", in_the_sink<trace_event::step::start>, about::dialer);
  inside("trace: win", in_the_sink<trace_event::step::win>, about::dialer);
  inside("trace: end", in_the_sink<trace_event::step::end>, about::dialer);
}

static void test_inside_the_hook_before_a_connect() {
  const auto arm = [](things& all, act happens) {
    all.on_hook = std::move(happens);
    dial_alive(all);
  };
  inside("the hook", arm, about::dialer);
}

static void test_inside_a_confirm_step() {
  inside(
      "a confirm step",
      [](things& all, act happens) {
        *all.step = [happens = std::move(happens)](tcp_stream&, const endpoint&, const confirmation&) {
          happens();
        };
        dial_options options;
        options.confirm = all.step.get();
        dial_alive(all, options);
      },
      about::step);
  inside("a read of a stream that is confirmed", [](things& all, act happens) {
    *all.step = [&all, happens = std::move(happens)](tcp_stream& fresh, const endpoint&,
                                                     confirmation answer) {
      all.answers.push_back(std::move(answer));
      all.another = fresh.read(all.more_room, then<std::size_t>(happens));
    };
    dial_options options;
    options.confirm = all.step.get();
    dial_alive(all, options);
  });
}

// ---- columns: streams

static void test_inside_the_outcome_of_a_read() {
  inside("read()", [](things& all, act happens) {
    all.own = all.stream->read(all.more_room, then<std::size_t>(std::move(happens)));
  });
  inside("read_until()", [](things& all, act happens) {
    all.own = all.stream->read_until("\n", all.more_room, then<std::size_t>(std::move(happens)));
  });
  inside("read_exactly() that is cancelled", [](things& all, act happens) {
    all.own = all.stream->read_exactly(all.more_room, then<std::size_t>(std::move(happens)));
    all.own.cancel();
  });
  inside("read_exactly() that ends early", [](things& all, act happens) {
    all.own = all.stream->read_exactly(all.more_room, then<std::size_t>(std::move(happens)));
    all.echo.finish();
  });
  inside("a read timeout", [](things& all, act happens) {
    all.stream->set_read_timeout(1ms);
    all.own = all.stream->read_exactly(all.more_room, then<std::size_t>(std::move(happens)));
  });
}

static void test_inside_receive() {
  inside("a chunk of receive()", [](things& all, act happens) {
    all.own = all.stream->receive(
        all.more_room,
        [happens = std::move(happens), mine = captured()](std::span<const std::byte>) {
          happens();
          mine.use();
        },
        [](const outcome<std::uint64_t>&) {});
  });
  inside("the end of receive()", [](things& all, act happens) {
    all.own = all.stream->receive(
        all.more_room, [](std::span<const std::byte>) {}, then<std::uint64_t>(std::move(happens)));
    all.echo.finish();
  });
}

static void test_inside_the_outcome_of_a_write() {
  inside("write()", [](things& all, act happens) {
    all.another = all.stream->read(all.more_room, [](const outcome<std::size_t>&) {});
    all.own = all.stream->write(bytes_of(text), then<std::size_t>(std::move(happens)));
  });
  inside("write() that is cancelled, with more behind it", [](things& all, act happens) {
    static const std::string much = long_text(more_than_fits);
    all.own = all.stream->write(bytes_of(much), then<std::size_t>(std::move(happens)));
    all.another = all.stream->write(bytes_of(text), [](const outcome<std::size_t>&) {});
    all.own.cancel();
  });
  inside("shutdown()", [](things& all, act happens) {
    all.another = all.stream->write(bytes_of(text), [](const outcome<std::size_t>&) {});
    all.own = all.stream->shutdown(then<done>(std::move(happens)));
  });
  inside("wait_for_room()", [](things& all, act happens) {
    all.another = all.stream->wait_for_room([](const outcome<done>&) {});
    all.own = all.stream->wait_for_room(then<done>(std::move(happens)));
  });
}

static void test_inside_what_a_stream_that_closes_calls() {
  inside("close() of a stream", [](things& all, act happens) {
    all.own = all.stream->read_exactly(all.more_room, [](const outcome<std::size_t>&) {});
    all.stream->close(then<done>(std::move(happens)));
  });
  inside("reset() of a stream",
         [](things& all, act happens) { all.stream->reset(then<done>(std::move(happens))); });
  inside("a read of a stream that closes", [](things& all, act happens) {
    all.own = all.stream->read_exactly(all.more_room, then<std::size_t>(std::move(happens)));
    all.another = all.stream->write(bytes_of(text), [](const outcome<std::size_t>&) {});
    all.stream->close([](const outcome<done>&) {});
  });
}

// ---- columns: the ends of the objects themselves

static void test_inside_close_of_dialer_and_resolver() {
  inside("close() of a dialer", [](things& all, act happens) {
    static std::optional<dialer> second;
    second.emplace(loop(), dialer_config{.names = all.names});
    second->close([happens = std::move(happens)](const outcome<done>&) {
      second.reset();
      happens();
    });
  });
  inside("close() of a dialer with a resolver of its own", [](things& all, act happens) {
    dialer second(loop());
    all.own = second.connect(peers->silent.address(), {}, [](const outcome<tcp_stream>&) {});
    second.close(then<done>(std::move(happens)));
  });
  inside("close() of a resolver", [](things& all, act happens) {
    ares_resolver second(loop(), all.servers());
    all.own = second.resolve("alive.test", {}, [](const outcome<host_entry>&) {});
    second.close(then<done>(std::move(happens)));
  });
}

// ---- columns: time and coroutines

static void test_inside_the_outcome_of_a_sleep() {
  inside("sleep()",
         [](things& all, act happens) { all.own = sleep(loop(), 1ms, then<done>(std::move(happens))); });
  inside("sleep() that is cancelled", [](things& all, act happens) {
    all.own = sleep(loop(), 1h, then<done>(std::move(happens)));
    all.own.cancel();
  });
}

static void test_inside_tasks() {
  inside("the outcome of spawn()", [](things& all, act happens) {
    all.own = spawn(
        loop(), []() -> task<void> { co_return; }(), then<done>(std::move(happens)));
  });
  inside("a spawned task, behind a co_await", [](things& all, act happens) {
    const auto body = [](act what) -> task<void> {
      co_await sleep(loop(), 0ms);
      what();
      co_await sleep(loop(), 1ms);
    };
    all.own = spawn(loop(), body(std::move(happens)), [](const outcome<done>&) {});
  });
  inside("a child of first_of()", [](things& all, act happens) {
    const auto child = [](act what) -> task<void> {
      co_await sleep(loop(), 0ms);
      what();
    };
    const auto body = [](task<void> first, things& with) -> task<void> {
      co_await first_of(std::move(first), connect(*with.dials, peers->silent.address()), sleep(loop(), 1h));
    };
    all.own = spawn(body(child(std::move(happens)), all), [](const outcome<done>&) {});
  });
  inside("a coroutine of another type", [](things& all, act happens) {
    static std::optional<foreign> running;
    running.reset();
    const auto body = [](act what) -> foreign {
      co_await sleep(loop(), 0ms);
      what();
    };
    (void)all;
    running.emplace(body(std::move(happens)));
  });
}

// ---- columns: what was captured

static void test_inside_what_a_dropped_callback_has_captured() {
  inside("what a dropped dial had captured", [](things& all, act happens) {
    all.own = all.dials->connect(peers->silent.address(), {}, owning<tcp_stream>(std::move(happens)));
    all.own = {};
  });
  inside("what a dropped Unix dial had captured", [](things& all, act happens) {
    all.own = all.dials->connect_unix(peers->full.path(), {}, owning<pipe_stream>(std::move(happens)));
    all.own = {};
  });
  inside("what a dropped resolve() had captured", [](things& all, act happens) {
    all.own = all.names->resolve("silent.test", {}, owning<host_entry>(std::move(happens)));
    all.own = {};
  });
  inside("what a dropped read had captured", [](things& all, act happens) {
    all.own = all.stream->read_exactly(all.more_room, owning<std::size_t>(std::move(happens)));
    all.own = {};
  });
  inside("what a dropped receive() had captured", [](things& all, act happens) {
    all.own = all.stream->receive(
        all.more_room, [last = last_act(std::move(happens))](std::span<const std::byte>) {},
        [](const outcome<std::uint64_t>&) {});
    all.own = {};
  });
  inside("what a dropped write had captured", [](things& all, act happens) {
    all.own = all.stream->write(bytes_of(text), owning<std::size_t>(std::move(happens)));
    all.own = {};
  });
  inside("what a dropped wait_for_room() had captured", [](things& all, act happens) {
    all.own = all.stream->wait_for_room(owning<done>(std::move(happens)));
    all.own = {};
  });
  inside("what a dropped sleep had captured", [](things& all, act happens) {
    all.own = sleep(loop(), 1h, owning<done>(std::move(happens)));
    all.own = {};
  });
  inside("what a dropped task had as a local", [](things& all, act happens) {
    const auto body = [](last_act local) -> task<void> {
      const last_act mine = std::move(local);
      co_await sleep(loop(), 1h);
    };
    all.own = spawn(loop(), body(last_act(std::move(happens))), [](const outcome<done>&) {});
    all.own = {};
  });
  inside("what a callback that ran had captured", [](things& all, act happens) {
    all.own = all.dials->connect(all.echo.address(), {}, owning<tcp_stream>(std::move(happens)));
  });
  inside("what a read that ran had captured", [](things& all, act happens) {
    all.own = all.stream->read(all.more_room, owning<std::size_t>(std::move(happens)));
  });
}

static void test_all_of_the_table_was_run() {
  std::printf("lifetime table: %zu objects, %d cells run, %d forbidden\n", std::size(rows), cells, forbidden);
}

int main() {
  ignore_broken_pipes();
  peers.emplace();
  fixture::open();  // the first loop of a process opens what all of them share
  fixture::close();
  UNITY_BEGIN();
  RUN_TEST(test_inside_the_outcome_of_a_dial);
  RUN_TEST(test_inside_the_outcome_of_a_unix_dial);
  RUN_TEST(test_inside_the_outcome_of_resolve_and_reverse);
  RUN_TEST(test_inside_the_sink_of_a_lookup);
  RUN_TEST(test_inside_the_trace_sink);
  RUN_TEST(test_inside_the_hook_before_a_connect);
  RUN_TEST(test_inside_a_confirm_step);
  RUN_TEST(test_inside_the_outcome_of_a_read);
  RUN_TEST(test_inside_receive);
  RUN_TEST(test_inside_the_outcome_of_a_write);
  RUN_TEST(test_inside_what_a_stream_that_closes_calls);
  RUN_TEST(test_inside_close_of_dialer_and_resolver);
  RUN_TEST(test_inside_the_outcome_of_a_sleep);
  RUN_TEST(test_inside_tasks);
  RUN_TEST(test_inside_what_a_dropped_callback_has_captured);
  RUN_TEST(test_all_of_the_table_was_run);
  return UNITY_END();
}
