#pragma once
// Which question goes to which server, and when: windows, repeats, and servers that are left alone.
#include <chrono>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "logic/linked_list.hpp"
#include "logic/send_window.hpp"
#include "logic/server_choice.hpp"
#include "logic/wake_queue.hpp"

namespace uvdial::detail {

class question_pacer;
class paced_try;

// How a question ended for which no usable answer came.
enum class question_end : std::uint8_t {
  silent,  // no server answered in time
  failed,  // the last server that could be asked said that it cannot
  refused  // no server is there
};

// One question, from ask() until it has ended or was forgotten. The owner derives from it; the same object may be
// asked again afterwards. Pinned while it runs.
class paced_question : public list_link<question_pacer>,             // is listed while it runs
                       public list_link<std::chrono::nanoseconds> {  // while its time runs
 public:
  std::optional<std::size_t> last_server() const noexcept {
    return sends_ > 0 ? std::optional<std::size_t>(server_) : std::nullopt;
  }
  std::chrono::nanoseconds asked_at() const noexcept { return asked_at_; }

 private:
  friend class question_pacer;
  using queue = linked_list<paced_question, question_pacer>;
  using clock_queue = linked_list<paced_question, std::chrono::nanoseconds>;
  std::chrono::nanoseconds asked_at_{0};
  std::chrono::nanoseconds ends_at_{0};  // where it was sent
  paced_try* tries_ = nullptr;           // all that may still be answered
  paced_try* latest_ = nullptr;          // the one that is waited for; null: another is to be sent
  server_set failed_ = 0;                // those that said they cannot
  server_set refused_ = 0;               // those that are not there
  unsigned sends_ = 0;
  std::uint8_t server_ = 0;  // asked last, where it was sent at all
  question_end why_ = question_end::silent;
};

// One datagram that may still be answered. The owner derives from it and tells the pacer how it ended; it must
// have done so before the try is destroyed. Pinned.
class paced_try : private wake_entry {  // woken when it is taken for lost
 public:
  paced_question* asked() const noexcept { return question_; }  // null: nobody waits for it
  std::size_t server() const noexcept { return server_; }
  std::chrono::nanoseconds sent_at() const noexcept { return sent_at_; }

 private:
  friend class question_pacer;
  paced_question* question_ = nullptr;  // null: nobody waits for it
  paced_try* next_ = nullptr;           // of the same question
  std::chrono::nanoseconds sent_at_{0};
  std::uint8_t server_ = 0;
  bool is_announced_ = false;
};

struct pacing_rules {
  std::size_t servers = 1;  // 1 to most_servers
  bool rotates = false;
  std::chrono::nanoseconds patience{0};    // the longest wait for one try
  std::chrono::nanoseconds time_limit{0};  // for a question, from its first send: then it ends as silent
  std::size_t most_on_the_way = 2048;      // at each server
};

class question_pacer {
 public:
  struct send {  // make a try of it, then call sent()
    paced_question* what;
    std::size_t server;
  };
  struct end {  // it has left the pacer
    paced_question* what;
    question_end why;
  };
  using command = std::variant<send, end>;

  explicit question_pacer(const pacing_rules& rules);

  void ask(paced_question& what, std::chrono::nanoseconds now) noexcept;
  // Nobody waits for it any more. Its tries count until they are answered or lost.
  void forget(paced_question& what) noexcept;

  // Before the datagram goes. Throws std::bad_alloc, and then nothing was sent.
  void sent(paced_question& what, paced_try& made, std::size_t server, std::chrono::nanoseconds now);

