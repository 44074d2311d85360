#include "world.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <optional>
#include <stdexcept>
#include <vector>

#include "demo/dns_message.hpp"
#include "demo/dns_tcp.hpp"
#include "demo/peers.hpp"
#include "demo/uv_check.hpp"
#include "kinds.hpp"

namespace soak {

namespace {

using namespace std::chrono_literals;
using namespace uvdial;
using demo::as_handle;
using demo::behaviour;
using demo::check_uv;
using demo::octets;
using demo::record_type;

constexpr std::chrono::milliseconds late = 6ms;
constexpr std::chrono::milliseconds too_late = 60ms;

struct reply_plan {
  demo::dns_reply reply{};
  std::chrono::milliseconds delay{0};
  bool garbage = false;
};

endpoint bare(std::string_view literal) { return *endpoint::from_literal(literal, 0); }

std::vector<endpoint> addresses_of(char letter, unsigned which) {
  const endpoint good = bare(answering[which % std::size(answering)]);
  switch (letter) {
    case 'e': return {bare(echoing)};
    case 'b': return {bare(resetting)};
    case 'r': return {bare(refusing)};
    case 'x': return {bare(refusing), good};
    case 'h': return {bare(silent), good};
    case 's': return {bare(silent)};
    default: return {good};
  }
}

// Nothing: no reply at all.
std::optional<reply_plan> plan_for(const demo::dns_question& asked, bool over_tcp, unsigned count) {
  reply_plan made;
  made.reply.ttl = 1h;  // the cache is always full, then, and as large
  made.reply.negative_ttl = 1h;
  if (asked.type == record_type::ptr) {
    made.reply.names = {"back.soak.test"};
    return made;
  }
  const char letter = asked.name.empty() ? '\0' : asked.name.front();
  if (letter == 'd') return std::nullopt;
  if (letter == 'n') made.reply.code = demo::response_code::nxdomain;
  if (letter == 'f') made.reply.code = demo::response_code::servfail;
  if (letter == 'l') made.delay = late;
  if (letter == 'p') made.delay = too_late;
  made.garbage = letter == 'g';
  made.reply.truncated = letter == 't' && !over_tcp;
  const bool has_address = asked.type == record_type::a && letter != 'n' && letter != 'o' && letter != 'f';
  if (has_address && !made.reply.truncated) made.reply.addresses = addresses_of(letter, count);
  return made;
}

struct dns_port {
  demo::reserved_port tcp;
  demo::descriptor udp;
};

dns_port reserve_dns() {
  for (int count = 0;; ++count) {
    demo::reserved_port tcp = demo::reserve(ip_family::v4);
    try {
      demo::descriptor udp = demo::bound_socket(demo::socket_kind::udp, tcp.address());
      return {std::move(tcp), std::move(udp)};
    } catch (const std::system_error&) {
      if (count == 100) throw;
    }
  }
}

// Unlike demo::dns_responder it remembers nothing of what it was asked.
class dns_server final : private demo::dns_tcp_sink {
 public:
  dns_server(uv_loop_t& loop, dns_port port) : loop_(loop), address_(port.tcp.address()) {
    check_uv(uv_udp_init(&loop, &udp_), "uv_udp_init");
    udp_.data = this;
    check_uv(uv_udp_open(&udp_, port.udp.get()), "uv_udp_open");
    int room = 1 << 22;
    (void)uv_recv_buffer_size(as_handle(&udp_), &room);  // a smaller one loses more
    (void)port.udp.release();
    check_uv(uv_udp_recv_start(&udp_, on_alloc, on_query), "uv_udp_recv_start");
    check_uv(uv_timer_init(&loop, &timer_), "uv_timer_init");
    timer_.data = this;
    tcp_.emplace(loop, std::move(port.tcp), static_cast<demo::dns_tcp_sink&>(*this));
  }
  const endpoint& address() const noexcept { return address_; }

 private:
  struct later {
    octets message;
    endpoint to;
  };

