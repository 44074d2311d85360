#pragma once
// What all peers in C++ have in common: N dials, so many at a time, the next one as soon as one has ended.
//
// A peer says in start() how it begins a dial, and tells when one has ended. A dial that ends inside start() is not
// followed by another from there, so nothing gets deeper and deeper.
#include <optional>

#include "../bench_run.hpp"

namespace bench {

// Pairs of questions on their way at the same time, where a peer decides that itself: 128 answers fit into the receive
// buffer that Linux gives every UDP socket.
inline constexpr unsigned pairs_at_once = 64;

// The server that replaces those of resolv.conf ("ADDRESS:PORT"), or null.
inline const char* chosen_server() { return std::getenv("BENCH_DNS"); }

inline void refuse_chosen_server() {
  if (chosen_server() != nullptr) throw impossible("cannot be told another server than those of resolv.conf");
}

class dials {
 public:
  dials(const char* program, const work& wanted) : program_(program), wanted_(wanted) {}
  dials(const dials&) = delete;
  dials& operator=(const dials&) = delete;
  virtual ~dials() = default;

 protected:
  virtual void start(unsigned number) = 0;
  virtual void all_have_ended() {}

  // Time is measured from here.
  void begin() {
    tally_.emplace();
    start_more();
  }

  void succeeded() { ended(); }

  void failed(std::string_view kind) {
    tally_->failed(kind);
    ended();
  }

  // Valid until the next call.
  const char* host_of(unsigned number) {
    wanted_.write_host(number, host_);
    return host_.c_str();
  }

  std::uint16_t port() const { return wanted_.port; }
  bool have_all_ended() const { return ended_ == wanted_.dials; }

 private:
  void start_more() {
    if (starting_) return;
    starting_ = true;
    while (started_ < wanted_.dials && started_ - ended_ < wanted_.at_once) start(started_++);
    starting_ = false;
  }

  void ended() {
    if (++ended_ == wanted_.dials) {
      tally_->print(program_, wanted_);
      all_have_ended();
    } else {
      start_more();
    }
  }

  const char* program_;
  const work& wanted_;
  std::optional<tally> tally_{};
  std::string host_{};
  unsigned started_ = 0;
  unsigned ended_ = 0;
  bool starting_ = false;
};

}  // namespace bench
