// A Node-API addon that dials on Node's own loop.
//
//   dial(host, port, {timeout}) -> Promise of {address, family, line}
//   setServers(["127.0.0.1:53", ...])    before the first dial: DNS servers, instead of those of resolv.conf
//
// Connects, reads the first line that the peer says, and closes. `timeout` is in milliseconds and covers the
// connect. Bad arguments throw a TypeError at once; a dial that fails rejects with an Error whose message is
// error.what() and whose code is the name of its code ("ECONNREFUSED").
//
// Each thread of Node has a loop and an environment of its own, so each gets a dialer of its own. README.md
// says how this file must be linked, and why.
#include <dlfcn.h>
#include <node_api.h>
#include <uv.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "uvdial/uvdial.hpp"

namespace {

// Node-API said no: a JavaScript exception is pending, or the thread is being ended and runs no more
// JavaScript.
struct refused {};

void must(napi_status status) {
  if (status != napi_ok) throw refused{};
}

napi_value to_js(napi_env env, std::string_view text) {
  napi_value made;
  must(napi_create_string_utf8(env, text.data(), text.size(), &made));
  return made;
}

napi_value to_js(napi_env env, const uvdial::error& why) {
  napi_value made;
  must(napi_create_error(env, to_js(env, uvdial::code_name(why.code())), to_js(env, why.what()), &made));
  return made;
}

std::string text_of(napi_env env, napi_value value, const char* what) {
  std::size_t size = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &size) != napi_ok)
    throw std::invalid_argument(std::string(what) + " is not a string");
  std::string text(size + 1, '\0');  // Node-API ends it with a zero
  must(napi_get_value_string_utf8(env, value, text.data(), text.size(), &size));
  text.resize(size);
  return text;
}

template <class Number>
Number number_of(napi_env env, napi_value value, const char* what) {
  constexpr double most = std::numeric_limits<Number>::max();
  double number = 0;
  if (napi_get_value_double(env, value, &number) != napi_ok || !(number >= 0 && number <= most) ||
      number != std::floor(number))
    throw std::invalid_argument(std::string("dial: the ") + what + " is no whole number from 0 to " +
                                std::to_string(std::numeric_limits<Number>::max()));
  return static_cast<Number>(number);
}

uvdial::dial_options options_of(napi_env env, napi_value value) {
  uvdial::dial_options options;
  napi_valuetype type;
  must(napi_typeof(env, value, &type));
  if (type == napi_undefined) return options;
  if (type != napi_object) throw std::invalid_argument("dial: the options are not an object");
  napi_value timeout;
  must(napi_get_named_property(env, value, "timeout", &timeout));
  must(napi_typeof(env, timeout, &type));
  if (type != napi_undefined)
    options.timeout = std::chrono::milliseconds(number_of<std::uint32_t>(env, timeout, "timeout"));
  return options;
}

// Callbacks of the loop come from outside of JavaScript. The handle scope frees the values made for one of
// them; closing the callback scope runs what waits for the promise, as Node does after each callback of its
// own.
class javascript_turn {
 public:
  javascript_turn(napi_env env, napi_async_context context) : env_(env) {
    must(napi_open_handle_scope(env, &handles_));
    if (napi_open_callback_scope(env, nullptr, context, &callback_) == napi_ok) return;
    (void)napi_close_handle_scope(env, handles_);  // the first failure is the one to tell
    throw refused{};
  }
  javascript_turn(const javascript_turn&) = delete;
  javascript_turn& operator=(const javascript_turn&) = delete;
  ~javascript_turn() {  // fails where JavaScript has ended the thread meanwhile, and then nobody waits
    (void)napi_close_callback_scope(env_, callback_);
    (void)napi_close_handle_scope(env_, handles_);
  }

 private:
  napi_env env_;
  napi_handle_scope handles_ = nullptr;
  napi_callback_scope callback_ = nullptr;
};

// One dial, from the call to its promise.
class greeting {
 public:
  explicit greeting(napi_env env) : env_(env) {
    must(napi_async_init(env, nullptr, to_js(env, "uvdial"), &context_));
  }
  greeting(const greeting&) = delete;
  greeting& operator=(const greeting&) = delete;
  ~greeting() { (void)napi_async_destroy(env_, context_); }  // fails only for null

