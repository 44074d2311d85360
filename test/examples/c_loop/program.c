// A C program with a loop of its own. It knows libuv and dial_for_c.h, and nothing of C++: where it called
// uv_getaddrinfo and uv_tcp_connect it calls dialer_start(), and all else stays as it is in plain libuv.
//   c_loop HOST PORT       prints the first line that comes; without arguments it has a listener of its own
#define _POSIX_C_SOURCE 200809L  // strict C11 hides types that uv.h needs
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "dial_for_c.h"
#include "greeter.h"

enum { PATIENCE_MS = 10000 };  // for the dial and the line together

// One connection of this program, from the dial to the end.
struct connection {
  struct dial* dial;  // NULL unless the dial runs
  uv_tcp_t* tcp;      // NULL unless it is connected
  uv_timer_t deadline;
  char line[256];
  size_t used;
  int status;  // how it ended: 0, or a code of libuv
};

static void free_handle(uv_handle_t* closed) { free(closed); }

// Comes twice where a dial is cancelled, which still calls back.
static void end_connection(struct connection* self, int status) {
  self->status = status;
  if (self->dial) dial_cancel(self->dial);
  if (self->tcp) uv_close((uv_handle_t*)self->tcp, free_handle);
  self->tcp = NULL;
  if (!uv_is_closing((uv_handle_t*)&self->deadline)) uv_close((uv_handle_t*)&self->deadline, NULL);
}

static void on_deadline(uv_timer_t* timer) {
  puts("no line in time");
  end_connection(timer->data, UV_ETIMEDOUT);
}

static void on_allocate(uv_handle_t* handle, size_t suggested, uv_buf_t* into) {
  struct connection* self = handle->data;
  (void)suggested;
  *into = uv_buf_init(self->line + self->used, (unsigned)(sizeof(self->line) - self->used));
}

// An error for a buffer that is full comes here as UV_ENOBUFS.
static void on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* bytes) {
  struct connection* self = stream->data;
  (void)bytes;
  if (count < 0) {
    printf("no whole line: %s\n", uv_strerror((int)count));
    end_connection(self, (int)count);
    return;
  }
  self->used += (size_t)count;
  const char* end = memchr(self->line, '\n', self->used);
  if (!end) return;
  printf("received: %.*s\n", (int)(end - self->line), self->line);
  end_connection(self, 0);
}

// From here on the handle is ours: uvdial has forgotten it.
static void on_dialed(void* context, uv_tcp_t* connected, int code, const char* message) {
  struct connection* self = context;
  self->dial = NULL;
  if (!connected) {
    printf("%s: %s\n", uv_err_name(code), message);
    end_connection(self, code);
    return;
  }
  self->tcp = connected;
  connected->data = self;
  const int status = uv_read_start((uv_stream_t*)connected, on_allocate, on_read);
  if (status == 0) return;
  printf("cannot read: %s\n", uv_strerror(status));
  end_connection(self, status);
}

// 0: a line came.
static int read_line_from(uv_loop_t* loop, struct dialer* dialer, const char* host, const char* port,
                          uint64_t patience_ms) {
  struct connection self = {0};
  int status = uv_timer_init(loop, &self.deadline);
  if (status != 0) return status;
  self.deadline.data = &self;
  status = uv_timer_start(&self.deadline, on_deadline, patience_ms, 0);
  if (status == 0) status = dialer_start(dialer, host, port, 5000, on_dialed, &self, &self.dial);
  if (status != 0) {
    const char* message = status == UV_EINVAL ? dialer_complaint(dialer) : uv_strerror(status);
    printf("%s: %s\n", uv_err_name(status), message);
    end_connection(&self, status);
  }
  uv_run(loop, UV_RUN_DEFAULT);
  return self.status;
}

static int read_from_greeter(uv_loop_t* loop, struct dialer* dialer, const char* greeting,
                             uint64_t patience_ms) {
  struct greeter greeter;
  char port[16];
  const int number = greeter_start(&greeter, loop, greeting);
  if (number < 0) return number;
  (void)snprintf(port, sizeof(port), "%d", number);
  const int status = read_line_from(loop, dialer, "127.0.0.1", port, patience_ms);
  uv_close((uv_handle_t*)&greeter.listener, NULL);
  uv_run(loop, UV_RUN_DEFAULT);
  return status;
}

// A line that comes, one that breaks off, a port where nobody listens, no patience, and a port that is none.
static int read_from_ourselves(uv_loop_t* loop, struct dialer* dialer) {
  return read_from_greeter(loop, dialer, "good morning\n", PATIENCE_MS) == 0 &&
         read_from_greeter(loop, dialer, "good", PATIENCE_MS) == UV_EOF &&
         read_from_greeter(loop, dialer, NULL, PATIENCE_MS) == UV_ECONNREFUSED &&
         read_from_greeter(loop, dialer, "good morning\n", 0) == UV_ECANCELED &&
         read_line_from(loop, dialer, "127.0.0.1", "99999", PATIENCE_MS) == UV_EINVAL;
}

int main(int count, char** words) {
  uv_loop_t loop;
  // As libuv asks for: a write to a socket that is gone would end the program.
  (void)signal(SIGPIPE, SIG_IGN);
  if (uv_loop_init(&loop) != 0) return 1;
  struct dialer* dialer = dialer_create(&loop);
  int worked = 0;
  if (dialer)
    worked = count == 3 ? read_line_from(&loop, dialer, words[1], words[2], PATIENCE_MS) == 0
                        : read_from_ourselves(&loop, dialer);
  dialer_destroy(dialer);
  uv_run(&loop, UV_RUN_DEFAULT);  // the dialer's handles close here
  return uv_loop_close(&loop) == 0 && worked ? 0 : 1;
}
