#pragma once
// The other end for examples that are run without arguments: a listener on 127.0.0.1 in plain libuv. It is
// here so that the examples need no network; the ideas to copy are in the examples.
#include <uv.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

// What is said to each client. The peer never closes first, but for `turns_away` and `hangs_up`.
struct peer_manners {
  std::string greeting{};   // sent when somebody connects
  std::string reply{};      // sent when an empty line came: the end of an HTTP request
  unsigned turns_away = 0;  // so many connections are closed at once
  bool hangs_up = false;    // sends the end of the stream when everything is said
  bool refuses = false;     // connections are refused until listen() is called
};

// It may die at any time: who is connected is served to the end. The listener does not keep the loop alive,
// but the connections do.
class loopback_peer {
 public:
  loopback_peer(uv_loop_t& loop, peer_manners manners)
      : listener_(new listener{{}, std::make_shared<peer_manners>(std::move(manners))}) {
    sockaddr_in address{};
    int size = sizeof(address);
    require(uv_tcp_init(&loop, &listener_->handle));
    listener_->handle.data = listener_.get();
    uv_unref(reinterpret_cast<uv_handle_t*>(&listener_->handle));
    require(uv_ip4_addr("127.0.0.1", 0, &address));
    require(uv_tcp_bind(&listener_->handle, reinterpret_cast<const sockaddr*>(&address), 0));
    require(uv_tcp_getsockname(&listener_->handle, reinterpret_cast<sockaddr*>(&address), &size));
    port_ = ntohs(address.sin_port);
    if (!listener_->manners->refuses) listen();
  }

  void listen() {
    require(
        uv_listen(reinterpret_cast<uv_stream_t*>(&listener_->handle), 16, [](uv_stream_t* self, int status) {
          if (status == 0) connection::accept(*self, static_cast<listener*>(self->data)->manners);
        }));
  }

  std::uint16_t port() const noexcept { return port_; }

 private:
  static void require(int status) {
    if (status < 0) throw std::runtime_error(std::string("loopback peer: ") + uv_strerror(status));
  }

  struct listener {
    uv_tcp_t handle;
    std::shared_ptr<peer_manners> manners;
  };

  struct close_listener {
    void operator()(listener* closed) const noexcept {
      uv_close(reinterpret_cast<uv_handle_t*>(&closed->handle),
               [](uv_handle_t* handle) { delete static_cast<listener*>(handle->data); });
    }
  };

  // Owns itself until its handle is closed.
  struct connection {
    uv_tcp_t handle{};
    uv_write_t greeting{};
    uv_write_t reply{};
    uv_shutdown_t end{};
    std::shared_ptr<peer_manners> manners;
    std::string heard{};
    char buffer[512];

    static void accept(uv_stream_t& from, const std::shared_ptr<peer_manners>& manners) noexcept {
      auto* made = new connection;
      made->manners = manners;
      made->handle.data = made;
      if (uv_tcp_init(from.loop, &made->handle) != 0) return delete made;
      const bool unwanted = manners->turns_away > 0;
      if (unwanted) --manners->turns_away;
      if (uv_accept(&from, made->stream()) != 0 || unwanted) return made->close();
      made->say(made->greeting, manners->greeting);
      if (manners->reply.empty()) made->hang_up();
      made->listen();
    }

    uv_stream_t* stream() noexcept { return reinterpret_cast<uv_stream_t*>(&handle); }

    void say(uv_write_t& request, std::string& text) noexcept {
      if (text.empty()) return;
      const uv_buf_t bytes = uv_buf_init(text.data(), static_cast<unsigned>(text.size()));
      // A client that has gone is seen by the read below.
      (void)uv_write(&request, stream(), &bytes, 1, [](uv_write_t*, int) {});
    }

    void hang_up() noexcept {
      if (manners->hangs_up) (void)uv_shutdown(&end, stream(), [](uv_shutdown_t*, int) {});  // as above
    }

    void listen() noexcept {
      const int status = uv_read_start(
          stream(),
          [](uv_handle_t* self, std::size_t, uv_buf_t* into) {
            *into = uv_buf_init(static_cast<connection*>(self->data)->buffer, sizeof(connection::buffer));
          },
          [](uv_stream_t* self, ssize_t count, const uv_buf_t*) {
            static_cast<connection*>(self->data)->hear(count);
          });
      if (status != 0) close();
    }

    void hear(ssize_t count) noexcept {
      if (count < 0) return close();
      if (manners->reply.empty()) return;
      heard.append(buffer, static_cast<std::size_t>(count));
      if (heard.find("\r\n\r\n") == std::string::npos) return;
      heard.clear();
      say(reply, manners->reply);
      hang_up();
    }

    void close() noexcept {
      uv_close(reinterpret_cast<uv_handle_t*>(&handle),
               [](uv_handle_t* closed) { delete static_cast<connection*>(closed->data); });
    }
  };

  std::unique_ptr<listener, close_listener> listener_;
  std::uint16_t port_ = 0;
};
