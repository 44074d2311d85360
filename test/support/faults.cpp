#include "faults.hpp"

#include <functional>
#include <map>
#include <string>

namespace faults {
namespace {

struct script {
  std::size_t calls = 0;
  std::map<std::size_t, long> results;
  std::size_t always_from = 0;  // 0: never
  long always = 0;
};

using scripts = std::map<std::string, script, std::less<>>;

scripts& all_scripts() {
  static scripts instance;
  return instance;
}

script& script_of(std::string_view function) {
  const auto found = all_scripts().find(function);
  return found != all_scripts().end() ? found->second : all_scripts()[std::string(function)];
}

}  // namespace

void fail(std::string_view function, std::size_t nth, long result) {
  script_of(function).results[nth] = result;
}

void fail_from(std::string_view function, std::size_t nth, long result) {
  script& found = script_of(function);
  found.always_from = nth;
  found.always = result;
}

std::optional<long> next(std::string_view function) {
  script& found = script_of(function);
  ++found.calls;
  if (const auto result = found.results.find(found.calls); result != found.results.end()) {
    return result->second;
  }
  if (found.always_from != 0 && found.calls >= found.always_from) {
    return found.always;
  }
  return std::nullopt;
}

std::size_t calls(std::string_view function) {
  const auto found = all_scripts().find(function);
  return found == all_scripts().end() ? 0 : found->second.calls;
}

void clear() { all_scripts().clear(); }

}  // namespace faults
