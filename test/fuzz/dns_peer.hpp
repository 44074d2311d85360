#pragma once
// A DNS server without a loop: it looks at its sockets when it is told to, and answers as an input says.
//
// Who answers in the same process and thread, between two turns of the client's loop, needs no waiting: on the loopback
// what was sent is there.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "demo/ports.hpp"
#include "fuzz/fuzz_target.hpp"
#include "uvdial/endpoint.hpp"

namespace fuzz {

// The script is read as questions come. For each of them: an octet of these, another one that says how long the packet
// is (255: all that is left), and the packet.
enum packet_form : unsigned {
  as_it_stands = 0,   // the packet is sent as it is
  with_id = 1,        // its first two octets are those of the question
  with_question = 2,  // the same, and the question stands behind its header
  with_header = 3,    // records behind a header that answers, where the first two octets are the counts
  form_bits = 3,
  and_another = 4,  // the next packet answers the same question
  hangs_up = 8,     // a connection is closed behind it
  unframed = 16,    // over TCP the packet has its own length in front
};

class dns_peer {
 public:
  dns_peer();
  dns_peer(const dns_peer&) = delete;
  dns_peer& operator=(const dns_peer&) = delete;

  const uvdial::endpoint& address() const noexcept { return address_; }

  // Forgets all of the last input.
  void begin(octets& script);
  // Answers what has come. False: nothing has.
  bool look();
  // Says the truth to all that was asked so far, and to whatever is asked from now on.
  void tell_the_truth();
  void hang_up() { connections_.clear(); }
  std::size_t questions() const noexcept { return asked_.size(); }

 private:
  struct connection {
    uvdial::demo::descriptor socket;
    std::string waiting{};
  };
  struct question {
    std::string packet;
    uvdial::endpoint from;
    std::optional<int> connection{};  // the descriptor; unset: a datagram
  };

  void open();
  bool look_for_datagrams();
  bool look_for_connections();
  bool look_at(connection& which);
  void take(question&& asked);
  void answer(const question& asked);
  void send(const question& to, const std::string& packet, bool framed);
  void close(int number);

  uvdial::demo::descriptor listening_{-1};
  uvdial::demo::descriptor datagrams_{-1};
  uvdial::endpoint address_;
  octets* script_ = nullptr;
  std::vector<connection> connections_{};
  std::vector<question> asked_{};
};

}  // namespace fuzz
