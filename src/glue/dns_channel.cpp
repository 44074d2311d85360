// c-ares driven by libuv.
//
// c-ares owns the sockets and the protocol; the loop tells it when a socket is ready or a time has come. The
// traps between the two, and what is done about each:
//
// * c-ares calls back whenever it likes: inside the call that asks, inside processing, inside destroy. Its
//   callbacks here only store the result; waiters hear of it when no c-ares frame is on the stack any more
//   (deliver), so a waiter may ask again, forget, close or destroy the channel.
// * There is no way to stop one question. A forgotten one keeps its place without a waiter until c-ares ends it.
// * ares_cancel is never called: it ends everybody's questions. ares_reinit neither: newer versions run it on
//   a thread of their own.
// * Sockets are announced and withdrawn by sock_state_cb; a number may be reused at once while its old handle is
//   still closing. Each uv_poll_t lives in a block of its own and is closed inside that callback, before c-ares
//   closes the descriptor.
// * A refused datagram (ICMP) makes the poll callback report an error and stops the handle. c-ares is told to
//   read the error, and if the socket is still wanted afterwards it is watched again.
// * After every call into c-ares the map of sockets may have changed: entries are looked up anew.
// * c-ares's timeouts are taken once a turn (old versions walk through all open questions for it), right before
//   the loop waits, and acted on only after ready sockets were read: an answer that is there beats its timeout.
//   What was not due before the poll is not acted on after it, however long a foreign callback took meanwhile.
// * SERVFAIL, NOTIMP and REFUSED make c-ares ask the next server, and when all have said so 1.18.1 reports that it
//   could connect to none. With one server there is no next one: c-ares is told to pass such replies on
//   (NOCHECKRESP), which also spares that server the same question again and again.
// * The loop is kept alive by awaited questions only. A second after the last one the channel is destroyed, which
//   closes its sockets; the next question opens a new one, with fresh source ports and the system's current
//   configuration. Where no server could be reached this is done as soon as nobody waits: c-ares reads the
//   configuration only once, and one that was read before the network came up would otherwise last for ever in
//   a program that tries again every half second.
//
// Left out: c-ares's own cache (switched off where there is one), its search list (the caller owns it, for both
// families at once) and its hosts file.
#include "glue/dns_channel.hpp"

#define CARES_NO_DEPRECATED  // ares_query and ares_save_options are all that 1.18.1 has
#include <ares.h>
#include <sys/time.h>

#include <algorithm>
#include <utility>

#include "glue/dns_channel_reply.hpp"
#include "uvdial/error.hpp"

