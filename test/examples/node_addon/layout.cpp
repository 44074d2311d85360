// Prints the layout of what uvdial has of libuv's in its own memory, and the numbers that it has in its code.
// Compiled with the uv.h of two libuvs, the same text means that code made for one may use the other.
#include <uv.h>

#include <cstddef>
#include <cstdio>

#define SIZE(type) std::printf(#type " %zu %zu\n", sizeof(type), alignof(type))
#define OFFSET(type, member) std::printf(#type "." #member " %zu\n", offsetof(type, member))
#define NUMBER(name) std::printf(#name " %d\n", static_cast<int>(name))

#define HANDLE(type) SIZE(type), OFFSET(type, data), OFFSET(type, loop)
#define REQUEST(type) SIZE(type), OFFSET(type, data)

int main() {
  HANDLE(uv_handle_t);
  HANDLE(uv_stream_t);
  HANDLE(uv_tcp_t);
  HANDLE(uv_timer_t);
  HANDLE(uv_idle_t);
  HANDLE(uv_prepare_t);
  HANDLE(uv_check_t);
  HANDLE(uv_poll_t);

  REQUEST(uv_req_t);
  REQUEST(uv_connect_t), OFFSET(uv_connect_t, handle);
  REQUEST(uv_write_t), OFFSET(uv_write_t, handle);
  REQUEST(uv_shutdown_t), OFFSET(uv_shutdown_t, handle);
  REQUEST(uv_getaddrinfo_t), OFFSET(uv_getaddrinfo_t, addrinfo);
  REQUEST(uv_getnameinfo_t);
  SIZE(uv_buf_t), OFFSET(uv_buf_t, base), OFFSET(uv_buf_t, len);

  NUMBER(UV_RUN_ONCE);
  NUMBER(UV_READABLE);
  NUMBER(UV_WRITABLE);
  // A newer libuv may have more errors, but all that uvdial speaks of were there in 1.44.
  NUMBER(UV_EOF);
  NUMBER(UV_ECANCELED);
  NUMBER(UV_ECHARSET);
  NUMBER(UV_EAI_ADDRFAMILY);
  NUMBER(UV_EAI_AGAIN);
  NUMBER(UV_EAI_BADFLAGS);
  NUMBER(UV_EAI_BADHINTS);
  NUMBER(UV_EAI_CANCELED);
  NUMBER(UV_EAI_FAMILY);
  NUMBER(UV_EAI_MEMORY);
  NUMBER(UV_EAI_NODATA);
  NUMBER(UV_EAI_NONAME);
  NUMBER(UV_EAI_OVERFLOW);
  NUMBER(UV_EAI_PROTOCOL);
  NUMBER(UV_EAI_SERVICE);
  NUMBER(UV_EAI_SOCKTYPE);
}
