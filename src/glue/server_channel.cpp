// c-ares driven by libuv.
//
// c-ares knows the protocol: ids, the question section, names, truncation, TCP framing. Everything that has to do
// with waiting is kept from it. It has one server and one try for each question, and a time limit that is there
// only so that it forgets a question one day: when to ask again, and whom, is decided by the pacing. The traps
// between it and the loop, and what is done about each:
//
// * It calls back whenever it likes: inside the call that asks, inside processing, inside destroy. A question may
//   only note that it ended; its owner hears of it (has_read) when no c-ares frame is on the stack any more.
// * There is no way to stop one question. A forgotten one stays until it is answered or its limit has passed.
// * ares_cancel is never called: it ends everybody's questions. ares_reinit neither: newer versions run it on
//   a thread of their own.
// * Sockets are announced and withdrawn by sock_state_cb; a number may be reused at once while its old handle is
//   still closing. Each uv_poll_t lives in a block of its own and is closed inside that callback, before c-ares
//   closes the descriptor.
// * A refused datagram (ICMP) makes the poll callback report an error and stops the handle. c-ares is told to
//   read the error, and if the socket is still wanted afterwards it is watched again.
// * After every call into c-ares the map of sockets may have changed: entries are looked up anew.
// * A truncated answer makes it ask again over TCP on the same channel, and when that connection breaks 1.18.1 drops
//   everything that waits for a datagram, too. So truncation is left alone here (IGNTC), and the owner has a second
//   channel for TCP.
// * SERVFAIL, NOTIMP and REFUSED make it look for another server; with none it reports something else. It is told
//   to pass such answers on (NOCHECKRESP).
//
// Left out: its own cache (switched off where there is one), search list, hosts file, server list, timeouts.
#include "glue/server_channel.hpp"

#define CARES_NO_DEPRECATED  // the older calls are all that 1.18.1 has
#include <ares.h>
#include <netinet/in.h>

#include <algorithm>
#include <new>
#include <utility>

