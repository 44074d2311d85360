#pragma once
// What runs on behalf of one resolver, and may outlive it.
#include <list>
#include <memory>
#include <system_error>

#include "service/question_desk.hpp"

namespace uvdial::detail {

class running_lookup;

struct lookup_group {
  explicit lookup_group(std::size_t cache_entries) : desk(std::make_shared<question_desk>(cache_entries)) {}
  ~lookup_group() { desk->close(); }
  lookup_group(const lookup_group&) = delete;
  lookup_group& operator=(const lookup_group&) = delete;

  std::shared_ptr<question_desk> desk;
  std::list<running_lookup*> running{};
};

// In its group's list for as long as it may still be cut off.
class running_lookup {
 public:
  explicit running_lookup(std::shared_ptr<lookup_group> its_group)
      : group_(std::move(its_group)), place_(group_->running.insert(group_->running.end(), this)) {}
  running_lookup(const running_lookup&) = delete;
  running_lookup& operator=(const running_lookup&) = delete;

  // Tells its sink that it ends with this code, where it has not told the end; leaves the group first. The sink may
  // destroy this object.
  virtual void fail(const std::error_code& why) = 0;

 protected:
  ~running_lookup() { leave_group(); }
  void leave_group() noexcept {
    if (!in_group_) return;
    in_group_ = false;
    group_->running.erase(place_);
  }
  question_desk& desk() const noexcept { return *group_->desk; }

 private:
  std::shared_ptr<lookup_group> group_;
  std::list<running_lookup*>::iterator place_;
  bool in_group_ = true;
};

}  // namespace uvdial::detail
