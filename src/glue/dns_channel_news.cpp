// What c-ares and the sockets have noted of a DNS channel's tries, on its way to the pacing and to those who asked.
#include <utility>

#include "glue/dns_channel.hpp"
#include "uvdial/error.hpp"

namespace uvdial::detail {

namespace {

constexpr int bearable_troubles = 1;  // a shortage of the machine may be over at once
// Of a connection, by an answer to another question that c-ares cannot read: 1.32 and later then give up all who share the
// socket. Each takes an answer of the server, and the time of the question goes on.
constexpr int bearable_breaks = 64;

}  // namespace

// What c-ares and the sockets have noted. Good answers first: a closed port ends whatever else waits for it. What
// has to be asked for again last: that may fail at once, for reasons that are then looked at in the next round.
bool dns_channel::take_news() noexcept {
  dns_try::list ended(std::move(ended_tries_));
  dns_try::list failed;
  dns_try::list truncated;
  bool any = !ended.empty();
  while (!ended.empty()) {
    dns_try& each = ended.front();
    if (each.over_tcp() && each.has_packet()) servers_[each.server()].stream_heard_at = each.arrived;
    if (each.what() == dns_try::answer::usable)
      take_answer(each);
    else
      (each.what() == dns_try::answer::truncated ? truncated : failed).push_back(each);
  }
  for (std::size_t place = 0; place < servers_.size(); ++place) any = take_troubles(place) || any;
  while (!failed.empty()) {
    take_failure(failed.front());
    tries_.destroy(failed.front());
  }
  for (const auto& each : servers_) each->trouble = {};
  while (!truncated.empty()) ask_over_tcp(truncated.front());
  return any;
}

void dns_channel::ask_over_tcp(dns_try& which) noexcept {
  if (!which.query()) return take_answer(which);
  pacer_.announced(which, which.arrived);
  which.query()->goes_over_tcp_ = true;
  under_way_.push_back(which);
  which.send(servers_[which.server()].stream(), true);
}

void dns_channel::take_answer(dns_try& which) noexcept {
  if (auto* query = static_cast<dns_query*>(pacer_.answered(which, which.arrived))) {
    query->reply_ = std::move(which.reply);
    ended_.answered(*query);
  }
  tries_.destroy(which);
}

// What the sockets of one server have met. True: there was something.
bool dns_channel::take_troubles(std::size_t place) noexcept {
  dns_server& from = servers_[place];
  bool refused = false;
  bool renewed = false;
  for (const auto& each : from) {
    if (const int failure = each->take_watch_failure(); failure != 0) {
      fail_all({failure, uv_category()});
      return true;
    }
    server_sockets& sockets = each->sockets();
    if (!sockets.has_news()) continue;
    if (const auto capacity = sockets.take_capacity()) pacer_.limit(place, *capacity);
    if (const int trouble = sockets.take_trouble(); trouble != 0)
      from.trouble = {uv_translate_sys_error(trouble), uv_category()};
    refused = (from.owns_datagrams(*each) && sockets.take_refusal()) || refused;
    if (sockets.is_respelled()) from.was_respelled();
    if (!sockets.is_respelled() && !sockets.is_besieged()) continue;
    each->shut();  // what it has asked is asked again
    renewed = true;
  }
  if (!refused) return renewed;
  pacer_.refused(place, now());
  from.shut_datagrams();  // c-ares may keep some of what was sent there
  return true;
}

// An answer that helps nobody, or none at all.
void dns_channel::take_failure(dns_try& ended) noexcept {
  dns_query* const query = ended.query();
  const std::error_code& trouble = servers_[ended.server()].trouble;
  auto what = ended.what();
  if (what == dns_try::answer::unreachable && trouble) what = dns_try::answer::failed;
  if (what == dns_try::answer::unreachable && ended.over_tcp()) {
    what = dns_try::answer::inability;
    if (query && std::exchange(query->is_respelled_, false)) {
      query->sieges_ = 0;
      what = dns_try::answer::withdrawn;
    }
  }
  switch (what) {
    case dns_try::answer::inability:
      if (query) query->reply_ = std::move(ended.reply);
      return pacer_.failed(ended, ended.arrived);
    case dns_try::answer::broken:
      if (query && query->breaks_++ == bearable_breaks) {
        query->reply_ = std::move(ended.reply);
        return pacer_.failed(ended, ended.arrived);
      }
      return pacer_.withdrawn(ended);
    case dns_try::answer::withdrawn:
      if (query && ended.was_besieged()) ++query->sieges_;
      if (query && ended.was_respelled()) {
        query->sieges_ = dns_query::bearable_sieges + 1;
        query->is_respelled_ = true;  // and if there is no TCP, it was only the server's way
      }
      return pacer_.withdrawn(ended);
    case dns_try::answer::failed:
      if (query && !(trouble && query->troubles_++ < bearable_troubles)) {
        pacer_.forget(*query);
        fail(*query, trouble ? trouble : ended.code());
      }
      return pacer_.withdrawn(ended);  // which is no silence of the server
    default: break;
  }
  pacer_.given_up(ended, now());
}

}  // namespace uvdial::detail
