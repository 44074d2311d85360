// Dials with c-ares on libuv, written by hand as plainly as it goes: ares_getaddrinfo for each name, all at once, and
// uv_tcp_connect to the first address. See bench_run.hpp.
#include "cares_channel.hpp"

namespace {

class cares_plain final : public bench::uv_dials {
 public:
  explicit cares_plain(const bench::work& wanted)
      : uv_dials("cares_plain", wanted), service_(std::to_string(wanted.port)), channel_(loop(), 0) {
    hints_.ai_family = AF_UNSPEC;
    hints_.ai_socktype = SOCK_STREAM;
    hints_.ai_flags = ARES_AI_NUMERICSERV;
  }

 private:
  void start(unsigned number) override {
    ares_getaddrinfo(channel_.get(), host_of(number), service_.c_str(), &hints_, on_addresses, this);
    channel_.look_after_it();
  }

  static void on_addresses(void* self, int status, int, ares_addrinfo* found) noexcept {
    static_cast<cares_plain*>(self)->addresses(status, found);
  }

  void addresses(int status, ares_addrinfo* found) {
    if (status != ARES_SUCCESS)
      failed(ares_strerror(status));
    else if (found->nodes == nullptr)
      failed("no address");
    else
      connect(take(), found->nodes->ai_addr);
    if (found != nullptr) ares_freeaddrinfo(found);
  }

  void close() override { channel_.close(); }

  std::string service_;
  ares_addrinfo_hints hints_{};
  bench::cares_channel channel_;
};

}  // namespace

int main(int count, char** words) {
  return bench::main_of(count, words, [](const bench::work& wanted) { cares_plain(wanted).run(); });
}
