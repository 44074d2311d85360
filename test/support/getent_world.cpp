#include "support/getent_world.hpp"

#include <algorithm>
#include <cstdlib>
#include <system_error>

namespace fixture {

namespace {

std::unique_ptr<private_network> network;
std::string why_skipped;

}  // namespace

void enter_getent_world() {
  if (std::system("getent --version >/dev/null 2>&1") != 0) {
    why_skipped = "no getent here";
    return;
  }
  try {
    network = std::make_unique<private_network>();
  } catch (const std::system_error& failure) {
    why_skipped = std::string("no private network here: ") + failure.what();
  }
}

void open_getent_world() {
  open();
  if (!network) TEST_IGNORE_MESSAGE(why_skipped);
  private_network::renew();
  private_network::set_host_name("machine");
}

const private_network& machine() { return *network; }

uvdial::endpoint server_address(const char* literal) {
  return uvdial::endpoint::from_literal(literal, 53).value();
}

std::string names_asked(const uvdial::demo::dns_responder& dns, std::size_t from) {
  std::string text, last;
  for (std::size_t i = from; i < dns.questions().size(); ++i) {
    const std::string& name = dns.questions()[i].name;
    if (name != last) text += (text.empty() ? "" : " ") + name;
    last = name;
  }
  return text;
}

bool all_questions(const uvdial::demo::dns_responder& dns,
                   const std::function<bool(const uvdial::demo::seen_question&)>& hold, std::size_t from) {
  const auto& seen = dns.questions();
  return seen.size() > from &&
         std::all_of(seen.begin() + static_cast<std::ptrdiff_t>(from), seen.end(), hold);
}

getent_world::getent_world(std::string_view resolv_conf, std::string_view hosts) {
  network->write_resolv_conf("nameserver 127.0.0.1\n" + std::string(resolv_conf));
  network->write_hosts(hosts);
}

void getent_world::check(const std::string& name, const std::string& expected,
                         const std::string& candidates) {
  std::size_t before = dns.questions().size();
  TEST_ASSERT_EQUAL_STRING_MESSAGE(expected, ask_getent(name), "getent " + name);
  TEST_ASSERT_EQUAL_STRING_MESSAGE(candidates, names_asked(dns, before), "getent asks for " + name);
  before = dns.questions().size();
  const library_view ours = ask(name);
  TEST_ASSERT_EQUAL_STRING_MESSAGE(expected, ours.text, "the library, " + name);
  TEST_ASSERT_EQUAL_STRING_MESSAGE(candidates, names_asked(dns, before), "the library asks for " + name);
}

void getent_world::check_nothing(const std::string& name, const std::string& reason,
                                 const std::string& candidates) {
  check(name, "nothing", candidates);
  TEST_ASSERT_EQUAL_STRING_MESSAGE(reason, ask(name).reason, name);
}

library_view getent_world::ask(const std::string& name) {
  uvdial::ares_resolver names(loop());
  return ask_library(names, name);
}

}  // namespace fixture
