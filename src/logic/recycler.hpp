#pragma once
// Memory for short-lived objects of one kind: the blocks of some that are gone serve those that come next.
#include <cstddef>
#include <new>
#include <utility>

namespace uvdial::detail {

// The objects are its user's; none may be left when it is destroyed. For types of usual alignment.
template <class Made>
class recycler {
 public:
  explicit recycler(std::size_t most_kept) noexcept : most_(most_kept) {}
  recycler(const recycler&) = delete;
  recycler& operator=(const recycler&) = delete;
  ~recycler() {
    while (void* const block = take()) ::operator delete(block);
  }

  // Throws std::bad_alloc, and what the constructor throws.
  template <class... From>
  Made& make(From&&... from) {
    void* block = take();
    if (!block) block = ::operator new(sizeof(Made));
    try {
      return *::new (block) Made(std::forward<From>(from)...);
    } catch (...) {
      keep(block);
      throw;
    }
  }
  void destroy(Made& old) noexcept {
    old.~Made();
    keep(&old);
  }

 private:
  struct free_block {
    free_block* next;
  };
  static_assert(sizeof(Made) >= sizeof(free_block) && alignof(Made) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);

  void* take() noexcept {
    if (!free_) return nullptr;
    --kept_;
    return std::exchange(free_, free_->next);
  }
  void keep(void* block) noexcept {
    if (kept_ == most_) return ::operator delete(block);
    ++kept_;
    free_ = ::new (block) free_block{free_};
  }

  std::size_t most_;
  std::size_t kept_ = 0;
  free_block* free_ = nullptr;
};

}  // namespace uvdial::detail
