#include "support/pacer_script.hpp"

#include <algorithm>
#include <cstdio>
#include <variant>

namespace fixture {

using uvdial::detail::paced_question;
using uvdial::detail::paced_try;
using uvdial::detail::question_end;
using uvdial::detail::question_pacer;

namespace {

std::string in_milliseconds(nanoseconds time) {
  char text[40];
  const double value = std::chrono::duration<double, std::milli>(time).count();
  static_cast<void>(std::snprintf(text, sizeof text, "%.12g", value));  // a number fits
  return text;
}

const char* name(question_end why) {
  if (why == question_end::failed) return "failed";
  return why == question_end::refused ? "refused" : "silent";
}

}  // namespace

void pacer_script::ask(std::string_view letters) {
  for (const char name : letters) {
    auto& asked = questions_[name];
    if (!asked) asked = std::make_unique<question>();
    asked->name = name;
    pacer.ask(*asked, now());
  }
}

char pacer_script::answer(std::string_view which) {
  const paced_question* const ended = pacer.answered(made(which), now());
  return ended ? static_cast<const question*>(ended)->name : '-';
}

std::string pacer_script::pull(int most) {
  std::string all;
  for (; most > 0; --most) {
    const auto command = pacer.next(now());
    if (!command) break;
    if (!all.empty()) all += ' ';
    if (const auto* over = std::get_if<question_pacer::end>(&*command)) {
      all += static_cast<question*>(over->what)->name;
      all += std::string(":") + name(over->why);
      continue;
    }
    const auto& wanted = std::get<question_pacer::send>(*command);
    auto& asked = static_cast<question&>(*wanted.what);
    auto& made = tries_[asked.name + std::to_string(++asked.sends)];
    made = std::make_unique<paced_try>();
    pacer.sent(asked, *made, wanted.server, now());
    all += asked.name + (">" + std::to_string(wanted.server));
  }
  return all;
}

std::string pacer_script::run_until(double milliseconds) {
  const nanoseconds end = began_ + std::chrono::duration_cast<nanoseconds>(
                                       std::chrono::duration<double, std::milli>(milliseconds));
  std::string all;
  for (;;) {
    const std::string commands = pull();
    if (!commands.empty()) all += (all.empty() ? "" : ", ") + time() + " " + commands;
    const auto wake = pacer.wake_at(now());
    if (!wake || *wake > end) break;
    now_ = std::max(now_, *wake);
    pacer.tick(now_, now_);
  }
  now_ = end;
  return all;
}

void pacer_script::pass(nanoseconds time) { now_ += time; }

std::string pacer_script::time() const { return in_milliseconds(now_ - began_); }

bool pacer_script::is_idle() {
  const double later = std::chrono::duration<double, std::milli>(now_ - began_).count() + 100'000;
  bool idle = run_until(later).empty() && pacer.waiting() == 0 && !pacer.wake_at(now());
  for (std::size_t server = 0; server < servers_; ++server) idle &= pacer.window(server).on_the_way() == 0;
  return idle;
}

std::string pacer_script::wake() const {
  const auto wake = pacer.wake_at(now());
  return wake ? in_milliseconds(*wake - began_) : "never";
}

}  // namespace fixture
