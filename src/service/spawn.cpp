#include "uvdial/spawn.hpp"

#include <cxxabi.h>

#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <typeinfo>

#include "service/call_failure.hpp"
#include "service/loop_clock.hpp"

namespace uvdial::detail {

class loop_call::core final : public clock_wait, public std::enable_shared_from_this<core> {
 public:
  explicit core(uv_loop_t& loop) : clock_(loop_clock::of(loop)) {}

  void post(unique_function<void()> call) noexcept {
    call_ = std::move(call);
    self_ = shared_from_this();
    clock_->post(*this);
  }
  void drop() noexcept {
    const auto self = std::move(self_);
    clock_->remove(*this);
    const auto silent = std::move(call_);
  }
  void told() noexcept override {
    const auto self = std::move(self_);
    auto call = std::move(call_);
    call();
  }

 private:
  std::shared_ptr<loop_clock> clock_;
  std::shared_ptr<core> self_{};  // while it is posted
  unique_function<void()> call_{};
};

loop_call::loop_call(uv_loop_t& loop) : core_(std::make_shared<core>(loop)) {}
loop_call::loop_call(loop_call&&) noexcept = default;
loop_call::~loop_call() {
  if (core_) core_->drop();
}

void loop_call::post(unique_function<void()> call) noexcept { core_->post(std::move(call)); }

// The exception's own object stands in the outcome: its type is kept, whatever it is, and nothing is copied.
std::shared_ptr<const error> failure_of(const std::exception_ptr& thrown) noexcept {
  try {
    std::rethrow_exception(thrown);
  } catch (const error& why) {
    try {
      const auto owner = std::make_shared<const std::exception_ptr>(thrown);
      return {owner, &why};
    } catch (const std::bad_alloc&) {
      return make_error(why.kind(), why.code(), {});
    }
  } catch (const std::bad_alloc&) {
    return make_error(error_kind::out_of_resources, std::error_code(UV_ENOMEM, uv_category()), {});
  } catch (...) {
    return nullptr;
  }
}

std::shared_ptr<const error> task_cancelled() noexcept { return call_failure("task", UV_ECANCELED); }

namespace {

std::string readable(const std::type_info* type) {
  if (!type) return "an exception";
  int status = 0;
  char* const name = abi::__cxa_demangle(type->name(), nullptr, nullptr, &status);
  std::string text = name ? name : type->name();
  std::free(name);
  return text;
}

std::string describe(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& why) {
    return readable(abi::__cxa_current_exception_type()) + ": " + why.what();
  } catch (...) {
    return readable(abi::__cxa_current_exception_type());
  }
}

}  // namespace

void nobody_receives(const std::exception_ptr& thrown, const call_site& where) noexcept {
  std::string what;
  try {
    what = describe(thrown);
    for (char& letter : what)
      if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f) letter = ' ';  // one line
  } catch (const std::bad_alloc&) {
    what.clear();  // the rest of the line needs no memory
  }
  // Nothing is to be done about a stderr that fails.
  (void)std::fprintf(stderr, "uvdial: nobody receives what a task threw, spawned at %s:%d (%s): %s\n",
                     where.file, where.line, where.function, what.c_str());
  std::rethrow_exception(thrown);  // out of a noexcept function: std::terminate, with the exception at hand
}

}  // namespace uvdial::detail
