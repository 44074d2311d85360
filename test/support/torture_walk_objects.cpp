// What a walk does beside its dials: names, time, tasks, streams, peers, and the end of it all.
#include <algorithm>
#include <functional>

#include "support/torture_walk.hpp"

namespace fixture {

// ---- names, time and tasks

void torture_walk::looking::answered(answer) {
  if (++answers > 2) in->owed_.mistake("a lookup: a third answer");
  in->act_inside();
}

void torture_walk::start_lookup() {
  while (lookups_.size() > 6) lookups_.pop_front();
  if (!names_ || depth_ > 0) return lookups_.clear();
  std::list<looking> fresh(1);
  fresh.front().in = this;
  const auto kept = names_;
  try {
    const target wanted = a_name();
    fresh.front().handle = kept->lookup({wanted.host, wanted.port, family_policy::v6_first}, fresh.front());
    lookups_.splice(lookups_.end(), fresh);
  } catch (const std::logic_error&) {  // it is closed
  }
}

void torture_walk::start_resolve() {
  if (!names_) return;
  const auto kept = names_;
  if (one_in(3))
    return begin("reverse()", [&](const auto& of) {
      const endpoint address = one_in(2) ? an_address() : *endpoint::from_literal("192.0.2.1", 0);
      return kept->reverse(address, {.timeout = a_moment()}, watching<std::vector<std::string>>(of));
    });
  begin("resolve()", [&](const auto& of) {
    return kept->resolve(a_name().host, {.timeout = a_moment()}, watching<host_entry>(of));
  });
}

void torture_walk::start_sleep() {
  begin("sleep()", [&](const auto& of) { return sleep(loop(), a_moment() - 1ms, watching<done>(of)); });
}

// Nothing is referred to behind the first co_await: it may all be gone.
void torture_walk::start_task() {
  dialer& with = *a_dialer();
  const auto some_sleep = [](std::chrono::milliseconds moment) -> task<void> {
    co_await sleep(loop(), moment);
  };
  const auto either = [](dialer& dials, endpoint to, std::chrono::milliseconds moment) -> task<void> {
    try {
      (void)co_await first_of(connect(dials, to, {.timeout = 30ms}), sleep(loop(), moment));
    } catch (const std::logic_error&) {  // it is closed
    }
  };
  const auto both = [](dialer& dials, target to, std::chrono::milliseconds moment) -> task<void> {
    try {
      (void)co_await when_all(connect(dials, std::move(to), {.timeout = moment}), sleep(loop(), moment));
    } catch (const std::logic_error&) {  // it is closed
    }
  };
  const auto nested = [](std::vector<task<void>> children) -> task<void> {
    co_await sleep(loop(), 0ms);
    co_await when_all(std::move(children));
  };
  begin("a task", [&](const auto& of) {
    task<void> body;
    switch (up_to(3)) {
      case 0: body = some_sleep(a_moment()); break;
      case 1: body = either(with, an_address(), a_moment()); break;
      case 2: body = both(with, a_name(), a_moment()); break;
      default: {
        std::vector<task<void>> children;
        for (std::size_t left = up_to(3); left > 0; --left) children.push_back(some_sleep(a_moment()));
        body = nested(std::move(children));
      }
    }
    if (one_in(2)) return spawn(std::move(body), watching<done>(of));
    return spawn(loop(), std::move(body), watching<done>(of));
  });
}

// ---- streams

void torture_walk::take(tcp_stream stream) {
  if (over_ || one_in(3)) return;
  streams_.emplace_back().tcp.emplace(std::move(stream));
}
void torture_walk::take(pipe_stream stream) {
  if (over_ || one_in(3)) return;
  streams_.emplace_back().pipe.emplace(std::move(stream));
}

void torture_walk::act_on_streams() {
  while (streams_.size() > most_streams) streams_.pop_front();
  if (streams_.empty()) return start_dial();
  auto place = streams_.begin();
  std::advance(place, static_cast<std::ptrdiff_t>(up_to(streams_.size() - 1)));
  try {
    switch (up_to(9)) {
      case 0:
      case 1:
      case 2: return read_from(*place);
      case 3:
      case 4: return write_to(*place);
      case 5: place->any().set_read_timeout(one_in(2) ? std::optional(a_moment()) : std::nullopt); return;
      case 6: place->any().set_write_timeout(one_in(2) ? std::optional(a_moment()) : std::nullopt); return;
      case 7: return one_in(2) ? place->any().pause() : place->any().resume();
      default: break;
    }
    if (one_in(2)) return;
    std::list<connection> leaving;
    leaving.splice(leaving.end(), streams_, place);
    give_up(leaving.front());
  } catch (const std::logic_error&) {  // something is in flight
  }
}

void torture_walk::read_from(connection& from) {
  begin("a read", [&](const auto& of) {
    const auto room = from.room;
    auto then = [room, ended = watching<std::size_t>(of)](outcome<std::size_t> got) mutable {
      ended(std::move(got));
    };
    const std::span<std::byte> into(*room);
    switch (up_to(3)) {
      case 0: return from.any().read(into, std::move(then));
      case 1: return from.any().read_exactly(into.first(1 + up_to(40)), std::move(then));
      case 2: return from.any().read_until("\n", into, std::move(then));
      default:
        return from.any().receive(
            into,
            [this, room, of](std::span<const std::byte>) {
              act_inside();
              owed_.still_there(*of);
            },
            watching<std::uint64_t>(of));
    }
  });
}

void torture_walk::write_to(connection& to) {
  static const std::string much = long_text(1u << 16);
  switch (up_to(5)) {
    case 0: return begin("a shutdown", [&](const auto& of) { return to.any().shutdown(watching<done>(of)); });
    case 1:
      return begin("a wait for room",
                   [&](const auto& of) { return to.any().wait_for_room(watching<done>(of)); });
    case 2:
      return begin("a large write",
                   [&](const auto& of) { return to.any().write(bytes_of(much), watching<std::size_t>(of)); });
    default:
      return begin("a write", [&](const auto& of) {
        return to.any().write(bytes_of("a\nbc"), watching<std::size_t>(of));
      });
  }
}

void torture_walk::give_up(connection& which) {
  const auto closing = [this] { return watching<done>(owed_.add("a close of a stream")); };
  switch (up_to(4)) {
    case 0: return which.any().close(closing());
    case 1: return which.tcp ? which.tcp->reset(closing()) : which.any().close(closing());
    case 2:
      if (which.tcp) (void)std::move(*which.tcp).release();
      return;
    case 3: return (void)demo::descriptor(std::move(which.any()).release_socket());
    default: return;
  }
}

// ---- what they all hang on

void torture_walk::act_as_peer() {
  switch (up_to(6)) {
    case 0: return echo_.send("out of nowhere\n");
    case 1: return echo_.reset_connections();
    case 2: return echo_.close_connections();
    case 3: return echo_.finish();
    case 4: return keeping_.reset_connections();
    default: (void)peers_.roomy.accept();
  }
}

void torture_walk::act_on_objects() {
  auto& one = dialers_[up_to(dialers_.size() - 1)];
  switch (up_to(6)) {
    case 0: return one.reset();
    case 1: return std::swap(dialers_[0], dialers_[1]);
    case 2:
      if (one) *one = dialer(loop(), config());
      return;
    case 3: return close_dialer();
    case 4: return close_resolver();
    case 5: return names_ && !one_in(4) ? streams_.clear() : renew_resolver();
    default: return lookups_.clear();
  }
}

// A closed one is of no further use; some stay for a while all the same.
void torture_walk::close_dialer() {
  auto& one = dialers_[0];
  if (!one) return;
  const auto of = owed_.add("a close of a dialer");
  try {
    one->close(watching<done>(of));
  } catch (const std::logic_error&) {  // it has been closed
    of->dropped = true;
    one.reset();
  }
}

void torture_walk::close_resolver() {
  if (!names_) return;
  const auto of = owed_.add("a close of a resolver");
  try {
    names_->close(watching<done>(of));
  } catch (const std::logic_error&) {  // it has been closed
    of->dropped = true;
    names_.reset();
  }
}

bool torture_walk::loop_is_busy() {
  if (!dialers_[0]) dialers_[0] = std::make_unique<dialer>(loop(), config());
  watched one;
  const auto of = owed_.add("a dial of a busy loop");
  try {
    one = {dialers_[0]->connect(peers_.silent.address(), {}, watching<tcp_stream>(of)), of};
  } catch (const std::logic_error&) {
    of->dropped = true;  // it is closed
  }
  return uv_loop_close(&loop()) == UV_EBUSY;
}

void torture_walk::end() {
  std::vector<std::function<void()>> all;
  all.push_back([this] { dialers_[0].reset(); });
  all.push_back([this] { dialers_[1].reset(); });
  all.push_back([this] { names_.reset(); });
  all.push_back([this] { close_dialer(); });
  all.push_back([this] { close_resolver(); });
  all.push_back([this] { streams_.clear(); });
  all.push_back([this] { answers_.clear(); });
  all.push_back([this] { lookups_.clear(); });
  all.push_back([this] {
    for (watched& each : operations_) each = {};
  });
  std::shuffle(all.begin(), all.end(), random_);
  over_ = one_in(2);  // else callbacks go on for a while
  for (const auto& each : all) {
    each();
    if (one_in(2)) run_turn();
  }
  over_ = true;
  for (int again = 0; again < 2; ++again)
    for (const auto& each : all) each();
  fixture::run();
  streams_.clear();
  for (watched& each : operations_) each = {};
  fixture::run();
}

}  // namespace fixture
