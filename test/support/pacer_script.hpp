#pragma once
// A question pacer under a script in virtual time. Questions are letters; the n-th try of question a is "a1", "a2"...
// What the pacer commands is text: "a>0" is a send to server 0, "a:silent" an end.
#include <chrono>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "logic/question_pacer.hpp"

namespace fixture {

using std::chrono::nanoseconds;

class pacer_script {
 public:
  explicit pacer_script(const uvdial::detail::pacing_rules& rules) : pacer(rules), servers_(rules.servers) {}

  // Each letter is a question.
  void ask(std::string_view letters);
  void forget(char which) { pacer.forget(*questions_.at(which)); }

  // The question that the answer ended, or '-'.
  char answer(std::string_view which);
  void fail(std::string_view which) { pacer.failed(made(which), now()); }
  void announce(std::string_view which) { pacer.announced(made(which), now()); }
  void give_up(std::string_view which) { pacer.given_up(made(which), now()); }
  void withdraw(std::string_view which) { pacer.withdrawn(made(which)); }
  void refuse(std::size_t server) { pacer.refused(server, now()); }

  // All commands that are due, or that many, in order, with a space between them. Sends are carried out.
  std::string pull(int most = std::numeric_limits<int>::max());
  // The same until that many milliseconds have passed since the start, with the time before the commands of each
  // moment: "0 a>0 b>0, 750 a>1".
  std::string run_until(double milliseconds);
  // Lets time pass without any command.
  void pass(nanoseconds time);
  // Nothing happens any more, whatever time passes, and nothing is on the way.
  bool is_idle();
  std::string wake() const;  // in milliseconds, "never"

  uvdial::detail::question_pacer pacer;

 private:
  struct question : uvdial::detail::paced_question {
    char name = '?';
    unsigned sends = 0;
  };

  uvdial::detail::paced_try& made(std::string_view which) { return *tries_.at(std::string(which)); }
  nanoseconds now() const noexcept { return now_; }
  std::string time() const;

  std::size_t servers_;
  std::map<char, std::unique_ptr<question>> questions_{};
  std::map<std::string, std::unique_ptr<uvdial::detail::paced_try>> tries_{};
  nanoseconds now_{std::chrono::seconds(100)};
  const nanoseconds began_ = now_;
};

}  // namespace fixture
