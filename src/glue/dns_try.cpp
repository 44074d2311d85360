#include "glue/dns_try.hpp"

#define CARES_NO_DEPRECATED
#include <ares.h>

#include <new>

#include "glue/dns_packet.hpp"
#include "uvdial/error.hpp"

namespace uvdial::detail {

void dns_try::send(server_channel& to, bool over_tcp) noexcept {
  over_tcp_ = over_tcp;
  truncated_ = false;
  const dns_query& asked = *query();
  const int status = to.ask(asked.name.data(), asked.record, *this);
  if (status != ARES_SUCCESS) ended(status, nullptr, 0);
}

void dns_try::ended(int status, const unsigned char* packet, int size) noexcept {
  ended_.push_back(*this);
  const server_sockets& sockets = asked_through()->sockets();
  // Without EDNS 1.18.1 cuts a datagram off at 512 octets, whatever the server has sent.
  if (const auto whole = sockets.last_read(); packet && !over_tcp_ && static_cast<int>(whole.size()) > size) {
    packet = whole.data();
    size = static_cast<int>(whole.size());
  }
  if (over_tcp_ && is_truncated(packet, size)) status = ARES_EBADRESP;  // there is no larger way to go
  status_ = status;
  is_broken_ = false;
  has_packet_ = packet != nullptr;
  was_besieged_ = status == ARES_EDESTRUCTION && sockets.is_besieged();
  was_respelled_ = status == ARES_EDESTRUCTION && sockets.is_respelled();
  arrived = packet && !over_tcp_ ? sockets.arrived() : now();
  truncated_ = !over_tcp_ && is_truncated(packet, size);
  const dns_query* asked = query();
  if (!asked || truncated_) return;
  try {
    // Since 1.32 an answer that c-ares cannot read ends all who use the socket. It was the one that was read last.
    is_broken_ = status == ARES_EBADRESP && !packet && !over_tcp_ &&
                 !is_about(sockets.last_read(), asked->name, asked->record);
    auto read = std::make_shared<dns_reply>();
    read_reply(asked->name, asked->record, status, packet, size, *read);
    read->server = sockets.server();
    if (read->why == std::error_code(ARES_EBADRESP, ares_category())) status_ = ARES_EBADRESP;
    reply = std::move(read);
  } catch (const std::bad_alloc&) {
    status_ = ARES_ENOMEM;
  }
}

dns_try::answer dns_try::what() const noexcept {
  if (truncated_) return answer::truncated;
  switch (status_) {
    case ARES_SUCCESS:
    case ARES_ENOTFOUND:
    case ARES_ENODATA: return answer::usable;
    case ARES_ESERVFAIL:
    case ARES_EREFUSED:
    case ARES_ENOTIMP:
    case ARES_EFORMERR: return answer::inability;
    case ARES_EBADRESP: return is_broken_ ? answer::broken : answer::inability;
    case ARES_ECONNREFUSED: return answer::unreachable;
    case ARES_ETIMEOUT: return answer::gone;
    case ARES_EDESTRUCTION:
    case ARES_ECANCELLED: return answer::withdrawn;
    default: return answer::failed;
  }
}

std::error_code dns_try::code() const noexcept { return {status_, ares_category()}; }

}  // namespace uvdial::detail
