// Many dials through the public API, as a user would write them; what it does and prints stands in bench_run.hpp.
//
//   bench_dial PATTERN PORT N CONCURRENCY
//
// The names are looked up as the system is configured (resolv.conf, the hosts file). BENCH_DNS=ADDRESS:PORT in the
// environment names another server, for where nobody may have port 53.
#include <uv.h>

#include "bench_run.hpp"
#include "uvdial/uvdial.hpp"

using namespace uvdial;

namespace {

void check(int status, const char* what) {
  if (status < 0) throw std::runtime_error(std::string(what) + ": " + uv_strerror(status));
}

class dials {
 public:
  dials(uv_loop_t& loop, const bench::work& wanted)
      : wanted_(wanted), dialer_(loop, {.names = names_for(loop)}) {}

  void begin() {
    while (started_ < wanted_.dials && started_ < wanted_.at_once) start_next();
  }

 private:
  static std::shared_ptr<resolver> names_for(uv_loop_t& loop) {
    ares_resolver_options options;
    if (const char* server = std::getenv("BENCH_DNS")) {
      options.servers = {endpoint::parse(server)};
      options.search = std::vector<std::string>{};
    }
    return std::make_shared<ares_resolver>(loop, options);
  }

  void start_next() {
    wanted_.write_host(started_++, host_);
    dialer_.connect({host_, wanted_.port}, {}, [this](outcome<tcp_stream> ended) { next(std::move(ended)); })
        .detach();
  }

  void next(outcome<tcp_stream> ended) {
    if (const error* why = ended.failure())
      tally_.failed(code_name(why->code()));
    else
      reset(std::move(ended).value());
    if (++ended_ == wanted_.dials) tally_.print("uvdial", wanted_);
    if (started_ < wanted_.dials) start_next();
  }

  static void reset(tcp_stream connected) {
    uv_tcp_t* socket = std::move(connected).release().release();
    uv_tcp_close_reset(socket, [](uv_handle_t* closed) { std::free(closed); });
  }

  const bench::work& wanted_;
  dialer dialer_;
  bench::tally tally_{};
  std::string host_{};
  unsigned started_ = 0;
  unsigned ended_ = 0;
};

void dial_all(const bench::work& wanted) {
  uv_loop_t loop;
  check(uv_loop_init(&loop), "uv_loop_init");
  {
    dials all(loop, wanted);
    all.begin();
    uv_run(&loop, UV_RUN_DEFAULT);
  }
  uv_run(&loop, UV_RUN_DEFAULT);
  check(uv_loop_close(&loop), "a handle was left on the loop");
}

}  // namespace

int main(int count, char** words) { return bench::main_of(count, words, dial_all); }
