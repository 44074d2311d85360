// The file of --svg: whole or not at all, and refused before anything is dialed.
#include "cli/picture_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "cli/arguments.hpp"
#include "support/unity.hpp"

using uvdial::cli::descriptor;
using uvdial::cli::picture_file;
using uvdial::cli::usage_error;
namespace files = std::filesystem;

namespace {

files::path folder;

std::string at(const std::string& name) { return (folder / name).string(); }

void put(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

std::string contents(const std::string& path) {
  std::ostringstream read;
  read << std::ifstream(path).rdbuf();
  return std::move(read).str();
}

unsigned mode_of(const std::string& path) {
  struct stat what {};
  TEST_ASSERT_EQUAL(0, stat(path.c_str(), &what));
  return what.st_mode & 07777;
}

std::size_t count_of_files() {
  return static_cast<std::size_t>(
      std::distance(files::directory_iterator(folder), files::directory_iterator()));
}

std::string refusal(const std::string& path) {
  try {
    const picture_file made(path);
    return "accepted";
  } catch (const usage_error& why) {
    return why.what();
  }
}

}  // namespace

void setUp() {
  std::string name = (files::temp_directory_path() / "uvdial-test-XXXXXX").string();
  TEST_ASSERT_NOT_NULL(mkdtemp(name.data()));
  folder = name;
}

void tearDown() { files::remove_all(folder); }

static void test_a_new_file_has_all_of_it_and_the_usual_mode() {
  const mode_t before = umask(027);
  picture_file made(at("x.svg"));
  TEST_ASSERT_EQUAL(0, count_of_files());  // before it is written there is nothing
  TEST_ASSERT_EQUAL("", made.write("<svg/>"));
  (void)umask(before);
  TEST_ASSERT_EQUAL("<svg/>", contents(at("x.svg")));
  TEST_ASSERT_EQUAL(0640, mode_of(at("x.svg")));
  TEST_ASSERT_EQUAL(1, count_of_files());
}

static void test_an_old_file_is_replaced_and_keeps_its_mode() {
  put(at("x.svg"), "a longer text than the new one");
  TEST_ASSERT_EQUAL(0, chmod(at("x.svg").c_str(), 0604));
  picture_file made(at("x.svg"));
  TEST_ASSERT_EQUAL("", made.write("<svg/>"));
  TEST_ASSERT_EQUAL("<svg/>", contents(at("x.svg")));
  TEST_ASSERT_EQUAL(0604, mode_of(at("x.svg")));
}

static void test_a_link_stays_and_what_it_leads_to_is_replaced() {
  put(at("x.svg"), "old");
  files::create_symlink("x.svg", at("link.svg"));
  picture_file made(at("link.svg"));
  TEST_ASSERT_EQUAL("", made.write("new"));
  TEST_ASSERT_TRUE(files::is_symlink(at("link.svg")));
  TEST_ASSERT_EQUAL("new", contents(at("x.svg")));
}

static void test_what_cannot_be_written_is_refused_at_once() {
  put(at("file"), "");
  TEST_ASSERT_EQUAL("option --svg: cannot write \"" + at("none/x.svg") + "\": no such file or directory",
                    refusal(at("none/x.svg")));
  TEST_ASSERT_EQUAL("option --svg: cannot write \"" + at("file/x.svg") + "\": not a directory",
                    refusal(at("file/x.svg")));
  for (const std::string& folder_name : {folder.string(), at("none/"), std::string("/")})
    TEST_ASSERT_CONTAINS_STRING("illegal operation on a directory", refusal(folder_name));
  TEST_ASSERT_CONTAINS_STRING("name too long", refusal(at(std::string(300, 'x'))));
}

static void test_a_file_or_a_folder_that_may_not_be_written_is_refused() {
  if (geteuid() == 0) TEST_IGNORE_MESSAGE("root may write everything");
  put(at("x.svg"), "old");
  TEST_ASSERT_EQUAL(0, chmod(at("x.svg").c_str(), 0400));
  TEST_ASSERT_CONTAINS_STRING("permission denied", refusal(at("x.svg")));
  TEST_ASSERT_EQUAL(0, chmod(folder.c_str(), 0500));
  TEST_ASSERT_CONTAINS_STRING("permission denied", refusal(at("y.svg")));
  TEST_ASSERT_EQUAL(0, chmod(folder.c_str(), 0700));
}

static void test_where_it_fails_later_the_old_file_is_as_it_was() {
  files::create_directory(at("folder"));
  put(at("folder/x.svg"), "old");
  picture_file made(at("folder/x.svg"));
  files::rename(at("folder"), at("elsewhere"));
  TEST_ASSERT_EQUAL("--svg: \"" + at("folder/x.svg") + "\" was not written: no such file or directory",
                    made.write("new"));
  TEST_ASSERT_EQUAL("old", contents(at("elsewhere/x.svg")));
}

static void test_what_takes_no_more_bytes_leaves_nothing_behind() {
  if (access("/dev/full", W_OK) != 0) TEST_IGNORE_MESSAGE("there is no /dev/full");
  picture_file full("/dev/full");
  TEST_ASSERT_EQUAL("--svg: \"/dev/full\" was not written: no space left on device", full.write("new"));
}

static void test_a_pipe_is_written_to_and_one_without_a_reader_refused() {
  TEST_ASSERT_EQUAL(0, mkfifo(at("pipe").c_str(), 0600));
  TEST_ASSERT_CONTAINS_STRING("no such device or address", refusal(at("pipe")));
  const descriptor reader(open(at("pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  picture_file made(at("pipe"));
  TEST_ASSERT_EQUAL("", made.write("<svg/>"));
  char got[16] = {};
  TEST_ASSERT_EQUAL(6, read(reader.number(), got, sizeof got));
  TEST_ASSERT_EQUAL("<svg/>", std::string(got));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_new_file_has_all_of_it_and_the_usual_mode);
  RUN_TEST(test_an_old_file_is_replaced_and_keeps_its_mode);
  RUN_TEST(test_a_link_stays_and_what_it_leads_to_is_replaced);
  RUN_TEST(test_what_cannot_be_written_is_refused_at_once);
  RUN_TEST(test_a_file_or_a_folder_that_may_not_be_written_is_refused);
  RUN_TEST(test_where_it_fails_later_the_old_file_is_as_it_was);
  RUN_TEST(test_what_takes_no_more_bytes_leaves_nothing_behind);
  RUN_TEST(test_a_pipe_is_written_to_and_one_without_a_reader_refused);
  return UNITY_END();
}