  // Both run JavaScript, which may do anything. A failure means that the thread is being ended: nobody waits
  // then.
  void resolve() const noexcept {
    try {
      const javascript_turn turn(env_, context_);
      napi_value result;
      must(napi_create_object(env_, &result));
      must(napi_set_named_property(env_, result, "address", to_js(env_, peer->address_to_string())));
      const bool v6 = peer->family() == uvdial::ip_family::v6;
      must(napi_set_named_property(env_, result, "family", to_js(env_, v6 ? "IPv6" : "IPv4")));
      must(napi_set_named_property(env_, result, "line", to_js(env_, line)));
      must(napi_resolve_deferred(env_, promise, result));
    } catch (const refused&) {}
  }
  void reject(const uvdial::error& why) const noexcept {
    try {
      const javascript_turn turn(env_, context_);
      must(napi_reject_deferred(env_, promise, to_js(env_, why)));
    } catch (const refused&) {}
  }

  napi_deferred promise = nullptr;
  uvdial::operation step{};  // the dial, then a read
  std::optional<uvdial::tcp_stream> stream{};
  std::optional<uvdial::endpoint> peer{};
  std::array<std::byte, 256> buffer{};
  std::string line{};

 private:
  napi_env env_;
  napi_async_context context_ = nullptr;
};

// What the addon has in one environment. It lives from the loading of the addon to the cleanup hook.
class environment {
 public:
  environment(napi_env env, uv_loop_t& loop) : env_(env), loop_(loop) {}

  void set_servers(std::vector<uvdial::endpoint> servers) {
    if (dialer_) throw std::logic_error("setServers: after the first dial");
    servers_ = std::move(servers);
  }

  napi_value dial(const uvdial::target& to, const uvdial::dial_options& options) {
    if (!dialer_) {
      names_ =
          std::make_shared<uvdial::ares_resolver>(loop_, uvdial::ares_resolver_options{.servers = servers_});
      dialer_.emplace(loop_, uvdial::dialer_config{.names = names_});
    }
    const place here = greetings_.emplace(greetings_.end(), env_);
    try {
      // The callback never runs inside connect(), so the promise is there when it does.
      here->step = dialer_->connect(to, options, [this, here](uvdial::outcome<uvdial::tcp_stream> connected) {
        if (const uvdial::error* why = connected.failure()) return take(here).front().reject(*why);
        here->stream = std::move(connected).value();
        read(here);
      });
      napi_value promise;
      must(napi_create_promise(env_, &here->promise, &promise));
      return promise;
    } catch (...) {
      greetings_.erase(here);
      throw;
    }
  }

  // The cleanup hook. Node ends the environment, and may unload this file, when the hook is removed: that is
  // when the last close callback is gone, and with it the last copy of `hook`. Dropped dials call nobody,
  // since JavaScript cannot run any more; of each promise that stays open Node keeps eight bytes, which
  // Node-API cannot give back.
  static void end(napi_async_cleanup_hook_handle handle, void* data) noexcept {
    const std::unique_ptr<environment> self(static_cast<environment*>(data));
    const std::shared_ptr<void> hook(handle, [](void* held) {
      // It fails for null only.
      (void)napi_remove_async_cleanup_hook(static_cast<napi_async_cleanup_hook_handle>(held));
    });
    for (greeting& one : self->greetings_) {
      one.step = {};
      if (one.stream) one.stream->close([hook](uvdial::outcome<uvdial::done>) {});
    }
    self->greetings_.clear();  // while `env_` is still there for them
    if (!self->dialer_) return;
    self->dialer_->close([hook](uvdial::outcome<uvdial::done>) {});
    self->names_->close([hook](uvdial::outcome<uvdial::done>) {});
  }

 private:
  using place = std::list<greeting>::iterator;

  void read(place here) {
    here->step = here->stream->read(
        here->buffer, [this, here](const uvdial::outcome<std::size_t>& arrived) { received(here, arrived); });
  }

  void received(place here, const uvdial::outcome<std::size_t>& arrived) {
    if (const uvdial::error* why = arrived.failure()) return take(here).front().reject(*why);
    const std::size_t count = *arrived.get_if();
    here->line.append(reinterpret_cast<const char*>(here->buffer.data()), count);
    const std::size_t end = here->line.find('\n');
    if (count != 0 && end == std::string::npos && here->line.size() < 1000) return read(here);
    here->line.resize(std::min(end, here->line.size()));
    finish(here);
  }

  void finish(place here) {
    try {
      here->peer = here->stream->peer();
    } catch (const uvdial::error& why) {  // it is gone already
      return take(here).front().reject(why);
    }
    here->stream.reset();
    take(here).front().resolve();
  }

