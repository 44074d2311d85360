// A command line: one word a line. It is refused in one line, or it makes sense.
#include "cli/arguments.hpp"

#include <vector>

#include "fuzz/fuzz_target.hpp"

using uvdial::cli::arguments;
using uvdial::cli::read_arguments;
using uvdial::cli::usage_error;

namespace {

void check_dial(const arguments& read) {
  fuzz::require(read.to.has_value() != read.unix_path.has_value(), "a dial goes to one place");
  fuzz::require(!read.unix_path || !read.unix_path->empty(), "the path of a socket is not empty");
  fuzz::require(!read.json || read.then == arguments::after_connect::close, "with --json nothing is relayed");
  fuzz::require(!read.repeat || read.then == arguments::after_connect::close,
                "with --repeat nothing is relayed");
  fuzz::require(!read.repeat || (*read.repeat > 0 && !read.trace), "--repeat is a number, without a trace");
  fuzz::require(!read.svg_file || (read.to && !read.svg_file->empty()),
                "a picture is one of a host, and has a file");
  if (read.to) fuzz::require(uvdial::target::parse(read.to->to_string()) == *read.to, "a target is a target");
  validate(read.options);
}

}  // namespace

FUZZ_TARGET(arguments) {
  std::vector<std::string> words;
  while (!input.spent()) words.push_back(input.line());
  std::vector<const char*> given;
  for (const std::string& each : words) given.push_back(each.c_str());
  try {
    const arguments read = read_arguments(given);
    if (read.what == arguments::wish::dial) check_dial(read);
    if (read.what == arguments::wish::resolve)
      fuzz::require(!read.host.empty(), "there is a host to resolve");
    const arguments again = read_arguments(given);
    fuzz::require(again.to == read.to && again.policy == read.policy && again.host == read.host,
                  "the same words mean the same");
  } catch (const usage_error& why) {
    fuzz::require(*why.what() != '\0' && fuzz::is_one_line(why.what()), "a refusal is one line", why.what());
  }
}
