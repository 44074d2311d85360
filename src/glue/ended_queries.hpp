#pragma once
// The questions of one channel that have ended, until they have heard of it.
#include <memory>
#include <optional>
#include <system_error>

#include "glue/dns_try.hpp"
#include "logic/linked_list.hpp"

namespace uvdial::detail {

// Answers are all told at once: they are as many as were read. What has only come to an end may have done so for
// thousands in one moment, when a server goes or falls silent: of those a few are told in each go.
class ended_queries {
 public:
  ended_queries();

  // With the reply that it has.
  void answered(dns_query& query) noexcept;
  void failed(dns_query& query, const std::error_code& why, const std::optional<endpoint>& server) noexcept;
  // In the next turn, for one that could not tell all who listen to it in this one.
  void again(dns_query& query, const shared_reply& reply) noexcept;
  void remove(dns_query& query) noexcept;

  // A turn of the loop begins.
  void next_turn() noexcept { failed_.take_all(again_); }
  // Those that are told may do anything: ask again, remove others, clear all.
  void tell() noexcept;
  // For good: nobody is told any more.
  void clear() noexcept;

  bool empty() const noexcept { return count_ == 0; }

 private:
  using list = linked_list<dns_query, dns_channel>;
  void put(dns_query& query, list& among) noexcept;
  void tell(list& from, int most) noexcept;

  std::size_t count_ = 0;  // with those of which tell() has a list of its own
  list answered_{};
  list failed_{};
  list again_{};
  shared_reply out_of_memory_;  // made in time
  bool cleared_ = false;
};

}  // namespace uvdial::detail
