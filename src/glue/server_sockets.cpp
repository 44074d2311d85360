// c-ares can be given functions to call instead of socket(), connect() and so on. Five things are done there that
// it cannot do, or not in all its versions:
//
// * Zones. 1.18.1 knows no zone in a server's address: the socket is connected to the endpoint as we know it.
// * Bounds. It reads a socket until it is empty, whatever the loop has to do besides. Here it seems empty after
//   some datagrams, and the loop, for which it still is readable, comes back in its next turn.
// * Times. The kernel notes when each datagram came. A loop that is late would otherwise look like a slow server.
// * Reasons. It reports a closed port, a machine without descriptors and a broken TCP connection by the same code.
//   Here the errno is still known.
// * Forgeries. Who does not see our questions can send answers in the server's name, and hope to have guessed port, id
//   and spelling (question_log). Each wrong guess is seen here, and a few are enough: the socket is read no more,
//   whatever else waits in it, and its owner asks again from another port. So a guess costs the guesser the port, which he
//   has to find first.
//
// Datagrams are taken in batches, which costs one call where c-ares by itself makes two for the first one, and
// the receive buffer is made as large as the system lets it be, so that a burst of answers finds room.
#include "glue/server_sockets.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <new>

#include "glue/shortage.hpp"

namespace uvdial::detail {

namespace {

constexpr int wanted_buffer = 1 << 20;      // octets; the kernel doubles it for its own needs
constexpr int octets_of_an_answer = 1024;   // as the kernel counts an answer of usual size
constexpr std::size_t control_octets = 64;  // room for one time
constexpr std::size_t most_octets_of_a_question = 512;
constexpr int most_draws = 100;  // of an id that is free; one of 128 is not

bool is_refusal(int error) noexcept {
  return error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH || error == ENETDOWN ||
         error == EHOSTDOWN || error == EADDRNOTAVAIL || error == EAFNOSUPPORT || error == EPERM ||
         error == EACCES;
}

instant since_epoch(const timespec& time) noexcept {
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// The kernel's times are those of the wall clock: how long ago is what can be carried over. `wall` and `present` are one
// moment behind the reading, on both clocks.
instant arrival_of(msghdr& header, instant wall, instant present) noexcept {
  for (cmsghdr* each = CMSG_FIRSTHDR(&header); each; each = CMSG_NXTHDR(&header, each)) {
    if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec came{};
    std::memcpy(&came, CMSG_DATA(each), sizeof came);
    const instant age = wall - since_epoch(came);
    // A wall clock that was set in between says nothing.
    return age > instant(0) && age < std::chrono::seconds(10) ? present - age : present;
  }
  return present;
}

ssize_t size_of(std::span<const iovec> pieces) noexcept {
  ssize_t size = 0;
  for (const iovec& each : pieces) size += static_cast<ssize_t>(each.iov_len);
  return size;
}

instant wall_clock() noexcept {
  timespec time{};
  return clock_gettime(CLOCK_REALTIME, &time) == 0 ? since_epoch(time) : instant(0);
}

}  // namespace

struct server_sockets::batch {
  std::array<mmsghdr, batch_size> headers{};
  std::array<iovec, batch_size> pieces{};
  alignas(cmsghdr) std::array<std::array<char, control_octets>, batch_size> controls{};
  std::array<std::array<char, most_octets>, batch_size> octets;
};

void server_sockets::batch_deleter::operator()(batch* held) const noexcept { delete held; }

int server_sockets::open(int type) noexcept {
  const int family = server_.native().sa_family;
  const int made = ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made < 0) {
    if (is_shortage(errno)) trouble_ = errno;
    if (is_refusal(errno) && type == SOCK_DGRAM) refused_ = true;
    return made;
  }
  if (type == SOCK_DGRAM) {
    datagrams_ = made;
    forget_datagrams();
    widen(made);
  } else {
    const int on = 1;
    (void)::setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // without it answers are only later
  }
  return made;
}

// None of these options is needed: where the system refuses one, its own setting stands.
void server_sockets::widen(int descriptor) noexcept {
  if (::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &wanted_buffer, sizeof wanted_buffer) != 0)
    (void)::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &wanted_buffer, sizeof wanted_buffer);
  const int on = 1;
  (void)::setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  int granted = 0;
  socklen_t size = sizeof granted;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &granted, &size) == 0 && granted > 0)
    capacity_ = static_cast<std::size_t>(granted / octets_of_an_answer);
}

