// Dials of an address, with plain libuv: what connecting alone costs. See bench_run.hpp.
//
//   raw_ip ADDRESS PORT N CONCURRENCY
//
// Each dial is uv_tcp_init, uv_tcp_connect, uv_tcp_nodelay and uv_tcp_close_reset on memory of its own.
#include "uv_dials.hpp"

namespace {

sockaddr_storage address_from(const bench::work& wanted) {
  std::string literal;
  wanted.write_host(0, literal);
  sockaddr_storage address{};
  if (uv_ip4_addr(literal.c_str(), wanted.port, reinterpret_cast<sockaddr_in*>(&address)) < 0 &&
      uv_ip6_addr(literal.c_str(), wanted.port, reinterpret_cast<sockaddr_in6*>(&address)) < 0)
    throw bench::impossible("not an address: \"" + literal + "\"");
  return address;
}

class raw_ip final : public bench::uv_dials {
 public:
  raw_ip(const bench::work& wanted, const sockaddr_storage& address)
      : uv_dials("raw_ip", wanted), address_(address) {}

 private:
  void start(unsigned) override { connect(take(), reinterpret_cast<const sockaddr*>(&address_)); }

  sockaddr_storage address_;
};

}  // namespace

int main(int count, char** words) {
  return bench::main_of(count, words,
                        [](const bench::work& wanted) { raw_ip(wanted, address_from(wanted)).run(); });
}
