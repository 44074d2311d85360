// Dials with c-ares on libuv, written by hand as well as it goes: what glue between the two has to cost at least. See
// bench_run.hpp.
//
// Each dial asks a pair of questions (AAAA, A) with ares_query, connects when both are answered, and prefers IPv6. So
// many pairs are on their way that no socket's buffer overflows; the rest waits in line. Memory is taken once and used
// again. There is no hosts file, no search list, no order of addresses and no second address: a floor, not a library.
#define CARES_NO_DEPRECATED
#include <ares_nameser.h>
#include <netinet/in.h>

#include <cstring>
#include <vector>

#include "cares_channel.hpp"

namespace {

struct dial {
  bench::connection link;  // first: the address of the one is that of the other
  class cares_paced* of;
  dial* next;  // in the line of those that wait, or of those that are free
  unsigned number;
  int open_questions;
  int trouble;  // what c-ares said of a family without addresses
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  } address;
};

class cares_paced final : public bench::uv_dials {
 public:
  explicit cares_paced(const bench::work& wanted)
      : uv_dials("cares_paced", wanted), channel_(loop(), ARES_FLAG_STAYOPEN) {}

 private:
  void start(unsigned number) override {
    auto* one = reinterpret_cast<dial*>(take());
    one->number = number;
    if (pairs_ < bench::pairs_at_once)
      ask(*one);
    else
      wait_in_line(*one);
  }

  void ask(dial& one) {
    ++pairs_;
    one.open_questions = 2;
    one.address.any.sa_family = AF_UNSPEC;
    const char* host = host_of(one.number);
    ares_query(channel_.get(), host, ns_c_in, ns_t_aaaa, on_v6, &one);
    ares_query(channel_.get(), host, ns_c_in, ns_t_a, on_v4, &one);
    channel_.look_after_it();
  }

  static void on_v6(void* data, int status, int, unsigned char* answer, int size) noexcept {
    auto& one = *static_cast<dial*>(data);
    ares_addr6ttl first;
    int count = 1;
    if (status == ARES_SUCCESS) status = ares_parse_aaaa_reply(answer, size, nullptr, &first, &count);
    if (status == ARES_SUCCESS && count > 0) {
      one.address.v6 = {};
      one.address.v6.sin6_family = AF_INET6;
      std::memcpy(&one.address.v6.sin6_addr, &first.ip6addr, sizeof one.address.v6.sin6_addr);
    }
    one.of->answered(one, status);
  }

  static void on_v4(void* data, int status, int, unsigned char* answer, int size) noexcept {
    auto& one = *static_cast<dial*>(data);
    ares_addrttl first;
    int count = 1;
    if (status == ARES_SUCCESS) status = ares_parse_a_reply(answer, size, nullptr, &first, &count);
    if (status == ARES_SUCCESS && count > 0 && one.address.any.sa_family == AF_UNSPEC) {
      one.address.v4 = {};
      one.address.v4.sin_family = AF_INET;
      one.address.v4.sin_addr = first.ipaddr;
    }
    one.of->answered(one, status);
  }

  void answered(dial& one, int status) {
    if (status != ARES_SUCCESS) one.trouble = status;
    if (--one.open_questions > 0) return;
    --pairs_;
    if (first_ != nullptr) ask(*first_in_line());
    if (one.address.any.sa_family == AF_UNSPEC) {
      give_back(&one.link);
      failed(ares_strerror(one.trouble));
    } else {
      one.address.v4.sin_port = htons(port());  // at the same place in both families
      connect(&one.link, &one.address.any);
    }
  }

  void wait_in_line(dial& one) {
    one.next = nullptr;
    (first_ == nullptr ? first_ : last_->next) = &one;
    last_ = &one;
  }

  dial* first_in_line() {
    dial* one = first_;
    first_ = one->next;
    return one;
  }

  bench::connection* take() override {
    if (free_ == nullptr) {
      all_.push_back(std::make_unique<dial>());
      all_.back()->of = this;
      return &all_.back()->link;
    }
    dial* one = free_;
    free_ = one->next;
    return &one->link;
  }

  void give_back(bench::connection* closed) override {
    auto* one = reinterpret_cast<dial*>(closed);
    one->next = free_;
    free_ = one;
  }

  void close() override { channel_.close(); }

  bench::cares_channel channel_;
  std::vector<std::unique_ptr<dial>> all_{};
  dial* free_ = nullptr;
  dial* first_ = nullptr;  // in line
  dial* last_ = nullptr;
  unsigned pairs_ = 0;
};

void dial_all(const bench::work& wanted) {
  in6_addr ignored;
  std::string host;
  wanted.write_host(0, host);
  if (uv_inet_pton(AF_INET, host.c_str(), &ignored) == 0 ||
      uv_inet_pton(AF_INET6, host.c_str(), &ignored) == 0)
    throw bench::impossible("asks servers only, which know no address: \"" + host + "\"");
  cares_paced(wanted).run();
}

}  // namespace

int main(int count, char** words) { return bench::main_of(count, words, dial_all); }
