#include "glue/ended_queries.hpp"

#define CARES_NO_DEPRECATED
#include <ares.h>

#include <limits>
#include <new>
#include <utility>

#include "uvdial/error.hpp"

namespace uvdial::detail {

namespace {

constexpr int most_failures_at_once = 64;  // each may be a dial that ends

shared_reply failure(const std::error_code& why, const std::optional<endpoint>& server) {
  auto made = std::make_shared<dns_reply>();
  made->why = why;
  made->server = server;
  return made;
}

}  // namespace

ended_queries::ended_queries() : out_of_memory_(failure({ARES_ENOMEM, ares_category()}, std::nullopt)) {}

void ended_queries::put(dns_query& query, list& among) noexcept {
  query.has_ended_ = true;
  among.push_back(query);
  ++count_;
}

void ended_queries::answered(dns_query& query) noexcept { put(query, answered_); }

void ended_queries::failed(dns_query& query, const std::error_code& why,
                           const std::optional<endpoint>& server) noexcept {
  try {
    query.reply_ = failure(why, server);
  } catch (const std::bad_alloc&) {
    query.reply_ = out_of_memory_;
  }
  put(query, failed_);
}

void ended_queries::again(dns_query& query, const shared_reply& reply) noexcept {
  query.reply_ = reply;
  put(query, again_);
}

void ended_queries::remove(dns_query& query) noexcept {
  list::remove(query);
  --count_;
}

void ended_queries::tell() noexcept {
  tell(answered_, std::numeric_limits<int>::max());
  if (!cleared_) tell(failed_, most_failures_at_once);
}

// Only what has ended by now: who is told may ask again, and that may end at once.
void ended_queries::tell(list& from, int most) noexcept {
  list ended(std::move(from));
  for (; most > 0 && !ended.empty() && !cleared_; --most) {
    dns_query& query = ended.pop_front();
    --count_;
    const shared_reply reply = std::move(query.reply_);
    query.replied(reply);  // last: it may be gone
  }
  if (cleared_) return;
  ended.take_all(from);
  from.take_all(ended);
}

void ended_queries::clear() noexcept {
  cleared_ = true;
  answered_.clear();
  failed_.clear();
  again_.clear();
  count_ = 0;
}

}  // namespace uvdial::detail
