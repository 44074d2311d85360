#include "service/resolve_calls.hpp"

#include <uv.h>

#include <iterator>
#include <new>
#include <stdexcept>

#include "uvdial/endpoint.hpp"
#include "uvdial/error.hpp"
#include "uvdial/options.hpp"

namespace uvdial::detail {

void resolve_calls::open() {
  if (!turn_) turn_.emplace(loop_, static_cast<turn_client&>(*this), count_);
}

void resolve_calls::check(const char* name, bool has_callback, const resolve_options& options) const {
  if (closed_) throw std::logic_error("resolver: " + std::string(name) + "() after close()");
  if (!has_callback) throw std::invalid_argument("resolver: " + std::string(name) + "() without a callback");
  dial_options same;  // what both have in common has the same limits
  same.timeout = options.timeout;
  same.families = options.families;
  validate(same);
}

template <class Ask>
operation resolve_calls::start(const std::shared_ptr<running_call>& made, std::chrono::milliseconds timeout,
                               Ask ask) {
  open();
  made->place = asked_.insert(asked_.end(), made);
  turn_->hold(true);
  try {
    wakes_.set(*made, made->started() + timeout);
    ask();
  } catch (const std::bad_alloc&) {
    made->run_out({UV_ENOMEM, uv_category()});
  } catch (const out_of_resources& why) {
    made->run_out(why.code());
  } catch (...) {
    made->leave();
    throw;
  }
  return {made, 0};
}

operation resolve_calls::resolve(resolver& names, const std::string& host, const resolve_options& options,
                                 callback<host_entry> on_done) {
  check("resolve", static_cast<bool>(on_done), options);
  const target checked(host, 1);  // any port: it is the host that is judged
  const std::optional<endpoint> literal = endpoint::from_literal(checked.host, 0);
  const auto made =
      std::make_shared<resolve_call>(shared_from_this(), checked.host, options.families, std::move(on_done));
  return start(made, options.timeout, [&] {
    if (literal) return made->stand_for_itself(*literal);
    made->look_up(names);
  });
}

operation resolve_calls::reverse(reverse_lookup look_up, const endpoint& address,
                                 const resolve_options& options, callback<std::vector<std::string>> on_done) {
  check("reverse", static_cast<bool>(on_done), options);
  const auto made = std::make_shared<reverse_call>(shared_from_this(), address, std::move(on_done));
  return start(made, options.timeout, [&] { made->holds(look_up(*made)); });
}

void resolve_calls::post(running_call& one) noexcept {
  one.posted = true;
  posted_.splice(posted_.end(), asked_, one.place);
  turn_->wake_soon();
}

void resolve_calls::remove(running_call& one) noexcept {
  wakes_.remove(one);
  (one.posted ? posted_ : asked_).erase(one.place);
  if (!asked_.empty() || !posted_.empty()) return;
  if (closed_)
    turn_.reset();
  else
    turn_->hold(false);
}

void resolve_calls::woken() noexcept {
  const auto self = shared_from_this();
  const instant time = turn_->before_poll();
  while (wake_entry* due = wakes_.take_due(time)) static_cast<running_call*>(due)->expire();
  // What callbacks post is for the next turn: a call that ends at once and is made again must not keep the
  // loop from its other work.
  for (std::size_t left = posted_.size(); left > 0 && !posted_.empty(); --left) {
    const auto one = posted_.front();
    one->deliver();
  }
}

void resolve_calls::close() noexcept {
  closed_ = true;
  if (asked_.empty() && posted_.empty()) return turn_.reset();
  for (const auto& one : posted_) one->cancel(0);
  while (!asked_.empty()) asked_.front()->cancel(0);  // which posts it
}

}  // namespace uvdial::detail
