#include "glue/system_request.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <new>

namespace uvdial::detail {

namespace {

// Each address once: a hosts file with ::1 and 127.0.0.1 for one name brings 127.0.0.1 twice in some C
// libraries.
void read(const addrinfo* list, system_reply& reply) {
  std::vector<endpoint>& found = reply.addresses;
  for (const addrinfo* each = list; each; each = each->ai_next) {
    if (each->ai_canonname && reply.canonical_name.empty()) reply.canonical_name = each->ai_canonname;
    if (!each->ai_addr || (each->ai_family != AF_INET && each->ai_family != AF_INET6)) continue;
    const endpoint address = endpoint(*each->ai_addr).with_port(0);
    if (std::find(found.begin(), found.end(), address) == found.end()) found.push_back(address);
  }
}

int native_family(std::optional<ip_family> only) noexcept {
  if (!only) return AF_UNSPEC;
  return *only == ip_family::v4 ? AF_INET : AF_INET6;
}

}  // namespace

struct system_request::block {
  block(system_request& its_owner, std::shared_ptr<handle_count> its_count, listener its_listener) noexcept
      : owner(&its_owner), count(std::move(its_count)), told(std::move(its_listener)) {}

  union {
    uv_getaddrinfo_t addresses;
    uv_getnameinfo_t name;
  } request{};
  system_request* owner;  // null: it is gone
  std::shared_ptr<handle_count> count;
  listener told;
  bool cancelled = false;

  uv_req_t& base() noexcept { return reinterpret_cast<uv_req_t&>(request); }

  // A thread that has begun goes on: then UV_EBUSY is given, and there is nothing to do but to wait for it.
  void take_out() noexcept { (void)uv_cancel(&base()); }

  // Takes over the block from libuv, or, where libuv refused the request, from the caller.
  static int begin(std::unique_ptr<block> made, int status) noexcept {
    if (status < 0) return status;
    made->base().data = made.get();
    made->count->opened();
    made->owner->block_ = made.get();
    (void)made.release();  // libuv has it until end()
    return 0;
  }

  static void end(uv_req_t* request, system_reply reply) noexcept {
    const std::unique_ptr<block> ended(static_cast<block*>(request->data));
    const auto count = ended->count;
    if (ended->owner) {
      ended->owner->block_ = nullptr;
      if (ended->cancelled) reply = {UV_ECANCELED};
      ended->told(std::move(reply));
    }
    count->closed();  // last: somebody may wait for it
  }

  static void on_addresses(uv_getaddrinfo_t* request, int status, addrinfo* list) noexcept {
    system_reply reply{status};
    try {
      if (status == 0) read(list, reply);
    } catch (const std::bad_alloc&) {
      reply = {UV_ENOMEM};
    }
    uv_freeaddrinfo(list);
    end(reinterpret_cast<uv_req_t*>(request), std::move(reply));
  }

  static void on_name(uv_getnameinfo_t* request, int status, const char* host, const char*) noexcept {
    system_reply reply{status};
    try {
      if (status == 0 && host) reply.name = host;
    } catch (const std::bad_alloc&) {
      reply = {UV_ENOMEM};
    }
    end(reinterpret_cast<uv_req_t*>(request), std::move(reply));
  }
};

system_request::~system_request() {
  block* running = std::exchange(block_, nullptr);
  if (!running) return;
  running->owner = nullptr;
  running->take_out();
  const listener silent = std::move(running->told);
}

int system_request::ask_addresses(uv_loop_t& loop, const std::string& host, std::optional<ip_family> only,
                                  std::shared_ptr<handle_count> count, listener told) {
  addrinfo hints{};
  hints.ai_family = native_family(only);
  hints.ai_socktype = SOCK_STREAM;  // else each address would come once for each kind of socket
  hints.ai_flags = AI_CANONNAME;
  auto made = std::make_unique<block>(*this, std::move(count), std::move(told));
  uv_getaddrinfo_t* request = &made->request.addresses;
  const int status = uv_getaddrinfo(&loop, request, block::on_addresses, host.c_str(), nullptr, &hints);
  return block::begin(std::move(made), status);
}

int system_request::ask_name(uv_loop_t& loop, const endpoint& address, std::shared_ptr<handle_count> count,
                             listener told) {
  auto made = std::make_unique<block>(*this, std::move(count), std::move(told));
  uv_getnameinfo_t* request = &made->request.name;
  const int status = uv_getnameinfo(&loop, request, block::on_name, &address.native(), NI_NAMEREQD);
  return block::begin(std::move(made), status);
}

void system_request::cancel() noexcept {
  if (!block_) return;
  block_->cancelled = true;
  block_->take_out();
}

}  // namespace uvdial::detail
