// A connection that stands is not yet a server that works. This dial asks each connection to prove itself: a
// POP3 server greets with "+OK", or says "-ERR" and is of no use (RFC 1939, 4), and then the race goes on.
//   confirmed_dial HOST PORT       without arguments it dials two servers of its own, a broken one first
#include <uv.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "loopback_peer.hpp"
#include <uvdial/uvdial.hpp>

namespace {

using namespace std::chrono_literals;

// Reads the greeting of one fresh connection. Several may be at work at once, one for each address, so each
// has a buffer of its own. Its read's callback holds it: it goes when the read has ended, whoever ended it.
class greeting_check : public std::enable_shared_from_this<greeting_check> {
 public:
  greeting_check(uvdial::tcp_stream& fresh, uvdial::confirmation answer, std::string& winning)
      : fresh_(fresh), answer_(std::move(answer)), winning_(winning) {}

  void read_more() {
    const std::span<std::byte> room = std::span(buffer_).subspan(filled_);
    if (room.empty()) return answer_.no({UV_EMSGSIZE, uvdial::uv_category()});
    auto heard = [self = shared_from_this()](uvdial::outcome<std::size_t> arrived) { self->hear(arrived); };
    fresh_.read(room, std::move(heard)).detach();
  }

 private:
  // A failure also comes when another address has won: then nobody waits for this answer, and it does
  // nothing.
  void hear(const uvdial::outcome<std::size_t>& arrived) {
    if (const uvdial::error* why = arrived.failure()) return answer_.no(why->code());
    if (*arrived.get_if() == 0) return answer_.no({UV_EOF, uvdial::uv_category()});
    filled_ += *arrived.get_if();
    const std::string_view text(reinterpret_cast<const char*>(buffer_.data()), filled_);
    if (text.find('\n') == std::string_view::npos) return read_more();
    if (!text.starts_with("+OK")) return answer_.no({UV_EPROTO, uvdial::uv_category()});
    // These bytes are read: whoever gets the stream will not see them again.
    if (answer_.wanted()) winning_ = text;
    answer_.yes();
  }

  uvdial::tcp_stream& fresh_;  // alive until the answer; never touched after it
  uvdial::confirmation answer_;
  std::string& winning_;
  std::array<std::byte, 512> buffer_{};  // RFC 1939, 3: a reply has at most 512 octets
  std::size_t filled_ = 0;
};

// `to` is a target or a list of endpoints.
template <class Address>
uvdial::dial_report dial(uv_loop_t& loop, const Address& to) {
  std::string greeting;
  uvdial::dial_report report;
  uvdial::confirm_step greets = [&greeting](uvdial::tcp_stream& fresh, const uvdial::endpoint&,
                                            uvdial::confirmation answer) {
    std::make_shared<greeting_check>(fresh, std::move(answer), greeting)->read_more();
  };

  uvdial::dialer dialer(loop);
  // A server that accepts and says nothing would hold its place until the deadline: the limit for one attempt
  // counts the greeting in. The step and the report are borrowed; both outlive the operation.
  const uvdial::dial_options options{
      .timeout = 10s, .attempt_timeout = 3s, .confirm = &greets, .report = &report};
  const uvdial::operation running =
      dialer.connect(to, options, [&](uvdial::outcome<uvdial::tcp_stream> connected) {
        if (const uvdial::error* why = connected.failure()) return void(std::puts(why->what()));
        std::printf("%s\nit says: %s", uvdial::explain_win(report).c_str(), greeting.c_str());
      });
  uv_run(&loop, UV_RUN_DEFAULT);

  for (const uvdial::attempt& one : report.attempts)
    if (one.what == uvdial::attempt::state::failed)
      std::printf("%s failed: %s\n", one.to.to_string().c_str(), one.why.message().c_str());
  return report;
}

bool dial_ourselves(uv_loop_t& loop) {
  const loopback_peer broken(loop, {.greeting = "-ERR out of order\r\n"});
  const loopback_peer working(loop, {.greeting = "+OK at your service\r\n"});
  const uvdial::endpoint here = *uvdial::endpoint::from_literal("127.0.0.1", 0);
  const std::array both{here.with_port(broken.port()), here.with_port(working.port())};
  const uvdial::dial_report report = dial(loop, std::span<const uvdial::endpoint>(both));
  return report.winner == 1u && report.why_won == uvdial::win_reason::others_failed;
}

}  // namespace

int main(int count, char** words) {
  // As libuv asks for: a write to a socket that is gone would end the program.
  (void)std::signal(SIGPIPE, SIG_IGN);
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) return 1;

  bool worked = false;
  try {
    worked = count == 3 ? dial(loop, uvdial::target::parse(words[1], words[2])).winner.has_value()
                        : dial_ourselves(loop);
  } catch (const std::exception& misuse) {  // a bad port, an empty host
    std::puts(misuse.what());
  }
  uv_run(&loop, UV_RUN_DEFAULT);  // what was destroyed closes its handles here
  return uv_loop_close(&loop) == 0 && worked ? 0 : 1;
}
