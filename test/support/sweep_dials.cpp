// What is done while one call after the other fails: dials and lookups.
#include "support/sweep_calls.hpp"
#include "uvdial/confirm.hpp"

namespace sweep {

namespace {

using namespace std::chrono_literals;
using namespace uvdial;

void by_name(rig& r) { (void)dial(r, to(r).both); }
// Where c-ares has no memory to read with it closes the connection and says that it broke.
void over_tcp(rig& r) { (void)dial(r, to(r).large, "well", "dns_failure"); }
// The hosts file has it, and the name of an address.
void by_written_name(rig& r) {
  static const endpoint address = *endpoint::from_literal("192.0.2.8", 0);
  (void)dial(r, to(r).written);
  heard& reversed = r.call("reverse");
  begin<std::vector<std::string>>(
      reversed, r.operations[1], r.found,
      [&](callback<std::vector<std::string>> end) { return r.names->reverse(address, {}, std::move(end)); });
  r.until(reversed);
}
// The answers are known by then, and so is what won.
void with_known_names(rig& r) {
  with_names(r);
  by_name(r);
}
void with_search(rig& r) {
  r.make_names({"first.test", "second.test"});
  r.make_dialer();
}
void by_short_name(rig& r) { (void)dial(r, to(r).in_short); }

void to_address(rig& r) { (void)dial(r, r.list[0]); }

void from_nothing(rig& r) { r.list = {open_one(r)}; }
void make_all(rig& r) {
  heard& made = r.call("make");
  made.begun = true;
  made.calls = 1;
  made.how = "well";
  try {
    r.make_names();
    r.make_dialer();
    return;
  } catch (const std::bad_alloc&) {
    made.how = "thrown bad_alloc";
  } catch (const out_of_resources&) {
    made.how = "thrown out_of_resources";
  }
  r.dials.reset();
  r.names.reset();
}
void use_all(rig& r) {
  if (!r.dials) with_names(r);
  by_name(r);
}

// The first address refuses; each of the others goes through every place where the user may look at it.
void with_everything(rig& r) {
  r.list = {*endpoint::from_literal("127.0.0.1", r.with.closed_port), open_one(r),
            *endpoint::from_literal("127.0.0.9", r.with.port)};
  r.step = [&r](tcp_stream& fresh, const endpoint&, confirmation answer) {
    heard& written = r.call("write in confirm");
    written.otherwise = "cancelled_error";
    static constexpr std::array hello{std::byte{'h'}, std::byte{'i'}};
    begin<std::size_t>(written, r.operations[2], r.chunk_bytes, [&fresh](callback<std::size_t> end) {
      return fresh.write(std::span(hello), std::move(end));
    });
    if (written.begun)
      answer.yes();
    else
      answer.no(std::make_error_code(std::errc::not_enough_memory));
  };
  dialer_config config;
  (void)config.policy.deny("127.0.0.9/32");
  config.trace = [&r](const trace_event&) { ++r.steps; };
  config.before_connect = [&r](uv_tcp_t&, const endpoint&) {
    ++r.steps;
    return std::error_code{};
  };
  r.make_dialer(std::move(config));
  r.options.confirm = &r.step;
  r.options.report = &r.report;
  r.options.keep_alive = 60s;
  r.options.bind_v4 = *endpoint::from_literal("127.0.0.1", 0);
}
void everything(rig& r) { (void)dial(r, std::span<const endpoint>(r.list)); }

// A connection that stands waits for an answer that does not come before the deadline.
void with_silence(rig& r) {
  r.list = {open_one(r)};
  r.step = [&r](tcp_stream&, const endpoint&, confirmation answer) { r.answer.emplace(std::move(answer)); };
  r.make_dialer();
  r.options.confirm = &r.step;
  r.options.timeout = 5ms;
}
void unconfirmed(rig& r) { (void)dial(r, r.list[0], "timeout_error"); }

// The first one that stands is not answered for, and the second one is confirmed beside it.
void with_two(rig& r) {
  r.list = {open_one(r), *endpoint::from_literal("127.0.0.1", r.with.dns_port)};
  r.step = [&r](tcp_stream&, const endpoint&, confirmation answer) {
    if (!r.answer && r.options.timeout == 25ms) return void(r.answer.emplace(std::move(answer)));
    answer.yes();
  };
  r.make_dialer();
  r.options.confirm = &r.step;
  r.options.attempt_delay = 10ms;
}
// Where the second one could not be tried it is the deadline that ends it.
void second_wins(rig& r) {
  r.options.timeout = 25ms;
  heard& dialed = r.call("connect");
  dialed.otherwise = "timeout_error";
  begin<tcp_stream>(dialed, r.operations[0], r.stream, [&](callback<tcp_stream> end) {
    return r.dials->connect(std::span<const endpoint>(r.list), r.options, std::move(end));
  });
  r.until(dialed);
  close(r, r.stream);
}
void confirmed_at_once(rig& r) {
  r.options.timeout = 5s;
  (void)dial(r, r.list[1]);
}

void with_closed(rig& r) {
  r.list = {*endpoint::from_literal("127.0.0.1", r.with.closed_port)};
  r.make_dialer();
  r.options.report = &r.report;
}
// What the report was before, of another dial, it must not be afterwards.
void refused(rig& r) {
  constexpr std::size_t stale = 7;
  r.report.winner = stale;
  const heard& dialed = dial(r, r.list[0], "connection_refused");
  heard& told = r.call("report");
  told.begun = true;
  told.calls = 1;
  told.how = dialed.begun && r.report.winner == stale ? "stale" : "well";
}

void cancelled(rig& r) {
  heard& dialed = r.call("connect", "cancelled_error");
  dialed.always = true;
  begin<tcp_stream>(dialed, r.operations[0], r.stream, [&](callback<tcp_stream> end) {
    return r.dials->connect(to(r).both, r.options, std::move(end));
  });
  r.operations[0].cancel();
  r.until(dialed);
}
void closed_under_way(rig& r) {
  heard& dialed = r.call("connect", "cancelled_error");
  dialed.always = true;
  begin<tcp_stream>(dialed, r.operations[0], r.stream, [&](callback<tcp_stream> end) {
    return r.dials->connect(to(r).localhost, r.options, std::move(end));
  });
  heard& closed = r.call("close dialer");
  r.dials->close([&closed](const outcome<done>&) {
    ++closed.calls;
    closed.how = "well";
  });
  closed.begun = true;
  r.until(dialed);
  r.until(closed);
}
void with_names_of_its_own(rig& r) {
  (void)to(r);
  r.make_dialer();
}
void anew(rig& r) {
  r.dials.reset();
  r.make_names();
  r.make_dialer();
  by_name(r);
}

void resolved(rig& r) {
  static const std::string name = "alias.test";
  static const endpoint address = *endpoint::from_literal("192.0.2.7", 0);
  heard& resolved = r.call("resolve");
  begin<host_entry>(resolved, r.operations[0], r.entry,
                    [&](callback<host_entry> end) { return r.names->resolve(name, {}, std::move(end)); });
  heard& reversed = r.call("reverse");
  begin<std::vector<std::string>>(
      reversed, r.operations[1], r.found,
      [&](callback<std::vector<std::string>> end) { return r.names->reverse(address, {}, std::move(end)); });
  r.until(resolved);
  r.until(reversed);
}

void with_system(rig& r) {
  (void)to(r);
  r.system = std::make_shared<system_resolver>(r.loop());
  r.make_dialer({.names = r.system});
  r.options.families = family_policy::v4_only;
}
void by_system(rig& r) {
  static const std::string name = "localhost";
  heard& resolved = r.call("resolve");
  begin<host_entry>(resolved, r.operations[0], r.entry,
                    [&](callback<host_entry> end) { return r.system->resolve(name, {}, std::move(end)); });
  r.until(resolved);
  (void)dial(r, to(r).localhost);
}

void by_path(rig& r) {
  heard& dialed = r.call("connect_unix");
  begin<pipe_stream>(dialed, r.operations[0], r.pipe, [&](callback<pipe_stream> end) {
    return r.dials->connect_unix(r.with.path, r.options, std::move(end));
  });
  r.until(dialed);
  close(r, r.pipe);
}

}  // namespace

const std::vector<scenario> dial_scenarios{
    {"a dialer and a resolver are made", from_nothing, make_all, use_all},
    {"a dial of a name", with_names, by_name, by_name},
    {"a dial of a name with a search list", with_search, by_short_name, by_short_name},
    {"a dial of a name whose answers come over TCP", with_names, over_tcp, over_tcp},
    {"a dial of a name that is known", with_known_names, by_name, by_name},
    {"a dial of a name in the hosts file", with_names, by_written_name, by_written_name},
    {"a dial of an address", with_dialer, to_address, to_address},
    {"a dial with policy, hook, confirm, trace and report", with_everything, everything, everything},
    {"a dial that nobody confirms", with_silence, unconfirmed, unconfirmed},
    {"a dial whose second connection is confirmed", with_two, second_wins, confirmed_at_once},
    {"a dial that is refused", with_closed, refused, refused},
    {"a dial that is cancelled", with_names, cancelled, by_name},
    {"a dialer that is closed under way", with_names_of_its_own, closed_under_way, anew},
    {"resolve() and reverse()", with_names, resolved, resolved},
    {"the system's resolver", with_system, by_system, by_system},
    {"a dial of a Unix-domain socket", with_dialer, by_path, by_path},
};

}  // namespace sweep