// A connection that breaks says nothing of the port for datagrams.
void server_sockets::note(int descriptor, int error) noexcept {
  if (is_shortage(error)) trouble_ = error;
  if (is_refusal(error) && descriptor == datagrams_) refused_ = true;
}

int server_sockets::connect(int descriptor) noexcept {
  const int status = ::connect(descriptor, &server_.native(), server_.native_size());
  if (status >= 0) return status;
  note(descriptor, errno);
  if (descriptor == datagrams_ && errno == EAGAIN) {
    trouble_ = EAGAIN;  // no local port is free: c-ares would take that for a connection under way
    errno = ENOBUFS;
  }
  return status;
}

// False: it has to be sent at once.
bool server_sockets::keep(std::span<const iovec> pieces) noexcept {
  if (!unsent_) unsent_.reset(new (std::nothrow) datagram_batch);
  if (!unsent_) return false;
  if (unsent_->full()) (void)flush();  // what it has noted is seen with the next
  return unsent_->add(pieces);
}

bool server_sockets::flush() noexcept {
  if (!has_unsent()) return false;
  for (std::span<mmsghdr> left = unsent_->take(); !left.empty();) {
    const int count = ::sendmmsg(datagrams_, left.data(), static_cast<unsigned>(left.size()), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno != EAGAIN && errno != ENOBUFS) note(datagrams_, errno);
    left = left.subspan(count < 0 ? 1 : static_cast<std::size_t>(count));
  }
  return refused_ || trouble_ != 0;
}

bool server_sockets::guard() noexcept {
  if (!asked_) asked_.reset(new (std::nothrow) question_log);
  return asked_ != nullptr;
}

ssize_t server_sockets::send(int descriptor, const iovec* pieces, int count) noexcept {
  const std::span all(pieces, static_cast<std::size_t>(count));
  return asked_ && descriptor == datagrams_ ? send_guarded(descriptor, all) : send_as_it_is(descriptor, all);
}

ssize_t server_sockets::send_guarded(int descriptor, std::span<const iovec> pieces) noexcept {
  std::array<unsigned char, most_octets_of_a_question> copy;
  std::size_t size = 0;
  for (const iovec& each : pieces) {
    if (each.iov_len > copy.size() - size) {
      errno = EMSGSIZE;
      return -1;
    }
    std::memcpy(copy.data() + size, each.iov_base, each.iov_len);
    size += each.iov_len;
  }
  if (!disguise({copy.data(), size})) {
    errno = EIO;
    return -1;
  }
  const iovec whole{copy.data(), size};
  return send_as_it_is(descriptor, {&whole, 1});
}

// False: the system has no random numbers, or it is no question.
bool server_sockets::disguise(std::span<unsigned char> question) noexcept {
  for (int left = most_draws; left > 0; --left) {
    const auto id = random_.take<std::uint16_t>();
    const auto spelling = mixes_case_ ? random_.take<std::uint64_t>() : 0;
    if (!id || !spelling) return false;
    if (asked_->disguise(question, {*id, *spelling})) return true;
  }
  return false;
}

ssize_t server_sockets::send_as_it_is(int descriptor, std::span<const iovec> pieces) noexcept {
  if (gathers_ && descriptor == datagrams_ && keep(pieces)) return size_of(pieces);
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = pieces.size();
  const ssize_t sent = ::sendmsg(descriptor, &message, MSG_NOSIGNAL);
  if (sent >= 0) return sent;
  if (descriptor == datagrams_ && (errno == EAGAIN || errno == ENOBUFS))
    return size_of(pieces);  // as if lost on the way: it is asked again
  note(descriptor, errno);
  return sent;
}

