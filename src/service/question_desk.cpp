#include "service/question_desk.hpp"

#include <new>
#include <utility>

#include "logic/host_name.hpp"
#include "uvdial/error.hpp"

namespace uvdial::detail {

namespace {

std::string key_of(const std::string& name, dns_record record) {
  return static_cast<char>(record) + folded_name(name);
}

// For one of several listeners. Nobody catches where they are told.
dns_reply copy_of(const dns_reply& reply) noexcept try { return reply; } catch (const std::bad_alloc&) {
  dns_reply lost;
  lost.why = {UV_ENOMEM, uv_category()};
  return lost;
}

}  // namespace

class shared_question final : public dns_waiter, public std::enable_shared_from_this<shared_question> {
 public:
  shared_question(question_desk& its_desk, std::shared_ptr<dns_channel> its_channel, std::string its_name,
                  dns_record its_record, std::string its_key)
      : desk(its_desk),
        channel(std::move(its_channel)),
        name(std::move(its_name)),
        record(its_record),
        key(std::move(its_key)) {}

  void replied(dns_query*, dns_reply reply) override;

  question_desk& desk;
  std::shared_ptr<dns_channel> channel;
  std::string name;
  dns_record record;
  std::string key;
  dns_query* query = nullptr;  // null: it has ended
  std::list<reply_listener*> listeners{};
  std::list<std::shared_ptr<shared_question>>::iterator self{};
};

// A listener may do anything while it is told: forget others of this list, ask the same name again, close the desk.
void shared_question::replied(dns_query*, dns_reply reply) {
  const auto kept = shared_from_this();
  const auto its_desk = desk.shared_from_this();
  query = nullptr;
  its_desk->settle(*this, reply);
  channel.reset();  // tickets may keep this object for long, and its handles close only when nobody holds it
  while (!listeners.empty() && !its_desk->closed_) {
    reply_listener* const next = listeners.front();
    listeners.pop_front();
    if (listeners.empty()) return next->replied(record, std::move(reply));
    next->replied(record, copy_of(reply));
  }
}

void question_desk::use(std::shared_ptr<dns_channel> channel) noexcept {
  channel_ = std::move(channel);
  joinable_.clear();
  cache_.clear();
}

question_ticket question_desk::ask(const std::string& name, dns_record record, reply_listener& listener) {
  std::string key = key_of(name, record);
  const auto found = joinable_.find(key);
  if (found != joinable_.end()) {
    shared_question& joined = *found->second;
    return {joined.shared_from_this(), joined.listeners.insert(joined.listeners.end(), &listener)};
  }
  auto made = std::make_shared<shared_question>(*this, channel_, name, record, std::move(key));
  const auto place = made->listeners.insert(made->listeners.end(), &listener);
  made->self = open_.insert(open_.end(), made);
  try {
    joinable_.emplace(made->key, made.get());
    made->query = channel_->ask(name, record, *made);
  } catch (...) {
    remove(*made);
    throw;
  }
  return {std::move(made), place};
}

void question_desk::forget(question_ticket& ticket) noexcept {
  const std::shared_ptr<shared_question> of = std::exchange(ticket.of, nullptr);
  if (!of) return;
  of->listeners.erase(ticket.place);
  if (!of->listeners.empty() || !of->query) return;
  of->channel->forget(std::exchange(of->query, nullptr));
  remove(*of);
}

void question_desk::settle(shared_question& ended, const dns_reply& reply) noexcept {
  remove(ended);
  const resolve_errc meaning = reply.why ? to_resolve_errc(reply.why) : resolve_errc{};
  if (code_name(reply.why) == "DNSUNREACHABLE" || meaning == resolve_errc::dns_timeout) in_trouble_ = true;
  const auto family = family_of(ended.record);
  if (!family || ended.channel != channel_) return;
  try {
    cache_.keep(ended.name, *family, reply, now());
  } catch (const std::bad_alloc&) {
    cache_.clear();  // what cannot be remembered is asked for again
  }
}

void question_desk::remove(shared_question& ended) noexcept {
  const auto found = joinable_.find(ended.key);
  if (found != joinable_.end() && found->second == &ended) joinable_.erase(found);
  open_.erase(ended.self);
}

// Whoever waits keeps his ticket, and gives it back one day.
void question_desk::close() noexcept {
  closed_ = true;
  for (const auto& each : open_) {
    each->query = nullptr;
    each->channel->close();
    each->channel.reset();  // its handles close only when nobody holds it
  }
  open_.clear();
  joinable_.clear();
  if (channel_) channel_->close();
  channel_.reset();
}

}  // namespace uvdial::detail
