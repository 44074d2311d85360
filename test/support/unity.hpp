// Unity's way of writing tests, run by cmocka.
//
//   void setUp() { ... }       before each test           every test file defines both
//   void tearDown() { ... }    after each test, also after one that failed
//   static void test_a_refused_address_is_skipped() { TEST_ASSERT_EQUAL(2, count()); }
//   int main() {
//     UNITY_BEGIN();
//     RUN_TEST(test_a_refused_address_is_skipped);
//     return UNITY_END();
//   }
//
// cmocka ends a failed test with longjmp, and longjmp does not run C++ destructors. So an assertion here throws; the
// function that cmocka called catches the exception when every object of the test is gone, and only then tells cmocka.
// An assertion must therefore not be used inside a C callback: record there, and assert after the loop has run. One
// that fails in a place where its exception is swallowed still fails the test.
//
// As in Unity the expected value comes first, and TEST_ASSERT_LESS_THAN(limit, actual) means actual < limit. Every
// macro has a twin ending in _MESSAGE with one more argument, a text that is printed in front of the failure.
//
// A test program takes `--filter PATTERN` (or the environment variable UVDIAL_TEST) and then runs only the tests whose
// names match; * and ? are wild cards. A pattern that matches nothing is an error. CMOCKA_MESSAGE_OUTPUT is cmocka's
// own and chooses the format of the report (STDOUT, TAP, SUBUNIT, XML).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

void setUp();
void tearDown();

namespace unity {

// Where an assertion stands.
struct place {
  const char* file;
  int line;
};

void begin();
void add(const char* name, void (*function)(), place where);
int end();

// Both record what happened and leave the test by an exception that is no std::exception.
[[noreturn]] void stop_failed(place where, std::string_view message, std::string_view text);
[[noreturn]] void stop_ignored(place where, std::string_view reason);

std::string quoted(std::string_view text);

template <typename T>
concept text_like = std::is_convertible_v<const T&, std::string_view>;

template <typename T>
concept plain_integer = std::is_integral_v<T> && !std::is_same_v<T, bool> && !std::is_same_v<T, char> &&
                        !std::is_same_v<T, wchar_t> && !std::is_same_v<T, char8_t> &&
                        !std::is_same_v<T, char16_t> && !std::is_same_v<T, char32_t>;

template <typename T>
concept has_to_string = requires(const T& value) {
  { value.to_string() } -> std::convertible_to<std::string>;
};

template <typename T>
concept found_to_string = requires(const T& value) {
  { to_string(value) } -> std::convertible_to<std::string>;
};

template <typename T>
concept streamable = requires(std::ostream& out, const T& value) {
  out << value;
};

template <typename T>
struct is_duration : std::false_type {};
template <typename R, typename P>
struct is_duration<std::chrono::duration<R, P>> : std::true_type {};

template <typename T>
struct is_optional : std::false_type {};
template <typename T>
struct is_optional<std::optional<T>> : std::true_type {};

template <typename T>
bool is_null_text(const T& value) {
  if constexpr (std::is_pointer_v<T>) {
    return value == nullptr;
  } else {
    return false;
  }
}

// A value as text, for a failure: whatever the type offers, at worst its size.
template <typename T>
std::string show(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_same_v<T, std::nullptr_t>) {
    return "null";
  } else if constexpr (std::is_same_v<T, char>) {
    return quoted(std::string_view(&value, 1));
  } else if constexpr (std::is_same_v<T, signed char> || std::is_same_v<T, unsigned char>) {
    return std::to_string(static_cast<int>(value));
  } else if constexpr (text_like<T>) {
    return is_null_text(value) ? std::string("null") : quoted(std::string_view(value));
  } else if constexpr (is_duration<T>::value) {
    using std::chrono::duration;
    const double in_milliseconds = std::chrono::duration_cast<duration<double, std::milli>>(value).count();
    std::ostringstream out;
    out.precision(15);
    out << in_milliseconds << " ms";
    return std::move(out).str();
  } else if constexpr (is_optional<T>::value) {
    return value.has_value() ? show(*value) : std::string("nothing");
  } else if constexpr (std::is_same_v<T, std::error_code>) {
    return std::string(value.category().name()) + ":" + std::to_string(value.value()) + " (" +
           value.message() + ")";
  } else if constexpr (has_to_string<T>) {
    return value.to_string();
  } else if constexpr (found_to_string<T> && !std::is_arithmetic_v<T>) {
    return to_string(value);
  } else if constexpr (streamable<T>) {
    std::ostringstream out;
    out.precision(17);
    out << value;
    return std::move(out).str();
  } else if constexpr (std::is_enum_v<T>) {
    return "enumerator " + std::to_string(static_cast<long long>(value));
  } else {
    return "(an object of " + std::to_string(sizeof(T)) + " bytes)";
  }
}

