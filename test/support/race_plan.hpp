// Reads the notation of race_table.hpp: the names of addresses, and the setup of a row.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "logic/race.hpp"

namespace race_table {

std::vector<std::string> split(const std::string& text, const std::string& separator);
[[noreturn]] void misspelled(const std::string& word);
int number_of(const std::string& text);

uvdial::endpoint address_number(char family, unsigned number);
std::vector<uvdial::endpoint> addresses_of(const std::string& word);             // "6a", "6a:64"
std::vector<uvdial::detail::candidate> candidates_of(const std::string& words);  // "6a,!4a", "none", "?"
std::string name_of(const uvdial::endpoint& to);                                 // "6a"; beyond z: "6#26"

// How an address behaves when it is tried.
struct peer {
  std::string does;
  std::optional<std::chrono::milliseconds> after;         // nullopt: inside its start
  std::string says{};                                     // the confirm step's answer; empty: none
  std::optional<std::chrono::milliseconds> says_after{};  // nullopt: inside the step
};

struct plan {
  uvdial::dial_options options{};
  std::optional<std::vector<uvdial::detail::candidate>> known{};
  std::optional<uvdial::detail::remembered_winner> lately{};
  std::set<uvdial::ip_family> unusable{};
  std::set<std::string> sourceless{};
  std::map<std::string, peer> peers{};
  std::chrono::milliseconds stall_from{0};
  std::chrono::milliseconds stall_to{0};
  bool ticks = true;
  bool pulled_first = true;
};

plan plan_of(const std::string& setup);

}  // namespace race_table