namespace uvdial::detail {

namespace {

constexpr std::chrono::seconds idle_limit{1};
constexpr int internet_class = 1;      // RFC 1035, 3.2.4
constexpr int address_record = 1;      // RFC 1035, 3.2.2
constexpr int v6_address_record = 28;  // RFC 3596, 2.1
constexpr std::uint16_t dns_port = 53;
constexpr int no_server_configured = 26;  // ARES_ENOSERVER; old headers lack it

std::error_code ares_code(int status) noexcept { return {status, ares_category()}; }

}  // namespace

struct dns_query {
  dns_channel* channel;
  dns_waiter* waiter;  // null: forgotten
  ip_family family;
  std::string name;
  dns_reply reply{};
  std::list<dns_query>::iterator self{};
};

// Called by c-ares and libuv: each finds its object and calls one member.
struct dns_channel::callbacks {
  static void on_socket(void* channel, ares_socket_t descriptor, int readable, int writable) noexcept {
    static_cast<dns_channel*>(channel)->socket_changed(descriptor, readable != 0, writable != 0);
  }
  static void on_poll(uv_poll_t* handle, int status, int events) noexcept {
    if (!handle->data) return;
    uv_os_fd_t descriptor = -1;
    if (uv_fileno(reinterpret_cast<uv_handle_t*>(handle), &descriptor) < 0) return;  // closing
    static_cast<dns_channel*>(handle->data)->socket_ready(descriptor, status, events);
  }
};

dns_channel::dns_channel(uv_loop_t& loop, dns_channel_options options, std::shared_ptr<handle_count> count)
    : turn_(loop, *this, count), loop_(loop), count_(std::move(count)), options_(std::move(options)) {}

dns_channel::~dns_channel() { close(); }

dns_query* dns_channel::ask(const std::string& name, ip_family family, dns_waiter& waiter) {
  dns_query& query = asked_.emplace_back(dns_query{this, &waiter, family, name});
  query.self = std::prev(asked_.end());
  ++awaited_;
  if (const int status = open(); status != ARES_SUCCESS) {
    query_ended(query, status, nullptr, 0);
  } else {
    // The generic lambda fits both forms of the callback type: 1.34.7 has const bytes.
    ares_query(
        ares_, name.c_str(), internet_class, family == ip_family::v4 ? address_record : v6_address_record,
        [](void* asked, int result, int, auto* packet, int size) {
          auto& ended = *static_cast<dns_query*>(asked);
          ended.channel->query_ended(ended, result, packet, size);
        },
        &query);
  }
  update();
  return &query;
}

void dns_channel::forget(dns_query* query) noexcept {
  if (!query->waiter) return;
  query->waiter = nullptr;
  --awaited_;
  update();
}

void dns_channel::close() noexcept {
  if (closed_) return;
  closed_ = true;
  for (dns_query& query : asked_) query.waiter = nullptr;
  awaited_ = 0;
  shut();
  ended_.clear();
  turn_.hold(false);
  turn_.watch(false);
}

int dns_channel::open() noexcept {
  if (ares_) return ARES_SUCCESS;
  int status = open_with(ARES_FLAG_STAYOPEN);
  one_server_ = status == ARES_SUCCESS && has_one_server();
  if (one_server_) {
    ares_destroy(std::exchange(ares_, nullptr));  // flags are for the start only
    status = open_with(ARES_FLAG_STAYOPEN | ARES_FLAG_NOCHECKRESP);
  }
  if (status == ARES_SUCCESS) read_search();
  return status;
}

bool dns_channel::has_one_server() const noexcept {
  ares_addr_port_node* servers = nullptr;
  if (ares_get_servers_ports(ares_, &servers) != ARES_SUCCESS) return false;
  const bool one = servers && !servers->next;
  ares_free_data(servers);
  return one;
}

int dns_channel::open_with(int flags) noexcept {
  ares_options wanted{};
  int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
  wanted.flags = flags;
  wanted.timeout = static_cast<int>(options_.timeout.count());
  wanted.tries = static_cast<int>(options_.tries);
  wanted.sock_state_cb = callbacks::on_socket;
  wanted.sock_state_cb_data = this;
#ifdef ARES_OPT_QUERY_CACHE
  mask |= ARES_OPT_QUERY_CACHE;
  wanted.qcache_max_ttl = 0;  // it keeps NODATA for an hour
#endif
  // ares_library_init does something on Windows only, which this library does not support.
  const int status = ares_init_options(&ares_, &wanted, mask);
  if (status != ARES_SUCCESS) {
    ares_ = nullptr;
    return status;
  }
  const int applied = apply_servers();
  if (applied != ARES_SUCCESS) shut();
  return applied;
}

int dns_channel::apply_servers() noexcept {
  if (options_.servers.empty()) return ARES_SUCCESS;
  try {
    std::string list;
    for (const endpoint& server : options_.servers) {
      if (!list.empty()) list += ',';
      list += (server.port() ? server : server.with_port(dns_port)).to_string();
    }
    return ares_set_servers_ports_csv(ares_, list.c_str());
  } catch (const std::bad_alloc&) {
    return ARES_ENOMEM;
  }
}

void dns_channel::shut() noexcept {
  if (!ares_) return;
  ares_destroy(ares_);  // ends every question inside this call, and withdraws every socket
  ares_ = nullptr;
  sockets_.clear();
  watch_failure_ = 0;
  unreachable_ = false;
  idle_since_.reset();
  ares_due_known_ = false;
  ares_due_.reset();
}

const search_rules& dns_channel::system_search() noexcept {
  if (!closed_ && !ares_) {
    (void)open();  // where it fails the last rules stand, and the question itself reports the failure
    update();
  }
  return search_;
}

void dns_channel::read_search() noexcept {
  ares_options saved{};
  int mask = 0;
  if (ares_save_options(ares_, &saved, &mask) != ARES_SUCCESS) return;
  try {
    search_ = search_rules{};
    if (mask & ARES_OPT_DOMAINS) search_.domains.assign(saved.domains, saved.domains + saved.ndomains);
    if (mask & ARES_OPT_NDOTS) search_.ndots = static_cast<unsigned>(std::max(saved.ndots, 0));
  } catch (const std::bad_alloc&) {
    search_.domains.clear();  // the name as it is can still be asked
  }
  ares_destroy_options(&saved);
}

void dns_channel::socket_changed(int descriptor, bool readable, bool writable) noexcept {
  if (!readable && !writable) {
    sockets_.erase(descriptor);
    return;
  }
  try {
    watched_socket& socket = sockets_[descriptor];
    int status = 0;
    if (!socket.poll) {
      status = socket.poll.open(
          count_, [this, descriptor](uv_poll_t* handle) { return uv_poll_init(&loop_, handle, descriptor); });
      if (status >= 0) {
        socket.poll->data = this;
        uv_unref(reinterpret_cast<uv_handle_t*>(socket.poll.get()));
      }
    }
    socket.events = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);
    if (status >= 0) status = uv_poll_start(socket.poll.get(), socket.events, callbacks::on_poll);
    if (status < 0) watch_failure_ = status;
  } catch (const std::bad_alloc&) {
    watch_failure_ = UV_ENOMEM;
  }
}

