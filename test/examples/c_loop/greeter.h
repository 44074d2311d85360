#ifndef GREETER_H
#define GREETER_H
// Somebody to talk to when the program is run without arguments: greets whoever connects, and hangs up.
#include <uv.h>

struct greeter {
  uv_tcp_t listener;
  const char* greeting;
};

// Binds to 127.0.0.1 and gives the port, or a code of libuv. The listener does not keep the loop alive; the
// caller closes it. `greeting` must live until then; if it is NULL, connections are refused.
int greeter_start(struct greeter* self, uv_loop_t* loop, const char* greeting);

#endif
