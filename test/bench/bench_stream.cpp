// How fast a stream is read: receive() beside plain libuv, with the same buffer of 64 KiB, in turns.
//
//   bench_stream [MIB [ROUNDS]]         1024 MiB and 7 rounds unless said otherwise
//
// A thread writes so many MiB to a connection over the loopback, and this one reads them: once with uv_read_start and
// one static buffer, once with byte_stream::receive(). Who went second goes first in the next round; a round of each
// before the first is not counted. Prints for each the median of the throughput and of the reader's CPU time, and the
// ratios of receive() to plain libuv, round by round and then their median: a noisy machine is noisy for both.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "uvdial/tcp_stream.hpp"

namespace {

std::array<std::byte, 64 << 10> buffer;

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

void checked_uv(int status, const char* what) {
  if (status < 0) throw std::runtime_error(std::string(what) + ": " + uv_strerror(status));
}

double cpu_seconds_of_this_thread() {
  rusage used{};
  checked(getrusage(RUSAGE_THREAD, &used), "getrusage");
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// A blocking end that is written to and one that is read, connected over 127.0.0.1.
struct connection {
  int writing = -1;
  int reading = -1;
};

connection connect_loopback() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* any = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  const int listening = checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  checked(::bind(listening, any, size), "bind");
  checked(::listen(listening, 1), "listen");
  checked(::getsockname(listening, any, &size), "getsockname");
  connection made;
  made.reading = checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  checked(::connect(made.reading, any, size), "connect");
  made.writing = checked(::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC), "accept");
  ::close(listening);
  return made;
}

void feed(int socket, std::uint64_t bytes) {
  static const std::vector<char> block(256 << 10, 'x');
  while (bytes > 0) {
    const std::size_t most = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, block.size()));
    const ssize_t sent = ::send(socket, block.data(), most, MSG_NOSIGNAL);
    if (sent <= 0) break;  // the reader will miss them, and say so
    bytes -= static_cast<std::uint64_t>(sent);
  }
  ::close(socket);
}

struct measured {
  double mib_per_second;
  double cpu_seconds;
};

using reader = std::uint64_t (*)(uv_loop_t&, uv_tcp_t&);

// Both readers own the handle and close it; each returns how many bytes it was given.
std::uint64_t read_with_plain_libuv(uv_loop_t& loop, uv_tcp_t& handle) {
  static std::uint64_t total;
  total = 0;
  checked_uv(uv_read_start(
                 reinterpret_cast<uv_stream_t*>(&handle),
                 [](uv_handle_t*, std::size_t, uv_buf_t* into) {
                   *into = uv_buf_init(reinterpret_cast<char*>(buffer.data()), buffer.size());
                 },
                 [](uv_stream_t* stream, ssize_t count, const uv_buf_t*) {
                   if (count > 0) total += static_cast<std::uint64_t>(count);
                   if (count < 0)
                     uv_close(reinterpret_cast<uv_handle_t*>(stream),
                              [](uv_handle_t* closed) { std::free(closed); });
                 }),
             "uv_read_start");
  uv_run(&loop, UV_RUN_DEFAULT);
  return total;
}

std::uint64_t read_with_receive(uv_loop_t& loop, uv_tcp_t& handle) {
  uvdial::tcp_stream stream{uvdial::tcp_handle(&handle)};
  std::uint64_t total = 0;
  std::uint64_t told = 0;
  const uvdial::operation running = stream.receive(
      buffer, [&total](std::span<const std::byte> chunk) { total += chunk.size(); },
      [&told](uvdial::outcome<std::uint64_t> end) { told = std::move(end).value(); });
  uv_run(&loop, UV_RUN_DEFAULT);
  if (total != told) throw std::runtime_error("receive: the sum is not what was given");
  return total;
}

measured one_round(reader read, std::uint64_t mib) {
  const connection ends = connect_loopback();
  uv_loop_t loop;
  checked_uv(uv_loop_init(&loop), "uv_loop_init");
  auto* handle = static_cast<uv_tcp_t*>(std::malloc(sizeof(uv_tcp_t)));
  if (!handle) throw std::bad_alloc();
  checked_uv(uv_tcp_init(&loop, handle), "uv_tcp_init");
  checked_uv(uv_tcp_open(handle, ends.reading), "uv_tcp_open");
  std::thread feeder(feed, ends.writing, mib << 20);
  const double cpu_start = cpu_seconds_of_this_thread();
  const std::uint64_t start = uv_hrtime();
  const std::uint64_t got = read(loop, *handle);
  const double seconds = static_cast<double>(uv_hrtime() - start) / 1e9;
  const double cpu = cpu_seconds_of_this_thread() - cpu_start;
  feeder.join();
  uv_run(&loop, UV_RUN_DEFAULT);
  checked_uv(uv_loop_close(&loop), "uv_loop_close");
  if (got != mib << 20) throw std::runtime_error("bytes are missing");
  return {static_cast<double>(mib) / seconds, cpu};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

void run(std::uint64_t mib, unsigned rounds) {
  std::vector<double> plain_speed, plain_cpu, own_speed, own_cpu, speed_ratio, cpu_ratio;
  for (unsigned round = 0; round <= rounds; ++round) {
    const bool plain_first = round % 2 == 0;
    measured plain{}, own{};
    if (plain_first) plain = one_round(read_with_plain_libuv, mib);
    own = one_round(read_with_receive, mib);
    if (!plain_first) plain = one_round(read_with_plain_libuv, mib);
    if (round == 0) continue;
    plain_speed.push_back(plain.mib_per_second);
    plain_cpu.push_back(plain.cpu_seconds);
    own_speed.push_back(own.mib_per_second);
    own_cpu.push_back(own.cpu_seconds);
    speed_ratio.push_back(own.mib_per_second / plain.mib_per_second);
    cpu_ratio.push_back(own.cpu_seconds / plain.cpu_seconds);
  }
  std::printf("stream  %llu MiB through a 64 KiB buffer, %u rounds, medians\n",
              static_cast<unsigned long long>(mib), rounds);
  std::printf("  plain libuv  %7.0f MiB/s  %.3f s CPU\n", median(plain_speed), median(plain_cpu));
  std::printf("  receive()    %7.0f MiB/s  %.3f s CPU\n", median(own_speed), median(own_cpu));
  std::printf("  ratio        %7.3f        %.3f        (each round:", median(speed_ratio), median(cpu_ratio));
  for (const double ratio : speed_ratio) std::printf(" %.2f", ratio);
  std::printf(")\n");
}

unsigned number_from(const char* text, unsigned most) {
  char* end = nullptr;
  const unsigned long value = std::strtoul(text, &end, 10);
  if (*text < '0' || *text > '9' || *end != '\0' || value == 0 || value > most)
    throw std::invalid_argument("not a number of 1.." + std::to_string(most) + ": \"" + text + "\"");
  return static_cast<unsigned>(value);
}

}  // namespace

int main(int count, char** words) {
  try {
    if (count > 3) throw std::invalid_argument("usage: bench_stream [MIB [ROUNDS]]");
    run(count > 1 ? number_from(words[1], 1'000'000) : 1024, count > 2 ? number_from(words[2], 1000) : 7);
    return 0;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bench_stream: %s\n", failure.what());
    return 1;
  }
}
