#pragma once
// A descriptor that somebody else has connected, looked at before a handle of ours takes it.
#include <initializer_list>

namespace uvdial::detail {

class foreign_socket {
 public:
  // `taker` stands in the messages.
  foreign_socket(int descriptor, const char* taker) noexcept : descriptor_(descriptor), taker_(taker) {}

  // Throws std::invalid_argument for what is no stream socket of one of these address families, saying `else_it_is`,
  // and stream_error for one that is not connected or not even open. Changes nothing.
  void require_connected(std::initializer_list<int> families, const char* else_it_is) const;

  // Throws the error of the hierarchy for a negative status of libuv.
  void require(int uv_status) const;

 private:
  [[noreturn]] void refuse(const char* why) const;
  void require_call(int result) const;

  int descriptor_;
  const char* taker_;
};

}  // namespace uvdial::detail
