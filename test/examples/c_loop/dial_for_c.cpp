// The C++ side of the seam. Two rules make it sound: no exception leaves a function that C calls, and each
// object has one owner on this side. C only borrows.
#include "dial_for_c.h"

#include <chrono>
#include <cstdio>
#include <memory>
#include <new>
#include <stdexcept>
#include <utility>

#include <uvdial/uvdial.hpp>

struct dialer {
  explicit dialer(uv_loop_t& loop) : dials(loop) {}
  uvdial::dialer dials;
  char complaint[256] = "";
};

// Owned by the callback of the dial: it goes when that has run.
struct dial {
  dial_callback on_done;
  void* context;
  uvdial::operation running{};
};

namespace {

// A C program compares with libuv's codes. Those of a connection are that already; what DNS said gets the
// nearest.
int code_for_c(const uvdial::error& why) noexcept {
  if (why.code().category() == uvdial::uv_category()) return why.code().value();
  switch (why.kind()) {
    case uvdial::error_kind::host_not_found: return UV_EAI_NONAME;
    case uvdial::error_kind::no_address: return UV_EAI_NODATA;
    case uvdial::error_kind::dns_timeout: return UV_EAI_AGAIN;
    case uvdial::error_kind::dns_failure: return UV_EAI_FAIL;
    case uvdial::error_kind::out_of_resources: return UV_ENOMEM;
    default: return UV_UNKNOWN;
  }
}

// No call is in flight on a fresh stream, so release() does not throw; here it would end the program.
void tell(const dial& ended, uvdial::outcome<uvdial::tcp_stream> connected) noexcept {
  if (const uvdial::error* why = connected.failure())
    return ended.on_done(ended.context, nullptr, code_for_c(*why), why->what());
  uvdial::tcp_handle handle = std::move(connected).value().release();
  ended.on_done(ended.context, handle.release(), 0, "");
}

}  // namespace

dialer* dialer_create(uv_loop_t* loop) try { return new dialer(*loop); } catch (...) {
  return nullptr;
}

void dialer_destroy(dialer* dialer) { delete dialer; }

int dialer_start(dialer* dialer, const char* host, const char* port, uint64_t timeout_ms,
                 dial_callback on_done, void* context, dial** started) try {
  auto made = std::make_unique<dial>(dial{on_done, context});
  dial* const borrowed = made.get();
  uvdial::dial_options options;
  options.timeout = std::chrono::milliseconds(timeout_ms);
  borrowed->running =
      dialer->dials.connect(uvdial::target::parse(host, port), options,
                            [made = std::move(made)](uvdial::outcome<uvdial::tcp_stream> connected) {
                              tell(*made, std::move(connected));
                            });
  if (started) *started = borrowed;
  return 0;
} catch (const std::invalid_argument& misuse) {
  // Cut if it is long.
  (void)std::snprintf(dialer->complaint, sizeof(dialer->complaint), "%s", misuse.what());
  return UV_EINVAL;
} catch (const std::bad_alloc&) {
  return UV_ENOMEM;
} catch (...) {
  return UV_UNKNOWN;
}

const char* dialer_complaint(const dialer* dialer) { return dialer->complaint; }

void dial_cancel(dial* dial) { dial->running.cancel(); }
