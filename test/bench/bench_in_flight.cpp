// What a dial costs in memory while it waits.
//
//   bench_in_flight [--connecting] [--allocations] [N]
//
// Starts N dials (10,000) through the public API, gives them a second on the loop, and counts what the heap and the
// process have grown by. They wait for a DNS server that never answers, each for a name of its own; with --connecting
// for a silent address that was given to them. Then all operations are dropped, dialer, resolver and loop are closed,
// and what the heap has more than at first is what is left. Prints one line:
//
//   uvdial in_flight 10000 bytes/dial 2001.5 rss_bytes/dial 2310.1 left_bytes 0.0
//
// bytes are those of live heap blocks (counted_heap.hpp), for each dial, also those that are left. The error output has
// the same as mallinfo2() sees it, how many questions have come to the server, and with --allocations how many blocks
// of which size each dial has.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "bench_run.hpp"
#include "uvdial/uvdial.hpp"

#ifdef __GLIBC__
#include "counted_heap.hpp"

using namespace uvdial;

namespace {

constexpr unsigned patience = 1000;  // ms
constexpr std::string_view host_pattern = "h%d.v4.bench.test";

int check(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

void check_uv(int status, const char* what) {
  if (status < 0) throw std::runtime_error(std::string(what) + ": " + uv_strerror(status));
}

struct settings {
  bool connecting = false;
  bool allocations = false;
  unsigned dials = 10'000;
};

settings settings_from(int count, char** words) {
  settings chosen;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--connecting")
      chosen.connecting = true;
    else if (word == "--allocations")
      chosen.allocations = true;
    else if (word.starts_with('-'))
      throw std::invalid_argument("unknown option \"" + std::string(word) + "\"");
    else
      chosen.dials = bench::number_from(words[i], 1'000'000);
  }
  return chosen;
}

class descriptor {
 public:
  explicit descriptor(int type)
      : number_(check(socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket")) {
    sockaddr_in any = loopback(0);
    check(bind(number_, reinterpret_cast<sockaddr*>(&any), sizeof any), "bind");
  }
  descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  descriptor& operator=(descriptor&&) = delete;
  ~descriptor() {
    if (number_ >= 0) (void)close(number_);  // nothing is buffered
  }

  int get() const noexcept { return number_; }
  std::uint16_t port() const {
    sockaddr_in bound{};
    socklen_t size = sizeof bound;
    check(getsockname(number_, reinterpret_cast<sockaddr*>(&bound), &size), "getsockname");
    return ntohs(bound.sin_port);
  }
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in made{};
    made.sin_family = AF_INET;
    made.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    made.sin_port = htons(port);
    return made;
  }

 private:
  int number_;
};

// Takes questions off its socket, so that the kernel loses none, and answers none.
class silent_dns_server {
 public:
  std::uint16_t port() const { return socket_.port(); }
  unsigned questions() const noexcept { return questions_; }

  void start(uv_loop_t& loop) {
    check_uv(uv_poll_init(&loop, &poll_, socket_.get()), "uv_poll_init");
    poll_.data = this;
    check_uv(uv_poll_start(&poll_, UV_READABLE, on_poll), "uv_poll_start");
  }
  void stop() noexcept { uv_close(reinterpret_cast<uv_handle_t*>(&poll_), nullptr); }

 private:
  static void on_poll(uv_poll_t* handle, int, int) noexcept {
    static_cast<silent_dns_server*>(handle->data)->read_all();
  }
  void read_all() noexcept {
    char bytes[512];
    while (recv(socket_.get(), bytes, sizeof bytes, 0) >= 0) ++questions_;
  }

  descriptor socket_{SOCK_DGRAM};
  uv_poll_t poll_{};
  unsigned questions_ = 0;
};

// Its queue of accepted connections is full, so that Linux drops whatever else wants to connect.
class silent_listener {
 public:
  silent_listener() {
    check(listen(listening_.get(), 0), "listen");
    sockaddr_in to = descriptor::loopback(port());
    for (int i = 0; i < filling; ++i) {
      filling_.emplace_back(SOCK_STREAM);
      if (connect(filling_.back().get(), reinterpret_cast<sockaddr*>(&to), sizeof to) < 0 &&
          errno != EINPROGRESS)
        check(-1, "connect");
    }
  }
  std::uint16_t port() const { return listening_.port(); }

