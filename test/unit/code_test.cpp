// Every code of libuv and of c-ares: its name, what it is in the terms of POSIX, what it means for a lookup.
#include <uv.h>

#include <cerrno>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "unity.hpp"
#include "uvdial/error.hpp"

using namespace uvdial;

void setUp() {}
void tearDown() {}

namespace {

using like = std::optional<std::errc>;  // nullopt: equal to no std::errc

struct uv_status {
  int value;
  std::string_view name;
};

#define UVDIAL_ROW(name, message) {UV_##name, #name},
constexpr uv_status uv_statuses[] = {UV_ERRNO_MAP(UVDIAL_ROW)};
#undef UVDIAL_ROW

// By name: the older libuv lacks a few of them.
const std::map<std::string_view, like> uv_likes = {
    {"E2BIG", std::errc::argument_list_too_long},
    {"EACCES", std::errc::permission_denied},
    {"EADDRINUSE", std::errc::address_in_use},
    {"EADDRNOTAVAIL", std::errc::address_not_available},
    {"EAFNOSUPPORT", std::errc::address_family_not_supported},
    {"EAGAIN", std::errc::resource_unavailable_try_again},
    {"EAI_ADDRFAMILY", std::errc::address_family_not_supported},
    {"EAI_AGAIN", std::errc::resource_unavailable_try_again},
    {"EAI_BADFLAGS", std::errc::invalid_argument},
    {"EAI_BADHINTS", std::errc::invalid_argument},
    {"EAI_CANCELED", std::errc::operation_canceled},
    {"EAI_FAIL", std::nullopt},
    {"EAI_FAMILY", std::errc::address_family_not_supported},
    {"EAI_MEMORY", std::errc::not_enough_memory},
    {"EAI_NODATA", std::nullopt},
    {"EAI_NONAME", std::nullopt},
    {"EAI_OVERFLOW", std::errc::value_too_large},
    {"EAI_PROTOCOL", std::errc::protocol_not_supported},
    {"EAI_SERVICE", std::errc::invalid_argument},
    {"EAI_SOCKTYPE", std::errc::wrong_protocol_type},
    {"EALREADY", std::errc::connection_already_in_progress},
    {"EBADF", std::errc::bad_file_descriptor},
    {"EBUSY", std::errc::device_or_resource_busy},
    {"ECANCELED", std::errc::operation_canceled},
    {"ECHARSET", std::errc::illegal_byte_sequence},
    {"ECONNABORTED", std::errc::connection_aborted},
    {"ECONNREFUSED", std::errc::connection_refused},
    {"ECONNRESET", std::errc::connection_reset},
    {"EDESTADDRREQ", std::errc::destination_address_required},
    {"EEXIST", std::errc::file_exists},
    {"EFAULT", std::errc::bad_address},
    {"EFBIG", std::errc::file_too_large},
    {"EFTYPE", std::nullopt},
    {"EHOSTDOWN", std::nullopt},
    {"EHOSTUNREACH", std::errc::host_unreachable},
    {"EILSEQ", std::errc::illegal_byte_sequence},
    {"EINTR", std::errc::interrupted},
    {"EINVAL", std::errc::invalid_argument},
    {"EIO", std::errc::io_error},
    {"EISCONN", std::errc::already_connected},
    {"EISDIR", std::errc::is_a_directory},
    {"ELOOP", std::errc::too_many_symbolic_link_levels},
    {"EMFILE", std::errc::too_many_files_open},
    {"EMLINK", std::errc::too_many_links},
    {"EMSGSIZE", std::errc::message_size},
    {"ENAMETOOLONG", std::errc::filename_too_long},
    {"ENETDOWN", std::errc::network_down},
    {"ENETUNREACH", std::errc::network_unreachable},
    {"ENFILE", std::errc::too_many_files_open_in_system},
    {"ENOBUFS", std::errc::no_buffer_space},
    {"ENODATA", std::errc{ENODATA}},  // std::errc::no_message_available, deprecated since
    {"ENODEV", std::errc::no_such_device},
    {"ENOENT", std::errc::no_such_file_or_directory},
    {"ENOEXEC", std::errc::executable_format_error},
    {"ENOMEM", std::errc::not_enough_memory},
    {"ENONET", std::nullopt},
    {"ENOPROTOOPT", std::errc::no_protocol_option},
    {"ENOSPC", std::errc::no_space_on_device},
    {"ENOSYS", std::errc::function_not_supported},
    {"ENOTCONN", std::errc::not_connected},
    {"ENOTDIR", std::errc::not_a_directory},
    {"ENOTEMPTY", std::errc::directory_not_empty},
    {"ENOTSOCK", std::errc::not_a_socket},
    {"ENOTSUP", std::errc::not_supported},
    {"ENOTTY", std::errc::inappropriate_io_control_operation},
    {"ENXIO", std::errc::no_such_device_or_address},
    {"EOF", std::nullopt},
    {"EOVERFLOW", std::errc::value_too_large},
    {"EPERM", std::errc::operation_not_permitted},
    {"EPIPE", std::errc::broken_pipe},
    {"EPROTO", std::errc::protocol_error},
    {"EPROTONOSUPPORT", std::errc::protocol_not_supported},
    {"EPROTOTYPE", std::errc::wrong_protocol_type},
    {"ERANGE", std::errc::result_out_of_range},
    {"EREMOTEIO", std::nullopt},
    {"EROFS", std::errc::read_only_file_system},
    {"ESHUTDOWN", std::nullopt},
    {"ESOCKTNOSUPPORT", std::nullopt},
    {"ESPIPE", std::errc::invalid_seek},
    {"ESRCH", std::errc::no_such_process},
    {"ETIMEDOUT", std::errc::timed_out},
    {"ETXTBSY", std::errc::text_file_busy},
    {"EUNATCH", std::nullopt},
    {"EXDEV", std::errc::cross_device_link},
    {"UNKNOWN", std::nullopt},
};

// All others are dns_failure.
const std::map<std::string_view, resolve_errc> uv_meanings = {
    {"EAI_NONAME", resolve_errc::host_not_found}, {"EINVAL", resolve_errc::host_not_found},
    {"ECHARSET", resolve_errc::host_not_found},   {"ENAMETOOLONG", resolve_errc::host_not_found},
    {"EAI_NODATA", resolve_errc::no_address},     {"EAI_ADDRFAMILY", resolve_errc::no_address},
    {"ETIMEDOUT", resolve_errc::dns_timeout},     {"EAI_MEMORY", resolve_errc::out_of_resources},
    {"ENOMEM", resolve_errc::out_of_resources},   {"EMFILE", resolve_errc::out_of_resources},
    {"ENFILE", resolve_errc::out_of_resources},   {"ENOBUFS", resolve_errc::out_of_resources},
    {"EAGAIN", resolve_errc::out_of_resources},   {"ENOSPC", resolve_errc::out_of_resources},
};

// By number: old headers lack the last two.
struct ares_row {
  int value;
  std::string_view name;
  like alike;
  resolve_errc meaning;
};
constexpr ares_row ares_rows[] = {
    {1, "NODATA", std::nullopt, resolve_errc::no_address},
    {2, "FORMERR", std::errc::protocol_error, resolve_errc::dns_failure},
    {3, "SERVFAIL", std::errc::resource_unavailable_try_again, resolve_errc::dns_failure},
    {4, "NXDOMAIN", std::nullopt, resolve_errc::host_not_found},
    {5, "NOTIMP", std::errc::not_supported, resolve_errc::dns_failure},
    {6, "REFUSED", std::errc::permission_denied, resolve_errc::dns_failure},
    {7, "FORMERR", std::errc::protocol_error, resolve_errc::dns_failure},
    {8, "NXDOMAIN", std::errc::invalid_argument, resolve_errc::host_not_found},
    {9, "EAFNOSUPPORT", std::errc::address_family_not_supported, resolve_errc::dns_failure},
    {10, "BADRESP", std::errc::bad_message, resolve_errc::dns_failure},
    {11, "DNSUNREACHABLE", std::errc::host_unreachable, resolve_errc::dns_failure},
    {12, "DNSTIMEOUT", std::errc::timed_out, resolve_errc::dns_timeout},
    {13, "BADRESP", std::errc::bad_message, resolve_errc::dns_failure},
    {14, "EIO", std::errc::io_error, resolve_errc::dns_failure},
    {15, "ENOMEM", std::errc::not_enough_memory, resolve_errc::out_of_resources},
    {16, "ECANCELED", std::errc::operation_canceled, resolve_errc::dns_failure},
    {17, "EINVAL", std::errc::invalid_argument, resolve_errc::dns_failure},
    {18, "EINVAL", std::errc::invalid_argument, resolve_errc::dns_failure},
    {19, "NXDOMAIN", std::errc::invalid_argument, resolve_errc::host_not_found},
    {20, "EINVAL", std::errc::invalid_argument, resolve_errc::dns_failure},
    {21, "EPERM", std::errc::operation_not_permitted, resolve_errc::dns_failure},
    {22, "ENOSYS", std::errc::function_not_supported, resolve_errc::dns_failure},
    {23, "EIO", std::errc::io_error, resolve_errc::dns_failure},
    {24, "ECANCELED", std::errc::operation_canceled, resolve_errc::dns_failure},
    {25, "EINVAL", std::errc::invalid_argument, resolve_errc::dns_failure},
    {26, "DNSUNREACHABLE", std::errc::host_unreachable, resolve_errc::dns_failure},
};

void check_like(const like& expected, const std::error_code& code, std::string_view what) {
  const auto condition = code.default_error_condition();
  const std::string label(what);
  if (!expected) {
    TEST_ASSERT_TRUE_MESSAGE(condition.category() == code.category(), label);
    TEST_ASSERT_EQUAL_INT_MESSAGE(code.value(), condition.value(), label);
    return;
  }
  TEST_ASSERT_TRUE_MESSAGE(code == *expected, label);
  TEST_ASSERT_TRUE_MESSAGE(condition == *expected, label);
}

}  // namespace

