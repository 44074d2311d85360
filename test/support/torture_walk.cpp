#include "support/torture_walk.hpp"

namespace fixture {

torture_walk::torture_walk(const lasting_peers& with, watches& owed, std::mt19937& random)
    : peers_(with), owed_(owed), random_(random) {
  dns_.host("alive.test", {.addresses = {"127.0.0.1"}});
  dns_.host("late.test", {.addresses = {"127.0.0.1"}, .delay = 3ms});
  dns_.host("servfail.test", {.code = demo::response_code::servfail});
  dns_.host("never.test", {.fault = demo::reply_fault::silent});
  dns_.host("cut.test", {.addresses = {"127.0.0.1"}, .fault = demo::reply_fault::truncated});
  dns_.host("garbage.test", {.fault = demo::reply_fault::garbage});
  dns_.answer_unknown({.code = demo::response_code::nxdomain});
  step_ = [this](tcp_stream& fresh, const endpoint&, confirmation answer) {
    confirm(fresh, std::move(answer));
  };
  renew_resolver();
}

torture_walk::~torture_walk() = default;

void torture_walk::renew_resolver() {
  ares_resolver_options options;
  options.servers = {dns_.address()};
  options.hosts_file = "";
  options.search = std::vector<std::string>{};
  options.timeout = 20ms;
  options.tries = 2;
  names_ = std::make_shared<ares_resolver>(loop(), options);
}

std::chrono::milliseconds torture_walk::a_moment() {
  constexpr int moments[] = {1, 1, 2, 2, 3, 5, 8, 15, 30};
  return std::chrono::milliseconds(moments[up_to(std::size(moments) - 1)]);
}

void torture_walk::step() {
  act();
  if (one_in(2)) run_turn();
}

void torture_walk::act_inside() {
  if (over_ || depth_ >= 3) return;
  ++depth_;
  for (std::size_t left = up_to(3); left > 0; --left) act();
  --depth_;
}

void torture_walk::act() {
  switch (up_to(15)) {
    case 0:
    case 1:
    case 2: return start_dial();
    case 3: return start_lookup();
    case 4: return start_resolve();
    case 5: return start_sleep();
    case 6: return start_task();
    case 7:
    case 8: return act_on_operations();
    case 9: return act_as_peer();
    case 10: return act_on_confirmations();
    case 11: return one_in(4) ? act_on_objects() : act_on_operations();
    default: return act_on_streams();
  }
}

// ---- operations

void torture_walk::keep(watched made) {
  if (one_in(8)) return made.detach();
  operations_[up_to(most_operations - 1)] = std::move(made);
}

void torture_walk::act_on_operations() {
  watched& one = operations_[up_to(most_operations - 1)];
  switch (up_to(4)) {
    case 0: one = {}; return;
    case 1: return one.detach();
    case 2: one = std::move(operations_[up_to(most_operations - 1)]); return;
    default: return one.cancel();
  }
}

// ---- dials

target torture_walk::a_name() {
  constexpr const char* names[] = {"alive.test",  "alive.test", "late.test",    "servfail.test", "never.test",
                                   "nosuch.test", "cut.test",   "garbage.test", "localhost"};
  return {names[up_to(std::size(names) - 1)], an_address().port()};
}

endpoint torture_walk::an_address() {
  switch (up_to(6)) {
    case 0: return resetting_.address();
    case 1: return keeping_.address();
    case 2: return peers_.refusing.address();
    case 3: return peers_.silent.address();
    default: return echo_.address();
  }
}

dial_options torture_walk::some_options(dial_report* report) {
  dial_options made;
  made.timeout = a_moment();
  made.attempt_delay = 10ms;
  made.resolution_delay = std::chrono::milliseconds(up_to(5));
  if (one_in(4)) made.attempt_timeout = a_moment();
  if (one_in(4)) made.families = family_policy::v4_only;
  if (one_in(3)) made.confirm = &step_;
  if (one_in(3)) made.report = report;
  made.remember = one_in(2);
  return made;
}

dialer_config torture_walk::config() {
  const auto drop_or_cancel = [this] {
    if (!over_ && one_in(16)) act_on_operations();
  };
  dialer_config made;
  if (!one_in(8)) made.names = names_;
  made.before_connect = [this, drop_or_cancel](uv_tcp_t&, const endpoint&) {
    drop_or_cancel();
    return one_in(16) ? std::make_error_code(std::errc::permission_denied) : std::error_code{};
  };
  made.trace = [drop_or_cancel](const trace_event&) { drop_or_cancel(); };
  return made;
}

dialer* torture_walk::a_dialer() {
  auto& one = dialers_[up_to(dialers_.size() - 1)];
  if (!one) one = std::make_unique<dialer>(loop(), config());
  return one.get();
}

void torture_walk::start_dial() {
  dialer& with = *a_dialer();
  const auto report = std::make_shared<dial_report>();  // lives as long as the callback
  const dial_options options = some_options(report.get());
  const auto ending = [this, &report](const std::shared_ptr<watch>& of) {
    return callback<tcp_stream>([report, then = watching<tcp_stream>(of)](outcome<tcp_stream> ended) mutable {
      then(std::move(ended));
    });
  };
  switch (up_to(6)) {
    case 0:
      return begin("a dial of a list", [&](const auto& of) {
        const std::vector<endpoint> list{an_address(), an_address(), an_address()};
        return with.connect(list, options, ending(of));
      });
    case 1:
    case 2:
      return begin("a dial of an address",
                   [&](const auto& of) { return with.connect(an_address(), options, ending(of)); });
    case 3:
      return begin("a Unix dial", [&](const auto& of) {
        const std::string path = one_in(3)   ? peers_.full.path()
                                 : one_in(3) ? "/nowhere"
                                             : peers_.roomy.path();
        return with.connect_unix(path, {.timeout = a_moment()}, watching<pipe_stream>(of));
      });
    default:
      return begin("a dial of a name",
                   [&](const auto& of) { return with.connect(a_name(), options, ending(of)); });
  }
}

void torture_walk::confirm(tcp_stream& fresh, confirmation answer) {
  switch (up_to(4)) {
    case 0: answer.yes(); break;
    case 1: answer.no(std::make_error_code(std::errc::protocol_error)); break;
    case 2: {
      const auto room = std::make_shared<std::array<std::byte, 16>>();
      const auto of = owed_.add("a read of a stream that is confirmed");
      auto on_read = [this, of, room, answer = std::move(answer)](const outcome<std::size_t>& got) mutable {
        owed_.called(*of, got.failure());
        if (got) answer.yes();
        act_inside();
      };
      keep({fresh.read(*room, std::move(on_read)), of});
      break;
    }
    default: answers_.push_back(std::move(answer));
  }
  act_inside();
}

void torture_walk::act_on_confirmations() {
  if (answers_.empty()) return;
  confirmation answer = std::move(answers_.back());
  answers_.pop_back();
  if (one_in(3)) answer.no({});
  if (one_in(2)) answer.yes();
  if (one_in(8)) answers_.clear();
}

}  // namespace fixture
