#pragma once
// The JSON lines of `uvdial` as the tests expect them, and the program run with servers of the test's own.
//
// Times are replaced by T before lines are compared, and compared by themselves where the contract has
// something to say about them. Messages are left out: they are for people.
#include <algorithm>
#include <regex>
#include <string>
#include <vector>

#include "demo/dns_responder.hpp"
#include "demo/peers.hpp"
#include "support/child.hpp"
#include "support/loop_fixture.hpp"
#include "support/unity.hpp"

namespace contract {

using lines = std::vector<std::string>;

inline const std::string resolve_v6 = R"({"event":"resolve_start","t_ms":T,"family":"ipv6"})";
inline const std::string resolve_v4 = R"({"event":"resolve_start","t_ms":T,"family":"ipv4"})";

inline std::string resolved(const std::string& family, const std::string& addresses,
                            const std::string& error = "null") {
  return R"({"event":"resolve_done","t_ms":T,"family":")" + family + R"(","addresses":[)" + addresses +
         R"(],"error":)" + error + "}";
}

inline std::string place(const std::string& address, int port) {
  return R"("address":")" + address + R"(","port":)" + std::to_string(port);
}

inline std::string started(const std::string& address, int port) {
  return R"({"event":"attempt_start","t_ms":T,)" + place(address, port) + "}";
}

inline std::string refused(const std::string& address, int port) {
  return R"({"event":"attempt_failed","t_ms":T,)" + place(address, port) + R"(,"error":"ECONNREFUSED"})";
}

inline std::string cancelled(const std::string& address, int port) {
  return R"({"event":"attempt_cancelled","t_ms":T,)" + place(address, port) + "}";
}

inline std::string connected(const std::string& address, int port) {
  return R"({"event":"connected","t_ms":T,)" + place(address, port) + R"(,"local_address":")" + address +
         R"("})";
}

inline std::string failed(const std::string& error, const std::string& code, const std::string& attempts) {
  return R"({"event":"failed","t_ms":T,"error":")" + error + R"(","code":")" + code + R"(","attempts":[)" +
         attempts + "]}";
}

inline std::string tried(const std::string& address, int port, const std::string& error) {
  return "{" + place(address, port) + R"(,"error":")" + error + R"("})";
}

inline double time_of(const std::string& line) {
  std::smatch found;
  TEST_ASSERT_TRUE_MESSAGE(std::regex_search(line, found, std::regex(R"("t_ms":(\d+\.\d{3}),)")), line);
  return std::stod(found[1]);
}

inline std::string plain(const std::string& line) {
  const std::string without_time =
      std::regex_replace(line, std::regex(R"("t_ms":\d+\.\d{3},)"), "\"t_ms\":T,");
  return std::regex_replace(without_time, std::regex(R"("message":"([^"\\]|\\.)+",)"), "");
}

inline bool about_resolving(const std::string& line) {
  return line.find("\"event\":\"resolve_") != std::string::npos;
}

// What the program said: all of it was lines of rising times.
struct told {
  lines raw{};
  lines resolving{};  // plain, sorted: the families answer in any order
  lines dialing{};    // plain

  explicit told(const std::string& out) : raw(child::lines_of(out)) {
    TEST_ASSERT_TRUE(out.empty() || out.back() == '\n');
    double last = 0;
    for (const std::string& line : raw) {
      TEST_ASSERT_GREATER_OR_EQUAL_MESSAGE(last, time_of(line), out);
      last = time_of(line);
      (about_resolving(line) ? resolving : dialing).push_back(plain(line));
    }
    std::sort(resolving.begin(), resolving.end());
  }

  double time_when(const std::string& wanted) const {
    for (const std::string& line : raw)
      if (plain(line) == wanted) return time_of(line);
    TEST_FAIL_MESSAGE("never said: " + wanted);
  }
};

inline void check_lines(lines expected, const lines& actual) {
  const auto text = [](const lines& of) {
    std::string joined;
    for (const std::string& line : of) joined += line + "\n";
    return joined;
  };
  TEST_ASSERT_EQUAL(text(expected), text(actual));
}

inline void check_resolving(lines expected, const told& actual) {
  std::sort(expected.begin(), expected.end());
  check_lines(expected, actual.resolving);
}

inline void require_v6() {
  if (!uvdial::demo::v6_loopback_available()) TEST_IGNORE_MESSAGE("this machine has no ::1");
}

// The program with this DNS server and no hosts file but the one given.
struct world {
  uvdial::demo::dns_responder dns{fixture::loop()};

  std::vector<std::string> words(const std::vector<std::string>& more) const {
    std::vector<std::string> all{UVDIAL_PROGRAM, "--json", "--hosts=/dev/null", "--dns-server",
                                 dns.address().to_string()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  child::result run(const std::vector<std::string>& more) const { return child::run(words(more)); }
};

}  // namespace contract