void test_every_libuv_status_has_libuvs_name_and_message() {
  for (const auto& each : uv_statuses) {
    const std::error_code code(each.value, uv_category());
    TEST_ASSERT_EQUAL_STRING(each.name, code_name(code));
    TEST_ASSERT_EQUAL_STRING(uv_err_name(each.value), code_name(code));
    TEST_ASSERT_EQUAL_STRING(uv_strerror(each.value), code.message());
  }
}

void test_every_libuv_status_equals_its_errc() {
  for (const auto& each : uv_statuses) {
    const auto row = uv_likes.find(each.name);
    TEST_ASSERT_TRUE_MESSAGE(row != uv_likes.end(), "no row for " + std::string(each.name));
    check_like(row->second, std::error_code(each.value, uv_category()), each.name);
  }
}

void test_every_libuv_status_means_something_for_a_lookup() {
  for (const auto& each : uv_statuses) {
    const auto row = uv_meanings.find(each.name);
    const auto expected = row == uv_meanings.end() ? resolve_errc::dns_failure : row->second;
    const auto meaning = to_resolve_errc(std::error_code(each.value, uv_category()));
    TEST_ASSERT_TRUE_MESSAGE(expected == meaning, std::string(each.name));
  }
}

void test_a_status_unknown_to_libuv_is_unknown_and_leaks_nothing() {
  for (const int value : {-2998, -12345, 1, 12345}) {
    const std::error_code code(value, uv_category());
    TEST_ASSERT_EQUAL_STRING("UNKNOWN", code_name(code));
    TEST_ASSERT_EQUAL_STRING("Unknown system error " + std::to_string(value), code.message());
    check_like(std::nullopt, code, std::to_string(value));
  }
}

