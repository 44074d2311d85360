#pragma once
// What a dns_responder is told to answer, and what it was asked.
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "demo/dns_message.hpp"

namespace uvdial::demo {

enum class reply_fault : std::uint8_t {
  none,
  silent,                // no reply at all
  garbage,               // right id and question, then a record that cannot be read
  wrong_id,              // the reply, but with another id: a client must not take it
  wrong_question,        // the reply, but to a question for another name: nor this
  wrong_sender,          // the reply, but over UDP from another port of the same address: nor this
  truncated,             // over UDP an empty reply with the TC bit; over TCP the reply
  truncated_without_tcp  // the same over UDP; over TCP the connection is closed instead of a reply
};

// One reply. With no_error and without addresses it says that the name exists but has none (NODATA).
struct dns_script {
  std::vector<std::string> addresses{};  // bare; those of the family asked are sent, in this order
  response_code code = response_code::no_error;
  std::chrono::milliseconds delay{0};
  std::chrono::seconds ttl{60};
  std::vector<std::string> aliases{};  // a CNAME chain; the addresses are those of its last name
  reply_fault fault = reply_fault::none;
  std::vector<std::string> names{};  // for PTR questions; the chain comes before them (RFC 2317)
  // Of an SOA record, where there is nothing of the type asked; unset: no such record.
  std::optional<std::chrono::seconds> negative_ttl{};
};

enum class transport : std::uint8_t { udp, tcp };

struct seen_question {
  std::string name;     // in lower case
  std::string spelled;  // as it came
  record_type type;
  transport over;
  endpoint client;
  std::optional<std::uint16_t> edns{};  // the payload size it offered; unset: no OPT record
};

}  // namespace uvdial::demo