// Integers of different signs compare by value, and C strings by their text; everything else by its own ==.
template <typename A, typename B>
bool equal(const A& expected, const B& actual) {
  if constexpr (plain_integer<A> && plain_integer<B>) {
    return std::cmp_equal(expected, actual);
  } else if constexpr (text_like<A> && text_like<B>) {
    if (is_null_text(expected) || is_null_text(actual)) {
      return is_null_text(expected) && is_null_text(actual);
    }
    return std::string_view(expected) == std::string_view(actual);
  } else {
    return static_cast<bool>(expected == actual);
  }
}

template <typename A, typename B>
bool less(const A& left, const B& right) {
  if constexpr (plain_integer<A> && plain_integer<B>) {
    return std::cmp_less(left, right);
  } else {
    return static_cast<bool>(left < right);
  }
}

inline void check(place where, bool holds, std::string_view message, const char* text) {
  if (!holds) {
    stop_failed(where, message, text);
  }
}

template <typename A, typename B>
void check_equal(place where, const A& expected, const B& actual, std::string_view message,
                 const char* text) {
  if (!equal(expected, actual)) {
    stop_failed(where, message, std::string(text) + ": expected " + show(expected) + ", was " + show(actual));
  }
}

template <typename A, typename B>
void check_not_equal(place where, const A& other, const B& actual, std::string_view message,
                     const char* text) {
  if (equal(other, actual)) {
    stop_failed(where, message, std::string(text) + ": expected anything but " + show(actual));
  }
}

template <typename A, typename B>
void check_order(place where, bool holds, const char* relation, const A& limit, const B& actual,
                 std::string_view message, const char* text) {
  if (!holds) {
    stop_failed(
        where, message,
        std::string(text) + ": expected a value " + relation + " " + show(limit) + ", was " + show(actual));
  }
}

template <typename D, typename A, typename B>
void check_within(place where, const D& delta, const A& expected, const B& actual, std::string_view message,
                  const char* text) {
  const bool holds = actual < expected ? expected - actual <= delta : actual - expected <= delta;
  if (!holds) {
    stop_failed(where, message,
                std::string(text) + ": expected " + show(expected) + " give or take " + show(delta) +
                    ", was " + show(actual));
  }
}

void check_contains(place where, std::string_view part, std::string_view whole, std::string_view message,
                    const char* text);

template <typename Exception, typename Function>
void check_throws(place where, Function&& function, std::string_view message, const char* type,
                  const char* text) {
  std::string instead = "nothing was thrown";
  try {
    std::forward<Function>(function)();
  } catch (const Exception&) {
    return;
  } catch (const std::exception& other) {
    instead = std::string("got: ") + other.what();
  }
  stop_failed(where, message, std::string(text) + ": expected it to throw " + type + "; " + instead);
}

}  // namespace unity

#define UNITY_PLACE \
  ::unity::place { __FILE__, __LINE__ }

#define UNITY_BEGIN() ::unity::begin()
#define RUN_TEST(function) ::unity::add(#function, function, UNITY_PLACE)
#define UNITY_END() ::unity::end()

#define TEST_FAIL_MESSAGE(message) ::unity::stop_failed(UNITY_PLACE, {}, message)
#define TEST_FAIL() TEST_FAIL_MESSAGE("the test says so")
#define TEST_IGNORE_MESSAGE(reason) ::unity::stop_ignored(UNITY_PLACE, reason)
#define TEST_IGNORE() TEST_IGNORE_MESSAGE("no reason given")

