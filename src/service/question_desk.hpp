#pragma once
// What the lookups of one resolver share: the cache, and one question for all who ask the same at once.
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "glue/dns_channel.hpp"
#include "logic/dns_cache.hpp"

namespace uvdial::detail {

class reply_listener {
 public:
  // From the loop, never inside ask(), once for each question that was not forgotten. May do anything.
  virtual void replied(dns_record record, dns_reply reply) = 0;

 protected:
  ~reply_listener() = default;
};

// One question on its way, and those who wait for it.
class shared_question;

// A listener's place with a shared question. Empty: it does not wait.
struct question_ticket {
  std::shared_ptr<shared_question> of{};
  std::list<reply_listener*>::iterator place{};
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

  // A reply that still holds; null: it must be asked for. Lives until the next call.
  const dns_reply* known(const std::string& name, ip_family family) {
    return cache_.find(name, family, now());
  }

  // Not without a channel, nor after close(). Throws std::bad_alloc.
  question_ticket ask(const std::string& name, dns_record record, reply_listener& listener);
  // The listener will not be called. Does nothing for an empty ticket.
  void forget(question_ticket& ticket) noexcept;

  // That no server could be reached, or none answered, since this was asked last.
  bool take_trouble() noexcept { return std::exchange(in_trouble_, false); }

  // Ends all: no listener is called any more. Idempotent.
  void close() noexcept;

 private:
  friend class shared_question;
  void settle(shared_question& ended, const dns_reply& reply) noexcept;
  void remove(shared_question& ended) noexcept;

  dns_cache cache_;
  std::shared_ptr<dns_channel> channel_{};
  std::list<std::shared_ptr<shared_question>> open_{};  // on every channel
  std::unordered_map<std::string, shared_question*> joinable_{};
  bool in_trouble_ = false;
  bool closed_ = false;
};

}  // namespace uvdial::detail