  static void on_alloc(uv_handle_t* handle, std::size_t, uv_buf_t* into) noexcept {
    auto* self = static_cast<dns_server*>(handle->data);
    *into = uv_buf_init(self->into_.data(), static_cast<unsigned>(self->into_.size()));
  }
  static void on_query(uv_udp_t* socket, ssize_t size, const uv_buf_t* buffer, const sockaddr* from,
                       unsigned) noexcept {
    if (size <= 0 || !from) return;
    const auto* first = reinterpret_cast<const std::uint8_t*>(buffer->base);
    static_cast<dns_server*>(socket->data)
        ->take({first, static_cast<std::size_t>(size)}, endpoint(*from), std::nullopt);
  }
  void query_over_tcp(std::span<const std::uint8_t> message, const endpoint& client,
                      demo::connection_id connection) override {
    take(message, client, connection);
  }

  void take(std::span<const std::uint8_t> message, const endpoint& client,
            std::optional<demo::connection_id> connection) {
    const auto asked = demo::parse_question(message);
    if (!asked) return;
    const auto plan = plan_for(*asked, connection.has_value(), count_++);
    if (!plan) return;
    const octets reply = plan->garbage ? demo::build_garbage(*asked) : demo::build_reply(*asked, plan->reply);
    if (connection) return tcp_->send(*connection, reply);
    if (plan->delay == 0ms) return send(reply, client);
    delayed_.emplace(uv_now(&loop_) + static_cast<std::uint64_t>(plan->delay.count()), later{reply, client});
    check_uv(uv_timer_start(&timer_, on_due, 1, 1), "uv_timer_start");
  }

  void send(const octets& message, const endpoint& to) {
    (void)::sendto(socket_number(), message.data(), message.size(), MSG_NOSIGNAL, &to.native(),
                   to.native_size());  // whoever asked may be gone
  }
  int socket_number() const {
    uv_os_fd_t number = -1;
    (void)uv_fileno(reinterpret_cast<const uv_handle_t*>(&udp_), &number);
    return number;
  }

  static void on_due(uv_timer_t* timer) noexcept {
    auto& self = *static_cast<dns_server*>(timer->data);
    while (!self.delayed_.empty() && self.delayed_.begin()->first <= uv_now(&self.loop_)) {
      const auto due = self.delayed_.extract(self.delayed_.begin());
      self.send(due.mapped().message, due.mapped().to);
    }
    if (self.delayed_.empty()) (void)uv_timer_stop(timer);
  }

  uv_loop_t& loop_;
  endpoint address_;
  uv_udp_t udp_{};
  uv_timer_t timer_{};
  std::array<char, 4096> into_{};
  std::optional<demo::dns_tcp_server> tcp_{};
  std::multimap<std::uint64_t, later> delayed_{};
  unsigned count_ = 0;
};

// A Unix-domain listener: keeps what it accepts until the other end is gone.
class unix_server {
 public:
  unix_server(uv_loop_t& loop, const std::string& name) : loop_(loop) {
    check_uv(uv_pipe_init(&loop, &listening_, 0), "uv_pipe_init");
    listening_.data = this;
    demo::descriptor made(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path + 1, name.size());  // behind the zero of an abstract name
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    if (::bind(made.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0)
      throw std::runtime_error("no Unix-domain socket");
    check_uv(uv_pipe_open(&listening_, made.get()), "uv_pipe_open");
    (void)made.release();
    check_uv(uv_listen(reinterpret_cast<uv_stream_t*>(&listening_), 128, on_connection), "uv_listen");
  }

 private:
  static void on_connection(uv_stream_t* listening, int) noexcept {
    auto* made = new uv_pipe_t{};
    (void)uv_pipe_init(&static_cast<unix_server*>(listening->data)->loop_, made, 0);
    auto* stream = reinterpret_cast<uv_stream_t*>(made);
    if (uv_accept(listening, stream) != 0 || uv_read_start(stream, on_alloc, on_read) != 0) drop(stream);
  }
  static void on_alloc(uv_handle_t*, std::size_t, uv_buf_t* into) noexcept {
    static char nowhere[64];
    *into = uv_buf_init(nowhere, sizeof nowhere);
  }
  static void on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t*) noexcept {
    if (count < 0) drop(stream);
  }
  static void drop(uv_stream_t* stream) noexcept {
    uv_close(as_handle(stream), [](uv_handle_t* closed) { delete reinterpret_cast<uv_pipe_t*>(closed); });
  }

