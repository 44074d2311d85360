#include "cli/session.hpp"

#include <unistd.h>

#include <utility>

#include "cli/descriptor.hpp"
#include "cli/exit_status.hpp"
#include "cli/json_line.hpp"
#include "cli/messages.hpp"
#include "cli/name_options.hpp"
#include "cli/what_to_do.hpp"

namespace uvdial::cli {

namespace {

// A peer may have reset the connection by now, and then the socket knows no addresses any more.
std::optional<endpoint> local_address(const tcp_stream& of) try {
  return of.local();
} catch (const stream_error&) {
  return std::nullopt;
}

}  // namespace

session::session(uv_loop_t& loop, const arguments& wanted) : loop_(loop), wanted_(wanted) {}

void session::start() {
  if (wanted_.svg_file) picture_.emplace(*wanted_.svg_file);
  names_ = std::make_shared<ares_resolver>(loop_, name_options(wanted_));
  dialer_.emplace(loop_, dialer_config{.names = names_,
                                       .policy = wanted_.policy,
                                       .trace = [this](const trace_event& event) { traced(event); }});
  // Before the first line is printed: who reads it may send a signal at once.
  signals_.emplace(loop_, [this](int number) { signalled(number); });
  if (wanted_.unix_path)
    dial_unix();
  else
    dial_host();
  if (print_failure_ != 0) dial_.cancel();  // the first lines are printed inside connect()
}

void session::dial_host() {
  dial_options options = wanted_.options;
  options.report = &report_;
  dial_ = dialer_->connect(*wanted_.to, options, [this](outcome<tcp_stream> result) {
    if (wanted_.trace) trace_.show(report_);
    draw(result.failure());
    if (const error* why = result.failure()) return failed(*why, wanted_.json ? json_.failed(*why) : "");
    auto stream = std::make_shared<tcp_stream>(std::move(result).value());
    // The lines know the winner from the steps, which they are told where they are wanted.
    const std::string json = wanted_.json ? json_.connected(local_address(*stream)) : "";
    connected(std::move(stream), json);
  });
}

void session::dial_unix() {
  dial_options options = wanted_.options;
  options.report = &report_;
  dial_ = dialer_->connect_unix(*wanted_.unix_path, options, [this](outcome<pipe_stream> result) {
    if (const error* why = result.failure()) return failed(*why, failed_line(*why, report_.elapsed));
    if (wanted_.trace) trace_view::show_unix(report_);
    connected(std::make_shared<pipe_stream>(std::move(result).value()),
              connected_unix_line(*wanted_.unix_path, report_.elapsed));
  });
}

void session::traced(const trace_event& event) {
  if (wanted_.trace || picture_) trace_.step(event);
  if (wanted_.json) print(json_.step(event));
}

void session::failed(const error& why, const std::string& json) {
  if (wanted_.json) {
    print(json);
  } else {
    complain(why.what());
    advise(what_to_do(why, wanted_));
  }
  finish(interrupted_ ? exit_status::of_signal(*interrupted_) : exit_status::failure);
}

void session::connected(std::shared_ptr<byte_stream> stream, const std::string& json) {
  if (wanted_.json) print(json);
  if (wanted_.then == arguments::after_connect::close) return finish(exit_status::success);
  relay_.emplace(loop_, std::move(stream), wanted_.to ? wanted_.to->to_string() : report_.host,
                 [this](const std::string& failure) { relay_ended(failure); });
  relay_->start();
}

void session::relay_ended(const std::string& failure) {
  if (failure.empty()) return finish(exit_status::success);
  complain(failure);
  finish(exit_status::failure);
}

void session::signalled(int number) {
  interrupted_ = number;
  if (dial_.running()) return dial_.cancel();  // its callback finishes
  finish(exit_status::of_signal(number));
}

void session::draw(const error* why) {
  if (!picture_) return;
  const std::string failure = picture_->write(trace_.svg(wanted_.to->to_string(), report_, why));
  picture_failed_ = !failure.empty();
  if (picture_failed_) complain(failure);
}

// A reader of our lines that went away wants no more of them, and no connection either.
void session::print(std::string_view lines) {
  if (lines.empty() || print_failure_ != 0) return;
  print_failure_ = write_all(STDOUT_FILENO, lines);
  if (print_failure_ != 0) dial_.cancel();
}

// Everything that keeps the loop alive goes. The rest dies with this object.
void session::finish(int status) {
  const bool failed_to_tell = picture_failed_ || print_failure_ != 0;
  exit_status_ = failed_to_tell && status == exit_status::success ? exit_status::failure : status;
  if (print_failure_ != 0) complain(std::string("standard output: ") + uv_strerror(print_failure_));
  signals_->close();
  dial_ = {};
  if (relay_) relay_->stop();
  dialer_.reset();
  // Questions that nobody waits for any more would keep the program waiting for their answers.
  names_->close([](const outcome<done>&) {});
}

}  // namespace uvdial::cli
