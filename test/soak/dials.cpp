#include "dials.hpp"

#include <dirent.h>
#include <sys/resource.h>

#include <stdexcept>

namespace soak {

namespace {

using namespace std::chrono_literals;
using namespace uvdial;

constexpr std::uint64_t shortage_every = 20'000;  // dials
constexpr std::uint64_t shortage_turns = 4;
// Before the sanitizers read a table of virtual functions they ask the kernel whether they may, over a pipe: where
// there is no descriptor for one they take it for a bad one.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool shortages = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool shortages = false;
#else
constexpr bool shortages = true;
#endif
#else
constexpr bool shortages = true;
#endif
constexpr std::uint64_t time_to_rest = 1500;  // ms

ares_resolver_options servers_of(const places& where) {
  ares_resolver_options made;
  made.servers = {where.dns};
  made.hosts_file = "";
  made.search = std::vector<std::string>{};
  made.timeout = 100ms;
  made.tries = 2;
  return made;
}

endpoint at(std::string_view literal, std::uint16_t port) { return *endpoint::from_literal(literal, port); }

void limit_descriptors(rlim_t most) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) throw std::runtime_error("getrlimit");
  limit.rlim_cur = std::min(most, limit.rlim_max);
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) throw std::runtime_error("setrlimit");
}

}  // namespace

std::size_t open_descriptors() {
  std::size_t count = 0;
  DIR* const folder = opendir("/proc/self/fd");
  if (!folder) throw std::runtime_error("/proc/self/fd");
  while (readdir(folder)) ++count;
  (void)closedir(folder);
  return count;
}

dials::dials(uv_loop_t& loop, const places& where, std::size_t at_once, unsigned seed)
    : loop_(loop),
      where_(where),
      random_(seed),
      names_(std::make_shared<ares_resolver>(loop, servers_of(where))),
      dialer_(loop, {.names = names_}),
      yes_([](tcp_stream& fresh, const endpoint&, confirmation answer) {
        const auto room = std::make_shared<std::array<std::byte, 1>>();
        fresh
            .read(*room,
                  [room, answer = std::move(answer)](const outcome<std::size_t>& got) mutable {
                    if (got && *got.get_if() == 1) answer.yes();
                  })
            .detach();
      }),
      no_([](tcp_stream&, const endpoint&, confirmation answer) {
        answer.no(std::make_error_code(std::errc::protocol_error));
      }),
      slots_(at_once) {
  for (const std::string_view one : {refusing, answering[0], answering[1]})
    list_.push_back(at(one, where.port));
  for (slot& each : slots_) free_.push_back(&each);
  limit_descriptors(RLIM_INFINITY);
}

const kind& dials::choose() {
  unsigned left = up_to(999);
  for (const kind& each : kinds) {
    if (left < each.weight) return each;
    left -= each.weight;
  }
  return kinds.front();
}

void dials::run_to(std::uint64_t limit) {
  limit_ = limit;
  while (count_.started < limit_ || free_.size() < slots_.size()) {
    ++turn_;
    cause_shortage();
    fill();
    meet_fates();
    (void)uv_run(&loop_, UV_RUN_ONCE);  // what is left to do the slots know
  }
  limit_descriptors(RLIM_INFINITY);
  shortage_until_ = 0;
  (void)uv_run(&loop_, UV_RUN_DEFAULT);  // nothing holds the loop but what closes
}

