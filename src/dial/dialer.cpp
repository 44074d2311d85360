// The dialer: starts dials, wakes them, and ends with them.
#include "uvdial/dialer.hpp"

#include <new>
#include <stdexcept>
#include <vector>

#include "dial/dial.hpp"
#include "dial/unix_dial.hpp"
#include "glue/source_sockets.hpp"
#include "logic/host_name.hpp"
#include "uvdial/ares_resolver.hpp"
#include "values/text.hpp"

namespace uvdial {

using detail::dial;
using detail::instant;
using detail::running_dial;
using detail::unix_dial;

namespace {

// What won where only IPv4 was asked for says nothing about IPv6: each policy has its own memory.
std::string key_of(const std::string& host, std::uint16_t port, family_policy families) {
  return detail::folded_name(host) + ":" + std::to_string(port) + "/" +
         std::to_string(static_cast<int>(families));
}

}  // namespace

// Lives as long as the dialer, and as long as a dial runs: dials share it.
class dialer::core final : public detail::dial_owner,
                           public std::enable_shared_from_this<core>,
                           private detail::turn_client {
 public:
  core(uv_loop_t& loop, dialer_config config)
      : loop_(loop),
        config_(std::move(config)),
        turn_(std::in_place, loop, static_cast<detail::turn_client&>(*this), count_) {
    if (config_.names) return;
    own_names_ = std::make_shared<ares_resolver>(loop);
    config_.names = own_names_;
  }

  operation connect(const target& to, const dial_options& options, callback<tcp_stream> on_done) {
    // Its members are public: whoever changed them hears of it here.
    const auto literal = detail::check_target(to.host, to.port);
    if (!literal) return start_dial(to.host, to.port, std::nullopt, options, on_done);
    const endpoint only = to_endpoint(*literal, to.host, to.port);
    return connect(std::span(&only, 1), to.host, options, std::move(on_done));
  }

  operation connect(std::span<const endpoint> to, const dial_options& options, callback<tcp_stream> on_done) {
    if (to.empty()) throw std::invalid_argument("dialer: connect() with an empty list of endpoints");
    for (const endpoint& one : to) {
      if (one.port() == 0) detail::given{"endpoint", one.to_string()}.refuse("port 0 cannot be connected to");
    }
    return connect(to, to[0].address_to_string(), options, std::move(on_done));
  }

  operation connect(std::span<const endpoint> to, std::string_view host, const dial_options& options,
                    callback<tcp_stream> on_done) {
    const std::uint16_t port = to[0].port();
    if (to.size() > 1) {
      std::vector<detail::candidate> known;
      known.reserve(to.size());
      for (const endpoint& one : to) known.push_back({one, allows(one)});
      return start_dial(host, port, known, options, on_done);
    }
    const detail::candidate only{to[0], allows(to[0])};
    return start_dial(host, port, std::span(&only, 1), options, on_done);
  }

  operation connect_unix(std::string_view path, const dial_options& options, callback<pipe_stream> on_done) {
    const detail::unix_address to(path);
    check("connect_unix()", options, on_done);
    return start(
        std::make_shared<unix_dial>(shared_from_this(), unix_dial::request{to, options, std::move(on_done)}));
  }

  // `begin(callback)` starts the dial.
  template <class Stream, class Begin>
  Stream block(const char* name, Begin begin) {
    if (inside_callback_)
      throw std::logic_error("dialer: " + std::string(name) +
                             " inside a callback of the same loop, which cannot run inside itself");
    std::optional<outcome<Stream>> result;
    const auto self = shared_from_this();
    const operation running =
        begin(callback<Stream>([&result](outcome<Stream> ended) { result.emplace(std::move(ended)); }));
    while (!result)
      (void)uv_run(&loop_, UV_RUN_ONCE);  // says whether more is to be done, which `result` knows
    return std::move(*result).value();
  }

  void cancel_all() noexcept {
    for (running_dial* one = dials_.empty() ? nullptr : &dials_.front(); one; one = dials_.behind(*one))
      one->cancel();
  }

  void close(callback<done> on_closed) {
    if (closed_) throw std::logic_error("dialer: close() twice");
    closed_ = true;
    on_closed_ = std::move(on_closed);
    until_closed_ = shared_from_this();
    cancel_all();
    turn_->hold(true);
    turn_->wake_soon();  // woken() closes the rest when the last dial has ended
  }

  uv_loop_t& loop() noexcept override { return loop_; }
  const std::shared_ptr<detail::handle_count>& count() noexcept override { return count_; }
  resolver& names() noexcept override { return *config_.names; }
  detail::source_finder& sources() noexcept override { return sources_; }
  bool allows(const endpoint& to) const noexcept override { return config_.policy.allows(to); }
  detail::trace_sink& trace() noexcept override { return config_.trace; }
  detail::connect_hook& before_connect() noexcept override { return config_.before_connect; }
  bool has_time() noexcept override { return posted_.empty() && has_time_now(); }
  bool has_time_now() noexcept override { return starts_left_ > 0 && starts_left_-- > 0; }

  std::optional<detail::remembered_winner> recall(const std::string& host, std::uint16_t port,
                                                  family_policy families) noexcept override try {
    if (winners_.empty()) return std::nullopt;
    return winners_.recall(key_of(host, port, families), sources_.network(), detail::now());
  } catch (const std::bad_alloc&) {
    return std::nullopt;
  }

  void learn(const std::string& host, std::uint16_t port, family_policy families,
             const detail::lesson& what) noexcept override try {
    if (what.learned)
      winners_.remember(key_of(host, port, families), *what.learned, sources_.network(), detail::now());
    if (what.what != detail::lesson::deed::forget || winners_.empty()) return;
    winners_.forget(key_of(host, port, families));
  } catch (const std::bad_alloc&) {
    return;  // what is known stays until it expires
  }

  void schedule(running_dial& one, instant when, instant present) override {
    wakes_.set(one, when);
    if (when <= present) turn_->wake_soon();
  }
  void unschedule(running_dial& one) noexcept override { wakes_.remove(one); }

  void post(running_dial& one) noexcept override {
    if (posted_.is_listed(one)) return;
    posted_.push_back(one);
    turn_->wake_soon();
  }

  void remove(running_dial& one) noexcept override {
    const auto share = std::move(one.owners_share);
    dials_.remove(one);
    posted_.remove(one);
    if (dials_.empty()) turn_->hold(closed_);
    if (closed_) turn_->wake_soon();
  }

 private:
  // Of one turn, so that the loop is left to others within a millisecond: to start a connection takes the kernel some
  // 20 us. An end is dear only by what the user does there.
  static constexpr int most_starts = 16;
  static constexpr int most_ends = 64;

  template <class Callback>
  void check(const char* name, const dial_options& options, const Callback& on_done) const {
    if (closed_) throw std::logic_error("dialer: " + std::string(name) + " after close()");
    if (!on_done) throw std::invalid_argument("dialer: " + std::string(name) + " without a callback");
    validate(options);
  }

  operation start_dial(std::string_view host, std::uint16_t port,
                       std::optional<std::span<const detail::candidate>> known, const dial_options& options,
                       callback<tcp_stream>& on_done) {
    check("connect()", options, on_done);
    const dial::request wanted{++dials_started_, host, port, known, options, on_done};
    return start(std::make_shared<dial>(shared_from_this(), wanted));
  }

  operation start(std::shared_ptr<running_dial> made) {
    running_dial& one = *made;
    one.owners_share = made;
    dials_.push_back(one);
    turn_->hold(true);
    one.begin();
    return {std::move(made), 0};
  }

  std::optional<instant> next_wake() noexcept override {
    starts_left_ = most_starts;
    return wakes_.earliest();
  }

  void woken() noexcept override {
    const auto self = shared_from_this();
    inside_callback_ = true;
    const instant time = turn_->before_poll();
    // Those that are left are still due when the next turn begins.
    for (int left = most_starts; left > 0; --left) {
      detail::wake_entry* const due = wakes_.take_due(time);
      if (!due) break;
      static_cast<running_dial*>(due)->tick(time);
    }
    step_posted();
    inside_callback_ = false;
    if (!posted_.empty()) turn_->wake_soon();
    if (closed_ && dials_.empty() && !closing_handles_) close_handles();
  }

  // What callbacks post is for the next turn: a dial that fails at once and is dialed again must not keep the loop from
  // its other work.
  void step_posted() noexcept {
    detail::linked_list<running_dial, detail::posted_dials> due;
    for (int left = most_ends; left > 0 && !posted_.empty(); --left) due.push_back(posted_.front());
    while (!due.empty()) due.pop_front().step();
  }

  // The own resolver first; when its last handle is closed, ours; when the last of those is, the caller hears.
  void close_handles() noexcept {
    closing_handles_ = true;
    auto close_ours = [self = shared_from_this()] {
      self->count_->when_none([self] {
        self->until_closed_.reset();
        if (auto tell = std::move(self->on_closed_)) tell(done{});
      });
      self->turn_.reset();
    };
    if (!own_names_) return close_ours();
    const auto names = std::move(own_names_);
    config_.names.reset();
    names->close([close_ours](outcome<done>) mutable { close_ours(); });
  }

  uv_loop_t& loop_;
  dialer_config config_;
  std::shared_ptr<ares_resolver> own_names_;  // null when the resolver is shared
  std::shared_ptr<detail::handle_count> count_ = std::make_shared<detail::handle_count>();
  detail::source_sockets sources_;
  detail::winner_memory winners_;
  detail::wake_queue wakes_;
  detail::linked_list<running_dial, detail::all_dials> dials_;
  detail::linked_list<running_dial, detail::posted_dials> posted_;
  std::optional<detail::turn> turn_;
  callback<done> on_closed_{};
  std::shared_ptr<core> until_closed_{};  // the promise of close() outlives the dialer
  std::uint32_t dials_started_ = 0;
  int starts_left_ = most_starts;  // in this turn
  bool closed_ = false;
  bool closing_handles_ = false;
  bool inside_callback_ = false;
};

dialer::dialer(uv_loop_t& loop, dialer_config config)
    : core_(std::make_shared<core>(loop, std::move(config))) {}
dialer::dialer(dialer&&) noexcept = default;
dialer& dialer::operator=(dialer&& other) noexcept {
  if (this == &other) return *this;
  const dialer old(std::move(*this));
  core_ = std::move(other.core_);
  return *this;
}
dialer::~dialer() {
  if (core_) core_->cancel_all();
}

dialer::core& dialer::alive() const {
  if (!core_) throw std::logic_error("dialer: used after it was moved from");
  return *core_;
}

operation dialer::connect(const target& to, const dial_options& options, callback<tcp_stream> on_done) {
  return alive().connect(to, options, std::move(on_done));
}

operation dialer::connect(const endpoint& to, const dial_options& options, callback<tcp_stream> on_done) {
  return alive().connect(std::span(&to, 1), options, std::move(on_done));
}

operation dialer::connect(std::span<const endpoint> to, const dial_options& options,
                          callback<tcp_stream> on_done) {
  return alive().connect(to, options, std::move(on_done));
}

tcp_stream dialer::connect_blocking(const target& to, const dial_options& options) {
  core& own = alive();
  return own.block<tcp_stream>("connect_blocking()", [&](callback<tcp_stream> on_done) {
    return own.connect(to, options, std::move(on_done));
  });
}

tcp_stream dialer::connect_blocking(const endpoint& to, const dial_options& options) {
  core& own = alive();
  return own.block<tcp_stream>("connect_blocking()", [&](callback<tcp_stream> on_done) {
    return own.connect(std::span(&to, 1), options, std::move(on_done));
  });
}

operation dialer::connect_unix(std::string_view path, const dial_options& options,
                               callback<pipe_stream> on_done) {
  return alive().connect_unix(path, options, std::move(on_done));
}

pipe_stream dialer::connect_unix_blocking(std::string_view path, const dial_options& options) {
  core& own = alive();
  return own.block<pipe_stream>("connect_unix_blocking()", [&](callback<pipe_stream> on_done) {
    return own.connect_unix(path, options, std::move(on_done));
  });
}

void dialer::close(callback<done> on_closed) { alive().close(std::move(on_closed)); }

}  // namespace uvdial
