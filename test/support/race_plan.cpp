#include "race_plan.hpp"

#include <algorithm>
#include <cstddef>
#include <sstream>
#include <stdexcept>

#include "uvdial/confirm.hpp"

namespace race_table {

using namespace uvdial;
using namespace uvdial::detail;
using std::chrono::milliseconds;

namespace {

constexpr unsigned first_number = 10;  // of "6a" and "4a"
constexpr unsigned letters = 26;

void read_act(const std::string& text, std::string& act, std::optional<milliseconds>& after) {
  const auto parts = split(text, "@");
  act = parts.at(0);
  if (parts.at(1) != "now") after = milliseconds(number_of(parts.at(1)));
}

remembered_winner& lately(plan& into) {
  if (!into.lately) into.lately = remembered_winner{address_number('4', 0)};
  return *into.lately;
}

answer_mark mark_of_all(const std::string& words) {
  answer_mark mark = 0;
  for (const candidate& one : candidates_of(words)) mark += mark_of(one.to);
  return mark;
}

void read_peer(plan& into, const std::string& name, const std::string& value) {
  const auto does = split(value, "+");
  peer one;
  read_act(does.at(0), one.does, one.after);
  if (does.size() > 1) read_act(does[1], one.says, one.says_after);
  for (const endpoint& to : addresses_of(name)) into.peers[name_of(to)] = one;
}

void read_pair(plan& into, const std::string& name, const std::string& value) {
  const auto time = [&value] { return milliseconds(number_of(value)); };
  if (name == "timeout") {
    into.options.timeout = value == "far" ? milliseconds::max() : time();
  } else if (name == "delay") {
    into.options.attempt_delay = time();
  } else if (name == "hold") {
    into.options.resolution_delay = time();
  } else if (name == "unusable") {
    into.unusable.insert(value == "6" ? ip_family::v6 : ip_family::v4);
  } else if (name == "sourceless") {
    into.sourceless.insert(value);
  } else if (name == "known") {
    into.known = candidates_of(value);
  } else if (name == "limit") {
    into.options.attempt_timeout = time();
  } else if (name == "lately") {
    lately(into).winner = addresses_of(value).at(0);
  } else if (name == "before6" || name == "before4") {
    const auto family = name == "before6" ? ip_family::v6 : ip_family::v4;
    lately(into).answers[static_cast<std::size_t>(family)] = mark_of_all(value);
  } else if (name == "stall") {
    const auto ends = split(value, "-");
    into.stall_from = milliseconds(number_of(ends.at(0)));
    into.stall_to = milliseconds(number_of(ends.at(1)));
  } else {
    read_peer(into, name, value);
  }
}

void read_word(plan& into, const std::string& word) {
  const std::size_t at = word.find('=');
  if (at != std::string::npos) {
    read_pair(into, word.substr(0, at), word.substr(at + 1));
  } else if (word == "v4_first") {
    into.options.families = family_policy::v4_first;
  } else if (word == "v6_only") {
    into.options.families = family_policy::v6_only;
  } else if (word == "v4_only") {
    into.options.families = family_policy::v4_only;
  } else if (word == "confirm") {
    static confirm_step never_called = [](tcp_stream&, const endpoint&, const confirmation&) {};
    into.options.confirm = &never_called;
  } else if (word == "forgetful") {
    into.options.remember = false;
  } else if (word == "no_ticks") {
    into.ticks = false;
  } else if (word == "unpulled") {
    into.pulled_first = false;
  } else {
    misspelled(word);
  }
}

}  // namespace

std::vector<std::string> split(const std::string& text, const std::string& separator) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t to = std::min(text.find(separator, from), text.size());
    if (to > from) parts.push_back(text.substr(from, to - from));
    from = to + separator.size();
  }
  return parts;
}

void misspelled(const std::string& word) { throw std::invalid_argument("race_table: " + word); }

int number_of(const std::string& text) {
  std::size_t used = 0;
  const int number = std::stoi(text, &used);
  if (used != text.size()) misspelled(text);
  return number;
}

endpoint address_number(char family, unsigned number) {
  std::ostringstream text;
  if (family == '6') {
    text << "[2001:db8::" << std::hex << number << "]:443";
  } else {
    text << "192.0.2." << number << ":443";
  }
  return endpoint::parse(text.str());
}

std::vector<endpoint> addresses_of(const std::string& word) {
  const auto parts = split(word, ":");
  const std::string& first = parts.at(0);
  if (first.size() != 2 || (first[0] != '6' && first[0] != '4')) misspelled(word);
  const auto count = static_cast<unsigned>(parts.size() > 1 ? number_of(parts[1]) : 1);
  const auto place = static_cast<unsigned>(first[1] - 'a');
  std::vector<endpoint> list;
  for (unsigned at = 0; at < count; ++at) list.push_back(address_number(first[0], first_number + place + at));
  return list;
}

std::vector<candidate> candidates_of(const std::string& words) {
  std::vector<candidate> list;
  if (words == "none" || words == "?") return list;
  for (const std::string& word : split(words, ",")) {
    const bool allowed = word.front() != '!';
    for (const endpoint& to : addresses_of(allowed ? word : word.substr(1))) list.push_back({to, allowed});
  }
  return list;
}

std::string name_of(const endpoint& to) {
  const bool v6 = to.family() == ip_family::v6;
  const std::string text = to.address_to_string();
  const std::string number = text.substr(text.find_last_of(v6 ? ':' : '.') + 1);
  const auto place = static_cast<unsigned>(std::stoul(number, nullptr, v6 ? 16 : 10)) - first_number;
  const std::string family = v6 ? "6" : "4";
  if (place >= letters) return family + "#" + std::to_string(place);
  return family + static_cast<char>('a' + place);
}

plan plan_of(const std::string& setup) {
  plan read;
  read.options.timeout.reset();
  for (const std::string& word : split(setup, " ")) read_word(read, word);
  return read;
}

}  // namespace race_table
