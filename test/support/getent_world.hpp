#pragma once
// The machine that the comparisons with getent run on, and one server on it.
//
//   void setUp() { fixture::open_getent_world(); }           skips the test where no such machine can be had
//   void tearDown() { fixture::close(); }
//   int main() { fixture::enter_getent_world(); UNITY_BEGIN(); ... }
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "demo/dns_responder.hpp"
#include "support/getent.hpp"
#include "support/loop_fixture.hpp"
#include "support/private_network.hpp"
#include "uvdial/ares_resolver.hpp"

namespace fixture {

void enter_getent_world();  // before the first test, and for good
void open_getent_world();   // a fresh loop on a fresh network
const private_network& machine();

uvdial::endpoint server_address(const char* literal);  // port 53

// The names of the questions from that one on, in the order of arrival, each once in a row: "db.s1.test db.s2.test".
std::string names_asked(const uvdial::demo::dns_responder& dns, std::size_t from = 0);

// There is one, and it holds for all.
bool all_questions(const uvdial::demo::dns_responder& dns,
                   const std::function<bool(const uvdial::demo::seen_question&)>& hold, std::size_t from = 0);

// One server at 127.0.0.1 that comes first, and what else the files say.
struct getent_world {
  explicit getent_world(std::string_view resolv_conf = "", std::string_view hosts = "");

  // Both say `expected`, and both ask the server for `candidates`.
  void check(const std::string& name, const std::string& expected, const std::string& candidates);

  // Neither has an address, and the library says why.
  void check_nothing(const std::string& name, const std::string& reason, const std::string& candidates);

  // What the library says, each time as a program that has just started and takes everything from the system.
  static library_view ask(const std::string& name);

  uvdial::demo::dns_responder dns{loop(), server_address("127.0.0.1")};
};

}  // namespace fixture
