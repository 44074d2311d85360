#pragma once
// Objects found by a name of DNS and a number beside it. Each carries its name in its own block of memory, and its place
// in the index: one allocation holds all, and a search makes none.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace uvdial::detail {

// What can be in an index. Names are compared without regard to ASCII case and to a final dot. Pinned.
class indexed_name {
 public:
  indexed_name(const indexed_name&) = delete;
  indexed_name& operator=(const indexed_name&) = delete;

  std::string_view text() const noexcept { return {text_, size_}; }
  std::uint16_t kind() const noexcept { return kind_; }

 protected:
  indexed_name(std::string_view name, std::uint16_t kind) noexcept;
  ~indexed_name() = default;

 private:
  friend class name_index;
  const char* text_;
  std::uint32_t hash_;
  std::uint16_t size_;
  std::uint16_t kind_;
  indexed_name* next_ = nullptr;  // with the same place
};

// Who owns an object that was made with its name behind it.
struct named_release {
  template <class Made>
  void operator()(Made* held) const noexcept {
    held->~Made();
    ::operator delete(held);
  }
};
template <class Made>
using named = std::unique_ptr<Made, named_release>;

// Made's constructor gets the name as it stands behind the object, with a zero at its end. Names are shorter than 64 Ki.
template <class Made, class... Rest>
named<Made> make_named(std::string_view name, Rest&&... rest) {
  static_assert(std::is_nothrow_constructible_v<Made, std::string_view, Rest...>);
  void* const memory = ::operator new(sizeof(Made) + name.size() + 1);
  char* const text = static_cast<char*>(memory) + sizeof(Made);
  if (!name.empty()) std::memcpy(text, name.data(), name.size());
  text[name.size()] = '\0';
  return named<Made>(::new (memory) Made(std::string_view(text, name.size()), std::forward<Rest>(rest)...));
}

class name_index {
 public:
  // Null: it is not there. Allocates nothing.
  indexed_name* find(std::string_view name, std::uint16_t kind) const noexcept;
  // One that is not there, nor another with its name and kind. Where it throws std::bad_alloc nothing has changed.
  void add(indexed_name& fresh);
  // Does nothing where it is not there.
  void remove(const indexed_name& old) noexcept;
  void clear() noexcept;

 private:
  std::size_t place_of(std::uint32_t hash) const noexcept { return hash & (places_.size() - 1); }
  void put(indexed_name& each) noexcept;
  void grow();

  std::vector<indexed_name*> places_{};  // a power of two of them, or none
  std::size_t size_ = 0;
};

}  // namespace uvdial::detail
