#pragma once
// A vector whose first elements lie inside of it: of most lists of a dial there is one.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace uvdial::detail {

// `Inside` elements cost no memory of their own, and more than that are on the heap. Pinned. Its references hold until
// something is added or erased.
template <class Element, std::size_t Inside>
class few {
  static_assert(std::is_nothrow_move_constructible_v<Element> && std::is_nothrow_move_assignable_v<Element>);
  static_assert(alignof(Element) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);

 public:
  few() noexcept = default;
  few(const few&) = delete;
  few& operator=(const few&) = delete;
  ~few() {
    clear();
    free_heap();
  }

  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }
  Element* begin() noexcept { return place(0); }
  Element* end() noexcept { return place(size_); }
  const Element* begin() const noexcept { return place(0); }
  const Element* end() const noexcept { return place(size_); }
  Element& operator[](std::size_t at) noexcept { return *place(at); }
  const Element& operator[](std::size_t at) const noexcept { return *place(at); }
  Element& back() noexcept { return *place(size_ - 1); }

  // Throws std::bad_alloc, and then nothing has changed. After it, so many elements can be added without memory.
  void reserve(std::size_t wanted) {
    if (wanted > room_) move_to(std::max<std::size_t>(wanted, 2 * room_));
  }
  template <class... Arguments>
  Element& add(Arguments&&... arguments) {
    reserve(size() + 1);
    return *::new (static_cast<void*>(place(size_++))) Element{std::forward<Arguments>(arguments)...};
  }
  void erase(Element* which) noexcept {
    std::move(which + 1, end(), which);
    std::destroy_at(place(--size_));
  }
  void clear() noexcept {
    while (size_ > 0) std::destroy_at(place(--size_));
  }

 private:
  Element* place(std::size_t at) noexcept { return std::launder(reinterpret_cast<Element*>(bytes_)) + at; }
  const Element* place(std::size_t at) const noexcept {
    return std::launder(reinterpret_cast<const Element*>(bytes_)) + at;
  }
  void move_to(std::size_t room) {
    auto* fresh = static_cast<std::byte*>(::operator new(room * sizeof(Element)));
    std::uninitialized_move(begin(), end(), reinterpret_cast<Element*>(fresh));
    std::destroy(begin(), end());
    free_heap();
    bytes_ = fresh;
    room_ = static_cast<std::uint32_t>(room);
  }
  void free_heap() noexcept {
    if (bytes_ != inside_) ::operator delete(bytes_);
  }

  std::byte* bytes_ = inside_;
  std::uint32_t size_ = 0;
  std::uint32_t room_ = Inside;
  alignas(Element) std::byte inside_[Inside * sizeof(Element)];
};

}  // namespace uvdial::detail
