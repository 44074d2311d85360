#pragma once
// The work of bench_run.hpp through the public API, as a user would write it: what programs of this library share.
//
// The names are looked up as the system is configured (resolv.conf, the hosts file). BENCH_DNS=ADDRESS:PORT in the
// environment names another server, for where nobody may have port 53.
#include <uv.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench_run.hpp"
#include "uvdial/uvdial.hpp"

namespace bench {

inline void check_uv(int status, const char* what) {
  if (status < 0) throw std::runtime_error(std::string(what) + ": " + uv_strerror(status));
}

// Prints the line of the tally to `lines` when the last dial has ended.
class uvdial_dials {
 public:
  uvdial_dials(uv_loop_t& loop, const work& wanted, std::FILE* lines = stdout)
      : wanted_(wanted), lines_(lines), dialer_(loop, {.names = names_for(loop)}) {}

  void begin() {
    while (started_ < wanted_.dials && started_ < wanted_.at_once) start_next();
  }

  bool over() const noexcept { return ended_ == wanted_.dials; }
  unsigned failed() const noexcept { return failed_; }

 private:
  static std::shared_ptr<uvdial::resolver> names_for(uv_loop_t& loop) {
    uvdial::ares_resolver_options options;
    if (const char* server = std::getenv("BENCH_DNS")) {
      options.servers = {uvdial::endpoint::parse(server)};
      options.search = std::vector<std::string>{};
    }
    return std::make_shared<uvdial::ares_resolver>(loop, options);
  }

  void start_next() {
    wanted_.write_host(started_++, host_);
    dialer_
        .connect({host_, wanted_.port}, {},
                 [this](uvdial::outcome<uvdial::tcp_stream> ended) { next(std::move(ended)); })
        .detach();
  }

  void next(uvdial::outcome<uvdial::tcp_stream> ended) {
    if (const uvdial::error* why = ended.failure()) {
      tally_.failed(uvdial::code_name(why->code()));
      ++failed_;
    } else {
      reset(std::move(ended).value());
    }
    ++ended_;
    if (over()) tally_.print("uvdial", wanted_, lines_);
    if (started_ < wanted_.dials) start_next();
  }

  static void reset(uvdial::tcp_stream connected) {
    uv_tcp_t* socket = std::move(connected).release().release();
    uv_tcp_close_reset(socket, [](uv_handle_t* closed) { std::free(closed); });
  }

  const work& wanted_;
  std::FILE* lines_;
  uvdial::dialer dialer_;
  tally tally_{};
  std::string host_{};
  unsigned started_ = 0;
  unsigned ended_ = 0;
  unsigned failed_ = 0;
};

}  // namespace bench