void test_every_c_ares_status_has_name_message_errc_and_meaning() {
  int expected = 0;
  for (const auto& row : ares_rows) {
    TEST_ASSERT_EQUAL_INT(++expected, row.value);
    const std::error_code code(row.value, ares_category());
    const auto label = std::to_string(row.value);
    TEST_ASSERT_EQUAL_MESSAGE(row.name, code_name(code), label);
    TEST_ASSERT_TRUE_MESSAGE(code.message().find("unknown") == std::string::npos, code.message());
    TEST_ASSERT_TRUE_MESSAGE(code.message().size() > 5, label);
    check_like(row.alike, code, label);
    TEST_ASSERT_TRUE_MESSAGE(row.meaning == to_resolve_errc(code), label);
  }
  TEST_ASSERT_EQUAL_INT(26, expected);
}

void test_a_status_unknown_to_c_ares_is_a_failure() {
  for (const int value : {-1, 27, 1000}) {
    const std::error_code code(value, ares_category());
    TEST_ASSERT_EQUAL_STRING("UNKNOWN", code_name(code));
    TEST_ASSERT_EQUAL_STRING("unknown c-ares status " + std::to_string(value), code.message());
    check_like(std::nullopt, code, std::to_string(value));
    TEST_ASSERT_TRUE(to_resolve_errc(code) == resolve_errc::dns_failure);
  }
}

