#include "uvdial/confirm.hpp"

#include <uv.h>

#include <utility>

#include "uvdial/error.hpp"

namespace uvdial {

namespace {

std::error_code unconfirmed() noexcept { return {UV_ECONNABORTED, uv_category()}; }

}  // namespace

confirmation::confirmation(std::weak_ptr<detail::confirming> dial, std::uint32_t attempt) noexcept
    : dial_(std::move(dial)), attempt_(attempt) {}

confirmation::confirmation(confirmation&& other) noexcept
    : dial_(std::exchange(other.dial_, {})), attempt_(other.attempt_) {}

confirmation& confirmation::operator=(confirmation&& other) noexcept {
  if (this == &other) return *this;
  const confirmation old(std::move(*this));
  dial_ = std::exchange(other.dial_, {});
  attempt_ = other.attempt_;
  return *this;
}

confirmation::~confirmation() { no(unconfirmed()); }

void confirmation::yes() noexcept {
  if (const auto dial = std::exchange(dial_, {}).lock()) dial->confirmed(attempt_);
}

void confirmation::no(std::error_code why) noexcept {
  if (const auto dial = std::exchange(dial_, {}).lock()) dial->denied(attempt_, why ? why : unconfirmed());
}

bool confirmation::wanted() const noexcept {
  const auto dial = dial_.lock();
  return dial && dial->confirms(attempt_);
}

}  // namespace uvdial
