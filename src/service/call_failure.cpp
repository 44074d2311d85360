#include "service/call_failure.hpp"

#include <uv.h>

#include <string>

namespace uvdial::detail {

namespace {

// Where memory for the text is gone the error still has its class and code.
template <class Text>
std::shared_ptr<const error> made(error_kind kind, int uv_code, Text text) noexcept {
  const std::error_code code(uv_code, uv_category());
  try {
    return make_error(kind, code, text());
  } catch (const std::bad_alloc&) {
    return make_error(kind, code, {});
  }
}

}  // namespace

std::shared_ptr<const error> call_failure(const char* what, int uv_code) noexcept {
  error_kind kind = error_kind::stream;
  if (uv_code == UV_ECANCELED) kind = error_kind::cancelled;
  if (uv_code == UV_ECONNRESET || uv_code == UV_EPIPE) kind = error_kind::connection_reset;
  if (uv_code == UV_ENOMEM || uv_code == UV_ENOBUFS) kind = error_kind::out_of_resources;
  return made(kind, uv_code,
              [&] { return std::string(what) + ": " + std::error_code(uv_code, uv_category()).message(); });
}

std::shared_ptr<const error> read_timeout(const char* what, std::chrono::milliseconds idle) noexcept {
  return made(error_kind::timeout, UV_ETIMEDOUT, [&] {
    return std::string(what) + ": nothing came for " + std::to_string(idle.count()) + " ms";
  });
}

std::shared_ptr<const error> write_timeout(const char* what, std::chrono::milliseconds idle) noexcept {
  return made(error_kind::timeout, UV_ETIMEDOUT, [&] {
    return std::string(what) + ": nothing could be sent for " + std::to_string(idle.count()) + " ms";
  });
}

std::shared_ptr<const error> ended_early(std::size_t got, std::size_t wanted) noexcept {
  return made(error_kind::stream, UV_EOF, [&] {
    return "read_exactly: the stream ended after " + std::to_string(got) + " of " + std::to_string(wanted) +
           " bytes";
  });
}

std::shared_ptr<const error> ended_undelimited(std::size_t got) noexcept {
  return made(error_kind::stream, UV_EOF, [&] {
    return "read_until: the stream ended after " + std::to_string(got) + " bytes without the delimiter";
  });
}

std::shared_ptr<const error> no_delimiter(std::size_t got) noexcept {
  return made(error_kind::stream, UV_EMSGSIZE,
              [&] { return "read_until: no delimiter in the first " + std::to_string(got) + " bytes"; });
}

}  // namespace uvdial::detail
