#include "cli/nearest_option.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "cli/option_readers.hpp"

namespace uvdial::cli {

namespace {

// What nc, curl, ssh and others call such things.
struct other_name {
  std::string_view name;
  std::string_view ours;
};
constexpr std::array other_names = {
    other_name{"-h", "--help"},
    other_name{"-?", "--help"},
    other_name{"-V", "--version"},
    other_name{"-v", "--trace"},
    other_name{"--verbose", "--trace"},
    other_name{"-4", "--family ipv4"},
    other_name{"-6", "--family ipv6"},
    other_name{"--ipv4", "--family ipv4"},
    other_name{"--ipv6", "--family ipv6"},
    other_name{"-U", "--unix"},
    other_name{"-w", "--timeout"},
    other_name{"-s", "--bind"},
    other_name{"--interface", "--bind"},
    other_name{"--source", "--bind"},
};

constexpr std::size_t longest_name = 64;  // beyond that nothing is near, and measuring would take long
constexpr std::size_t least_letters = 3;  // of shorter ones everything is near

std::string folded(std::string_view name) {
  name.remove_prefix(std::min(name.find_first_not_of('-'), name.size()));
  std::string letters(name);
  for (char& each : letters)
    if (each >= 'A' && each <= 'Z') each = static_cast<char>(each - 'A' + 'a');
  return letters;
}

// How many letters are wrong, missing, too many, or changed places with the next one.
std::size_t distance(std::string_view one, std::string_view other) {
  using row = std::vector<std::size_t>;
  row before(other.size() + 1), last(other.size() + 1), current(other.size() + 1);
  for (std::size_t at = 0; at < last.size(); ++at) last[at] = at;
  for (std::size_t i = 1; i <= one.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= other.size(); ++j) {
      const std::size_t wrong = one[i - 1] == other[j - 1] ? 0 : 1;
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, last[j - 1] + wrong});
      const bool swapped = i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1];
      if (swapped) current[j] = std::min(current[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, current);
  }
  return last[other.size()];
}

// Smaller is nearer. One that only goes on, or ends early, is nearer than one with slips.
std::size_t farness(std::string_view given, std::string_view option) {
  if (option.starts_with(given) || given.starts_with(option)) return 0;
  return distance(given, option);
}

}  // namespace

std::string nearest_option(std::string_view name) {
  for (const other_name& each : other_names)
    if (each.name == name) return std::string(each.ours);

  const std::string given = folded(name);
  if (given.size() < least_letters || given.size() > longest_name) return {};
  const std::size_t most_slips = std::max<std::size_t>(1, given.size() / 3);
  std::string_view nearest;
  std::size_t least = most_slips + 1;
  for (const option& each : all_options()) {
    const std::string letters = folded(each.name);
    if (letters.size() < least_letters) continue;
    const std::size_t far = farness(given, letters);
    const bool is_nearer = far < least || (far == least && each.name.size() < nearest.size());
    if (far > most_slips || !is_nearer) continue;
    least = far;
    nearest = each.name;
  }
  return std::string(nearest);
}

}  // namespace uvdial::cli
