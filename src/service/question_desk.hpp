#pragma once
// What the lookups of one resolver share: the cache, and one question for all who ask the same at once.
#include <memory>
#include <string_view>

#include "glue/dns_channel.hpp"
#include "logic/dns_cache.hpp"
#include "logic/linked_list.hpp"
#include "logic/name_index.hpp"

namespace uvdial::detail {

class reply_listener {
 public:
  // From the loop, never inside ask(), once for each question that was not forgotten. May do anything.
  virtual void replied(dns_record record, const shared_reply& reply) = 0;

 protected:
  ~reply_listener() = default;
};

// One question on its way, and those who wait for it.
class shared_question;

// A listener's place with a shared question. Empty while it does not wait.
class question_ticket : public list_link<shared_question> {
 private:
  friend class question_desk;
  friend class shared_question;
  shared_question* of_ = nullptr;  // means nothing where this is not listed
  reply_listener* listener_ = nullptr;
};

// Made with make_shared: replies that are being told hold a share.
class question_desk final : public std::enable_shared_from_this<question_desk> {
 public:
  explicit question_desk(std::size_t cache_entries) : cache_(cache_entries) {}
  question_desk(const question_desk&) = delete;
  question_desk& operator=(const question_desk&) = delete;
  ~question_desk() { close(); }

  // From here on questions go there. What runs elsewhere goes on to its end, and nobody joins it; what was
  // remembered is forgotten, since it may be true of another network only.
  void use(std::shared_ptr<dns_channel> channel) noexcept;
  bool has_channel() const noexcept { return channel_ != nullptr; }

  // A reply that holds at `time`; null: it must be asked for. Lives until the next call.
  const known_reply* known(std::string_view name, ip_family family, instant time = now()) noexcept {
    return cache_.find(name, family, time);
  }

  // Not without a channel, nor after close(). `place` is empty. Throws std::bad_alloc.
  void ask(std::string_view name, dns_record record, reply_listener& listener, question_ticket& place);
  // The listener will not be called. Does nothing for an empty ticket.
  void forget(question_ticket& ticket) noexcept;

  // That no server could be reached, or none answered, since this was asked last.
  bool take_trouble() noexcept { return std::exchange(in_trouble_, false); }

  // Ends all: no listener is called any more, and all tickets are empty. Idempotent.
  void close() noexcept;

 private:
  friend class shared_question;
  void settle(const shared_question& ended, const shared_reply& reply) noexcept;
  void drop(shared_question& question) noexcept;

  dns_cache cache_;
  std::shared_ptr<dns_channel> channel_{};
  linked_list<shared_question, question_desk> open_{};  // owned; on every channel
  name_index joinable_{};                               // of those, on the channel of the day
  bool in_trouble_ = false;
  bool closed_ = false;
};

}  // namespace uvdial::detail
