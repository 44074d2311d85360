// The entry that libFuzzer calls, for a program with one target.
#include "fuzz/fuzz_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::run_once(*fuzz::first_target(), {data, size});
  return 0;
}
