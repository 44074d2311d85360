#include "cli/resolve_session.hpp"

#include <utility>

#include "cli/json_line.hpp"
#include "cli/resolved.hpp"
#include "cli/what_to_do.hpp"
#include "glue/turn.hpp"

namespace uvdial::cli {

namespace {

resolve_options options_of(const arguments& wanted) {
  resolve_options options;
  options.timeout = wanted.options.timeout.value_or(options.timeout);
  options.families = wanted.options.families;
  return options;
}

}  // namespace

resolve_session::resolve_session(uv_loop_t& loop, const arguments& wanted, resolver& names,
                                 unique_function<void()> on_end)
    : loop_(loop), wanted_(wanted), names_(names), on_end_(std::move(on_end)) {}

void resolve_session::start() {
  address_ = endpoint::from_literal(wanted_.host, 0);
  signals_.emplace(loop_, [this](int number) {
    interrupted_ = number;
    running_.cancel();  // its callback finishes
  });
  started_ = detail::now();
  if (address_) {
    running_ = names_.reverse(*address_, options_of(wanted_),
                              [this](outcome<std::vector<std::string>> found) { reversed(found); });
  } else {
    running_ = names_.resolve(wanted_.host, options_of(wanted_),
                              [this](outcome<host_entry> found) { resolved(found); });
  }
}

void resolve_session::resolved(const outcome<host_entry>& found) {
  const host_entry* entry = found.get_if();
  if (!entry) return failed(*found.failure());
  finish(exit_status::success,
         wanted_.json ? resolved_line(wanted_.host, *entry, elapsed()) : resolved_text(*entry));
}

void resolve_session::reversed(const outcome<std::vector<std::string>>& found) {
  const std::vector<std::string>* names = found.get_if();
  if (!names) return failed(*found.failure());
  finish(exit_status::success,
         wanted_.json ? resolved_line(*address_, *names, elapsed()) : resolved_text(*address_, *names));
}

void resolve_session::failed(const error& why) {
  if (!wanted_.json) {
    end_.complaint = why.what();
    end_.advice = what_to_do(why, wanted_);
  }
  finish(interrupted_ ? exit_status::of_signal(*interrupted_) : exit_status::failure,
         wanted_.json ? failed_line(why, elapsed()) : std::string());
}

void resolve_session::finish(int status, std::string out) {
  end_.status = status;
  end_.out = std::move(out);
  signals_->close();
  running_ = {};
  on_end_();
}

std::chrono::microseconds resolve_session::elapsed() const noexcept {
  return std::chrono::floor<std::chrono::microseconds>(detail::now() - started_);
}

}  // namespace uvdial::cli
