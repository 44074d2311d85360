// DNS answers through everything that hears them: a server in this process answers the questions of a real
// ares_resolver on a real loop, over datagrams and over TCP, with what the input says.
//
// Garbage is to be ignored, and an answer that can be read to be believed. So when the input is spent, or when nothing
// more happens, the server tells the truth to all who still wait. Then each lookup has to end, once, by its deadline;
// one that was dropped may not be heard of again; the loop has to be empty, and no memory may be left.
//
// Where the input says nothing else than what to ask, the truth is what has to be told.
//
// The first octet chooses the work, the second one when it is broken off, and how: the lookup is dropped, or the resolver
// is closed. dns_peer.hpp says what the rest is.
#include <uv.h>

#include <array>
#include <chrono>
#include <memory>
#include <optional>

#include "fuzz/dns_peer.hpp"
#include "fuzz/fuzz_target.hpp"
#include "glue/handle.hpp"
#include "logic/host_name.hpp"
#include "uvdial/ares_resolver.hpp"
#include "uvdial/error.hpp"

using namespace uvdial;
using namespace std::chrono_literals;

namespace {

constexpr auto server_timeout = 300ms;  // what nobody answers ends after it
constexpr auto deadline = 10s;          // with room for a machine that does other work
constexpr int most_turns = 200;
constexpr int quiet_before_truth = 3;
constexpr int quiet_before_hanging_up = 6;
constexpr int quiet_before_waiting = 9;

enum work : unsigned {
  of_kind = 7,
  over_tcp = 8,
  with_edns = 16,
  with_search = 32,
  breaks_off = 64,
  twice = 128
};

class loop_of_one_input {
 public:
  loop_of_one_input() { fuzz::require(uv_loop_init(&loop_) == 0, "there is a loop"); }
  loop_of_one_input(const loop_of_one_input&) = delete;
  loop_of_one_input& operator=(const loop_of_one_input&) = delete;
  ~loop_of_one_input() {
    (void)uv_run(&loop_, UV_RUN_DEFAULT);
    fuzz::require(uv_loop_close(&loop_) == 0, "the loop is empty at the end");
  }
  uv_loop_t& get() noexcept { return loop_; }

 private:
  uv_loop_t loop_;
};

// One lookup, of any kind, and what it may say.
class asked_lookup : private answer_sink {
 public:
  asked_lookup(ares_resolver& names, unsigned kind) : names_(names), kind_(kind) {}

  void start() {
    told_ = {};
    constexpr std::array families{family_policy::v6_first, family_policy::v4_first, family_policy::v4_only,
                                  family_policy::v6_only};
    if (kind_ < families.size()) {
      wanted_ = kind_ < 2 ? 2 : 1;
      running_ = names_.lookup({"www", 80, families[kind_]}, *this);
    } else if (kind_ < 6) {
      operation_ = names_.resolve("www.test", {}, [this](outcome<host_entry> ended) { resolved(ended); });
    } else {
      operation_ = names_.reverse(endpoint::parse("192.0.2.7:1"), {},
                                  [this](outcome<std::vector<std::string>> ended) { reversed(ended); });
    }
  }

  bool done() const noexcept { return dropped_ || count() == wanted_; }
  bool found() const noexcept { return found_ == wanted_; }
  void drop() {
    dropped_ = true;
    running_.reset();
    operation_.reset();
  }
  // All that runs is told that it is cancelled.
  void close() {
    closed_ = true;
    names_.close([](const outcome<uvdial::done>&) {});
  }

 private:
  std::size_t count() const noexcept { return told_[0] + told_[1]; }

  void tell(std::size_t place) {
    fuzz::require(!dropped_, "what was dropped is not heard of again");
    fuzz::require(++told_[place] == 1, "each is told once");
  }

  void answered(answer received) override {
    tell(static_cast<std::size_t>(received.family));
    fuzz::require(received.endpoints.empty() == static_cast<bool>(received.why),
                  "addresses, or why there are none");
    for (const endpoint& each : received.endpoints)
      fuzz::require(each.family() == received.family && each.port() == 80,
                    "addresses are of the family asked");
    const bool cancelled = received.why == std::errc::operation_canceled;
    fuzz::require(closed_ || !cancelled, "only who closes cancels");
    fuzz::require(received.ttl >= 0s && (received.server || cancelled), "an answer is somebody's");
    if (!received.why) ++found_;
  }

