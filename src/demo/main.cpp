// uvdial-demo: six dials on this machine alone, shown as they happened. Exit status 0: each one came to what it must.
#include <unistd.h>
#include <uv.h>

#include <exception>
#include <iostream>
#include <string>

#include "demo/cases.hpp"
#include "demo/page.hpp"
#include "demo/ports.hpp"
#include "demo/uv_check.hpp"

namespace {

using namespace uvdial;
using namespace uvdial::demo;

constexpr unsigned longest_run = 10;  // seconds; it takes two
constexpr std::string_view no_v6 = "no IPv6 loopback (::1) here";

struct tally {
  int good = 0;
  int bad = 0;
  int skipped = 0;
};

// Plays it on a loop of its own, which must be empty afterwards.
story play(const demo_case& one, std::string& complaint) {
  uv_loop_t loop;
  check_uv(uv_loop_init(&loop), "uv_loop_init");
  story ended = one.play(loop);
  (void)uv_run(&loop, UV_RUN_DEFAULT);  // uv_loop_close says whether anything is left
  complaint = one.complaint(ended);
  if (uv_loop_close(&loop) != 0 && complaint.empty()) complaint = "it left handles on the loop";
  return ended;
}

// Rounded down; tenths where whole milliseconds say nothing.
std::string duration_text(std::chrono::microseconds time) {
  const std::string whole = std::to_string(time.count() / 1000);
  if (time >= std::chrono::milliseconds(10)) return whole + " ms";
  return whole + "." + std::to_string(time.count() / 100 % 10) + " ms";
}

std::string outcome_text(const story& ended) {
  if (ended.winner)
    return "connected to " + ended.winner->to_string() + " after " + duration_text(ended.took);
  if (ended.failure) return std::string(kind_name(*ended.failure)) + ": " + ended.text;
  return "it did not end";
}

void show(page& paper, const demo_case& one, tally& count) {
  std::string complaint;
  const story ended = play(one, complaint);
  paper.chart(ended.steps);
  paper.space();
  const bool good = complaint.empty();
  ++(good ? count.good : count.bad);
  paper.note(good ? "ok" : "--", outcome_text(ended), good ? ink::good : ink::bad);
  if (!good) paper.note("NOT AS IT MUST BE:", complaint, ink::bad);
}

void show_all(page& paper, tally& count) {
  const bool v6 = v6_loopback_available();
  int number = 0;
  for (const demo_case& one : cases()) {
    paper.space();
    paper.line(std::to_string(++number) + ". " + std::string(one.title), ink::strong);
    if (one.needs_v6 && !v6) {
      ++count.skipped;
      paper.note("skipped:", no_v6, ink::faint);
      continue;
    }
    paper.line("   " + std::string(one.scene), ink::faint);
    paper.space();
    show(paper, one, count);
  }
}

void sum_up(page& paper, const tally& count) {
  std::string text = std::to_string(count.good) + " of " + std::to_string(count.good + count.bad) +
                     " dials ended as they must";
  if (count.skipped > 0) text += ", " + std::to_string(count.skipped) + " skipped: " + std::string(no_v6);
  paper.space();
  paper.line(text + ".", count.bad == 0 ? ink::good : ink::bad);
}

}  // namespace

int main() {
  (void)::alarm(longest_run);  // a dial that never ends must not hang whoever runs this
  try {
    page paper;
    tally count;
    paper.line("uvdial: six dials by name, with DNS over UDP and TCP, all on the loopback", ink::strong);
    show_all(paper, count);
    sum_up(paper, count);
    return count.bad == 0 ? 0 : 1;
  } catch (const std::exception& failure) {
    std::cout << std::flush;
    std::cerr << "uvdial-demo: " << failure.what() << '\n';
    return 1;
  }
}
