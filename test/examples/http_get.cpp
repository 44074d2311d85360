// One HTTP/1.1 GET: dial, write, read. One deadline covers it all, and the memory it takes is bounded.
//   http_get HOST PORT [PATH]       without arguments it asks a server of its own on the loopback
#include <uv.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "http_head.hpp"
#include "loopback_peer.hpp"
#include "timer.hpp"
#include <uvdial/uvdial.hpp>

namespace {

using namespace std::chrono_literals;

class http_get {
 public:
  http_get(uv_loop_t& loop, const uvdial::target& from, const std::string& path)
      : dialer_(loop), deadline_(std::in_place, loop) {
    if (!path.starts_with('/') || path.find_first_of(" \r\n") != std::string::npos)
      throw std::invalid_argument("bad path: \"" + path + "\"");
    request_ = "GET " + path + " HTTP/1.1\r\nHost: " + from.to_string() + "\r\nConnection: close\r\n\r\n";
    dial_ = dialer_.connect(from, {.timeout = 10s}, [this](uvdial::outcome<uvdial::tcp_stream> connected) {
      if (const uvdial::error* why = connected.failure()) return end(why->what());
      stream_.emplace(std::move(connected).value());
      send_request();
      read_more();
    });
    // The dial has a deadline of its own; reads and writes have none.
    deadline_->start(20s, [this] { end("no answer in time"); });
  }

  const std::string& failure() const noexcept { return failure_; }  // empty: all went well
  const std::string& status_line() const noexcept { return head_.status_line; }
  std::uint64_t body_size() const noexcept { return body_size_; }

 private:
  void send_request() {
    write_ = stream_->write(std::as_bytes(std::span(request_)), [this](uvdial::outcome<std::size_t> written) {
      if (const uvdial::error* why = written.failure()) end(why->what());
    });
  }

  void read_more() {
    read_ = stream_->read(buffer_, [this](uvdial::outcome<std::size_t> arrived) {
      if (const uvdial::error* why = arrived.failure()) return end(why->what());
      const std::size_t count = std::move(arrived).value();
      if (count == 0) return stream_ended();
      take({reinterpret_cast<const char*>(buffer_.data()), count});
    });
  }

  // The head is kept until it is whole. The body is only counted, so its size does not matter.
  void take(std::string_view bytes) {
    if (in_body_) return take_body(bytes.size());
    text_ += bytes;
    for (std::size_t size = 0; (size = text_.find("\r\n\r\n")) != std::string::npos;
         text_.erase(0, size + 4)) {
      const std::optional<http_head> head = parse_head(std::string_view(text_).substr(0, size + 4));
      if (!head) return end("the answer is not HTTP/1.1");
      if (head->interim) continue;
      head_ = *head;
      in_body_ = true;
      return take_body(text_.size() - (size + 4));
    }
    if (text_.size() > 65'536) return end("the head of the answer is too long");
    read_more();
  }

  void take_body(std::size_t count) {
    body_size_ += count;
    if (!head_.body_size || body_size_ < *head_.body_size) return read_more();
    body_size_ = *head_.body_size;  // what follows belongs to nothing that was asked for
    end("");
  }

  void stream_ended() {
    if (!in_body_) return end("the stream ended before the head of the answer");
    end(head_.body_size ? "the stream ended before the body did" : "");
  }

  // Operations go before the stream: a stream that is destroyed ends its calls with cancelled_error, and of
  // those callbacks none is wanted. Without the timer the loop is free to end.
  void end(std::string failure) {
    failure_ = std::move(failure);
    dial_ = {};
    write_ = {};
    read_ = {};
    stream_.reset();
    deadline_.reset();
  }

  uvdial::dialer dialer_;
  std::string request_{};
  std::array<std::byte, 16'384> buffer_{};
  std::string text_{};
  http_head head_{};
  bool in_body_ = false;
  std::uint64_t body_size_ = 0;
  std::string failure_{};
  std::optional<timer> deadline_;
  std::optional<uvdial::tcp_stream> stream_{};
  uvdial::operation dial_{};
  uvdial::operation write_{};
  uvdial::operation read_{};
};

// The size of the body; nullopt: it failed.
std::optional<std::uint64_t> get(uv_loop_t& loop, const uvdial::target& from, const std::string& path) {
  const http_get page(loop, from, path);
  uv_run(&loop, UV_RUN_DEFAULT);
  if (!page.failure().empty()) {
    std::puts(page.failure().c_str());
    return std::nullopt;
  }
  std::printf("%s\n%llu bytes\n", page.status_line().c_str(),
              static_cast<unsigned long long>(page.body_size()));
  return page.body_size();
}

bool get_from_ourselves(uv_loop_t& loop) {
  const auto get_reply = [&loop](const char* reply) {
    const loopback_peer server(loop, {.reply = reply, .hangs_up = true});
    return get(loop, {"127.0.0.1", server.port()}, "/");
  };
  return get_reply("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello") == 5u &&
         get_reply("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nto the end") == 10u &&
         !get_reply("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nhello") &&
         !get_reply("HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello") &&
         !get_reply("HTTP/1.1 200 OK\r\n");
}

}  // namespace

int main(int count, char** words) {
  // As libuv asks for: a write to a socket that is gone would end the program.
  (void)std::signal(SIGPIPE, SIG_IGN);
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) return 1;

  bool worked = false;
  try {
    worked =
        count < 3
            ? get_from_ourselves(loop)
            : get(loop, uvdial::target::parse(words[1], words[2]), count > 3 ? words[3] : "/").has_value();
  } catch (const std::exception& misuse) {  // a bad port, an empty host
    std::puts(misuse.what());
  }
  uv_run(&loop, UV_RUN_DEFAULT);  // what was destroyed closes its handles here
  return uv_loop_close(&loop) == 0 && worked ? 0 : 1;
}
