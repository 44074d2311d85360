#pragma once
// DNS servers and a network in virtual time, for the pacing: the way there, a buffer that overruns, a server that
// reads one question after the other, and the way back.
#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <queue>
#include <random>
#include <vector>

#include "logic/question_pacer.hpp"

namespace fixture {

using std::chrono::nanoseconds;

struct world_server {
  nanoseconds latency{std::chrono::milliseconds(20)};  // there and back
  double loss = 0;                                     // share of the round trips
  std::size_t buffer = 256;                            // questions
  nanoseconds service{std::chrono::microseconds(20)};  // for each question: 50,000 a second
  nanoseconds dies{nanoseconds::max()};  // from then on it answers nothing; from the world's start
  nanoseconds comes_back{nanoseconds::max()};
  enum class kind : std::uint8_t { answers, cannot, refuses } is = kind::answers;
};

struct world_load {
  std::size_t questions = 4000;
  std::size_t at_once = 2000;
};

struct world_result {
  std::size_t answered = 0;
  std::size_t silent = 0;
  std::size_t failed = 0;
  std::size_t refused = 0;
  std::size_t overruns = 0;               // in the servers' buffers
  std::vector<std::size_t> sends{};       // to each server
  std::vector<nanoseconds> first_send{};  // to each server, from the start; max: none
  std::size_t most_tries = 0;             // of one question
  nanoseconds wall{0};                    // until the last question had ended
  nanoseconds slowest{0};                 // from the first send to the answer
};

// What no client could beat: the server reads one question after the other, the last answer comes a round trip later,
// and a client that starts with 128 and doubles has to wait some round trips until the server is busy. Where packets
// get lost, each repeat is one more to read, and the unluckiest question, which needed that many tries, waited for each
// of them but the last: the first time for `patience`, then a quarter longer each time.
nanoseconds ideal(const world_load& load, const world_server& server);
nanoseconds waits(std::size_t tries, nanoseconds patience);

class pacing_world {
 public:
  pacing_world(uvdial::detail::pacing_rules rules, std::vector<world_server> servers, unsigned seed = 1);

  // Asks that many questions, never more than `at_once` of them at a time, until all have ended. May be called again.
  // Throws std::logic_error where the pacer leaves a question alone or does not let time go on.
  world_result run(const world_load& load);
  // What is still on the way arrives or gets lost meanwhile.
  void pass(nanoseconds time);
  // From the start of the world.
  nanoseconds time() const noexcept { return time_ - began_; }

  uvdial::detail::question_pacer& pacer() noexcept { return pacer_; }

 private:
  struct question : uvdial::detail::paced_question {
    std::size_t tries = 0;
    nanoseconds first_sent{0};
    std::list<question>::iterator self{};
  };
  struct datagram : uvdial::detail::paced_try {
    std::list<datagram>::iterator self{};
  };
  struct server_state {
    nanoseconds free_at{0};
    std::deque<nanoseconds> taken_at{};  // when each that stands in the buffer is read
  };
  struct event {
    nanoseconds when;
    std::size_t number;  // those of the same time come in their order
    datagram* what;
    bool is_answer;
    bool operator<(const event& other) const noexcept {  // the earliest is the top of a heap
      return when != other.when ? when > other.when : number > other.number;
    }
  };

  bool step(nanoseconds end);
  void fill(const world_load& load);
  void pump();
  void send(const uvdial::detail::question_pacer::send& command);
  void arrive_at_server(datagram& what);
  void come_back(datagram& what);
  void end(uvdial::detail::paced_question& what, std::size_t& count);
  bool dead(std::size_t server) const noexcept;
  bool is_lost(std::size_t server);
  void at(nanoseconds when, datagram& what, bool is_answer);

  uvdial::detail::question_pacer pacer_;
  std::vector<world_server> servers_;
  std::vector<server_state> states_;
  std::mt19937 random_;
  std::priority_queue<event> events_{};
  std::size_t events_made_ = 0;
  std::list<question> questions_{};
  std::list<datagram> datagrams_{};
  nanoseconds time_{std::chrono::seconds(1)};
  nanoseconds began_ = time_;
  nanoseconds run_began_{0};
  std::size_t open_ = 0;
  std::size_t asked_ = 0;
  world_result result_{};
};

}  // namespace fixture
