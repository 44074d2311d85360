// Dials with what libuv brings: uv_getaddrinfo (the C library, in libuv's threads), then uv_tcp_connect to the first
// address. See bench_run.hpp.
#include "uv_dials.hpp"

namespace {

class peer final : public bench::uv_dials {
 public:
  explicit peer(const bench::work& wanted)
      : uv_dials("uv_getaddrinfo", wanted), service_(std::to_string(wanted.port)) {
    hints_.ai_family = AF_UNSPEC;
    hints_.ai_socktype = SOCK_STREAM;
  }

 private:
  void start(unsigned number) override {
    auto* request = new uv_getaddrinfo_t;
    request->data = this;
    const int status =
        uv_getaddrinfo(&loop(), request, on_addresses, host_of(number), service_.c_str(), &hints_);
    if (status < 0) addresses(request, status, nullptr);
  }

  static void on_addresses(uv_getaddrinfo_t* request, int status, addrinfo* found) noexcept {
    static_cast<peer*>(request->data)->addresses(request, status, found);
  }

  void addresses(uv_getaddrinfo_t* request, int status, addrinfo* found) {
    delete request;
    if (status < 0)
      failed(uv_err_name(status));
    else
      connect(take(), found->ai_addr);
    uv_freeaddrinfo(found);
  }

  std::string service_;
  addrinfo hints_{};
};

}  // namespace

int main(int count, char** words) {
  return bench::main_of(count, words, [](const bench::work& wanted) {
    bench::refuse_chosen_server();
    peer(wanted).run();
  });
}
