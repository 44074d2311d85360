// The smallest program: dial a host by name, say what became of it.
//   hello HOST PORT
#include <uv.h>

#include <cstdio>
#include <stdexcept>

#include <uvdial/uvdial.hpp>

int main(int count, char** words) try {
  if (count != 3) throw std::invalid_argument("usage: hello HOST PORT");
  uv_loop_t* loop = uv_default_loop();
  uvdial::dialer dialer(*loop);
  auto dial = dialer.connect(
      uvdial::target::parse(words[1], words[2]), {}, [](uvdial::outcome<uvdial::tcp_stream> connected) {
        if (const uvdial::error* why = connected.failure()) return void(std::puts(why->what()));
        std::printf("connected to %s\n", std::move(connected).value().peer().to_string().c_str());
      });
  uv_run(loop, UV_RUN_DEFAULT);
} catch (const std::invalid_argument& misuse) {  // what() quotes what is wrong
  std::puts(misuse.what());
  return 2;
}