  uv_loop_t& loop_;
  uv_pipe_t listening_{};
};

class servers {
 public:
  servers(uv_loop_t& loop, std::vector<demo::reserved_port> ports, const std::string& unix_name)
      : dns(loop, reserve_dns()),
        port(ports.front().address().port()),
        unix_domain(loop, unix_name),
        refusing_(std::move(ports[10])),
        silent_(std::move(ports[11])) {
    for (std::size_t place = 0; place < std::size(answering); ++place)
      add(loop, std::move(ports[place]), behaviour::read, {std::begin(greeting), std::end(greeting)});
    add(loop, std::move(ports[8]), behaviour::echo, {});
    add(loop, std::move(ports[9]), behaviour::reset, {});
  }

  static std::vector<demo::reserved_port> reserve() {
    static_assert(std::size(answering) == 8);
    return demo::reserve_same({answering[0], answering[1], answering[2], answering[3], answering[4],
                               answering[5], answering[6], answering[7], echoing, resetting, refusing,
                               silent});
  }

  dns_server dns;
  std::uint16_t port;
  unix_server unix_domain;

 private:
  void add(uv_loop_t& loop, demo::reserved_port at, behaviour then, std::string says) {
    demo::listener_options options;
    options.then = then;
    options.greeting = std::move(says);
    peers_.push_back(std::make_unique<demo::listener>(loop, std::move(at), options));
  }

  demo::reserved_port refusing_;
  demo::silent_listener silent_;
  std::vector<std::unique_ptr<demo::listener>> peers_{};
};

// Serves until the other end of `control` is closed.
[[noreturn]] void serve(demo::descriptor control, const demo::descriptor& tell) {
  int status = 1;
  try {
    uv_loop_t loop;
    check_uv(uv_loop_init(&loop), "uv_loop_init");
    const std::string unix_name = "uvdial-soak-" + std::to_string(::getpid());
    const servers all(loop, servers::reserve(), unix_name);
    const std::string ready =
        all.dns.address().to_string() + " " + std::to_string(all.port) + " " + unix_name + "\n";
    uv_poll_t ended;
    check_uv(uv_poll_init(&loop, &ended, control.release()), "uv_poll_init");
    const auto on_end = [](uv_poll_t* poll, int, int) { uv_stop(poll->loop); };
    check_uv(uv_poll_start(&ended, UV_READABLE | UV_DISCONNECT, on_end), "uv_poll_start");
    if (::write(tell.get(), ready.data(), ready.size()) == static_cast<ssize_t>(ready.size())) {
      (void)uv_run(&loop, UV_RUN_DEFAULT);
      status = 0;
    }
    std::fflush(nullptr);
    ::_exit(status);  // the sockets and the memory go with the process
  } catch (const std::exception& why) {
    std::fprintf(stderr, "soak: the servers: %s\n", why.what());
  }
  ::_exit(status);
}

}  // namespace

world::world() {
  int control[2];
  int tell[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control) != 0 || ::pipe2(tell, O_CLOEXEC) != 0)
    throw std::runtime_error("no descriptors for the servers");
  control_ = demo::descriptor(control[0]);
  demo::descriptor theirs(control[1]);
  demo::descriptor hear(tell[0]);
  demo::descriptor say(tell[1]);
  id_ = ::fork();
  if (id_ < 0) throw std::runtime_error("fork");
  if (id_ == 0) {
    control_ = demo::descriptor(-1);
    serve(std::move(theirs), say);
  }
  say = demo::descriptor(-1);
  std::FILE* const lines = ::fdopen(hear.release(), "r");
  char dns[64];
  char name[64];
  unsigned port = 0;
  const bool ready = lines && std::fscanf(lines, "%63s %u %63s", dns, &port, name) == 3;
  if (lines) (void)std::fclose(lines);
  if (!ready) throw std::runtime_error("the servers did not start");
  where_ = {endpoint::parse(dns), static_cast<std::uint16_t>(port), std::string("@") + name};
}

bool world::end() {
  control_ = demo::descriptor(-1);
  int status = -1;
  if (id_ > 0 && ::waitpid(id_, &status, 0) != id_) status = -1;
  id_ = -1;
  return status == 0;
}

world::~world() {
  if (id_ > 0) (void)end();
}

}  // namespace soak
