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

  operation connect(dial::request wanted) {
    check(wanted);
    wanted.number = ++dials_started_;
    if (wanted.known) {
      for (detail::candidate& one : *wanted.known) one.allowed = allows(one.to);
      // A single address has no order; what a list that begins with it has learned stays as it is.
      if (wanted.known->size() < 2) wanted.options.remember = false;
    }
    return start(std::make_shared<dial>(shared_from_this(), std::move(wanted)));
  }

  operation connect(unix_dial::request wanted) {
    check(wanted);
    return start(std::make_shared<unix_dial>(shared_from_this(), std::move(wanted)));
  }

  template <class Stream, class Request>
  Stream connect_blocking(Request wanted) {
    if (inside_callback_)
      throw std::logic_error("dialer: connect_blocking() inside a callback of the same loop");
    std::optional<outcome<Stream>> result;
    wanted.on_done = [&result](outcome<Stream> ended) { result.emplace(std::move(ended)); };
    const auto self = shared_from_this();
    const operation running = connect(std::move(wanted));
    while (!result)
      (void)uv_run(&loop_, UV_RUN_ONCE);  // says whether more is to be done, which `result` knows
    return std::move(*result).value();
  }

  void cancel_all() noexcept {
    for (const auto& one : dials_) one->cancel();
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

  void schedule(running_dial& one, std::optional<instant> when) override {
    if (!when) return wakes_.remove(one);
    wakes_.set(one, *when);
    if (*when <= detail::now()) turn_->wake_soon();
  }

  void post(running_dial& one) override {
    if (one.posted) return;
    one.posted = true;
    posted_.push_back(one.shared_from_this());
    turn_->wake_soon();
  }

  void remove(running_dial& one) noexcept override {
    const std::size_t place = one.place;
    std::swap(dials_[place], dials_.back());
    dials_[place]->place = place;
    dials_.pop_back();
    if (dials_.empty()) turn_->hold(closed_);
    if (closed_) turn_->wake_soon();
  }

 private:
  template <class Request>
  void check(const Request& wanted) const {
    if (closed_) throw std::logic_error("dialer: connect() after close()");
    if (!wanted.on_done) throw std::invalid_argument("dialer: connect() without a callback");
    validate(wanted.options);
  }

  operation start(std::shared_ptr<running_dial> made) {
    made->place = dials_.size();
    dials_.push_back(made);
    turn_->hold(true);
    made->begin();
    return {std::move(made), 0};
  }

  std::optional<instant> next_wake() noexcept override { return wakes_.earliest(); }

  void woken() noexcept override {
    const auto self = shared_from_this();
    inside_callback_ = true;
    const instant time = turn_->before_poll();
    while (detail::wake_entry* due = wakes_.take_due(time)) static_cast<running_dial*>(due)->tick(time);
    // What callbacks post is for the next turn: a dial that fails at once and is dialed again must not keep
    // the loop from its other work.
    const std::vector<std::shared_ptr<running_dial>> posted = std::move(posted_);
    posted_.clear();
    for (const auto& one : posted) {
      one->posted = false;
      one->step();
    }
    inside_callback_ = false;
    if (closed_ && dials_.empty() && !closing_handles_) close_handles();
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
  std::vector<std::shared_ptr<running_dial>> dials_;
  std::vector<std::shared_ptr<running_dial>> posted_;
  std::optional<detail::turn> turn_;
  callback<done> on_closed_{};
  std::shared_ptr<core> until_closed_{};  // the promise of close() outlives the dialer
  std::uint32_t dials_started_ = 0;
  bool closed_ = false;
  bool closing_handles_ = false;
  bool inside_callback_ = false;
};

namespace {

dial::request request_for(const target& to, const dial_options& options, callback<tcp_stream> on_done) {
  const target checked(to.host, to.port);  // its members are public: whoever changed them hears of it here
  dial::request wanted{0, checked.host, checked.port, std::nullopt, options, std::move(on_done)};
  if (const auto literal = endpoint::from_literal(checked.host, checked.port))
    wanted.known = std::vector<detail::candidate>{{*literal}};
  return wanted;
}

dial::request request_for(std::span<const endpoint> to, const dial_options& options,
                          callback<tcp_stream> on_done) {
  if (to.empty()) throw std::invalid_argument("dialer: connect() with an empty list of endpoints");
  dial::request wanted{0,       to[0].address_to_string(), to[0].port(), std::vector<detail::candidate>{},
                       options, std::move(on_done)};
  for (const endpoint& one : to) {
    if (one.port() == 0)
      throw std::invalid_argument("dialer: connect() to port 0: \"" + one.to_string() + "\"");
    wanted.known->push_back({one});
  }
  return wanted;
}

}  // namespace

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
  return alive().connect(request_for(to, options, std::move(on_done)));
}

operation dialer::connect(const endpoint& to, const dial_options& options, callback<tcp_stream> on_done) {
  return connect(std::span(&to, 1), options, std::move(on_done));
}

operation dialer::connect(std::span<const endpoint> to, const dial_options& options,
                          callback<tcp_stream> on_done) {
  return alive().connect(request_for(to, options, std::move(on_done)));
}

tcp_stream dialer::connect_blocking(const target& to, const dial_options& options) {
  return alive().connect_blocking<tcp_stream>(request_for(to, options, {}));
}

tcp_stream dialer::connect_blocking(const endpoint& to, const dial_options& options) {
  return alive().connect_blocking<tcp_stream>(request_for(std::span(&to, 1), options, {}));
}

operation dialer::connect_unix(std::string_view path, const dial_options& options,
                               callback<pipe_stream> on_done) {
  return alive().connect(unix_dial::request{detail::unix_address(path), options, std::move(on_done)});
}

pipe_stream dialer::connect_unix_blocking(std::string_view path, const dial_options& options) {
  return alive().connect_blocking<pipe_stream>(unix_dial::request{detail::unix_address(path), options, {}});
}

void dialer::close(callback<done> on_closed) { alive().close(std::move(on_closed)); }

}  // namespace uvdial
