#include "cli/relay.hpp"

#include <unistd.h>

#include <utility>

#include "cli/descriptor.hpp"
#include "uvdial/error.hpp"

namespace uvdial::cli {

namespace {

constexpr const char* input_name = "standard input";
constexpr const char* output_name = "standard output";

}  // namespace

relay::relay(uv_loop_t& loop, std::shared_ptr<byte_stream> connected, std::string peer, end_callback on_end)
    : loop_(loop), connection_(std::move(connected)), peer_(std::move(peer)), on_end_(std::move(on_end)) {}

void relay::start() {
  if (!open(input_, STDIN_FILENO, input_name) || !open(output_, STDOUT_FILENO, output_name)) return;
  read_input();
  if (connection_) receive();
}

bool relay::open(std::unique_ptr<standard_stream>& into, int number, const char* name) {
  auto opened = open_standard(loop_, number);
  if (opened.status < 0) failed(name, opened.status);
  into = std::move(opened.stream);
  return into != nullptr;
}

void relay::stop() noexcept {
  on_end_ = nullptr;
  sending_ = {};
  receiving_ = {};
  connection_.reset();
  if (input_) input_->close();
  if (output_) output_->close();
}

// Outward: standard input to the connection.

void relay::read_input() {
  const int status = input_->read(*outward_, [this](std::int64_t count) { input_read(count); });
  if (status < 0) failed(input_name, status);
}

void relay::input_read(std::int64_t count) {
  if (count < 0) return failed(input_name, count);
  if (count == 0) return send_end();
  const auto bytes = std::span(*outward_).first(static_cast<std::size_t>(count));
  sending_ = connection_->write(bytes, [this](const outcome<std::size_t>& done) { sent(done.failure()); });
}

void relay::sent(const error* failure) {
  if (!failure) return read_input();
  send_failure_ = words_of(*failure);
  sending_ended();
}

void relay::send_end() {
  sending_ = connection_->shutdown([this](const outcome<done>& ended) {
    if (const error* failure = ended.failure()) send_failure_ = words_of(*failure);
    sending_ended();
  });
}

void relay::sending_ended() {
  input_->close();
  send_done_ = true;
  settle();
}

// Inward: the connection to standard output.

void relay::receive() {
  receiving_ = connection_->read(*inward_, [this](const outcome<std::size_t>& count) { received(count); });
}

void relay::received(const outcome<std::size_t>& count) {
  if (const error* failure = count.failure()) return finish(words_of(*failure));
  const std::size_t size = *count.get_if();
  if (size == 0) return receiving_ended();
  const auto expected = static_cast<std::int64_t>(size);
  const int status = output_->write(std::span(*inward_).first(size),
                                    [this, expected](std::int64_t result) { written(result, expected); });
  if (status < 0) failed(output_name, status);
}

void relay::written(std::int64_t result, std::int64_t expected) {
  if (result != expected) return failed(output_name, result < 0 ? result : std::int64_t{UV_EIO});
  receive();
}

void relay::receiving_ended() {
  // No transfer is in flight, so it may go at once; who reads our output sees its end.
  output_.reset();
  let_go(STDOUT_FILENO);
  receive_done_ = true;
  settle();
}

// The end.

void relay::failed(const char* name, std::int64_t code) {
  finish(std::string(name) + ": " + uv_strerror(static_cast<int>(code)));
}

std::string relay::words_of(const error& failure) const {
  return "connection to " + peer_ + ": " + failure.what();
}

void relay::settle() {
  if (send_done_ && receive_done_) finish(std::exchange(send_failure_, {}));
}

void relay::finish(std::string failure) {
  auto tell = std::move(on_end_);
  stop();
  if (tell) tell(std::move(failure));
}

}  // namespace uvdial::cli
