#pragma once
// DNS messages on the wire (RFC 1035, 4): as much of them as a server needs that answers from a script.
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "uvdial/endpoint.hpp"

namespace uvdial::demo {

using octets = std::vector<std::uint8_t>;

// Other types arrive as their plain number.
enum class record_type : std::uint16_t { a = 1, cname = 5, soa = 6, ptr = 12, aaaa = 28, opt = 41 };

// An empty no_error reply is what people call NODATA.
enum class response_code : std::uint8_t { no_error, formerr, servfail, nxdomain, notimp, refused };

struct dns_question {
  std::uint16_t id;
  std::string name;  // as it was spelled, without the last dot; labels keep any byte they hold
  record_type type;
  bool recursion_desired = true;
  std::optional<std::uint16_t>
      edns{};  // the payload size that its OPT record offers (RFC 6891); unset: no such record
};

// What goes back for one question.
struct dns_reply {
  response_code code = response_code::no_error;
  std::vector<std::string> aliases{};  // a CNAME chain: from the name asked to the first, and so on
  std::vector<endpoint> addresses{};   // records of the last name of the chain; ports do not matter
  std::vector<std::string> names{};    // PTR records, likewise
  std::chrono::seconds ttl{60};        // of every record
  bool truncated = false;              // the TC bit

  // Where there are neither addresses nor names: an SOA record in the authority section that says for how long
  // that holds (RFC 2308), as its ttl and its minimum alike. Unset: none.
  std::optional<std::chrono::seconds> negative_ttl{};
};

// nullopt for what is not one plain question of class IN: too short, a reply, another opcode, a bad name.
// Of what follows the question only EDNS is looked at, and a message that breaks off there is a question without.
std::optional<dns_question> parse_question(std::span<const std::uint8_t> message);

// A question with RD set, without EDNS. Throws std::invalid_argument for a name that has no wire form.
octets build_question(const dns_question& asked);

// The reply, with the question repeated letter by letter (so that mixed case survives). Throws
// std::invalid_argument for a name that has no wire form.
octets build_reply(const dns_question& asked, const dns_reply& reply);

// The right id and question, and then a record that runs over the end of the message.
octets build_garbage(const dns_question& asked);

// Lower case in ASCII, which is how DNS compares names (RFC 4343), and without a last dot.
std::string folded_name(std::string_view name);

}  // namespace uvdial::demo
