#pragma once
// Lists whose links stand in their elements: putting one in costs no memory, and it leaves without a search.
#include <cstddef>

namespace uvdial::detail {

// What can be in one list at a time; `Of` tells the links apart where an element is in several. Pinned while it is in
// a list, which it leaves when it is destroyed.
template <class Of>
class list_link {
 public:
  list_link() noexcept = default;
  list_link(const list_link&) = delete;
  list_link& operator=(const list_link&) = delete;
  ~list_link() { leave(); }

  bool is_listed() const noexcept { return next_ != this; }
  // Does nothing where it is in no list.
  void leave() noexcept {
    before_->next_ = next_;
    next_->before_ = before_;
    before_ = next_ = this;
  }

 private:
  template <class Element, class Tag>
  friend class linked_list;
  void stand_before(list_link& other) noexcept {
    leave();
    before_ = other.before_;
    next_ = &other;
    before_->next_ = other.before_ = this;
  }

  // In a circle, with the list's own link between the last and the first: neither end is a special case.
  list_link* before_ = this;
  list_link* next_ = this;
};

// Owns nothing: its elements are in no list when it is gone. `Element` has a public base list_link<Of>.
template <class Element, class Of>
class linked_list {
 public:
  linked_list() noexcept = default;
  linked_list(linked_list&& other) noexcept { take_all(other); }
  linked_list& operator=(linked_list&&) = delete;
  ~linked_list() { clear(); }

  bool empty() const noexcept { return !ends_.is_listed(); }
  std::size_t size() const noexcept {  // goes through all
    std::size_t count = 0;
    for (const list_link<Of>* each = ends_.next_; each != &ends_; each = each->next_) ++count;
    return count;
  }
  // In this list or another one of its kind.
  static bool is_listed(const Element& element) noexcept {
    return static_cast<const list_link<Of>&>(element).is_listed();
  }
  // Not of an empty list.
  Element& front() noexcept { return static_cast<Element&>(*ends_.next_); }
  const Element& front() const noexcept { return static_cast<const Element&>(*ends_.next_); }
  Element& back() noexcept { return static_cast<Element&>(*ends_.before_); }
  // Null: there is none.
  Element* behind(Element& element) noexcept {
    list_link<Of>* const next = static_cast<list_link<Of>&>(element).next_;
    return next == &ends_ ? nullptr : static_cast<Element*>(next);
  }

  // From wherever it is.
  void push_back(Element& element) noexcept { static_cast<list_link<Of>&>(element).stand_before(ends_); }
  void push_front(Element& element) noexcept {
    remove(element);  // it may be the first one
    static_cast<list_link<Of>&>(element).stand_before(*ends_.next_);
  }
  // From this list or another one of its kind, if it is in any.
  static void remove(Element& element) noexcept { static_cast<list_link<Of>&>(element).leave(); }
  Element& pop_front() noexcept {
    Element& first = front();
    remove(first);
    return first;
  }
  // All of another one, in their order, behind those that are here.
  void take_all(linked_list& other) noexcept {
    if (other.empty()) return;
    list_link<Of>& first = *other.ends_.next_;
    list_link<Of>& last = *other.ends_.before_;
    other.ends_.next_ = other.ends_.before_ = &other.ends_;
    first.before_ = ends_.before_;
    last.next_ = &ends_;
    first.before_->next_ = &first;
    ends_.before_ = &last;
  }
  void clear() noexcept {
    while (!empty()) ends_.next_->leave();
  }

 private:
  list_link<Of> ends_{};
};

}  // namespace uvdial::detail