  // Out of the list before JavaScript runs: it may start dials of its own.
  std::list<greeting> take(place here) noexcept {
    std::list<greeting> taken;
    taken.splice(taken.end(), greetings_, here);
    return taken;
  }

  napi_env env_;
  uv_loop_t& loop_;
  std::vector<uvdial::endpoint> servers_{};
  std::shared_ptr<uvdial::ares_resolver> names_{};
  std::optional<uvdial::dialer> dialer_{};  // from the first dial on
  std::list<greeting> greetings_{};
};

// Nothing may be thrown through Node's C frames: here it becomes a JavaScript exception. Throwing fails where
// one is pending already, which is as good.
template <class Function>
napi_value guarded(napi_env env, Function function) noexcept {
  try {
    return function();
  } catch (const std::invalid_argument& misuse) {
    (void)napi_throw_type_error(env, nullptr, misuse.what());
  } catch (const std::exception& failure) {
    (void)napi_throw_error(env, nullptr, failure.what());
  } catch (const refused&) {
    bool pending = false;
    if (napi_is_exception_pending(env, &pending) == napi_ok && !pending)
      (void)napi_throw_error(env, nullptr, "Node-API refused a call");
  }
  return nullptr;
}

napi_value dial(napi_env env, napi_callback_info info) noexcept {
  return guarded(env, [&] {
    std::array<napi_value, 3> given;  // undefined where the caller gives fewer
    std::size_t count = given.size();
    void* here = nullptr;
    must(napi_get_cb_info(env, info, &count, given.data(), nullptr, &here));
    const uvdial::target to(text_of(env, given[0], "dial: the host"),
                            number_of<std::uint16_t>(env, given[1], "port"));
    return static_cast<environment*>(here)->dial(to, options_of(env, given[2]));
  });
}

napi_value set_servers(napi_env env, napi_callback_info info) noexcept {
  return guarded(env, [&]() -> napi_value {
    napi_value given;
    std::size_t count = 1;
    void* here = nullptr;
    must(napi_get_cb_info(env, info, &count, &given, nullptr, &here));
    std::uint32_t length = 0;
    if (napi_get_array_length(env, given, &length) != napi_ok)
      throw std::invalid_argument("setServers: the servers are not an array");
    std::vector<uvdial::endpoint> servers;
    for (std::uint32_t i = 0; i < length; ++i) {
      napi_value server;
      must(napi_get_element(env, given, i, &server));
      servers.push_back(uvdial::endpoint::parse(text_of(env, server, "setServers: a server")));
    }
    static_cast<environment*>(here)->set_servers(std::move(servers));
    return nullptr;  // undefined
  });
}

// Whose libuv this is, for the test: {version, file}.
napi_value describe_libuv(napi_env env) {
  Dl_info where{};
  if (dladdr(reinterpret_cast<void*>(&uv_run), &where) == 0) throw std::runtime_error("uv_run is nowhere");
  napi_value made;
  must(napi_create_object(env, &made));
  must(napi_set_named_property(env, made, "version", to_js(env, uv_version_string())));
  must(napi_set_named_property(env, made, "file", to_js(env, where.dli_fname)));
  return made;
}

// Node-API is the same in all versions of Node; the libuv that Node brings need not be.
void check_libuv() {
  constexpr unsigned least = 1U << 16 | 44U << 8;  // the form of UV_VERSION_HEX
  if (uv_version() < least || uv_version() >> 16 != least >> 16)
    throw std::runtime_error(std::string("this addon needs libuv 1.44 or newer, below 2; this Node has ") +
                             uv_version_string());
}

}  // namespace

// Runs once in each thread of Node that loads the addon.
NAPI_MODULE_INIT() {
  return guarded(env, [&] {
    check_libuv();
    uv_loop_t* loop = nullptr;
    must(napi_get_uv_event_loop(env, &loop));
    auto made = std::make_unique<environment>(env, *loop);
    must(napi_add_async_cleanup_hook(env, environment::end, made.get(), nullptr));
    environment* const here = made.release();  // to the hook

    const auto add = [&](const char* name, napi_callback callback) {
      napi_value function;
      must(napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, here, &function));
      must(napi_set_named_property(env, exports, name, function));
    };
    add("dial", dial);
    add("setServers", set_servers);
    must(napi_set_named_property(env, exports, "libuv", describe_libuv(env)));
    return exports;
  });
}