  // A usable answer came, at `arrived`. The question that it ends, which has left the pacer; null: nobody waits.
  paced_question* answered(paced_try& which, std::chrono::nanoseconds arrived) noexcept;
  // The server has answered that its answer goes another way (over TCP), which may take as long as a try may: that it
  // is there is known, and what comes says nothing about datagrams.
  void announced(paced_try& which, std::chrono::nanoseconds arrived) noexcept;
  // The server answered that it cannot: the question goes to another one, or ends.
  void failed(paced_try& which, std::chrono::nanoseconds arrived) noexcept;
  // No answer can come to this one any more, for reasons of our own; it counts as lost.
  void given_up(paced_try& which, std::chrono::nanoseconds now) noexcept;
  // Its sender ended without saying anything about the server.
  void withdrawn(paced_try& which) noexcept;
  // The server's port is closed, or there is no way to it: whatever was sent there is lost.
  void refused(std::size_t server, std::chrono::nanoseconds now) noexcept;
  // What was due by then is done: lost tries, and questions whose time is over. The only input by which time acts.
  void tick(std::chrono::nanoseconds due, std::chrono::nanoseconds now) noexcept;
  // What was sent did not leave for so long, for a reason of our own: that time does not count. Goes through all.
  void put_off(std::chrono::nanoseconds time, std::chrono::nanoseconds now) noexcept;

  // Pull until nullopt.
  std::optional<command> next(std::chrono::nanoseconds now);
  // When to tick and pull again at the latest; nullopt: not by time.
  std::optional<std::chrono::nanoseconds> wake_at(std::chrono::nanoseconds now) const noexcept;

  // What our own receive buffer for that server holds.
  void limit(std::size_t server, std::size_t most_on_the_way) noexcept {
    servers_[server].window.limit(most_on_the_way);
  }

  // Whether the server has answered anything that came later than that.
  bool heard_since(std::size_t server, std::chrono::nanoseconds time) const noexcept {
    return servers_[server].heard_at >= time;
  }
  std::size_t waiting() const noexcept { return fresh_.size(); }  // never sent so far
  const send_window& window(std::size_t server) const noexcept { return servers_[server].window; }
  bool rests(std::size_t server) const noexcept { return choice_.rests(server); }

 private:
  struct server_state {
    explicit server_state(std::size_t most) noexcept : window(most) {}
    send_window window;
    wake_queue open{};  // tries that are neither answered nor lost
    paced_question::queue repeats{};
    std::chrono::nanoseconds heard_at{-1};
  };

  std::chrono::nanoseconds patience_for(const paced_question& what,
                                        const server_state& server) const noexcept;
  void heard(paced_try& which, std::chrono::nanoseconds arrived) noexcept;
  void measure(paced_try& which, std::chrono::nanoseconds arrived) noexcept;
  void shorten_waits(server_state& server) noexcept;
  void lose(paced_try& which, std::chrono::nanoseconds now) noexcept;
  void lose_all(std::size_t server, std::chrono::nanoseconds now) noexcept;
  void go_on(paced_question& what, std::size_t after) noexcept;
  void repeat_at(paced_question& what, std::size_t server) noexcept;
  void finish(paced_question& what, question_end why) noexcept;
  void leave(paced_question& what) noexcept;
  void let_go(paced_question& what) noexcept;
  void redirect(std::size_t server, server_set refused_by) noexcept;
  void detach(paced_try& which) noexcept;
  void end_the_queue(std::chrono::nanoseconds due) noexcept;
  std::optional<std::size_t> open_server(std::chrono::nanoseconds now) const noexcept;
  std::optional<command> next_send(std::chrono::nanoseconds now) noexcept;

  pacing_rules rules_;
  server_choice choice_;
  std::vector<server_state> servers_;
  paced_question::queue fresh_{};
  paced_question::queue out_{};            // something of them is on the way
  paced_question::queue ended_{};          // to be told
  std::chrono::nanoseconds heard_at_{-1};  // from any server, last
  paced_question::clock_queue
      limits_{};  // those that were sent, in that order, and so in the order of their ends
  std::optional<std::size_t> probe_{};  // a server to be asked what was sent last, too
  paced_question* probed_ = nullptr;
};

}  // namespace uvdial::detail
