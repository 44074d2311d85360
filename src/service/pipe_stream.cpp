#include "uvdial/pipe_stream.hpp"

#include <uv.h>

#include "service/stream_core.hpp"

namespace uvdial {

pipe_stream::pipe_stream(pipe_handle connected)
    : byte_stream(detail::adopt(reinterpret_cast<uv_stream_t*>(connected.release()), "pipe_stream")) {}

uv_pipe_t& pipe_stream::native() noexcept { return *reinterpret_cast<uv_pipe_t*>(alive().stream()); }

pipe_handle pipe_stream::release() && {
  return pipe_handle(reinterpret_cast<uv_pipe_t*>(leave("release()")->release().release()));
}

}  // namespace uvdial
