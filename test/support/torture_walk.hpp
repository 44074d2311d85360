#pragma once
// A walk of random steps through everything that the library offers, on one loop, with peers that do what they like.
// Callbacks take steps, too: so everything is destroyed everywhere.
#include <array>
#include <list>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "support/torture_things.hpp"
#include "support/torture_watch.hpp"

namespace fixture {

class torture_walk {
 public:
  torture_walk(const lasting_peers& with, watches& owed, std::mt19937& random);
  torture_walk(const torture_walk&) = delete;
  torture_walk& operator=(const torture_walk&) = delete;
  ~torture_walk();

  void step();          // one step, and perhaps a turn of the loop
  void end();           // everything goes, in an order of its own; the loop is dry afterwards
  bool loop_is_busy();  // uv_loop_close says so, where a dial runs

 private:
  static constexpr std::size_t most_operations = 24;
  static constexpr std::size_t most_streams = 8;

  struct connection {
    std::optional<tcp_stream> tcp{};
    std::optional<pipe_stream> pipe{};
    bool shut_down = false;
    std::shared_ptr<std::array<std::byte, 256>> room = std::make_shared<std::array<std::byte, 256>>();
    byte_stream& any() { return tcp ? static_cast<byte_stream&>(*tcp) : *pipe; }
  };
  struct looking final : answer_sink {
    torture_walk* in = nullptr;
    int answers = 0;
    lookup_handle handle{};
    void answered(answer) override;
  };

  std::size_t up_to(std::size_t most) { return random_() % (most + 1); }
  bool one_in(std::size_t count) { return random_() % count == 0; }
  std::chrono::milliseconds a_moment();

  void act();         // any step, also inside a callback
  void act_inside();  // sometimes
  void act_on_operations();
  void act_on_objects();
  void act_on_streams();
  void act_as_peer();
  void act_on_confirmations();

  void keep(watched made);
  watched* an_operation();
  dialer* a_dialer();
  template <class Start>
  void begin(std::string what, Start start);
  template <class Value>
  callback<Value> watching(const std::shared_ptr<watch>& of);
  void take(tcp_stream stream);
  void take(pipe_stream stream);
  template <class Value>
  void take(const Value&) {}

  void start_dial();
  void start_lookup();
  void start_resolve();
  void start_sleep();
  void start_task();
  void read_from(connection& from);
  void write_to(connection& to);
  void give_up(connection& which);
  dial_options some_options(dial_report* report);
  target a_name();
  endpoint an_address();
  dialer_config config();
  void renew_resolver();
  void close_dialer();
  void close_resolver();
  void confirm(tcp_stream& fresh, confirmation answer);

  const lasting_peers& peers_;
  watches& owed_;
  std::mt19937& random_;
  bool over_ = false;
  int depth_ = 0;
  demo::listener echo_{
      loop(), demo::reserve(ip_family::v4), {.then = demo::behaviour::echo, .greeting = "hello\n"}};
  demo::listener resetting_{loop(), demo::reserve(ip_family::v4), {.then = demo::behaviour::reset}};
  demo::listener keeping_{loop(), demo::reserve(ip_family::v4)};
  demo::dns_responder dns_{loop()};
  confirm_step step_;  // outlives all dials
  std::shared_ptr<ares_resolver> names_{};
  std::array<std::unique_ptr<dialer>, 2> dialers_{};
  std::vector<confirmation> answers_{};
  std::list<connection> streams_{};
  std::list<looking> lookups_{};
  std::array<watched, most_operations> operations_{};
};

template <class Value>
callback<Value> torture_walk::watching(const std::shared_ptr<watch>& of) {
  return [this, of](outcome<Value> ended) {
    owed_.called(*of, ended.failure());
    if (ended) take(std::move(ended).value());
    act_inside();
    owed_.still_there(*of);  // what was captured
  };
}

template <class Start>
void torture_walk::begin(std::string what, Start start) {
  const auto of = owed_.add(std::move(what));
  try {
    keep({start(of), of});
  } catch (const std::invalid_argument& why) {
    owed_.mistake(why.what());
  } catch (const std::logic_error&) {  // it is closed, or busy
    of->dropped = true;
  }
}

}  // namespace fixture