  void check(const error& why) const {
    const error_kind kind = why.kind();
    if (closed_ && kind == error_kind::cancelled) return;
    fuzz::require(kind == error_kind::host_not_found || kind == error_kind::no_address ||
                      kind == error_kind::dns_failure || kind == error_kind::dns_timeout,
                  "what DNS does not say is a failure of DNS", why.what());
    fuzz::require(fuzz::is_one_line(why.what()), "an error is one line", why.what());
  }
  void resolved(const outcome<host_entry>& ended) {
    tell(0);
    if (const error* why = ended.failure()) return check(*why);
    fuzz::require(!ended.get_if()->endpoints.empty(), "a host has addresses");
    ++found_;
  }
  void reversed(const outcome<std::vector<std::string>>& ended) {
    tell(0);
    if (const error* why = ended.failure()) return check(*why);
    fuzz::require(!ended.get_if()->empty(), "an address has names");
    for (const std::string& each : *ended.get_if())
      fuzz::require(!detail::why_impossible(each), "and each could be a host's", each);
    ++found_;
  }

  ares_resolver& names_;
  unsigned kind_;
  std::size_t wanted_ = 1;
  std::array<std::size_t, 2> told_{};
  std::size_t found_ = 0;
  bool dropped_ = false;
  bool closed_ = false;
  lookup_handle running_{};
  std::optional<operation> operation_{};
};

void on_tick(uv_timer_t*) noexcept {}

// By time now: a connection may have swallowed the truth, and is given up after the server's timeout.
void wait_for(uv_loop_t& loop, fuzz::dns_peer& peer, const asked_lookup& asked) {
  detail::uv_handle<uv_timer_t> tick;
  const int made = tick.open(nullptr, [&loop](uv_timer_t* timer) { return uv_timer_init(&loop, timer); });
  fuzz::require(made == 0 && uv_timer_start(tick.get(), on_tick, 1, 1) == 0, "there is a timer");
  const std::uint64_t end =
      uv_hrtime() + static_cast<std::uint64_t>(std::chrono::nanoseconds(deadline).count());
  while (!asked.done()) {
    fuzz::require(uv_hrtime() < end, "a lookup ends by its deadline");
    (void)uv_run(&loop, UV_RUN_ONCE);
    (void)peer.look();
  }
}

struct breaking_off {
  int turn;
  bool closes;  // the resolver; else the lookup is dropped
};

void break_off(asked_lookup& asked, const breaking_off& how) { how.closes ? asked.close() : asked.drop(); }

// Until it is done; where it is broken off, until nothing happens any more.
void run(uv_loop_t& loop, fuzz::dns_peer& peer, asked_lookup& asked, const std::optional<breaking_off>& off) {
  int quiet = 0;
  for (int turn = 0; turn < most_turns && quiet < quiet_before_waiting; ++turn) {
    if (off && turn == off->turn) break_off(asked, *off);
    if (asked.done() && !off) return;
    (void)uv_run(&loop, UV_RUN_NOWAIT);
    quiet = peer.look() ? 0 : quiet + 1;
    if (quiet == quiet_before_truth) peer.tell_the_truth();
    if (quiet == quiet_before_hanging_up) peer.hang_up();
  }
  peer.tell_the_truth();
  wait_for(loop, peer, asked);
}

}  // namespace

FUZZ_TARGET(dns_answers) {
  static fuzz::dns_peer peer;
  const unsigned what = input.octet();
  std::optional<breaking_off> off;
  if ((what & breaks_off) != 0) {
    const unsigned how = input.octet();
    off = breaking_off{static_cast<int>(how % 8), (how & 8) != 0};
  }
  const bool only_truth = input.spent() && !off;
  peer.begin(input);

  ares_resolver_options options;
  options.servers = {peer.address()};
  options.resolv_conf = options.hosts_file = "";
  options.search.emplace();
  if ((what & with_search) != 0) options.search->push_back("test");
  options.timeout = server_timeout;
  options.tries = 1;
  options.tcp_only = (what & over_tcp) != 0;
  options.edns = (what & with_edns) != 0;

  loop_of_one_input loop;
  ares_resolver names(loop.get(), options);
  asked_lookup first(names, what & of_kind);
  first.start();
  run(loop.get(), peer, first, off);
  fuzz::require(!only_truth || first.found(), "the truth is told");
  if ((what & twice) == 0 || off) return;
  asked_lookup second(names, what & of_kind);  // what was told may be remembered
  second.start();
  run(loop.get(), peer, second, std::nullopt);
  fuzz::require(!only_truth || second.found(), "the truth is told again");
}
