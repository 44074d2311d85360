#pragma once
// One of everything that a program can have of this library, each in the middle of what it does, and what the end of
// each came to: the rows of the lifetime tables.
#include <dirent.h>

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "demo/dns_responder.hpp"
#include "demo/peers.hpp"
#include "support/connected.hpp"
#include "support/coroutines.hpp"
#include "support/stream_ends.hpp"
#include "support/unix_listener.hpp"
#include "uvdial/coroutine.hpp"
#include "uvdial/uvdial.hpp"

namespace fixture {

using namespace std::chrono_literals;
using namespace uvdial;

inline std::size_t open_descriptors() {
  std::size_t count = 0;
  DIR* const folder = opendir("/proc/self/fd");
  while (folder && readdir(folder)) ++count;
  if (folder) (void)closedir(folder);
  return count;
}

// Peers that need no loop: one of each for the whole program.
struct lasting_peers {
  demo::silent_listener silent{demo::reserve(ip_family::v4)};
  demo::reserved_port refusing = demo::reserve(ip_family::v4);
  socket_folder folder{};
  unix_listener full{folder / "full", 0};
  unix_listener roomy{folder / "roomy", 128};
  lasting_peers() { full.fill(); }
};

struct an_end {
  int calls = 0;
  std::optional<error_kind> failure{};
};

struct things {
  explicit things(const lasting_peers& with) : peers(with) {
    dns.host("alive.test", {.addresses = {"127.0.0.1"}});
    dns.answer("1.2.0.192.in-addr.arpa", demo::record_type::ptr, {.names = {"back.test"}});
    dns.answer_unknown({.fault = demo::reply_fault::silent});
    // Everything that runs beside the callback that the table is about.
    dialing = dials->connect(peers.silent.address(), {}, counted<tcp_stream>("dial"));
    dial_options confirmed;
    confirmed.confirm = step.get();
    confirming = dials->connect(echo.address(), confirmed, counted<tcp_stream>("confirmed dial"));
    naming = dials->connect(target("silent.test", 80), {}, counted<tcp_stream>("dial by name"));
    waiting = dials->connect_unix(peers.full.path(), {}, counted<pipe_stream>("Unix dial"));
    resolving = names->resolve("silent.test", {}, counted<host_entry>("resolve"));
    reversing = names->reverse(*endpoint::from_literal("192.0.2.9", 0), {},
                               counted<std::vector<std::string>>("reverse"));
    looking = names->lookup({"silent.test", 80, family_policy::v4_only}, sink);
    piping = pipe.stream.read(room, counted<std::size_t>("pipe read"));
    sleeping = sleep(loop(), 1h, counted<done>("sleep"));
    spawned = spawn(loop(), three_at_once(*this), counted<done>("task"));
    coroutine.emplace(foreign_dial(*this));
    run_until([this] { return !answers.empty(); });
  }
  things(const things&) = delete;
  things& operator=(const things&) = delete;
  ~things() = default;

  template <class Value>
  callback<Value> counted(std::string name) {
    return [this, name = std::move(name)](outcome<Value> ended) { note(name, ended.failure()); };
  }
  void note(const std::string& name, const error* why) {
    an_end& of = ends[name];
    ++of.calls;
    if (why) of.failure = why->kind();
  }
  // "not called", "success", the class of the error, or that it came more than once.
  std::string end_of(const std::string& name) const {
    const auto found = ends.find(name);
    if (found == ends.end()) return "not called";
    if (found->second.calls != 1) return "called " + std::to_string(found->second.calls) + " times";
    return found->second.failure ? std::string(kind_name(*found->second.failure)) : "success";
  }

  static task<void> three_at_once(things& with) {
    co_await when_all(connect(*with.dials, with.peers.silent.address()), sleep(loop(), 1h),
                      resolve(*with.names, "silent.test"));
  }
  static foreign foreign_dial(things& with) {
    try {
      (void)co_await connect(*with.dials, with.peers.silent.address());
      with.note("coroutine", nullptr);
    } catch (const error& why) {
      with.note("coroutine", &why);
    }
  }

  ares_resolver_options servers() const {
    ares_resolver_options made;
    made.servers = {dns.address()};
    made.hosts_file = "";
    made.search = std::vector<std::string>{};
    return made;
  }
  dialer_config config() {
    dialer_config made;
    made.names = names;
    made.before_connect = [this](uv_tcp_t&, const endpoint&) {
      if (on_hook) on_hook();
      return std::error_code{};
    };
    made.trace = [this](const trace_event& told) {
      if (on_trace) on_trace(told);
    };
    return made;
  }

  struct counting_sink final : answer_sink {
    explicit counting_sink(things& its_owner) : owner(its_owner) {}
    void answered(answer) override { owner.note("lookup", nullptr); }
    things& owner;
  };

  const lasting_peers& peers;
  std::map<std::string, an_end> ends{};
  demo::listener echo{
      loop(), demo::reserve(ip_family::v4), {.then = demo::behaviour::echo, .greeting = "hello\n"}};
  demo::dns_responder dns{loop()};
  unique_function<void()> on_hook{};
  unique_function<void(const trace_event&)> on_trace{};
  counting_sink sink{*this};

  // What may be destroyed, and by its own table is.
  std::array<std::byte, 64> room{};
  std::array<std::byte, 64> more_room{};
  std::shared_ptr<ares_resolver> names = std::make_shared<ares_resolver>(loop(), servers());
  std::unique_ptr<dialer> dials = std::make_unique<dialer>(loop(), config());
  std::vector<confirmation> answers{};
  std::unique_ptr<confirm_step> step = std::make_unique<confirm_step>(
      [this](tcp_stream&, const endpoint&, confirmation answer) { answers.push_back(std::move(answer)); });
  std::optional<tcp_stream> stream = dial(echo.address());
  two_ends pipe{};
  operation own{};      // of the callback that the table is about
  operation another{};  // of the same stream
  operation dialing{}, confirming{}, naming{}, waiting{}, resolving{}, reversing{}, piping{}, sleeping{},
      spawned{};
  lookup_handle looking{};
  std::optional<foreign> coroutine{};
};

}  // namespace fixture
