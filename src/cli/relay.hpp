#pragma once
// Standard input to the connection, and the connection to standard output, until both have ended.
//
// The two directions know nothing of each other: the end of the input becomes a FIN and the other way goes
// on; the peer's FIN ends the output, and the input still goes out. Each reads its next piece when the last
// one has gone through, so a slow side slows the other, and memory stays at one buffer each way.
//
// One case wants care. A peer that answers early and closes (many HTTP servers do) makes our write fail while
// its answer still waits in our socket. So a failed write only ends its own direction; the answer is written
// first, and the failure is what the relay ends with.
#include <array>
#include <cstddef>
#include <memory>
#include <string>

#include "cli/standard_stream.hpp"
#include "uvdial/byte_stream.hpp"

namespace uvdial::cli {

class relay {
 public:
  // From the loop, or from start(): what failed, as one line without the program's name; empty: both
  // directions ended well.
  using end_callback = unique_function<void(std::string failure)>;

  // `loop` outlives this object, and has run dry before it dies. `connected` closes when nobody else holds it; `peer`
  // is what it is connected to, for people.
  relay(uv_loop_t& loop, std::shared_ptr<byte_stream> connected, std::string peer, end_callback on_end);

  void start();
  void stop() noexcept;  // ends both directions at once; `on_end` does not run

 private:
  static constexpr std::size_t buffer_size = 64 * 1024;  // what a pipe holds on Linux
  using buffer = std::array<std::byte, buffer_size>;

  bool open(std::unique_ptr<standard_stream>& into, int number, const char* name);

  void read_input();
  void input_read(std::int64_t count);
  void sent(const error* failure);
  void send_end();
  void sending_ended();

  void receive();
  void received(const outcome<std::size_t>& count);
  void written(std::int64_t result, std::int64_t expected);
  void receiving_ended();

  void failed(const char* name, std::int64_t code);
  std::string words_of(const error& failure) const;
  void settle();
  void finish(std::string failure);

  uv_loop_t& loop_;
  std::shared_ptr<byte_stream> connection_;
  std::string peer_;
  end_callback on_end_;
  std::unique_ptr<standard_stream> input_{};
  std::unique_ptr<standard_stream> output_{};
  operation sending_{};
  operation receiving_{};
  bool send_done_ = false;
  bool receive_done_ = false;
  std::string send_failure_{};
  std::unique_ptr<buffer> outward_ = std::make_unique<buffer>();
  std::unique_ptr<buffer> inward_ = std::make_unique<buffer>();
};

}  // namespace uvdial::cli
