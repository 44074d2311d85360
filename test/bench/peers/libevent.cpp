// Dials with libevent: evdns and bufferevent_socket_connect_hostname on one base. See bench_run.hpp.
//
// evdns reads resolv.conf, asks AAAA and A, and has at most 64 questions on their way, as it does by itself.
#include <event2/bufferevent.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "dials.hpp"

namespace {

template <class Made>
Made* check_made(Made* made, const char* what) {
  if (made == nullptr) throw std::runtime_error(std::string("failed: ") + what);
  return made;
}

void check(int status, const char* what) {
  if (status < 0) throw std::runtime_error(std::string("failed: ") + what);
}

class peer final : public bench::dials {
 public:
  explicit peer(const bench::work& wanted) : dials("libevent", wanted) {
    const char* server = bench::chosen_server();
    names_ = check_made(evdns_base_new(base_, server == nullptr ? EVDNS_BASE_INITIALIZE_NAMESERVERS : 0),
                        "evdns_base_new");
    if (server != nullptr)
      check(-evdns_base_nameserver_ip_add(names_, server), "evdns_base_nameserver_ip_add");
  }
  ~peer() override {
    evdns_base_free(names_, 0);
    event_base_free(base_);
  }

  void run() {
    begin();
    check(event_base_dispatch(base_), "event_base_dispatch");
    if (!have_all_ended()) throw std::runtime_error("the loop ended before the dials");
  }

 private:
  void start(unsigned number) override {
    bufferevent* one =
        check_made(bufferevent_socket_new(base_, -1, BEV_OPT_CLOSE_ON_FREE), "bufferevent_socket_new");
    bufferevent_setcb(one, nullptr, nullptr, on_event, this);
    // What cannot be begun is told to on_event as well.
    (void)bufferevent_socket_connect_hostname(one, names_, AF_UNSPEC, host_of(number), port());
  }

  static void on_event(bufferevent* one, short events, void* self) noexcept {
    static_cast<peer*>(self)->event(one, events);
  }

  void event(bufferevent* one, short events) {
    if ((events & BEV_EVENT_CONNECTED) != 0) {
      prepare_reset(bufferevent_getfd(one));
      bufferevent_free(one);
      succeeded();
    } else {
      const int names = bufferevent_socket_get_dns_error(one);
      const std::string why =
          names != 0 ? evutil_gai_strerror(names) : std::generic_category().message(EVUTIL_SOCKET_ERROR());
      bufferevent_free(one);
      failed(why);
    }
  }

  static void prepare_reset(evutil_socket_t socket) {
    const int yes = 1;
    const linger none{.l_onoff = 1, .l_linger = 0};
    check(setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes), "TCP_NODELAY");
    check(setsockopt(socket, SOL_SOCKET, SO_LINGER, &none, sizeof none), "SO_LINGER");
  }

  void all_have_ended() override { check(event_base_loopbreak(base_), "event_base_loopbreak"); }

  event_base* base_ = check_made(event_base_new(), "event_base_new");
  evdns_base* names_ = nullptr;
};

}  // namespace

int main(int count, char** words) {
  return bench::main_of(count, words, [](const bench::work& wanted) { peer(wanted).run(); });
}
