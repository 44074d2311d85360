#include "uvdial/pipe_stream.hpp"

#include <sys/socket.h>
#include <uv.h>

#include "glue/handle.hpp"
#include "service/foreign_socket.hpp"

namespace uvdial {

pipe_stream::pipe_stream(pipe_handle connected)
    : byte_stream(reinterpret_cast<uv_stream_t*>(connected.release()), "pipe_stream") {}

pipe_stream pipe_stream::adopt(uv_loop_t& loop, int descriptor) {
  const detail::foreign_socket given(descriptor, "pipe_stream");
  given.require_connected({AF_UNIX}, "it is no Unix-domain socket");
  detail::uv_handle<uv_pipe_t> handle;
  given.require(handle.open(nullptr, [&loop](uv_pipe_t* made) { return uv_pipe_init(&loop, made, 0); }));
  pipe_stream stream(pipe_handle(handle.release()));
  given.require(uv_pipe_open(&stream.native(), descriptor));  // last: only now is the descriptor ours
  return stream;
}

uv_pipe_t& pipe_stream::native() noexcept { return reinterpret_cast<uv_pipe_t&>(handle()); }

pipe_handle pipe_stream::release() && {
  return pipe_handle(reinterpret_cast<uv_pipe_t*>(leave("release()").release()));
}

}  // namespace uvdial
