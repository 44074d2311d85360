// Dials a name: "localhost", where a listener of its own waits. The smallest program that needs all of the library.
#include <uv.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include <uvdial/dialer.hpp>
#include <uvdial/version.hpp>

using namespace std::chrono_literals;

namespace {

uvdial::endpoint listen_on_any_port(uv_loop_t& loop, uv_tcp_t& listener) {
  sockaddr_in any{};
  uv_ip4_addr("127.0.0.1", 0, &any);
  uv_tcp_init(&loop, &listener);
  uv_tcp_bind(&listener, reinterpret_cast<const sockaddr*>(&any), 0);
  uv_listen(reinterpret_cast<uv_stream_t*>(&listener), 8, [](uv_stream_t*, int) {});
  sockaddr_storage bound{};
  int size = sizeof bound;
  uv_tcp_getsockname(&listener, reinterpret_cast<sockaddr*>(&bound), &size);
  return uvdial::endpoint(reinterpret_cast<const sockaddr&>(bound));
}

bool dials(uv_loop_t& loop, const uvdial::endpoint& there) try {
  uvdial::dialer dialer(loop);
  const uvdial::tcp_stream stream = dialer.connect_blocking({"localhost", there.port()}, {.timeout = 10s});
  return true;
} catch (const std::exception& failure) {
  std::printf("FAIL %s\n", failure.what());
  return false;
}

}  // namespace

int main() {
  uv_loop_t loop;
  uv_loop_init(&loop);
  uv_tcp_t listener;
  const bool connected = dials(loop, listen_on_any_port(loop, listener));
  uv_close(reinterpret_cast<uv_handle_t*>(&listener), nullptr);
  uv_run(&loop, UV_RUN_DEFAULT);
  if (!connected || uv_loop_close(&loop) != 0) return EXIT_FAILURE;
  std::puts("ok   uvdial " UVDIAL_VERSION " connects to localhost");
  return EXIT_SUCCESS;
}
