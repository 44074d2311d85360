#pragma once
// What runs on behalf of one resolver, and may outlive it.
#include <memory>
#include <system_error>

#include "logic/linked_list.hpp"
#include "service/question_desk.hpp"
#include "uvdial/operation.hpp"

namespace uvdial::detail {

class running_lookup;

struct lookup_group {
  explicit lookup_group(std::size_t cache_entries) : desk(std::make_shared<question_desk>(cache_entries)) {}
  ~lookup_group() { desk->close(); }
  lookup_group(const lookup_group&) = delete;
  lookup_group& operator=(const lookup_group&) = delete;

  std::shared_ptr<question_desk> desk;
  linked_list<running_lookup, lookup_group> running{};
  callback<done> on_closed{};  // of the resolver, once it is asked to close
};

// In its group's list for as long as it may still be cut off.
class running_lookup : public list_link<lookup_group> {
 public:
  explicit running_lookup(std::shared_ptr<lookup_group> its_group) noexcept : group_(std::move(its_group)) {
    group_->running.push_back(*this);
  }
  running_lookup(const running_lookup&) = delete;
  running_lookup& operator=(const running_lookup&) = delete;

  // Tells its sink that it ends with this code, where it has not told the end; leaves the group first. The sink may
  // destroy this object.
  virtual void fail(const std::error_code& why) = 0;

 protected:
  ~running_lookup() = default;
  question_desk& desk() const noexcept { return *group_->desk; }

 private:
  std::shared_ptr<lookup_group> group_;
};

}  // namespace uvdial::detail
