#include "glue/connect_attempt.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include "glue/source_sockets.hpp"

namespace uvdial::detail {

namespace {

int native_family(ip_family family) noexcept { return family == ip_family::v4 ? AF_INET : AF_INET6; }

// Without a port to bind to the kernel would choose one for this socket alone, and run out after some 28,000. Told to
// choose in connect(), it gives the same port out again for every other peer.
void choose_port_when_connecting(const uv_tcp_t& socket) noexcept {
#ifdef IP_BIND_ADDRESS_NO_PORT
  uv_os_fd_t number = -1;
  const int on = 1;
  if (uv_fileno(reinterpret_cast<const uv_handle_t*>(&socket), &number) < 0) return;
  // A kernel that does not know it chooses now. It is an option of IPv4 and IPv6 sockets alike.
  (void)setsockopt(number, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
#else
  (void)socket;
#endif
}

// A port above these may be chosen as a local one.
constexpr std::uint16_t last_reserved_port = 1023;

// A socket that is given the very port that it connects to meets itself (RFC 9293, 3.5), where nobody listens there.
bool meets_itself(uv_tcp_t* connected, std::uint16_t port) noexcept {
  sockaddr_storage here{}, there{};
  int size = sizeof here;
  if (uv_tcp_getsockname(connected, reinterpret_cast<sockaddr*>(&here), &size) != 0) return false;
  const endpoint local(reinterpret_cast<const sockaddr&>(here));
  if (local.port() != port) return false;
  size = sizeof there;
  return uv_tcp_getpeername(connected, reinterpret_cast<sockaddr*>(&there), &size) == 0 &&
         local == endpoint(reinterpret_cast<const sockaddr&>(there));
}

// Closing gives the port back at once: a server may want it.
void linger_no_longer(const uv_tcp_t& socket) noexcept {
  uv_os_fd_t number = -1;
  const linger at_once{1, 0};
  if (uv_fileno(reinterpret_cast<const uv_handle_t*>(&socket), &number) < 0) return;
  (void)setsockopt(number, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace

int connect_attempt::open(uv_loop_t& loop, ip_family family, ip_socket made,
                          std::shared_ptr<handle_count> count) noexcept {
  return socket_.open(std::move(count), [&loop, family, made](uv_tcp_t* handle) {
    if (made == ip_socket::when_connecting) return uv_tcp_init(&loop, handle);
    return uv_tcp_init_ex(&loop, handle, static_cast<unsigned>(native_family(family)));
  });
}

int connect_attempt::bind(const endpoint& local) noexcept {
  if (local.port() == 0) choose_port_when_connecting(*socket_.get());
  chosen_port_ = local.port();
  // libuv sets SO_REUSEADDR, without which two attempts could not have the same port at the same time.
  return uv_tcp_bind(socket_.get(), &local.native(), 0);
}

int connect_attempt::connect(const endpoint& to, attempt_sink& sink) noexcept {
  // libuv would fill in the first link-local interface it finds: a guess, and not the caller's.
  if (to.family() == ip_family::v6 && to.link_local() && to.scope() == 0) return UV_EINVAL;
  socket_->data = &sink;
  socket_.extra().id = id_;
  const bool may_meet_itself = chosen_port_ == 0 && to.port() > last_reserved_port;
  socket_.extra().port_of_its_own = may_meet_itself ? to.port() : std::uint16_t{0};
  // Where it fails at once, libuv calls no callback.
  const int status = uv_tcp_connect(&socket_.extra().connect, socket_.get(), &to.native(), on_connect);
  // The kernel has one code for a machine that has no address to come from and for one that has no port left.
  return status == UV_EADDRNOTAVAIL && has_source(to) ? UV_EAGAIN : status;
}

void connect_attempt::take_back(tcp_handle taken, std::shared_ptr<handle_count> count) noexcept {
  uv_handle<uv_tcp_t, request>::take_back(taken.release(), std::move(count)).reset();
}

void connect_attempt::on_connect(uv_connect_t* connect, int status) noexcept {
  auto* sink = static_cast<attempt_sink*>(connect->handle->data);
  if (!sink) return;  // closed meanwhile: nobody asks any more
  const request& asked = *reinterpret_cast<request*>(connect);
  auto* tcp = reinterpret_cast<uv_tcp_t*>(connect->handle);
  if (status == 0 && asked.port_of_its_own != 0 && meets_itself(tcp, asked.port_of_its_own)) {
    linger_no_longer(*tcp);
    status = UV_ECONNREFUSED;
  }
  sink->attempt_ended(asked.id, status);
}

}  // namespace uvdial::detail
