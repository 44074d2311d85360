#include "unity.hpp"

#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" {
#include <cmocka.h>
#if __has_include(<cmocka_version.h>)
#include <cmocka_version.h>
#endif
}

// cmocka's way into its own report; version 2 has another name for it.
#if defined CMOCKA_VERSION_MAJOR && CMOCKA_VERSION_MAJOR >= 2
#define UNITY_REPORT cmocka_print_error
#else
#define UNITY_REPORT print_error
#endif

namespace unity {
namespace {

struct test {
  const char* name;
  void (*function)();
  place where;
};

struct problem {
  place where;
  std::string text;
};

// Everything that outlives a test, so that nothing needs destroying when cmocka jumps.
struct runner {
  std::vector<test> tests;
  std::vector<problem> failures;  // of the running test
  std::optional<problem> ignored;
  std::string report;  // handed to cmocka
  std::size_t started = 0;
};

runner& the_runner() {
  static runner instance;
  return instance;
}

// Leaves a test. Not a std::exception, so that a test may catch those.
struct test_stopped {};

void record_failure(place where, std::string text) {
  the_runner().failures.push_back({where, std::move(text)});
}

// Runs one of setUp, the test and tearDown; true when it came to its end.
bool run_part(const char* part, void (*function)(), place where) {
  try {
    function();
    return true;
  } catch (const test_stopped&) {
  } catch (const std::exception& error) {
    record_failure(where, std::string("an exception left ") + part + ": " + error.what());
  } catch (...) {
    record_failure(where, std::string("an exception of unknown type left ") + part);
  }
  return false;
}

void run_one(const test& current) {
  runner& all = the_runner();
  all.failures.clear();
  all.ignored.reset();
  all.report.clear();
  ++all.started;
  if (run_part("setUp", setUp, current.where)) {
    run_part(current.name, current.function, current.where);
  }
  run_part("tearDown", tearDown, current.where);
  for (const problem& failure : all.failures) {
    all.report += std::string(failure.where.file) + ":" + std::to_string(failure.where.line) + ": " +
                  failure.text + "\n";
  }
}

// Called by cmocka, which is told of a failure from here: no object with a destructor lives in this frame, and those of
// the test are gone.
void boundary(void** state) {
  run_one(*static_cast<const test*>(*state));
  if (!the_runner().failures.empty()) {
    const place where = the_runner().failures.front().where;
    UNITY_REPORT("%s", the_runner().report.c_str());
    _fail(where.file, where.line);
  }
  if (the_runner().ignored) {
    const place where = the_runner().ignored->where;
    std::fprintf(stderr, "%s:%d: ignored: %s\n", where.file, where.line, the_runner().ignored->text.c_str());
    _skip(where.file, where.line);
  }
}

// An assertion inside a callback of C code, or in a noexcept function, ends here: say at least which one it was.
[[noreturn]] void on_terminate() {
  for (const problem& failure : the_runner().failures) {
    std::fprintf(stderr, "%s:%d: %s\n", failure.where.file, failure.where.line, failure.text.c_str());
  }
  std::fputs("std::terminate was called inside a test\n", stderr);
  std::abort();
}

// main() takes no arguments in this style; where /proc is missing only the environment variable works.
std::string filter_from_command_line() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  const std::string line{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  std::vector<std::string> words;
  for (std::size_t start = 0; start < line.size();) {
    words.emplace_back(line.c_str() + start);
    start += words.back().size() + 1;
  }
  constexpr std::string_view option = "--filter";
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == option && i + 1 < words.size()) {
      return words[i + 1];
    }
    if (words[i].starts_with(std::string(option) + "=")) {
      return words[i].substr(option.size() + 1);
    }
  }
  const char* variable = std::getenv("UVDIAL_TEST");
  return variable == nullptr ? std::string() : std::string(variable);
}

const char* group_name(const std::vector<test>& tests) {
  if (tests.empty()) {
    return "tests";
  }
  const std::string_view path = tests.front().where.file;
  const std::size_t slash = path.rfind('/');
  return tests.front().where.file + (slash == std::string_view::npos ? 0 : slash + 1);
}

}  // namespace

void begin() {
  the_runner() = runner{};
  std::set_terminate(on_terminate);
}

void add(const char* name, void (*function)(), place where) {
  the_runner().tests.push_back({name, function, where});
}

int end() {
  static std::string filter;  // cmocka keeps the pointer
  filter = filter_from_command_line();
  cmocka_set_test_filter(filter.empty() ? nullptr : filter.c_str());

  static std::vector<CMUnitTest> units;
  units.clear();
  for (test& each : the_runner().tests) {
    units.push_back({each.name, boundary, nullptr, nullptr, &each});
  }
  const int failed =
      _cmocka_run_group_tests(group_name(the_runner().tests), units.data(), units.size(), nullptr, nullptr);
  if (the_runner().started == 0) {
    std::fprintf(stderr, "no test was run%s%s\n", filter.empty() ? "" : ": none matches ", filter.c_str());
    return 1;
  }
  return failed;
}

void stop_failed(place where, std::string_view message, std::string_view text) {
  std::string full(message);
  if (!full.empty()) {
    full += ": ";
  }
  record_failure(where, full.append(text));
  throw test_stopped{};
}

void stop_ignored(place where, std::string_view reason) {
  the_runner().ignored = problem{where, std::string(reason)};
  throw test_stopped{};
}

std::string quoted(std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  std::string result = "\"";
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (letter == '\n') {
      result += "\\n";
    } else if (letter == '"' || letter == '\\') {
      result += '\\';
      result += letter;
    } else if (byte < 0x20 || byte == 0x7f) {
      result += "\\x";
      result += digits[byte >> 4];
      result += digits[byte & 15];
    } else {
      result += letter;
    }
  }
  return result += '"';
}

void check_contains(place where, std::string_view part, std::string_view whole, std::string_view message,
                    const char* text) {
  if (whole.find(part) == std::string_view::npos) {
    stop_failed(where, message, std::string(text) + ": expected " + quoted(part) + " in " + quoted(whole));
  }
}

}  // namespace unity
