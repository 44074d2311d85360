#include "demo/dns_tcp.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "demo/uv_check.hpp"

namespace uvdial::demo {
namespace {

constexpr int backlog = 128;
constexpr std::size_t length_size = 2;
constexpr unsigned room = 4096;  // for one read

}  // namespace

class dns_tcp_server::connection {
 public:
  connection(dns_tcp_server& owner, connection_id id) : owner_(owner), id_(id) {}

  // Negative: there was nothing to accept, or the client is gone already.
  int start(uv_loop_t& loop, uv_stream_t* listening);
  void send(const octets& message);
  void hang_up() { socket_.reset(); }  // the object stays, as in send()

 private:
  static void on_alloc(uv_handle_t* handle, std::size_t, uv_buf_t* into) noexcept;
  static void on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t*) noexcept;
  void received(ssize_t count);
  void take_messages();

  dns_tcp_server& owner_;
  connection_id id_;
  endpoint client_ = loopback(ip_family::v4);
  detail::uv_handle<uv_tcp_t> socket_;
  std::array<char, room> into_{};
  octets waiting_;
};

int dns_tcp_server::connection::start(uv_loop_t& loop, uv_stream_t* listening) {
  int status = socket_.open(nullptr, [&loop](uv_tcp_t* tcp) { return uv_tcp_init(&loop, tcp); });
  if (status < 0) return status;
  socket_->data = this;
  uv_unref(as_handle(socket_.get()));
  status = uv_accept(listening, as_stream(socket_.get()));
  if (status < 0) return status;

  sockaddr_storage peer{};
  int size = sizeof peer;
  status = uv_tcp_getpeername(socket_.get(), reinterpret_cast<sockaddr*>(&peer), &size);
  if (status < 0) return status;
  client_ = endpoint(reinterpret_cast<const sockaddr&>(peer));
  return uv_read_start(as_stream(socket_.get()), on_alloc, on_read);
}

void dns_tcp_server::connection::on_alloc(uv_handle_t* handle, std::size_t, uv_buf_t* into) noexcept {
  auto* self = static_cast<connection*>(handle->data);
  *into = self ? uv_buf_init(self->into_.data(), room) : uv_buf_init(nullptr, 0);
}

void dns_tcp_server::connection::on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t*) noexcept {
  auto* self = static_cast<connection*>(stream->data);
  if (self && count != 0) self->received(count);
}

void dns_tcp_server::connection::received(ssize_t count) {
  if (count < 0) return owner_.drop(id_);  // this object is gone now
  waiting_.insert(waiting_.end(), into_.begin(), into_.begin() + count);
  take_messages();
}

void dns_tcp_server::connection::take_messages() {
  while (waiting_.size() >= length_size) {
    const std::size_t size = static_cast<std::size_t>(waiting_[0] << 8 | waiting_[1]);
    if (waiting_.size() < length_size + size) return;
    const octets message(waiting_.begin() + length_size,
                         waiting_.begin() + static_cast<std::ptrdiff_t>(length_size + size));
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(length_size + size));
    owner_.sink_.query_over_tcp(message, client_, id_);
  }
}

// A reply fits the send buffer of a loopback connection that is read from; one that is not is closed. The object
// stays, because a reply may be sent from inside take_messages().
void dns_tcp_server::connection::send(const octets& message) {
  if (!socket_) return;
  octets framed(length_size + message.size());
  framed[0] = static_cast<std::uint8_t>(message.size() >> 8);
  framed[1] = static_cast<std::uint8_t>(message.size() & 0xff);
  std::copy(message.begin(), message.end(), framed.begin() + length_size);
  const auto size = static_cast<unsigned>(framed.size());
  const uv_buf_t piece = uv_buf_init(reinterpret_cast<char*>(framed.data()), size);
  if (uv_try_write(as_stream(socket_.get()), &piece, 1) != static_cast<int>(size)) socket_.reset();
}

dns_tcp_server::dns_tcp_server(uv_loop_t& loop, reserved_port port, dns_tcp_sink& sink)
    : loop_(loop), sink_(sink) {
  check_uv(listening_.open(nullptr, [&loop](uv_tcp_t* tcp) { return uv_tcp_init(&loop, tcp); }),
           "uv_tcp_init");
  listening_->data = this;
  descriptor socket = std::move(port).release();
  check_uv(uv_tcp_open(listening_.get(), socket.get()), "uv_tcp_open");
  (void)socket.release();  // the handle has it now
  check_uv(uv_listen(as_stream(listening_.get()), backlog, on_connection), "uv_listen");
  uv_unref(as_handle(listening_.get()));
}

dns_tcp_server::~dns_tcp_server() = default;

void dns_tcp_server::on_connection(uv_stream_t* listening, int status) noexcept {
  auto* self = static_cast<dns_tcp_server*>(listening->data);
  if (self && status == 0) self->accept();
}

void dns_tcp_server::accept() {
  const auto id = static_cast<connection_id>(++accepted_);
  auto accepted = std::make_unique<connection>(*this, id);
  if (accepted->start(loop_, as_stream(listening_.get())) < 0) return;
  connections_.emplace(id, std::move(accepted));
}

void dns_tcp_server::drop(connection_id gone) { connections_.erase(gone); }

void dns_tcp_server::send(connection_id to, const octets& message) {
  const auto found = connections_.find(to);
  if (found != connections_.end()) found->second->send(message);
}

void dns_tcp_server::hang_up(connection_id on) {
  const auto found = connections_.find(on);
  if (found != connections_.end()) found->second->hang_up();
}

}  // namespace uvdial::demo
