#pragma once
// The dials of a soak: so many at a time, each of a kind and with a fate that a seeded generator chose, and a count of
// how each of them ended.
#include <uv.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "kinds.hpp"
#include "uvdial/uvdial.hpp"
#include "world.hpp"

namespace soak {

struct counts {
  std::uint64_t started = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t dropped = 0;
  std::uint64_t twice = 0;   // callbacks that came again, or after a drop
  std::uint64_t wrong = 0;   // ends that this kind of dial cannot have
  std::uint64_t talked = 0;  // streams that were read, too
  std::uint64_t failed_as[32] = {};

  std::uint64_t ended() const noexcept { return succeeded + failed + cancelled; }
};

class dials {
 public:
  dials(uv_loop_t& loop, const places& where, std::size_t at_once, unsigned seed);
  dials(const dials&) = delete;
  dials& operator=(const dials&) = delete;

  // Until `limit` have been started, and all of them have ended.
  void run_to(std::uint64_t limit);
  // Until an idle resolver has closed its sockets, and so forgotten the questions that nobody waits for any more. The
  // cache holds the same answers each time, so that what is measured then differs by nothing but what was lost.
  void rest();
  const counts& count() const noexcept { return count_; }
  const std::string& first_mistake() const noexcept { return mistake_; }

 private:
  enum class fate : std::uint8_t { none, detach, drop, cancel };
  struct slot {
    uvdial::operation running{};
    uvdial::operation talking{};
    std::unique_ptr<uvdial::tcp_stream> stream{};
    std::array<std::byte, 8> into{};
    const kind* of = nullptr;  // null: free
    std::uint64_t number = 0;
    std::uint64_t turn_of_fate = 0;
    fate to_come = fate::none;
    bool cancelled = false;
    bool ended = false;
  };

  std::uint32_t up_to(std::uint32_t most) {
    return static_cast<std::uint32_t>(random_() % (most + std::uint64_t{1}));
  }
  const kind& choose();
  void fill();
  void start(slot& one);
  void begin(slot& one);
  void meet_fates();
  void cause_shortage();
  uvdial::dial_options options_for(slot& one);
  uvdial::confirm_step& step_for(char letter);

  template <class Value>
  uvdial::callback<Value> ending(slot& one);
  void note(slot& one, std::uint64_t number, const uvdial::error* why);
  void wrong(const slot& one, const std::string& how);
  void use(slot& one, uvdial::tcp_stream stream);
  void use(slot& one, uvdial::pipe_stream) { free(one); }
  void use(slot& one, const uvdial::host_entry&) { free(one); }
  void use(slot& one, const std::vector<std::string>&) { free(one); }
  void talk(slot& one, uvdial::tcp_stream stream);
  void part(uvdial::tcp_stream stream);
  void free(slot& one);

  uv_loop_t& loop_;
  places where_;
  std::minstd_rand random_;
  std::shared_ptr<uvdial::ares_resolver> names_;
  uvdial::dialer dialer_;
  uvdial::confirm_step yes_;
  uvdial::confirm_step no_;
  std::vector<uvdial::endpoint> list_{};
  std::vector<slot> slots_;
  std::vector<slot*> free_{};
  std::uint64_t turn_ = 0;
  std::uint64_t shortage_until_ = 0;  // a turn; 0: none
  std::uint64_t next_shortage_ = 1000;
  std::uint64_t limit_ = 0;
  counts count_{};
  std::string mistake_{};
};

std::size_t open_descriptors();

}  // namespace soak
