// Dials with libcurl: the multi interface with CURLOPT_CONNECT_ONLY, on libuv through curl_multi_socket_action. See
// bench_run.hpp.
//
// Easy handles are used again, as curl's documents advise, and its cache of names is on, as it is by itself (with many
// different names it costs: a dial after 10,000 of them takes a third more time than with the cache off). How names are
// looked up depends on how libcurl was built: a thread for each lookup (Debian's is so: curl_version() names no c-ares)
// or c-ares. Only with c-ares it can be told another server.
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <vector>

#include "watched_sockets.hpp"

namespace {

void check_curl(CURLcode status, const char* what) {
  if (status != CURLE_OK) throw std::runtime_error(std::string(what) + ": " + curl_easy_strerror(status));
}

void check_curl(CURLMcode status, const char* what) {
  if (status != CURLM_OK) throw std::runtime_error(std::string(what) + ": " + curl_multi_strerror(status));
}

class peer final : public bench::uv_dials {
 public:
  explicit peer(const bench::work& wanted)
      : uv_dials("curl", wanted), sockets_(loop(), [this](uv_os_sock_t socket, int status, int events) {
          ready(socket, status, events);
        }) {
    check_curl(curl_global_init(CURL_GLOBAL_ALL), "curl_global_init");
    bench::check_uv(uv_timer_init(&loop(), &timer_), "uv_timer_init");
    timer_.data = this;
    multi_ = curl_multi_init();
    if (multi_ == nullptr) throw std::runtime_error("curl_multi_init failed");
    set(CURLMOPT_SOCKETFUNCTION, on_socket);
    set(CURLMOPT_SOCKETDATA, this);
    set(CURLMOPT_TIMERFUNCTION, on_timer_wanted);
    set(CURLMOPT_TIMERDATA, this);
  }

 private:
  void start(unsigned number) override {
    CURL* easy = free_.empty() ? make_easy() : free_.back();
    if (!free_.empty()) free_.pop_back();
    set(easy, CURLOPT_URL, url_of(host_of(number)).c_str());
    check_curl(curl_multi_add_handle(multi_, easy), "curl_multi_add_handle");
  }

  std::string url_of(const std::string& host) const {
    const bool is_v6 = host.find(':') != std::string::npos;
    return (is_v6 ? "http://[" + host + "]:" : "http://" + host + ":") + std::to_string(port()) + "/";
  }

  CURL* make_easy() {
    CURL* easy = curl_easy_init();
    if (easy == nullptr) throw std::runtime_error("curl_easy_init failed");
    all_.push_back(easy);
    set(easy, CURLOPT_CONNECT_ONLY, 1L);
    set(easy, CURLOPT_TCP_NODELAY, 1L);
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_PROXY, "");
    set(easy, CURLOPT_SOCKOPTFUNCTION, prepare_reset);
    if (const char* server = bench::chosen_server()) set(easy, CURLOPT_DNS_SERVERS, server);
    return easy;
  }

  template <class Value>
  static void set(CURL* easy, CURLoption option, Value value) {
    check_curl(curl_easy_setopt(easy, option, value), "curl_easy_setopt");
  }

  template <class Value>
  void set(CURLMoption option, Value value) {
    check_curl(curl_multi_setopt(multi_, option, value), "curl_multi_setopt");
  }

  static int prepare_reset(void*, curl_socket_t socket, curlsocktype) noexcept {
    const linger none{.l_onoff = 1, .l_linger = 0};
    const bool done = setsockopt(socket, SOL_SOCKET, SO_LINGER, &none, sizeof none) == 0;
    return done ? CURL_SOCKOPT_OK : CURL_SOCKOPT_ERROR;
  }

  static int on_socket(CURL*, curl_socket_t socket, int wanted, void* self, void*) noexcept {
    const bool readable = wanted == CURL_POLL_IN || wanted == CURL_POLL_INOUT;
    const bool writable = wanted == CURL_POLL_OUT || wanted == CURL_POLL_INOUT;
    static_cast<peer*>(self)->sockets_.watch(socket,
                                             (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0));
    return 0;
  }

  static int on_timer_wanted(CURLM*, long milliseconds, void* self) noexcept {
    uv_timer_t* timer = &static_cast<peer*>(self)->timer_;
    if (milliseconds < 0) return uv_timer_stop(timer);
    return uv_timer_start(timer, on_time, static_cast<std::uint64_t>(milliseconds), 0);
  }

  static void on_time(uv_timer_t* timer) noexcept {
    static_cast<peer*>(timer->data)->act(CURL_SOCKET_TIMEOUT, 0);
  }

  void ready(uv_os_sock_t socket, int status, int events) {
    const int flags = (status < 0 ? CURL_CSELECT_ERR : 0) |
                      ((events & UV_READABLE) != 0 ? CURL_CSELECT_IN : 0) |
                      ((events & UV_WRITABLE) != 0 ? CURL_CSELECT_OUT : 0);
    act(socket, flags);
  }

  void act(curl_socket_t socket, int flags) {
    int running = 0;
    check_curl(curl_multi_socket_action(multi_, socket, flags, &running), "curl_multi_socket_action");
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left))
      if (message->msg == CURLMSG_DONE) done(message->easy_handle, message->data.result);
  }

  // A connection of this kind is closed when its handle is removed.
  void done(CURL* easy, CURLcode result) {
    check_curl(curl_multi_remove_handle(multi_, easy), "curl_multi_remove_handle");
    free_.push_back(easy);
    if (result == CURLE_OK)
      succeeded();
    else
      failed(curl_easy_strerror(result));
  }

  void close() override {
    for (CURL* easy : all_) curl_easy_cleanup(easy);
    check_curl(curl_multi_cleanup(multi_), "curl_multi_cleanup");
    uv_close(reinterpret_cast<uv_handle_t*>(&timer_), nullptr);
    curl_global_cleanup();
  }

  bench::watched_sockets sockets_;
  uv_timer_t timer_{};
  CURLM* multi_ = nullptr;
  std::vector<CURL*> all_{};
  std::vector<CURL*> free_{};
};

}  // namespace

int main(int count, char** words) {
  return bench::main_of(count, words, [](const bench::work& wanted) {
    if (curl_version_info(CURLVERSION_NOW)->ares == nullptr) bench::refuse_chosen_server();
    peer(wanted).run();
  });
}
