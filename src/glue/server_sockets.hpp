#pragma once
// The sockets to one DNS server, opened for c-ares, and what it does not know about them.
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "glue/datagram_batch.hpp"
#include "glue/random_octets.hpp"
#include "glue/turn.hpp"
#include "logic/question_log.hpp"
#include "uvdial/endpoint.hpp"

namespace uvdial::detail {

// The functions are those that c-ares calls instead of the kernel's; like those they return -1 and set errno.
class server_sockets {
 public:
  explicit server_sockets(const endpoint& server) : server_(server) {}

  int open(int type) noexcept;
  int connect(int descriptor) noexcept;
  ssize_t receive(int descriptor, void* into, std::size_t room, sockaddr* from,
                  socklen_t* from_size) noexcept;
  ssize_t send(int descriptor, const iovec* pieces, int count) noexcept;
  int close(int descriptor) noexcept;

  // From now on datagrams wait for flush(): most of what one costs is the call, and dozens go with one call.
  void gather() noexcept { gathers_ = true; }
  // From now on datagrams are questions and answers: nobody can foretell how a question looks, and what is no answer to
  // one of this socket is not given to c-ares. False: there is no memory for it.
  bool guard() noexcept;
  // Also how its name is spelled, of those that are sent from now on; for guarded ones.
  void mix_case(bool wanted) noexcept { mixes_case_ = wanted; }
  bool has_unsent() const noexcept { return unsent_ && !unsent_->empty(); }
  // What the kernel does not take is as if it had been lost on the way. True: take_refusal() or take_trouble() have
  // something to tell.
  bool flush() noexcept;

  // Before c-ares reads: so many datagrams (or pieces of a stream) and not more are given to it, then the socket seems
  // to be empty.
  void allow_reading() noexcept {
    allowance_ = most_datagrams;
    is_empty_ = has_given_ = false;
  }
  // What was read since then was not all: the reading ended at that bound, or c-ares stopped before it.
  bool has_unread() const noexcept { return given_ < filled_ || (has_given_ && !is_empty_); }
  // Of that, what may still be read.
  bool may_read_on() const noexcept {
    return given_ < filled_ || (has_given_ && !is_empty_ && allowance_ > 0);
  }

  // The datagram that was read last; lives until the next reading.
  std::span<const unsigned char> last_read() const noexcept;
  // When it came to this machine.
  instant arrived() const noexcept { return arrived_; }
  // One of the following has something to tell.
  bool has_news() const noexcept { return refused_ || trouble_ != 0 || capacity_ || besieged_ || respelled_; }
  // That the server's datagram port is closed, or that there is no way to it; told once.
  bool take_refusal() noexcept { return std::exchange(refused_, false); }
  // Why no socket could be had (an errno); 0: one could. Told once.
  int take_trouble() noexcept { return std::exchange(trouble_, 0); }
  // How many answers its receive buffer holds; told once, after it was opened.
  std::optional<std::size_t> take_capacity() noexcept { return std::exchange(capacity_, std::nullopt); }

  // Somebody guesses: too many datagrams came that are no answers to what the open socket has asked. It is read no more.
  bool is_besieged() const noexcept { return besieged_; }
  // An answer has not repeated its question as that was spelled. The same.
  bool is_respelled() const noexcept { return respelled_; }

  const endpoint& server() const noexcept { return server_; }

 private:
  static constexpr std::size_t most_datagrams = 16;
  static constexpr std::size_t batch_size = 16;
  static constexpr unsigned most_strangers = 16;    // to one socket
  static constexpr std::size_t most_octets = 4096;  // of one; a longer one is cut, and then cannot be read
  struct batch;
  struct batch_deleter {
    void operator()(batch* held) const noexcept;
  };

  void widen(int descriptor) noexcept;
  void note(int descriptor, int error) noexcept;
  ssize_t send_guarded(int descriptor, std::span<const iovec> pieces) noexcept;
  ssize_t send_as_it_is(int descriptor, std::span<const iovec> pieces) noexcept;
  bool disguise(std::span<unsigned char> question) noexcept;
  bool is_welcome(std::span<unsigned char> packet) noexcept;
  bool keep(std::span<const iovec> pieces) noexcept;
  ssize_t receive_stream(int descriptor, void* into, std::size_t room) noexcept;
  void forget_datagrams() noexcept;
  bool refill(int descriptor) noexcept;  // false: errno says why

  endpoint server_;
  int datagrams_ = -1;  // the descriptor of the datagram socket
  bool gathers_ = false;
  std::unique_ptr<datagram_batch> unsent_{};
  std::unique_ptr<batch, batch_deleter> batch_{};
  std::unique_ptr<question_log> asked_{};  // null: datagrams are not guarded
  random_octets random_{};
  bool mixes_case_ = false;
  unsigned strangers_ = 0;
  bool besieged_ = false;
  bool respelled_ = false;
  bool shuts_out_ = false;  // nothing more is read from this socket
  std::size_t filled_ = 0;  // of the batch
  std::size_t given_ = 0;   // of those
  std::size_t allowance_ = most_datagrams;
  bool is_empty_ = false;
  bool has_given_ = false;
  instant read_at_wall_{0};  // the batch, on the wall clock
  instant read_at_{0};
  instant arrived_{0};
  bool refused_ = false;
  int trouble_ = 0;
  std::optional<std::size_t> capacity_{};
};

}  // namespace uvdial::detail