void test_a_name_server_that_is_not_there_is_no_refusal_by_the_target() {
  TEST_ASSERT_FALSE(std::error_code(11, ares_category()) == std::errc::connection_refused);
  TEST_ASSERT_FALSE(std::error_code(6, ares_category()) == std::errc::connection_refused);
}

void test_every_resolve_errc_has_name_message_and_errc() {
  struct {
    resolve_errc value;
    const char* name;
    like alike;
  } const rows[] = {
      {resolve_errc::host_not_found, "NXDOMAIN", std::nullopt},
      {resolve_errc::no_address, "NODATA", std::nullopt},
      {resolve_errc::dns_failure, "SERVFAIL", std::errc::resource_unavailable_try_again},
      {resolve_errc::dns_timeout, "DNSTIMEOUT", std::errc::timed_out},
      {resolve_errc::out_of_resources, "ENOMEM", std::errc::not_enough_memory},
  };
  for (const auto& row : rows) {
    const std::error_code code = row.value;
    TEST_ASSERT_TRUE(code.category() == resolve_category());
    TEST_ASSERT_EQUAL_STRING(row.name, code_name(code));
    TEST_ASSERT_TRUE(to_resolve_errc(code) == row.value);
    TEST_ASSERT_TRUE(code.message().find("unknown") == std::string::npos);
    check_like(row.alike, code, row.name);
  }
  const std::error_code beyond(99, resolve_category());
  TEST_ASSERT_EQUAL_STRING("UNKNOWN", code_name(beyond));
  TEST_ASSERT_EQUAL_STRING("unknown resolve_errc 99", beyond.message());
  TEST_ASSERT_TRUE(to_resolve_errc(beyond) == resolve_errc::dns_failure);
}

void test_errno_values_have_libuvs_names() {
  TEST_ASSERT_EQUAL_STRING("ECONNREFUSED", code_name(std::make_error_code(std::errc::connection_refused)));
  TEST_ASSERT_EQUAL_STRING("EMFILE", code_name(std::error_code(EMFILE, std::system_category())));
  TEST_ASSERT_EQUAL_STRING("UNKNOWN", code_name(std::error_code(-UV_EOF, std::generic_category())));
  TEST_ASSERT_EQUAL_STRING("UNKNOWN", code_name(std::error_code(UV_ENOENT, std::generic_category())));
  TEST_ASSERT_EQUAL_STRING("UNKNOWN", code_name(std::error_code()));
}

void test_foreign_codes_are_failures_whatever_they_say() {
  for (const auto each : {std::errc::timed_out, std::errc::not_enough_memory, std::errc{}})
    TEST_ASSERT_TRUE(to_resolve_errc(std::make_error_code(each)) == resolve_errc::dns_failure);
  TEST_ASSERT_TRUE(to_resolve_errc(std::error_code(0, uv_category())) == resolve_errc::dns_failure);
  TEST_ASSERT_TRUE(to_resolve_errc(std::error_code(0, ares_category())) == resolve_errc::dns_failure);
}

void test_the_categories_are_different_and_named() {
  TEST_ASSERT_EQUAL_STRING("uvdial.uv", uv_category().name());
  TEST_ASSERT_EQUAL_STRING("uvdial.ares", ares_category().name());
  TEST_ASSERT_EQUAL_STRING("uvdial.resolve", resolve_category().name());
  TEST_ASSERT_FALSE(std::error_code(1, ares_category()) == std::error_code(1, resolve_category()));
  TEST_ASSERT_EQUAL_STRING("success", std::error_code(0, uv_category()).message());
  TEST_ASSERT_EQUAL_STRING("success", std::error_code(0, ares_category()).message());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_every_libuv_status_has_libuvs_name_and_message);
  RUN_TEST(test_every_libuv_status_equals_its_errc);
  RUN_TEST(test_every_libuv_status_means_something_for_a_lookup);
  RUN_TEST(test_a_status_unknown_to_libuv_is_unknown_and_leaks_nothing);
  RUN_TEST(test_every_c_ares_status_has_name_message_errc_and_meaning);
  RUN_TEST(test_a_status_unknown_to_c_ares_is_a_failure);
  RUN_TEST(test_a_name_server_that_is_not_there_is_no_refusal_by_the_target);
  RUN_TEST(test_every_resolve_errc_has_name_message_and_errc);
  RUN_TEST(test_errno_values_have_libuvs_names);
  RUN_TEST(test_foreign_codes_are_failures_whatever_they_say);
  RUN_TEST(test_the_categories_are_different_and_named);
  return UNITY_END();
}