bool server_sockets::refill(int descriptor) noexcept {
  if (shuts_out_) {
    is_empty_ = true;
    errno = EAGAIN;
    return false;
  }
  if (!batch_) batch_.reset(new (std::nothrow) batch);
  if (!batch_) {
    errno = EAGAIN;  // the answers wait in the kernel for better times
    return false;
  }
  const auto most = static_cast<unsigned>(std::min(batch_size, allowance_));
  for (std::size_t i = 0; i < most; ++i) {
    batch_->pieces[i] = {batch_->octets[i].data(), most_octets};
    msghdr& header = batch_->headers[i].msg_hdr;
    header = msghdr{};
    header.msg_iov = &batch_->pieces[i];
    header.msg_iovlen = 1;
    header.msg_control = batch_->controls[i].data();
    header.msg_controllen = control_octets;
  }
  const int count = ::recvmmsg(descriptor, batch_->headers.data(), most, 0, nullptr);
  if (count < 0) {
    is_empty_ = errno == EAGAIN;
    if (errno != EAGAIN && errno != EINTR) note(descriptor, errno);
    return false;
  }
  // Fewer than there was room for: the socket is empty, and the kernel need not be asked again.
  is_empty_ = count < static_cast<int>(most);
  read_at_wall_ = wall_clock();
  read_at_ = now();  // last: who is interrupted here tells a later time, never one before the question
  allowance_ -= most;
  has_given_ = true;
  filled_ = static_cast<std::size_t>(count);
  given_ = 0;
  return true;
}

std::span<const unsigned char> server_sockets::last_read() const noexcept {
  if (given_ == 0) return {};
  const auto* octets = reinterpret_cast<const unsigned char*>(batch_->octets[given_ - 1].data());
  return {octets, batch_->headers[given_ - 1].msg_len};
}

ssize_t server_sockets::receive_stream(int descriptor, void* into, std::size_t room) noexcept {
  if (allowance_ == 0) {
    errno = EAGAIN;
    return -1;
  }
  --allowance_;
  const ssize_t size = ::recv(descriptor, into, room, 0);
  if (size < 0) note(descriptor, errno);
  has_given_ = has_given_ || size > 0;
  is_empty_ = size <= 0;
  return size;
}

bool server_sockets::is_welcome(std::span<unsigned char> packet) noexcept {
  if (shuts_out_ || packet.empty()) return false;  // old versions of c-ares take an empty datagram for an end
  if (!asked_) return true;
  switch (asked_->recognise(packet)) {
    case question_log::finding::answer: return true;
    case question_log::finding::unrelated: return false;
    case question_log::finding::respelled: respelled_ = true; break;
    case question_log::finding::stranger: besieged_ = ++strangers_ >= most_strangers; break;
  }
  shuts_out_ = respelled_ || besieged_;
  is_empty_ = is_empty_ || shuts_out_;
  return false;
}

ssize_t server_sockets::receive(int descriptor, void* into, std::size_t room, sockaddr* from,
                                socklen_t* from_size) noexcept {
  if (descriptor != datagrams_) return receive_stream(descriptor, into, room);
  for (;;) {
    if (given_ == filled_) {
      if (is_empty_ || allowance_ == 0) {
        errno = EAGAIN;
        return -1;
      }
      if (!refill(descriptor)) return -1;
      continue;
    }
    mmsghdr& next = batch_->headers[given_];
    auto* octets = reinterpret_cast<unsigned char*>(batch_->octets[given_++].data());
    if (!is_welcome({octets, next.msg_len})) continue;
    const std::size_t size = std::min<std::size_t>(next.msg_len, room);
    std::memcpy(into, octets, size);
    arrived_ = arrival_of(next.msg_hdr, read_at_wall_, read_at_);
    if (from && from_size && *from_size >= server_.native_size()) {  // a connected socket hears nobody else
      std::memcpy(from, &server_.native(), server_.native_size());
      *from_size = server_.native_size();
    }
    return static_cast<ssize_t>(size);
  }
}

int server_sockets::close(int descriptor) noexcept {
  if (descriptor == datagrams_) {
    datagrams_ = -1;
    forget_datagrams();
    if (unsent_) unsent_->clear();
  }
  return ::close(descriptor);
}

void server_sockets::forget_datagrams() noexcept {
  filled_ = given_ = 0;
  if (asked_) asked_->clear();
  strangers_ = 0;
  besieged_ = respelled_ = shuts_out_ = false;
}

}  // namespace uvdial::detail
