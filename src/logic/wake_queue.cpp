#include "logic/wake_queue.hpp"

namespace uvdial::detail {

void wake_queue::put(wake_entry* entry, std::size_t place) noexcept {
  heap_[place] = entry;
  entry->place_ = place;
}

void wake_queue::rise(std::size_t place) noexcept {
  wake_entry* entry = heap_[place];
  while (place > 0 && entry->when_ < heap_[(place - 1) / 2]->when_) {
    put(heap_[(place - 1) / 2], place);
    place = (place - 1) / 2;
  }
  put(entry, place);
}

void wake_queue::sink(std::size_t place) noexcept {
  wake_entry* entry = heap_[place];
  for (std::size_t child = 2 * place + 1; child < heap_.size(); child = 2 * place + 1) {
    if (child + 1 < heap_.size() && heap_[child + 1]->when_ < heap_[child]->when_) ++child;
    if (entry->when_ <= heap_[child]->when_) break;
    put(heap_[child], place);
    place = child;
  }
  put(entry, place);
}

void wake_queue::set(wake_entry& entry, std::chrono::nanoseconds when) {
  if (!entry.waits()) {
    heap_.push_back(&entry);
    entry.place_ = heap_.size() - 1;
    entry.when_ = when;
    return rise(entry.place_);
  }
  const bool is_later = when > entry.when_;
  entry.when_ = when;
  if (is_later)
    sink(entry.place_);
  else
    rise(entry.place_);
}

void wake_queue::remove(wake_entry& entry) noexcept {
  if (!entry.waits()) return;
  const std::size_t place = entry.place_;
  wake_entry* last = heap_.back();
  heap_.pop_back();
  entry.place_ = wake_entry::nowhere;
  if (last == &entry) return;
  put(last, place);
  if (last->when_ < entry.when_)
    rise(place);
  else
    sink(place);
}

std::optional<std::chrono::nanoseconds> wake_queue::earliest() const noexcept {
  if (heap_.empty()) return std::nullopt;
  return heap_.front()->when_;
}

wake_entry* wake_queue::take_due(std::chrono::nanoseconds now) noexcept {
  if (heap_.empty() || heap_.front()->when_ > now) return nullptr;
  wake_entry* due = heap_.front();
  remove(*due);
  return due;
}

}  // namespace uvdial::detail