namespace uvdial::detail {

namespace {

constexpr int internet_class = 1;  // RFC 1035, 3.2.4
constexpr std::uint16_t dns_port = 53;
constexpr int forgotten_after = 10'000;  // ms
constexpr int edns_octets = 1232;        // fits every path without fragments
constexpr int most_readings = 64;        // calls in one turn; the sockets bound what they give

}  // namespace

// Called by c-ares and libuv: each finds its object and calls one member.
struct server_channel::callbacks {
  static server_sockets& sockets_of(void* channel) noexcept {
    return static_cast<server_channel*>(channel)->sockets_;
  }
  static ares_socket_t on_open(int, int type, int, void* channel) noexcept {
    return sockets_of(channel).open(type);
  }
  static int on_close(ares_socket_t descriptor, void* channel) noexcept {
    return sockets_of(channel).close(descriptor);
  }
  static int on_connect(ares_socket_t descriptor, const sockaddr*, ares_socklen_t, void* channel) noexcept {
    return sockets_of(channel).connect(descriptor);
  }
  static ares_ssize_t on_receive(ares_socket_t descriptor, void* into, size_t room, int, sockaddr* from,
                                 ares_socklen_t* from_size, void* channel) noexcept {
    return sockets_of(channel).receive(descriptor, into, room, from, from_size);
  }
  static ares_ssize_t on_send(ares_socket_t descriptor, const iovec* pieces, int count,
                              void* channel) noexcept {
    return sockets_of(channel).send(descriptor, pieces, count);
  }
  static void on_socket(void* channel, ares_socket_t descriptor, int readable, int writable) noexcept {
    static_cast<server_channel*>(channel)->socket_changed(descriptor, readable != 0, writable != 0);
  }
  static void on_poll(uv_poll_t* handle, int status, int events) noexcept {
    if (!handle->data) return;
    uv_os_fd_t descriptor = -1;
    if (uv_fileno(reinterpret_cast<uv_handle_t*>(handle), &descriptor) < 0) return;  // closing
    static_cast<server_channel*>(handle->data)->socket_ready(descriptor, status, events);
  }
  static constexpr ares_socket_functions functions{on_open, on_close, on_connect, on_receive, on_send};
};

server_channel::server_channel(uv_loop_t& loop, channel_owner& owner, server_channel_settings settings,
                               std::shared_ptr<handle_count> count)
    : loop_(loop),
      owner_(owner),
      settings_(settings),
      count_(std::move(count)),
      sockets_(settings_.server.port() ? settings_.server : settings_.server.with_port(dns_port)) {}

int server_channel::ask(const char* name, dns_record record, channel_question& question) noexcept {
  question.channel_ = this;
  if (const int status = open(); status != ARES_SUCCESS) return status;
  ++asked_;
  ++unanswered_;
  // The generic lambda fits both forms of the callback type: 1.34.7 has const bytes.
  ares_query(
      ares_, name, internet_class, static_cast<int>(record),
      [](void* asked, int status, int, auto* packet, int size) {
        auto* ended = static_cast<channel_question*>(asked);
        --ended->channel_->unanswered_;
        ended->ended(status, packet, size);
      },
      &question);
  return ARES_SUCCESS;
}

int server_channel::open() noexcept {
  if (ares_) return ARES_SUCCESS;
  if (!settings_.over_tcp && !sockets_.guard()) return ARES_ENOMEM;
  opened_at_ = now();
  asked_ = 0;
  ares_options wanted{};
  int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
  // Where all of these are given it reads no file of the system's, which it would not use, and which it may fail to
  // open. The server is named below, for here there is no room for a port.
  mask |= ARES_OPT_SERVERS | ARES_OPT_DOMAINS | ARES_OPT_NDOTS | ARES_OPT_SORTLIST | ARES_OPT_LOOKUPS;
  in_addr nobody{};
  char only_dns[] = "b";
  wanted.servers = &nobody;
  wanted.nservers = 1;
  wanted.ndots = 1;
  wanted.lookups = only_dns;
  wanted.flags = ARES_FLAG_STAYOPEN | ARES_FLAG_NOCHECKRESP | ARES_FLAG_IGNTC;
  if (settings_.over_tcp) wanted.flags |= ARES_FLAG_USEVC;
  if (settings_.edns) {
    wanted.flags |= ARES_FLAG_EDNS;
    wanted.ednspsz = edns_octets;
    mask |= ARES_OPT_EDNSPSZ;
  }
  wanted.timeout = forgotten_after;
  wanted.tries = 1;
  wanted.sock_state_cb = callbacks::on_socket;
  wanted.sock_state_cb_data = this;
#ifdef ARES_OPT_QUERY_CACHE
  mask |= ARES_OPT_QUERY_CACHE;
  wanted.qcache_max_ttl = 0;  // it keeps NODATA for an hour
#endif
  // ares_library_init does something on Windows only, which this library does not support.
  int status = ares_init_options(&ares_, &wanted, mask);
  if (status != ARES_SUCCESS) {
    ares_ = nullptr;
    return status;
  }
  ares_set_socket_functions(ares_, &callbacks::functions, this);
  status = name_server();
  if (status != ARES_SUCCESS) shut();
  return status;
}

// It is asked for at sockets_, whatever c-ares takes it for. Old versions refuse a zone, new ones miss it.
int server_channel::name_server() noexcept {
  try {
    const endpoint& server = sockets_.server();
    const int status = ares_set_servers_ports_csv(ares_, server.to_string().c_str());
    if (status == ARES_SUCCESS || server.scope() == 0) return status;
    const std::string zoned = server.address_to_string();
    const std::string bare = "[" + zoned.substr(0, zoned.find('%')) + "]:" + std::to_string(server.port());
    return ares_set_servers_ports_csv(ares_, bare.c_str());
  } catch (const std::bad_alloc&) {
    return ARES_ENOMEM;
  }
}

void server_channel::shut() noexcept {
  if (!ares_) return;
  // Ends every question inside this call, and withdraws every socket.
  ares_destroy(std::exchange(ares_, nullptr));
  watched_.clear();
  watch_failure_ = 0;
  (void)sockets_.take_refusal();  // what was said of the old ones is not true of the next
  (void)sockets_.take_trouble();
}

void server_channel::expire() noexcept {
  if (ares_) ares_process_fd(ares_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

void server_channel::process(int readable, int writable) noexcept {
  if (!ares_) return;
#if ARES_VERSION >= 0x012200
  // Without a look at the clock: since 1.32 it gives up on what takes longer than the server usually does.
  ares_fd_events_t ready{readable != ARES_SOCKET_BAD ? readable : writable, ARES_FD_EVENT_NONE};
  if (readable != ARES_SOCKET_BAD) ready.events |= ARES_FD_EVENT_READ;
  if (writable != ARES_SOCKET_BAD) ready.events |= ARES_FD_EVENT_WRITE;
  // Where it has no memory it is as if nothing had come.
  (void)ares_process_fds(ares_, &ready, 1, ARES_PROCESS_FLAG_SKIP_NON_FD);
#else
  ares_process_fd(ares_, readable, writable);
#endif
}

// Old versions read the length of a TCP answer in one call and the rest in the next; new ones stop after one datagram,
// and those that were taken from the kernel with it would wait here. An answer that is there beats its timeout only
// if it is read within one turn.
void server_channel::read_on(int descriptor) noexcept {
  for (int left = most_readings; left > 0 && sockets_.may_read_on() && watched_.contains(descriptor); --left)
    process(descriptor, ARES_SOCKET_BAD);
}

void server_channel::socket_changed(int descriptor, bool readable, bool writable) noexcept {
  if (!readable && !writable) {
    watched_.erase(descriptor);
    return;
  }
  try {
    watched_socket& socket = watched_[descriptor];
    socket.events = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);
    if (const int status = watch(descriptor, socket); status < 0) watch_failure_ = status;
  } catch (const std::bad_alloc&) {
    watch_failure_ = UV_ENOMEM;
  }
}

int server_channel::watch(int descriptor, watched_socket& socket) noexcept {
  if (!socket.poll) {
    const int status = socket.poll.open(
        count_, [this, descriptor](uv_poll_t* handle) { return uv_poll_init(&loop_, handle, descriptor); });
    if (status < 0) return status;
    socket.poll->data = this;
    uv_unref(reinterpret_cast<uv_handle_t*>(socket.poll.get()));
  }
  return uv_poll_start(socket.poll.get(), socket.events, callbacks::on_poll);
}

void server_channel::socket_ready(int descriptor, int status, int events) noexcept {
  sockets_.allow_reading();
  if (status < 0) {
    process(descriptor, descriptor);  // lets c-ares read the error off the socket
    const auto found = watched_.find(descriptor);
    if (found != watched_.end() && found->second.poll) {
      const int again = watch(descriptor, found->second);
      if (again < 0) watch_failure_ = again;
    }
  } else {
    process(events & UV_READABLE ? descriptor : ARES_SOCKET_BAD,
            events & UV_WRITABLE ? descriptor : ARES_SOCKET_BAD);
    read_on(descriptor);
  }
  owner_.has_read();  // last: it may do anything
}

}  // namespace uvdial::detail
