#pragma once
// Counts the live heap of a program by standing in for the allocator of glibc, which then does the work. Every library
// of the process comes through here. What counts is the whole block as the allocator cuts it: what was asked for, its
// header and the rounding. Blocks that the allocator keeps for reuse after they were freed do not count, as they do in
// mallinfo2().
//
// It defines malloc() and its kin: for one file of a program.
#include <malloc.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* block);
}

namespace bench {

class counted_heap {
 public:
  static constexpr std::size_t step = 16;      // between two sizes of the allocator
  static constexpr std::size_t classes = 512;  // the last one has all that is larger

  struct state {
    std::int64_t bytes = 0;
    std::int64_t blocks = 0;
    std::array<std::int64_t, classes> blocks_of{};  // by their size in steps
    std::int64_t large_bytes = 0;
  };

  static void made(void* block) noexcept { count(block, 1); }
  static void gone(void* block) noexcept { count(block, -1); }

  static state now() noexcept {
    state seen;
    seen.bytes = bytes_.load(std::memory_order_relaxed);
    seen.large_bytes = large_bytes_.load(std::memory_order_relaxed);
    for (std::size_t i = 0; i < classes; ++i) {
      seen.blocks_of[i] = blocks_of_[i].load(std::memory_order_relaxed);
      seen.blocks += seen.blocks_of[i];
    }
    return seen;
  }

 private:
  static void count(void* block, std::int64_t change) noexcept {
    if (!block) return;
    const std::size_t size = malloc_usable_size(block) + sizeof(std::size_t);
    const auto bytes = change * static_cast<std::int64_t>(size);
    bytes_.fetch_add(bytes, std::memory_order_relaxed);
    if (size / step >= classes - 1) large_bytes_.fetch_add(bytes, std::memory_order_relaxed);
    const std::size_t place = size / step < classes - 1 ? size / step : classes - 1;
    blocks_of_[place].fetch_add(change, std::memory_order_relaxed);
  }

  // Atomic because a thread of the loop's pool may allocate too.
  static inline constinit std::atomic<std::int64_t> bytes_{0};
  static inline constinit std::atomic<std::int64_t> large_bytes_{0};
  static inline constinit std::array<std::atomic<std::int64_t>, classes> blocks_of_{};
};

}  // namespace bench

extern "C" {

void* malloc(std::size_t size) noexcept {
  void* made = __libc_malloc(size);
  bench::counted_heap::made(made);
  return made;
}

void* calloc(std::size_t count, std::size_t size) noexcept {
  void* made = __libc_calloc(count, size);
  bench::counted_heap::made(made);
  return made;
}

void* realloc(void* block, std::size_t size) noexcept {
  bench::counted_heap::gone(block);
  void* made = __libc_realloc(block, size);
  if (!made && size != 0)
    bench::counted_heap::made(block);  // it stays where it is
  else
    bench::counted_heap::made(made);
  return made;
}

void* memalign(std::size_t alignment, std::size_t size) noexcept {
  void* made = __libc_memalign(alignment, size);
  bench::counted_heap::made(made);
  return made;
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept { return memalign(alignment, size); }

int posix_memalign(void** into, std::size_t alignment, std::size_t size) noexcept {
  if (alignment % sizeof(void*) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) return EINVAL;
  void* made = memalign(alignment, size);
  if (!made) return ENOMEM;
  *into = made;
  return 0;
}

void free(void* block) noexcept {
  bench::counted_heap::gone(block);
  __libc_free(block);
}
}