 private:
  static constexpr int filling = 4;  // the queue holds one
  descriptor listening_{SOCK_STREAM};
  std::vector<descriptor> filling_{};
};

std::size_t resident_bytes() {
  std::ifstream pages("/proc/self/statm");
  std::size_t all = 0, resident = 0;
  if (!(pages >> all >> resident)) throw std::runtime_error("/proc/self/statm cannot be read");
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

struct memory {
  bench::counted_heap::state heap = bench::counted_heap::now();
  std::size_t known_to_allocator = in_use();
  std::size_t resident = resident_bytes();

  static std::size_t in_use() {
    const struct mallinfo2 seen = mallinfo2();
    return seen.uordblks + seen.hblkhd;
  }
};

double growth(auto now, auto before, unsigned dials) {
  return (static_cast<double>(now) - static_cast<double>(before)) / dials;
}

class waiting_dials {
 public:
  waiting_dials(uv_loop_t& loop, const settings& chosen, std::vector<operation>& running)
      : loop_(loop), chosen_(chosen), running_(running) {
    if (!chosen_.connecting) dns_.emplace();
    if (chosen_.connecting) tcp_.emplace();
    if (dns_) dns_->start(loop_);
    ares_resolver_options options;
    options.servers = {endpoint::parse("127.0.0.1:" + std::to_string(dns_ ? dns_->port() : 1))};
    options.search = std::vector<std::string>{};
    names_ = std::make_shared<ares_resolver>(loop_, options);
    dialer_.emplace(loop_, dialer_config{.names = names_});
  }

  void start_all() {
    bench::work names;
    names.before = host_pattern.substr(0, host_pattern.find('%'));
    names.after = host_pattern.substr(host_pattern.find('%') + 2);
    names.numbered = true;
    std::string host = "127.0.0.1";
    const std::uint16_t port = tcp_ ? tcp_->port() : std::uint16_t{80};
    for (unsigned i = 0; i < chosen_.dials; ++i) {
      if (!chosen_.connecting) names.write_host(i, host);
      running_.push_back(dialer_->connect({host, port}, {}, [this](outcome<tcp_stream>) { ++ended_; }));
    }
  }

  void wait() {
    uv_timer_t over;
    check_uv(uv_timer_init(&loop_, &over), "uv_timer_init");
    const auto stop = [](uv_timer_t* timer) { uv_stop(timer->loop); };
    check_uv(uv_timer_start(&over, stop, patience, 0), "uv_timer_start");
    uv_run(&loop_, UV_RUN_DEFAULT);
    uv_close(reinterpret_cast<uv_handle_t*>(&over), nullptr);
    uv_run(&loop_, UV_RUN_NOWAIT);
    if (ended_ > 0) throw std::runtime_error(std::to_string(ended_) + " dials did not wait");
  }

  void close_all() {
    running_.clear();
    dialer_->close([this](outcome<done>) { names_->close([](outcome<done>) {}); });
    if (dns_) dns_->stop();
    uv_run(&loop_, UV_RUN_DEFAULT);
  }

  unsigned questions() const noexcept { return dns_ ? dns_->questions() : 0; }

 private:
  uv_loop_t& loop_;
  const settings& chosen_;
  std::vector<operation>& running_;
  std::optional<silent_dns_server> dns_{};
  std::optional<silent_listener> tcp_{};
  std::shared_ptr<ares_resolver> names_{};
  std::optional<dialer> dialer_{};
  unsigned ended_ = 0;
};

// Sizes of which not even every hundredth dial has a block are left out, as they are not the dials'.
void print_blocks(const memory& before, const memory& now, unsigned dials) {
  std::fprintf(stderr, "blocks/dial %.3f\n%10s %12s %12s\n",
               growth(now.heap.blocks, before.heap.blocks, dials), "size", "blocks/dial", "bytes/dial");
  constexpr std::size_t last = bench::counted_heap::classes - 1;
  for (std::size_t i = 0; i < last; ++i) {
    const double blocks = growth(now.heap.blocks_of[i], before.heap.blocks_of[i], dials);
    const auto size = static_cast<double>(i * bench::counted_heap::step);
    if (blocks >= 0.01) std::fprintf(stderr, "%10.0f %12.3f %12.1f\n", size, blocks, blocks * size);
  }
  std::fprintf(stderr, "%10s %12s %12.1f  (%ld blocks: tables that all share)\n", "larger", "",
               growth(now.heap.large_bytes, before.heap.large_bytes, dials),
               static_cast<long>(now.heap.blocks_of[last] - before.heap.blocks_of[last]));
}

void measure(const settings& chosen) {
  std::vector<operation> running;  // the caller's, and so not counted
  running.reserve(chosen.dials);
  const memory first;
  uv_loop_t loop;
  check_uv(uv_loop_init(&loop), "uv_loop_init");
  memory before, waiting;
  unsigned questions = 0;
  {
    waiting_dials all(loop, chosen, running);
    before = memory();
    all.start_all();
    all.wait();
    waiting = memory();
    all.close_all();
    questions = all.questions();
  }
  uv_run(&loop, UV_RUN_DEFAULT);
  check_uv(uv_loop_close(&loop), "a handle was left on the loop");
  const memory last;

  const unsigned dials = chosen.dials;
  std::fprintf(stderr, "mallinfo2: bytes/dial %.1f left %.1f; questions at the server %u\n",
               growth(waiting.known_to_allocator, before.known_to_allocator, dials),
               growth(last.known_to_allocator, first.known_to_allocator, dials), questions);
  if (chosen.allocations) print_blocks(before, waiting, dials);
  std::printf("uvdial in_flight %u bytes/dial %.1f rss_bytes/dial %.1f left_bytes %.1f\n", dials,
              growth(waiting.heap.bytes, before.heap.bytes, dials),
              growth(waiting.resident, before.resident, dials),
              growth(last.heap.bytes, first.heap.bytes, dials));
}

}  // namespace

int main(int count, char** words) {
  try {
    bench::raise_descriptor_limit();
    measure(settings_from(count, words));
    return 0;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "%s: %s\n", words[0], failure.what());
    return 1;
  }
}

#else

int main(int, char** words) {
  std::fprintf(stderr, "%s: it counts the heap of glibc, which is not here\n", words[0]);
  return 1;
}

#endif
