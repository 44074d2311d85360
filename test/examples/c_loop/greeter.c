#define _POSIX_C_SOURCE 200809L  // strict C11 hides types that uv.h needs
#include "greeter.h"

#include <stdlib.h>
#include <string.h>

static void free_handle(uv_handle_t* closed) { free(closed); }

static void on_connection(uv_stream_t* listener, int status) {
  const struct greeter* self = listener->data;
  if (status < 0) return;
  uv_tcp_t* client = malloc(sizeof(*client));
  if (!client) return;
  if (uv_tcp_init(listener->loop, client) != 0) {
    free(client);
    return;
  }
  if (uv_accept(listener, (uv_stream_t*)client) == 0) {
    // Few bytes on a fresh connection: the kernel takes all of them at once.
    const uv_buf_t bytes = uv_buf_init((char*)self->greeting, (unsigned)strlen(self->greeting));
    (void)uv_try_write((uv_stream_t*)client, &bytes, 1);
  }
  uv_close((uv_handle_t*)client, free_handle);
}

int greeter_start(struct greeter* self, uv_loop_t* loop, const char* greeting) {
  struct sockaddr_in address;
  int size = sizeof(address);
  int status = uv_tcp_init(loop, &self->listener);
  if (status != 0) return status;
  self->greeting = greeting;
  self->listener.data = self;
  uv_unref((uv_handle_t*)&self->listener);
  status = uv_ip4_addr("127.0.0.1", 0, &address);
  if (status == 0) status = uv_tcp_bind(&self->listener, (const struct sockaddr*)&address, 0);
  if (status == 0 && greeting) status = uv_listen((uv_stream_t*)&self->listener, 16, on_connection);
  if (status == 0) status = uv_tcp_getsockname(&self->listener, (struct sockaddr*)&address, &size);
  if (status == 0) return ntohs(address.sin_port);
  uv_close((uv_handle_t*)&self->listener, NULL);
  uv_run(loop, UV_RUN_NOWAIT);
  return status;
}
