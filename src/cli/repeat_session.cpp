#include "cli/repeat_session.hpp"

#include <unistd.h>

#include <exception>
#include <utility>

#include "cli/histogram.hpp"
#include "cli/name_options.hpp"
#include "cli/svg_distribution.hpp"
#include "cli/terminal_style.hpp"
#include "glue/turn.hpp"

namespace uvdial::cli {

namespace {

std::optional<ip_family> winning_family(const dial_report& report) {
  if (!report.winner) return std::nullopt;
  return report.attempts.at(*report.winner).to.family();
}

std::string name_of(const arguments& wanted) {
  return wanted.unix_path ? "unix:" + *wanted.unix_path : wanted.to->to_string();
}

// The table, and below it how the times are spread.
std::string text_of(const summary& sum, const arguments& wanted) {
  std::string text = sum.text(name_of(wanted), *wanted.repeat);
  const auto lines = draw_histogram(spread(sum.connected_dials()), style_for(STDOUT_FILENO));
  if (!lines.empty()) text += "\n";
  for (const std::string& line : lines) text.append(line).append("\n");
  return text;
}

}  // namespace

repeat_session::repeat_session(uv_loop_t& loop, const arguments& wanted) : loop_(loop), wanted_(wanted) {}

void repeat_session::start() {
  if (wanted_.svg_file) picture_.emplace(*wanted_.svg_file);
  signals_.emplace(loop_, [this](int number) {
    interrupted_ = number;
    running_.cancel();  // its callback finishes
  });
  started_ = detail::now();
  dial();
}

void repeat_session::dial() {
  names_ = std::make_shared<ares_resolver>(loop_, name_options(wanted_));
  dialer_.emplace(loop_, dialer_config{.names = names_, .policy = wanted_.policy});
  dial_options options = wanted_.options;
  options.report = &report_;
  // Each stream is closed where its callback ends.
  if (wanted_.unix_path) {
    running_ = dialer_->connect_unix(*wanted_.unix_path, options, [this](const outcome<pipe_stream>& result) {
      ended(result.failure(), std::nullopt);
    });
  } else {
    running_ = dialer_->connect(*wanted_.to, options, [this](const outcome<tcp_stream>& result) {
      ended(result.failure(), winning_family(report_));
    });
  }
}

void repeat_session::ended(const error* why, std::optional<ip_family> family) {
  if (interrupted_) return finish(exit_status::of_signal(*interrupted_));
  if (why)
    sum_.failed(*why);
  else
    sum_.connected(family, report_.elapsed);
  if (sum_.dials() < wanted_.repeat) return dial_next();
  finish(sum_.any_failed() ? exit_status::failure : exit_status::success);
}

// What was good for the first dial may be refused later: an interface goes away, descriptors run out.
void repeat_session::dial_next() noexcept try {
  let_go();
  dial();
} catch (const std::exception& failure) {
  end_.complaint = failure.what();
  finish(exit_status::failure);
}

void repeat_session::let_go() noexcept {
  running_ = {};
  dialer_.reset();
  // Questions that nobody waits for any more would keep the program waiting for their answers.
  if (const auto names = std::exchange(names_, nullptr)) names->close([](const outcome<done>&) {});
}

void repeat_session::finish(int status) {
  const auto time = std::chrono::floor<std::chrono::microseconds>(detail::now() - started_);
  end_.status = status;
  end_.out = wanted_.json ? sum_.line(time) : text_of(sum_, wanted_);
  if (picture_) draw();
  signals_->close();
  let_go();
}

void repeat_session::draw() {
  svg_caption caption{name_of(wanted_), {sum_.counts(*wanted_.repeat)}};
  if (const std::string times = sum_.times(); !times.empty()) caption.lines.push_back(times);
  const std::string failure =
      picture_->write(draw_svg(spread(sum_.connected_dials()), caption, sum_.failures()));
  if (failure.empty()) return;
  if (end_.complaint.empty()) end_.complaint = failure;
  if (end_.status == exit_status::success) end_.status = exit_status::failure;
}

}  // namespace uvdial::cli
