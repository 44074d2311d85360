#include "demo/peers.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "demo/uv_check.hpp"

namespace uvdial::demo {
namespace {

constexpr int backlog = 128;
constexpr unsigned room = 4096;  // for one read

struct write_request {
  uv_write_t request{};
  std::string bytes;
};

void on_written(uv_write_t* request, int) noexcept {
  // A write that failed shows where the connection is read; here only its memory goes.
  std::unique_ptr<write_request> done(static_cast<write_request*>(request->data));
}

void on_finished(uv_shutdown_t* request, int) noexcept { std::unique_ptr<uv_shutdown_t> done(request); }

}  // namespace

class listener::connection {
 public:
  explicit connection(listener& owner) : owner_(owner) {}

  // Negative: there was nothing to accept, or the client is gone already.
  int start(uv_loop_t& loop, uv_stream_t* listening);
  // False: it is over already.
  bool behave(behaviour then);
  void send(std::string_view bytes);
  void finish();
  void reset_on_close();

 private:
  static void on_alloc(uv_handle_t* handle, std::size_t, uv_buf_t* into) noexcept;
  static void on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t*) noexcept;
  void received(ssize_t count);
  void took(std::string_view bytes);

  listener& owner_;
  detail::uv_handle<uv_tcp_t> socket_;
  std::array<char, room> into_{};
  std::string kept_;  // of behaviour::answer
};

int listener::connection::start(uv_loop_t& loop, uv_stream_t* listening) {
  const int status = socket_.open(nullptr, [&loop](uv_tcp_t* tcp) { return uv_tcp_init(&loop, tcp); });
  if (status < 0) return status;
  socket_->data = this;
  if (!owner_.options_.keeps_loop_alive) uv_unref(as_handle(socket_.get()));
  return uv_accept(listening, as_stream(socket_.get()));
}

bool listener::connection::behave(behaviour then) {
  if (!owner_.options_.greeting.empty()) send(owner_.options_.greeting);
  if (then == behaviour::reset) reset_on_close();
  if (then == behaviour::reset || then == behaviour::close) return false;
  if (then == behaviour::finish) finish();
  if (then == behaviour::keep) return true;
  return uv_read_start(as_stream(socket_.get()), on_alloc, on_read) == 0;
}

void listener::connection::send(std::string_view bytes) {
  auto made = std::make_unique<write_request>();
  made->bytes = bytes;
  made->request.data = made.get();
  const uv_buf_t piece = uv_buf_init(made->bytes.data(), static_cast<unsigned>(made->bytes.size()));
  // Kept for the callback only where libuv took it.
  if (uv_write(&made->request, as_stream(socket_.get()), &piece, 1, on_written) == 0) (void)made.release();
}

void listener::connection::finish() {
  auto made = std::make_unique<uv_shutdown_t>();
  if (uv_shutdown(made.get(), as_stream(socket_.get()), on_finished) == 0) (void)made.release();
}

// With a linger time of zero, close() throws away what is unsent and sends RST.
void listener::connection::reset_on_close() {
  uv_os_fd_t number = -1;
  const linger at_once{1, 0};
  if (uv_fileno(as_handle(socket_.get()), &number) < 0) return;
  (void)::setsockopt(number, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);  // a plain close else
}

void listener::connection::on_alloc(uv_handle_t* handle, std::size_t, uv_buf_t* into) noexcept {
  auto* self = static_cast<connection*>(handle->data);
  *into = self ? uv_buf_init(self->into_.data(), room) : uv_buf_init(nullptr, 0);
}

void listener::connection::on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t*) noexcept {
  auto* self = static_cast<connection*>(stream->data);
  if (self && count != 0) self->received(count);
}

void listener::connection::received(ssize_t count) {
  if (count > 0) return took({into_.data(), static_cast<std::size_t>(count)});
  const bool whole = count == UV_EOF;
  ++(whole ? owner_.ended_ : owner_.broken_);
  if (!whole || owner_.options_.then != behaviour::answer) return owner_.drop(*this);  // this is gone now
  send(kept_);
  finish();
}

void listener::connection::took(std::string_view bytes) {
  owner_.received_ += bytes;
  if (owner_.options_.then == behaviour::echo) send(bytes);
  if (owner_.options_.then == behaviour::answer) kept_ += bytes;
}

listener::listener(uv_loop_t& loop, reserved_port port, listener_options options)
    : loop_(loop), address_(port.address()), options_(std::move(options)) {
  check_uv(listening_.open(nullptr, [&loop](uv_tcp_t* tcp) { return uv_tcp_init(&loop, tcp); }),
           "uv_tcp_init");
  listening_->data = this;
  descriptor socket = std::move(port).release();
  check_uv(uv_tcp_open(listening_.get(), socket.get()), "uv_tcp_open");
  (void)socket.release();  // the handle has it now
  check_uv(uv_listen(as_stream(listening_.get()), backlog, on_connection), "uv_listen");
  if (!options_.keeps_loop_alive) uv_unref(as_handle(listening_.get()));
}

listener::~listener() = default;

void listener::on_connection(uv_stream_t* listening, int status) noexcept {
  auto* self = static_cast<listener*>(listening->data);
  if (self && status == 0) self->accept();
}

void listener::accept() {
  auto made = std::make_unique<connection>(*this);
  if (made->start(loop_, as_stream(listening_.get())) < 0) return;
  ++accepted_;
  if (made->behave(options_.then)) connections_.push_back(std::move(made));
}

void listener::drop(const connection& gone) {
  connections_.remove_if([&gone](const std::unique_ptr<connection>& one) { return one.get() == &gone; });
}

void listener::send(std::string_view bytes) {
  for (const auto& one : connections_) one->send(bytes);
}

void listener::finish() {
  for (const auto& one : connections_) one->finish();
}

void listener::close_connections() { connections_.clear(); }

void listener::reset_connections() {
  for (const auto& one : connections_) one->reset_on_close();
  connections_.clear();
}

}  // namespace uvdial::demo
