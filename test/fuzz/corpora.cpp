// Replays inputs through their targets, without a fuzzer: a second's proof that what was found once is not back.
//
//   fuzz_corpora                       all targets, each with its seeds
//   fuzz_corpora TARGET FILE...        one target with these files, or all that lie in these folders
//   fuzz_corpora --list                the names of the targets
//
// A file that breaks its target is named last on standard error.
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "fuzz/fuzz_target.hpp"

// Of the sanitizers' runtime, where there is one.
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace {

namespace files = std::filesystem;

std::string last_words;  // made beforehand: whoever dies has no memory to spare

void name_the_file() { (void)!::write(STDERR_FILENO, last_words.data(), last_words.size()); }

void on_abort(int) {
  name_the_file();
  std::_Exit(1);
}

std::vector<const fuzz::target*> all_targets() {
  std::vector<const fuzz::target*> all;
  for (const fuzz::target* each = fuzz::first_target(); each; each = each->next) all.push_back(each);
  std::sort(all.begin(), all.end(),
            [](const auto* one, const auto* other) { return std::string_view(one->name) < other->name; });
  return all;
}

std::vector<files::path> files_of(const files::path& given) {
  if (!files::is_directory(given)) return {given};
  std::vector<files::path> found;
  for (const auto& each : files::recursive_directory_iterator(given)) {
    if (each.is_regular_file()) found.push_back(each.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

// From a block that is as long as the input, so that reading behind its end is seen.
bool replay(const fuzz::target& which, const files::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in.good() && !in.eof()) return false;
  const auto block = std::make_unique<std::uint8_t[]>(text.size());
  std::copy(text.begin(), text.end(), block.get());
  last_words = std::string("fuzz_corpora: broken by: ") + which.name + " " + file.string() + "\n";
  fuzz::run_once(which, {block.get(), text.size()});
  return true;
}

// False: there was nothing to replay, or it could not be read.
bool replay_all(const fuzz::target& which, const std::vector<files::path>& given) {
  std::size_t count = 0;
  for (const files::path& folder : given) {
    for (const files::path& file : files_of(folder)) {
      if (!replay(which, file)) {
        std::fprintf(stderr, "fuzz_corpora: cannot be read: %s\n", file.c_str());
        return false;
      }
      ++count;
    }
  }
  std::printf("%-22s %4zu inputs\n", which.name, count);
  if (count == 0) std::fprintf(stderr, "fuzz_corpora: %s has no inputs\n", which.name);
  return count > 0;
}

bool replay_seeds(const std::vector<const fuzz::target*>& targets) {
  bool good = true;
  for (const fuzz::target* each : targets) {
    const files::path seeds = files::path(UVDIAL_FUZZ_CORPUS) / each->name;
    if (!files::is_directory(seeds)) {
      std::fprintf(stderr, "fuzz_corpora: no folder %s\n", seeds.c_str());
      good = false;
      continue;
    }
    good = replay_all(*each, {seeds}) && good;
  }
  return good;
}

}  // namespace

int main(int count, char** words) {
  if (__sanitizer_set_death_callback) __sanitizer_set_death_callback(name_the_file);
  (void)std::signal(SIGABRT, on_abort);
  const auto targets = all_targets();
  if (count == 1) return replay_seeds(targets) ? 0 : 1;
  const std::string name = words[1];
  if (name == "--list") {
    for (const fuzz::target* each : targets) std::puts(each->name);
    return 0;
  }
  const auto wanted = std::find_if(targets.begin(), targets.end(),
                                   [&name](const fuzz::target* each) { return each->name == name; });
  if (wanted == targets.end()) {
    std::fprintf(stderr, "fuzz_corpora: no target %s; --list names them\n", name.c_str());
    return 2;
  }
  return replay_all(**wanted, {words + 2, words + count}) ? 0 : 1;
}