void dials::rest() {
  for (unsigned batch = 0; batch < 20; ++batch) {  // of few, since a burst may lose some
    for (unsigned each = 0; each < 50; ++each) {
      const std::string name = "a" + std::to_string(900'000 + batch * 50 + each) + ".soak.test";
      names_->resolve(name, {}, [](const outcome<host_entry>&) {}).detach();
    }
    (void)uv_run(&loop_, UV_RUN_DEFAULT);
  }
  uv_timer_t timer;
  if (uv_timer_init(&loop_, &timer) != 0 || uv_timer_start(
                                                &timer, [](uv_timer_t*) {}, time_to_rest, 0) != 0)
    throw std::runtime_error("uv_timer");
  (void)uv_run(&loop_, UV_RUN_DEFAULT);
  uv_close(reinterpret_cast<uv_handle_t*>(&timer), nullptr);
  (void)uv_run(&loop_, UV_RUN_DEFAULT);
}

// For some turns nothing more can be opened. The number of the first free descriptor is the limit.
void dials::cause_shortage() {
  if (shortage_until_ != 0 && turn_ >= shortage_until_) {
    limit_descriptors(RLIM_INFINITY);
    shortage_until_ = 0;
  }
  if (!shortages || count_.started < next_shortage_) return;
  next_shortage_ += shortage_every;
  shortage_until_ = turn_ + shortage_turns;
  limit_descriptors(static_cast<rlim_t>(open_descriptors() - 3));  // ".", "..", and that of the folder
}

void dials::fill() {
  while (!free_.empty() && count_.started < limit_) {
    slot& one = *free_.back();
    free_.pop_back();
    start(one);
  }
}

void dials::start(slot& one) {
  one.of = &choose();
  one.number = ++count_.started;
  one.cancelled = one.ended = false;
  const std::uint32_t lot = up_to(99);
  one.to_come = lot < 3 ? fate::drop : lot < 6 ? fate::cancel : lot < 8 ? fate::detach : fate::none;
  one.turn_of_fate = turn_ + up_to(5);
  begin(one);
  if (one.to_come == fate::detach) one.running.detach();
}

void dials::begin(slot& one) {
  const std::string name = one.of->letter + std::to_string(100'000 + one.number % 50'000) + ".soak.test";
  switch (one.of->by) {
    case way::name:
      one.running = dialer_.connect(target(name, where_.port), options_for(one), ending<tcp_stream>(one));
      break;
    case way::address: {
      const auto which = answering[one.number % std::size(answering)];
      one.running = dialer_.connect(at(which, where_.port), options_for(one), ending<tcp_stream>(one));
      break;
    }
    case way::list: one.running = dialer_.connect(list_, options_for(one), ending<tcp_stream>(one)); break;
    case way::unix_socket:
      one.running = dialer_.connect_unix(where_.unix_path, {.timeout = 1s}, ending<pipe_stream>(one));
      break;
    case way::resolve: one.running = names_->resolve(name, {.timeout = 1s}, ending<host_entry>(one)); break;
    case way::reverse: {
      const auto number = one.number % 250 + 1;
      const endpoint address = at("192.0.2." + std::to_string(number), 0);
      one.running = names_->reverse(address, {.timeout = 1s}, ending<std::vector<std::string>>(one));
      break;
    }
  }
}

dial_options dials::options_for(slot& one) {
  dial_options made;
  const char letter = one.of->letter;
  const bool hangs = letter == 's' || letter == 'p';
  made.timeout = hangs ? 30ms : 2000ms;
  made.attempt_delay = 10ms;
  made.remember = one.number % 2 == 0;
  if (letter == 'y') made.confirm = &yes_;
  if (letter == 'c') made.confirm = &no_;
  return made;
}

void dials::meet_fates() {
  for (slot& each : slots_) {
    if (!each.of || each.ended || each.turn_of_fate > turn_) continue;
    if (each.to_come == fate::cancel) each.running.cancel();
    if (each.to_come == fate::cancel) each.cancelled = true;
    if (each.to_come == fate::drop) {
      each.running = {};
      ++count_.dropped;
      free(each);
    }
    each.to_come = fate::none;
  }
}

template <class Value>
callback<Value> dials::ending(slot& one) {
  return [this, &one, number = one.number](outcome<Value> ended) {
    note(one, number, ended.failure());
    if (!ended) return free(one);
    use(one, std::move(ended).value());
  };
}

void dials::note(slot& one, std::uint64_t number, const error* why) {
  if (one.number != number || one.ended || !one.of) {
    ++count_.twice;
    if (mistake_.empty()) mistake_ = "dial " + std::to_string(number) + ": a callback that must not come";
    return;
  }
  one.ended = true;
  if (!why && one.cancelled) wrong(one, "success after cancel()");
  if (!why && !one.of->may_succeed) wrong(one, "success");
  if (!why) {
    ++count_.succeeded;
    return;
  }
  const error_kind kind = why->kind();
  ++(kind == error_kind::cancelled ? count_.cancelled : count_.failed);
  ++count_.failed_as[static_cast<std::size_t>(kind)];
  if (one.cancelled != (kind == error_kind::cancelled)) wrong(one, why->what());
  const bool expected = kind == one.of->failure || kind == error_kind::timeout ||
                        kind == error_kind::dns_timeout || kind == error_kind::cancelled ||
                        kind == error_kind::out_of_resources;
  if (!expected) wrong(one, why->what());
}

void dials::wrong(const slot& one, const std::string& how) {
  ++count_.wrong;
  if (mistake_.empty())
    mistake_ = "dial " + std::to_string(one.number) + " (" + std::string(one.of->what) + "): " + how;
}

void dials::free(slot& one) {
  one.of = nullptr;
  free_.push_back(&one);
}

void dials::use(slot& one, tcp_stream stream) {
  if (one.of->letter == 'e' || one.of->letter == 'b') return talk(one, std::move(stream));
  part(std::move(stream));
  free(one);
}

// Sends four bytes and waits for them; who was reset hears of that instead.
void dials::talk(slot& one, tcp_stream stream) {
  one.stream = std::make_unique<tcp_stream>(std::move(stream));
  const std::span<const std::byte> four = std::as_bytes(std::span("ping", 4));
  one.stream->write(four, [](const outcome<std::size_t>&) {}).detach();
  one.talking =
      one.stream->read_exactly(std::span(one.into).first(4), [this, &one](const outcome<std::size_t>& got) {
        ++count_.talked;
        if (one.of->letter == 'e' && !got) wrong(one, got.failure()->what());
        if (one.of->letter == 'b' && got) wrong(one, "bytes from a peer that resets");
        const auto gone = std::move(one.stream);
        gone->reset();
        free(one);
      });
}

// In each of the ways in which a stream can go. Most are reset: that leaves no TIME_WAIT, of which there is no end.
void dials::part(tcp_stream stream) {
  switch (up_to(15)) {
    case 0: return;
    case 1: return stream.close([](const outcome<done>&) {});
    case 2: {
      uv_tcp_t* const raw = std::move(stream).release().release();
      (void)uv_tcp_close_reset(raw, [](uv_handle_t* closed) { std::free(closed); });
      return;
    }
    default: stream.reset();
  }
}

}  // namespace soak
