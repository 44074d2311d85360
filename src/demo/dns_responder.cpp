#include "demo/dns_responder.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <stdexcept>

#include "demo/uv_check.hpp"

namespace uvdial::demo {
namespace {

constexpr unsigned largest_query = 4096;
constexpr int most_tries = 100;  // for a port that is free for TCP and UDP; the first nearly always is

struct port_of_both {
  reserved_port tcp;
  descriptor udp;
};

// Only the kernel's choice is worth another try; a port that was named is free or is not.
port_of_both reserve_both(const endpoint& at) {
  const address_reuse reuse = at.port() == 0 ? address_reuse::no : address_reuse::yes;
  for (int count = 1;; ++count) {
    reserved_port tcp(at, reuse);
    try {
      descriptor udp = bound_socket(socket_kind::udp, tcp.address());
      return {std::move(tcp), std::move(udp)};
    } catch (const std::system_error& failure) {
      if (failure.code() != std::errc::address_in_use || at.port() != 0 || count == most_tries) throw;
    }
  }
}

endpoint address_of(const std::string& literal) {
  const auto address = endpoint::from_literal(literal, 0);
  if (!address) throw std::invalid_argument("not an address: \"" + literal + "\"");
  return *address;
}

dns_reply reply_from(const dns_script& script, record_type type) {
  dns_reply reply{
      .code = script.code, .aliases = script.aliases, .ttl = script.ttl, .negative_ttl = script.negative_ttl};
  if (type == record_type::ptr) reply.names = script.names;
  for (const std::string& literal : script.addresses) {
    const endpoint address = address_of(literal);
    const auto own_type = address.family() == ip_family::v6 ? record_type::aaaa : record_type::a;
    if (own_type == type) reply.addresses.push_back(address);
  }
  return reply;
}

// Throws what the callbacks must not: they build replies from scripts that went through here.
void check_script(const dns_script& script) {
  for (const record_type type : {record_type::a, record_type::ptr}) {
    (void)build_reply({1, "name.test", type}, reply_from(script, type));
  }
}

bool is_truncated(const dns_script& script) {
  return script.fault == reply_fault::truncated || script.fault == reply_fault::truncated_without_tcp;
}

octets message_for(const dns_question& asked, const dns_script& script, transport over) {
  if (script.fault == reply_fault::garbage) return build_garbage(asked);
  if (is_truncated(script) && over == transport::udp) {
    return build_reply(asked, {.truncated = true});
  }
  dns_question answered = asked;
  if (script.fault == reply_fault::wrong_id) answered.id = static_cast<std::uint16_t>(~asked.id);
  if (script.fault == reply_fault::wrong_question) answered.name = "another.invalid";
  return build_reply(answered, reply_from(script, asked.type));
}

}  // namespace

dns_responder::dns_responder(uv_loop_t& loop, ip_family family) : dns_responder(loop, loopback(family)) {}

dns_responder::dns_responder(uv_loop_t& loop, const endpoint& at, tcp_service over_tcp)
    : loop_(loop), address_(at) {
  port_of_both port = reserve_both(at);
  address_ = port.tcp.address();
  open_udp(std::move(port.udp));
  check_uv(timer_.open(nullptr, [&loop](uv_timer_t* timer) { return uv_timer_init(&loop, timer); }),
           "uv_timer_init");
  timer_->data = this;
  uv_unref(as_handle(timer_.get()));
  if (over_tcp == tcp_service::refusing) {
    refusing_.emplace(std::move(port.tcp));
  } else {
    tcp_.emplace(loop, std::move(port.tcp), static_cast<dns_tcp_sink&>(*this));
  }
}

void dns_responder::open_udp(descriptor socket) {
  check_uv(udp_.open(nullptr, [this](uv_udp_t* udp) { return uv_udp_init(&loop_, udp); }), "uv_udp_init");
  udp_->data = this;
  check_uv(uv_udp_open(udp_.get(), socket.get()), "uv_udp_open");
  (void)socket.release();  // the handle has it now
  check_uv(uv_udp_recv_start(udp_.get(), on_alloc, on_query), "uv_udp_recv_start");
  uv_unref(as_handle(udp_.get()));
}

void dns_responder::accept_script(const dns_script& script) {
  check_script(script);
  if (script.fault == reply_fault::wrong_sender && !stranger_) {
    stranger_ = bound_socket(socket_kind::udp, address_.with_port(0));
  }
}

void dns_responder::answer(std::string_view name, record_type type, const dns_script& reply) {
  answer_in_turn(name, type, {reply});
}

void dns_responder::answer_in_turn(std::string_view name, record_type type, std::vector<dns_script> replies) {
  if (replies.empty()) throw std::invalid_argument("no reply for \"" + std::string(name) + "\"");
  for (const dns_script& reply : replies) accept_script(reply);
  entries_[{folded_name(name), type}] = {std::move(replies)};
}

void dns_responder::host(std::string_view name, const dns_script& reply) {
  answer(name, record_type::a, reply);
  answer(name, record_type::aaaa, reply);
}

void dns_responder::answer_unknown(const dns_script& reply) {
  accept_script(reply);
  unknown_ = reply;
}

std::size_t dns_responder::asked(std::string_view name, record_type type) const {
  const std::string folded = folded_name(name);
  const auto matches = [&folded, type](const seen_question& seen) {
    return seen.name == folded && seen.type == type;
  };
  return static_cast<std::size_t>(std::count_if(seen_.begin(), seen_.end(), matches));
}

void dns_responder::on_alloc(uv_handle_t* handle, std::size_t, uv_buf_t* into) noexcept {
  auto* self = static_cast<dns_responder*>(handle->data);
  *into = self ? uv_buf_init(self->into_.data(), largest_query) : uv_buf_init(nullptr, 0);
}

void dns_responder::on_query(uv_udp_t* socket, ssize_t size, const uv_buf_t* buffer, const sockaddr* from,
                             unsigned) noexcept {
  auto* self = static_cast<dns_responder*>(socket->data);
  if (!self || size <= 0 || !from) return;
  const auto* first = reinterpret_cast<const std::uint8_t*>(buffer->base);
  self->take({first, static_cast<std::size_t>(size)}, endpoint(*from), std::nullopt);
}

void dns_responder::query_over_tcp(std::span<const std::uint8_t> message, const endpoint& client,
                                   connection_id connection) {
  take(message, client, connection);
}

void dns_responder::take(std::span<const std::uint8_t> message, const endpoint& client,
                         std::optional<connection_id> connection) {
  auto asked = parse_question(message);
  if (!asked) return;
  const auto over = connection ? transport::tcp : transport::udp;
  seen_.push_back({folded_name(asked->name), asked->name, asked->type, over, client, asked->edns});
  const query what{*std::move(asked), client, connection};
  reply_to(what, script_for(what));
}

const dns_script& dns_responder::script_for(const query& what) {
  const std::string name = folded_name(what.asked.name);
  const auto found = entries_.find({name, what.asked.type});
  if (found == entries_.end()) {
    const auto other = entries_.lower_bound({name, record_type{0}});
    return other != entries_.end() && other->first.first == name ? no_data_ : unknown_;
  }
  entry& known = found->second;
  if (!what.connection) ++known.next;
  const std::size_t last = known.replies.size() - 1;
  return known.replies[std::min(known.next == 0 ? 0 : known.next - 1, last)];
}

void dns_responder::reply_to(const query& what, const dns_script& script) {
  if (script.fault == reply_fault::silent) return;
  const auto over = what.connection ? transport::tcp : transport::udp;
  if (script.fault == reply_fault::truncated_without_tcp && what.connection) {
    return tcp_->hang_up(*what.connection);
  }
  outgoing reply{message_for(what.asked, script, over), what.client, what.connection,
                 script.fault == reply_fault::wrong_sender};
  if (script.delay.count() <= 0) return send(reply);
  send_later(std::move(reply), script.delay);
}

void dns_responder::send(const outgoing& reply) {
  if (reply.connection) return tcp_->send(*reply.connection, reply.message);
  if (reply.from_stranger) {
    (void)::sendto(stranger_->get(), reply.message.data(), reply.message.size(), MSG_NOSIGNAL,
                   &reply.client.native(), reply.client.native_size());  // lost is as good as not taken
    return;
  }
  auto* first = const_cast<std::uint8_t*>(reply.message.data());  // libuv's buffers know no const
  const uv_buf_t piece =
      uv_buf_init(reinterpret_cast<char*>(first), static_cast<unsigned>(reply.message.size()));
  (void)uv_udp_try_send(udp_.get(), &piece, 1,
                        &reply.client.native());  // a lost datagram: the client asks again
}

void dns_responder::send_later(outgoing reply, std::chrono::milliseconds delay) {
  uv_update_time(&loop_);
  delayed_.emplace(uv_now(&loop_) + static_cast<std::uint64_t>(delay.count()), std::move(reply));
  wake_for_first();
}

void dns_responder::wake_for_first() {
  const std::uint64_t due = delayed_.begin()->first;
  const std::uint64_t now = uv_now(&loop_);
  (void)uv_timer_start(timer_.get(), on_due, due > now ? due - now : 0, 0);  // fails only without a callback
}

void dns_responder::on_due(uv_timer_t* timer) noexcept {
  auto* self = static_cast<dns_responder*>(timer->data);
  if (self) self->send_due();
}

void dns_responder::send_due() {
  while (!delayed_.empty() && delayed_.begin()->first <= uv_now(&loop_)) {
    const auto reply = delayed_.extract(delayed_.begin());
    send(reply.mapped());
  }
  if (!delayed_.empty()) wake_for_first();
}

}  // namespace uvdial::demo