#define TEST_ASSERT_MESSAGE(condition, message) \
  ::unity::check(UNITY_PLACE, static_cast<bool>(condition), message, "expected to hold: " #condition)
#define TEST_ASSERT(condition) TEST_ASSERT_MESSAGE(condition, {})
#define TEST_ASSERT_TRUE_MESSAGE(condition, message) \
  ::unity::check(UNITY_PLACE, static_cast<bool>(condition), message, "expected true: " #condition)
#define TEST_ASSERT_TRUE(condition) TEST_ASSERT_TRUE_MESSAGE(condition, {})
#define TEST_ASSERT_FALSE_MESSAGE(condition, message) \
  ::unity::check(UNITY_PLACE, !static_cast<bool>(condition), message, "expected false: " #condition)
#define TEST_ASSERT_FALSE(condition) TEST_ASSERT_FALSE_MESSAGE(condition, {})
#define TEST_ASSERT_NULL_MESSAGE(pointer, message) \
  ::unity::check(UNITY_PLACE, (pointer) == nullptr, message, "expected null: " #pointer)
#define TEST_ASSERT_NULL(pointer) TEST_ASSERT_NULL_MESSAGE(pointer, {})
#define TEST_ASSERT_NOT_NULL_MESSAGE(pointer, message) \
  ::unity::check(UNITY_PLACE, (pointer) != nullptr, message, "expected not null: " #pointer)
#define TEST_ASSERT_NOT_NULL(pointer) TEST_ASSERT_NOT_NULL_MESSAGE(pointer, {})

#define TEST_ASSERT_EQUAL_MESSAGE(expected, actual, message) \
  ::unity::check_equal(UNITY_PLACE, expected, actual, message, #actual)
#define TEST_ASSERT_EQUAL(expected, actual) TEST_ASSERT_EQUAL_MESSAGE(expected, actual, {})
#define TEST_ASSERT_NOT_EQUAL_MESSAGE(other, actual, message) \
  ::unity::check_not_equal(UNITY_PLACE, other, actual, message, #actual)
#define TEST_ASSERT_NOT_EQUAL(other, actual) TEST_ASSERT_NOT_EQUAL_MESSAGE(other, actual, {})
#define TEST_ASSERT_EQUAL_INT_MESSAGE(expected, actual, message)          \
  ::unity::check_equal(UNITY_PLACE, static_cast<std::intmax_t>(expected), \
                       static_cast<std::intmax_t>(actual), message, #actual)
#define TEST_ASSERT_EQUAL_INT(expected, actual) TEST_ASSERT_EQUAL_INT_MESSAGE(expected, actual, {})
#define TEST_ASSERT_EQUAL_UINT_MESSAGE(expected, actual, message)          \
  ::unity::check_equal(UNITY_PLACE, static_cast<std::uintmax_t>(expected), \
                       static_cast<std::uintmax_t>(actual), message, #actual)
#define TEST_ASSERT_EQUAL_UINT(expected, actual) TEST_ASSERT_EQUAL_UINT_MESSAGE(expected, actual, {})
#define TEST_ASSERT_EQUAL_PTR_MESSAGE(expected, actual, message)                                          \
  ::unity::check_equal(UNITY_PLACE, static_cast<const void*>(expected), static_cast<const void*>(actual), \
                       message, #actual)
#define TEST_ASSERT_EQUAL_PTR(expected, actual) TEST_ASSERT_EQUAL_PTR_MESSAGE(expected, actual, {})
#define TEST_ASSERT_EQUAL_STRING_MESSAGE(expected, actual, message) \
  TEST_ASSERT_EQUAL_MESSAGE(expected, actual, message)
#define TEST_ASSERT_EQUAL_STRING(expected, actual) TEST_ASSERT_EQUAL_STRING_MESSAGE(expected, actual, {})
#define TEST_ASSERT_CONTAINS_STRING_MESSAGE(part, whole, message) \
  ::unity::check_contains(UNITY_PLACE, part, whole, message, #whole)
#define TEST_ASSERT_CONTAINS_STRING(part, whole) TEST_ASSERT_CONTAINS_STRING_MESSAGE(part, whole, {})

#define UNITY_ORDER(limit, actual, test, relation, message)                                         \
  [&](const auto& unity_limit, const auto& unity_actual) {                                          \
    ::unity::check_order(UNITY_PLACE, test, relation, unity_limit, unity_actual, message, #actual); \
  }(limit, actual)
#define TEST_ASSERT_LESS_THAN_MESSAGE(limit, actual, message) \
  UNITY_ORDER(limit, actual, ::unity::less(unity_actual, unity_limit), "less than", message)
#define TEST_ASSERT_LESS_THAN(limit, actual) TEST_ASSERT_LESS_THAN_MESSAGE(limit, actual, {})
#define TEST_ASSERT_GREATER_THAN_MESSAGE(limit, actual, message) \
  UNITY_ORDER(limit, actual, ::unity::less(unity_limit, unity_actual), "greater than", message)
#define TEST_ASSERT_GREATER_THAN(limit, actual) TEST_ASSERT_GREATER_THAN_MESSAGE(limit, actual, {})
#define TEST_ASSERT_LESS_OR_EQUAL_MESSAGE(limit, actual, message) \
  UNITY_ORDER(limit, actual, !::unity::less(unity_limit, unity_actual), "of at most", message)
#define TEST_ASSERT_LESS_OR_EQUAL(limit, actual) TEST_ASSERT_LESS_OR_EQUAL_MESSAGE(limit, actual, {})
#define TEST_ASSERT_GREATER_OR_EQUAL_MESSAGE(limit, actual, message) \
  UNITY_ORDER(limit, actual, !::unity::less(unity_actual, unity_limit), "of at least", message)
#define TEST_ASSERT_GREATER_OR_EQUAL(limit, actual) TEST_ASSERT_GREATER_OR_EQUAL_MESSAGE(limit, actual, {})
#define TEST_ASSERT_WITHIN_MESSAGE(delta, expected, actual, message) \
  ::unity::check_within(UNITY_PLACE, delta, expected, actual, message, #actual)
#define TEST_ASSERT_WITHIN(delta, expected, actual) TEST_ASSERT_WITHIN_MESSAGE(delta, expected, actual, {})

// The expression may hold commas; the message comes second here because of that.
#define TEST_ASSERT_THROWS_MESSAGE(type, message, ...) \
  ::unity::check_throws<type>(                         \
      UNITY_PLACE, [&] { static_cast<void>(__VA_ARGS__); }, message, #type, #__VA_ARGS__)
#define TEST_ASSERT_THROWS(type, ...) TEST_ASSERT_THROWS_MESSAGE(type, {}, __VA_ARGS__)
