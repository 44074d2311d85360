#ifndef DIAL_FOR_C_H
#define DIAL_FOR_C_H
// The seam between a C program and uvdial: plain C on this side, C++ in dial_for_c.cpp.
#include <stdint.h>
#include <uv.h>

#ifdef __cplusplus
extern "C" {
#endif

struct dialer;
struct dial;  // valid until its callback is entered

// Runs once, from the loop. Either `connected` is there and `code` is 0: the handle is the caller's, it is
// connected, its memory came from malloc; uv_close it, and free() it in the close callback. Or `connected` is
// NULL, `code` is one of libuv's (UV_ECONNREFUSED, UV_EAI_NONAME, UV_ECANCELED, ...), and `message`, which
// lives for the call, is one whole line about what was tried.
typedef void (*dial_callback)(void* context, uv_tcp_t* connected, int code, const char* message);

// NULL: no memory. The loop must outlive the dialer, and run until idle after the dialer is gone.
struct dialer* dialer_create(uv_loop_t* loop);

// Dials that still run end with UV_ECANCELED, from the loop. NULL is allowed.
void dialer_destroy(struct dialer* dialer);

// `port` is a number or a service's name. 0, and then the callback runs; else a code of libuv, UV_EINVAL for
// a bad host or port, and it does not. `dial` may be NULL for those who never cancel.
int dialer_start(struct dialer* dialer, const char* host, const char* port, uint64_t timeout_ms,
                 dial_callback on_done, void* context, struct dial** dial);

// What was wrong when dialer_start() gave UV_EINVAL. Lives as long as the dialer.
const char* dialer_complaint(const struct dialer* dialer);

// The callback still runs, from the loop, with UV_ECANCELED.
void dial_cancel(struct dial* dial);

#ifdef __cplusplus
}
#endif
#endif
