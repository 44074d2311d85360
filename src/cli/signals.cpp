#include "cli/signals.hpp"

#include <csignal>
#include <system_error>
#include <utility>

#include "uvdial/error.hpp"

namespace uvdial::cli {

namespace {

void require(int status) {
  if (status < 0) throw std::system_error(std::error_code(status, uv_category()), "listening to signals");
}

}  // namespace

signals::signals(uv_loop_t& loop, told_callback told) : told_(std::move(told)) {
  listen(loop, interrupt_, SIGINT);
  listen(loop, terminate_, SIGTERM);
}

void signals::listen(uv_loop_t& loop, handle& on, int number) {
  require(on.open(nullptr, [&loop](uv_signal_t* fresh) { return uv_signal_init(&loop, fresh); }));
  on->data = this;
  require(uv_signal_start(on.get(), on_signal, number));
}

void signals::close() noexcept {
  interrupt_.reset();
  terminate_.reset();
}

void signals::on_signal(uv_signal_t* handle, int number) noexcept {
  if (auto* self = static_cast<signals*>(handle->data)) self->told_(number);
}

}  // namespace uvdial::cli
