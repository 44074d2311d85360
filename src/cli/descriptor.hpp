#pragma once
// The three descriptors a program is born with. They are not ours alone: the shell, and every program that
// shares the same terminal or pipe, see what is done to them. So they are put back as they were.
#include <optional>
#include <string_view>
#include <utility>

namespace uvdial::cli {

// Owns one descriptor; -1: none.
class descriptor {
 public:
  descriptor() noexcept = default;
  explicit descriptor(int number) noexcept : number_(number) {}
  descriptor(descriptor&& other) noexcept : number_(other.release()) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~descriptor();

  int number() const noexcept { return number_; }
  int release() noexcept { return std::exchange(number_, -1); }
  void close() noexcept { descriptor().swap_with(*this); }

 private:
  void swap_with(descriptor& other) noexcept { std::swap(number_, other.number_); }
  int number_ = -1;
};

// Puts a descriptor that was blocking back to blocking when it dies.
class blocking_again {
 public:
  explicit blocking_again(int number) noexcept;
  blocking_again(const blocking_again&) = delete;
  blocking_again& operator=(const blocking_again&) = delete;
  ~blocking_again();

 private:
  int number_;  // -1: nothing to do
};

// A descriptor for the same thing, 3 or higher. A pipe is opened anew where the system allows it, so that
// making the copy non-blocking does not make it so for others, also when this program is killed. -1 with
// errno: failed.
descriptor own_copy(int number) noexcept;

// Fills the places 0, 1 and 2 if they are closed, so that no socket of ours ends up there: the missing input
// is at its end, writing to the missing output fails, and what is said to the missing error output is lost.
void fill_missing_descriptors() noexcept;

// Gives up our hold on a standard descriptor, so that its reader sees the end; the place stays taken.
void let_go(int number) noexcept;

// Writes all of `text`, waiting where it must, also on a non-blocking descriptor. 0, or a negative libuv
// code.
int write_all(int number, std::string_view text) noexcept;

}  // namespace uvdial::cli
