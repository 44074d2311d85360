#include "service/question_desk.hpp"

#include <new>
#include <utility>

#include "uvdial/error.hpp"

namespace uvdial::detail {

namespace {

constexpr int most_told_at_once = 32;  // each may be a dial that goes on to its connects

}  // namespace

// One block with its name. The desk owns it while it is open; while its reply is told it owns itself.
class shared_question final : public indexed_name, public dns_query, public list_link<question_desk> {
 public:
  using owner = named<shared_question>;
  shared_question(std::string_view its_name, dns_record its_record, question_desk& its_desk,
                  const std::shared_ptr<dns_channel>& its_channel) noexcept
      : indexed_name(its_name, static_cast<std::uint16_t>(its_record)),
        dns_query(its_name, its_record),
        desk(its_desk),
        channel(its_channel) {}

  void replied(const shared_reply& reply) override;

  question_desk& desk;
  const std::shared_ptr<dns_channel> channel;
  linked_list<question_ticket, shared_question> listeners{};
  bool is_settled = false;
};

// A listener may do anything while it is told: forget others of this list, ask the same name again, close the desk.
// Where many listen, some are told in each turn, so that nobody else on the loop has to wait for all.
void shared_question::replied(const shared_reply& reply) {
  const auto its_desk = desk.shared_from_this();
  owner self(this);
  its_desk->open_.remove(*this);
  if (!std::exchange(is_settled, true)) its_desk->settle(*this, reply);
  for (int told = 0; !listeners.empty() && !its_desk->closed_; ++told) {
    if (told == most_told_at_once) {
      its_desk->open_.push_back(*self.release());
      return channel->tell_again(*this, reply);
    }
    listeners.pop_front().listener_->replied(record, reply);
  }
}

void question_desk::use(std::shared_ptr<dns_channel> channel) noexcept {
  channel_ = std::move(channel);
  joinable_.clear();
  cache_.clear();
}

void question_desk::ask(std::string_view name, dns_record record, reply_listener& listener,
                        question_ticket& place) {
  auto* question = static_cast<shared_question*>(joinable_.find(name, static_cast<std::uint16_t>(record)));
  if (!question) {
    auto made = make_named<shared_question>(name, record, *this, channel_);
    joinable_.add(*made);
    question = made.release();
    open_.push_back(*question);
    channel_->ask(*question);
  }
  place.of_ = question;
  place.listener_ = &listener;
  question->listeners.push_back(place);
}

void question_desk::forget(question_ticket& ticket) noexcept {
  if (!ticket.is_listed()) return;
  ticket.leave();
  shared_question& of = *ticket.of_;
  // One that is in no list is being told at this moment, and goes by itself.
  if (!of.listeners.empty() || !open_.is_listed(of)) return;
  of.channel->forget(of);
  drop(of);
}

void question_desk::settle(const shared_question& ended, const shared_reply& reply) noexcept {
  joinable_.remove(ended);
  if (reply->why &&
      (to_resolve_errc(reply->why) == resolve_errc::dns_timeout || code_name(reply->why) == "DNSUNREACHABLE"))
    in_trouble_ = true;
  const auto family = family_of(ended.record);
  if (!family || ended.channel != channel_) return;
  try {
    cache_.keep(ended.name, *family, reply, now());
  } catch (const std::bad_alloc&) {
    return;  // what cannot be remembered is asked for again; what is remembered stays
  }
}

void question_desk::drop(shared_question& question) noexcept {
  const shared_question::owner gone(&question);
  joinable_.remove(question);
}

void question_desk::close() noexcept {
  closed_ = true;
  while (!open_.empty()) {
    shared_question& each = open_.front();
    each.channel->close();  // so that none of its questions runs any more
    drop(each);
  }
  if (channel_) channel_->close();
  channel_.reset();
}

}  // namespace uvdial::detail
