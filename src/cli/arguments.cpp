#include "cli/arguments.hpp"

#include <algorithm>

#include "cli/nearest_option.hpp"
#include "cli/option_readers.hpp"
#include "cli/safe_text.hpp"
#include "values/text.hpp"

namespace uvdial::cli {

namespace {

using detail::quoted;

bool goes_on(const reading& all) noexcept {
  return all.into.what != arguments::wish::help && all.into.what != arguments::wish::version;
}

[[noreturn]] void refuse_unknown(std::string_view word) {
  const std::string near = nearest_option(word.substr(0, word.find('=')));
  throw usage_error("unknown option " + quoted(word) + (near.empty() ? "" : "; did you mean " + near + "?") +
                    (near.empty() ? "; " : " ") + "see uvdial --help");
}

// Reads the option at the front of `words` and returns the words after it and its value.
std::span<const char* const> read_option(reading& all, std::span<const char* const> words) {
  const std::string_view word = words.front();
  // Short options have no "=" form, so that "-z=1" is quoted as a whole.
  const std::size_t equals = word.starts_with("--") ? word.find('=') : std::string_view::npos;
  const option* found = find_option(word.substr(0, equals));
  if (!found) refuse_unknown(word);
  all.given.push_back(found);
  const bool has_value = equals != std::string_view::npos;
  if (found->takes == option::value::none) {
    if (has_value)
      throw usage_error("option " + std::string(found->name) + " takes no value: " + quoted(word));
    found->read(all, {});
    return words.subspan(1);
  }
  if (has_value) {
    found->read(all, word.substr(equals + 1));
    return words.subspan(1);
  }
  if (words.size() < 2) throw usage_error("option " + quoted(word) + " needs a value; see uvdial --help");
  found->read(all, words[1]);
  return words.subspan(2);
}

job job_of(const arguments& wanted) noexcept {
  if (wanted.what == arguments::wish::resolve) return job::resolve;
  return wanted.unix_path ? job::dial_unix : job::dial;
}

void check_options(const reading& all) {
  const job what = job_of(all.into);
  const auto misfit = std::find_if(all.given.begin(), all.given.end(),
                                   [what](const option* given) { return !given->fits(what); });
  if (misfit != all.given.end()) {
    throw usage_error("option " + quoted((*misfit)->name) +
                      (what == job::resolve ? " goes with a connection, and --resolve makes none"
                                            : " goes with a HOST, and --unix takes none"));
  }
  if (all.into.repeat && all.into.trace)
    throw usage_error("option \"--trace\" shows one dial, and --repeat makes many");
}

// Whoever only allows wants nothing else; whoever denies wants the rest, and then --allow makes exceptions.
address_policy policy_of(const reading& all) {
  const bool only_allows = !all.allowed.empty() && all.denied.empty();
  address_policy policy = only_allows ? address_policy::nothing() : address_policy();
  for (const std::string_view each : all.allowed) policy.allow(each);
  for (const std::string_view each : all.denied) policy.deny(each);
  return policy;
}

target read_target(std::span<const std::string_view> words) {
  return words.size() == 1 ? target::parse(words[0]) : target::parse(words[0], words[1]);
}

// What --resolve is given: HOST, HOST PORT or HOST:PORT, so that the words of a dial do too. The port is
// read, and then left out. A colon alone separates a port; two of them, or brackets around the whole word,
// are those of an IPv6 address.
std::string read_host(std::span<const std::string_view> words) {
  const std::string_view first = words[0];
  const bool has_port =
      first.starts_with('[') ? !first.ends_with(']') : std::count(first.begin(), first.end(), ':') == 1;
  if (words.size() == 2 || has_port) return read_target(words).host;
  constexpr std::string_view any_port = "1";
  return target::parse(first, any_port).host;
}

void read_operands(reading& all) try {
  const auto& words = all.operands;
  if (all.into.unix_path) {
    if (words.empty()) return;
    throw usage_error("unexpected argument " + quoted(words[0]) +
                      ": --unix takes the place of HOST and PORT");
  }
  if (words.empty()) {
    const bool resolves = all.into.what == arguments::wish::resolve;
    throw usage_error(std::string("no HOST given, as in uvdial ") +
                      (resolves ? "--resolve example.com" : "example.com 443") + "; see uvdial --help");
  }
  if (words.size() > 2) throw usage_error("unexpected argument " + quoted(words[2]) + "; see uvdial --help");
  if (all.into.what == arguments::wish::resolve)
    all.into.host = read_host(words);
  else
    all.into.to = read_target(words);
} catch (const std::invalid_argument& wrong) {
  throw usage_error(one_line(wrong.what()));
}

}  // namespace

arguments read_arguments(std::span<const char* const> words) {
  reading all;
  bool options_ended = false;
  while (!words.empty() && goes_on(all)) {
    const std::string_view word = words.front();
    if (!options_ended && word.size() > 1 && word.front() == '-' && word != "--") {
      words = read_option(all, words);
      continue;
    }
    if (options_ended || word != "--")
      all.operands.push_back(word);
    else
      options_ended = true;
    words = words.subspan(1);
  }
  if (!goes_on(all)) return std::move(all.into);
  check_options(all);
  read_operands(all);
  all.into.policy = policy_of(all);
  all.into.denied.assign(all.denied.begin(), all.denied.end());
  return std::move(all.into);
}

}  // namespace uvdial::cli