void dns_channel::socket_ready(int descriptor, int status, int events) noexcept {
  const auto self = shared_from_this();
  if (status < 0) {
    process(descriptor, descriptor);  // lets c-ares read the error off the socket
    const auto found = sockets_.find(descriptor);
    if (found != sockets_.end() && found->second.poll) {
      const int again = uv_poll_start(found->second.poll.get(), found->second.events, callbacks::on_poll);
      if (again < 0) watch_failure_ = again;
    }
  } else {
    process(events & UV_READABLE ? descriptor : ARES_SOCKET_BAD,
            events & UV_WRITABLE ? descriptor : ARES_SOCKET_BAD);
  }
  deliver();
}

void dns_channel::process(int readable, int writable) noexcept {
  if (!ares_) return;
  ares_process_fd(ares_, readable, writable);
  ares_due_known_ = false;
}

void dns_channel::query_ended(dns_query& query, int status, const unsigned char* packet, int size) noexcept {
  ended_.splice(ended_.end(), asked_, query.self);
  if (status == ARES_ECONNREFUSED || status == no_server_configured) unreachable_ = true;
  if (!query.waiter) {
    ended_.pop_back();
    return;
  }
  try {
    if (status == ARES_SUCCESS)
      read_reply(query.name, query.family, packet, size, query.reply);
    else
      query.reply.why = failure_code(status);
  } catch (const std::bad_alloc&) {
    query.reply = dns_reply{};
    query.reply.why = ares_code(ARES_ENOMEM);
  }
}

void dns_channel::fail_all(const std::error_code& why) noexcept {
  shut();  // every question that c-ares had has ended now
  for (dns_query& query : ended_) {
    if (query.reply.why == ares_code(ARES_EDESTRUCTION)) query.reply.why = why;
  }
}

void dns_channel::deliver() noexcept {
  if (watch_failure_ != 0) fail_all({watch_failure_, uv_category()});
  // The kernel tells of a refused datagram once, perhaps to the sending of the next one: the question that it
  // refused would wait for its timeout. Where the only server refused one, it refused them all.
  if (unreachable_ && one_server_ && !asked_.empty()) fail_all(failure_code(ARES_ECONNREFUSED));
  // Only what has ended by now: a waiter may ask again, and that may end at once.
  std::list<dns_query> ended = std::move(ended_);
  ended_.clear();
  while (!ended.empty() && !closed_) {
    dns_query& query = ended.front();
    dns_waiter* waiter = query.waiter;
    dns_reply reply = std::move(query.reply);
    const ip_family family = query.family;
    if (waiter) --awaited_;
    query.waiter = nullptr;
    if (waiter) waiter->replied(family, std::move(reply));
    ended.pop_front();
  }
  if (!closed_) update();
}

void dns_channel::update() noexcept {
  if (closed_) return;
  ares_due_known_ = false;
  if (unreachable_ && awaited_ == 0) shut();
  if (!ended_.empty() || watch_failure_ != 0) turn_.wake_soon();  // it happened inside ask()
  if (awaited_ > 0)
    idle_since_.reset();
  else if (!idle_since_ && ares_)
    idle_since_ = now();
  turn_.hold(awaited_ > 0);
  turn_.watch(ares_ != nullptr);
}

std::optional<instant> dns_channel::next_wake() noexcept {
  before_poll_ = now();
  if (!ares_due_known_) {
    ares_due_known_ = true;
    timeval left{};
    const timeval* wait = ares_ && !asked_.empty() ? ares_timeout(ares_, nullptr, &left) : nullptr;
    ares_due_.reset();
    if (wait)
      ares_due_ =
          before_poll_ + std::chrono::seconds(wait->tv_sec) + std::chrono::microseconds(wait->tv_usec);
  }
  if (!idle_since_) return ares_due_;
  const instant idle_end = *idle_since_ + idle_limit;
  return ares_due_ ? std::min(*ares_due_, idle_end) : idle_end;
}

void dns_channel::woken() noexcept {
  const auto self = shared_from_this();
  if (ares_due_ && *ares_due_ <= before_poll_) process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  if (idle_since_ && *idle_since_ + idle_limit <= before_poll_) shut();
  deliver();
}

}  // namespace uvdial::detail
