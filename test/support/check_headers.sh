#!/bin/sh
# check_headers.sh [JOBS]    Compiles each public header alone: with g++ and clang++ as far as they are there, as C++20
# and C++23, with all warnings as errors.
set -u
cd "$(dirname "$0")/../.." || exit 2
jobs=${1:-2}
flags="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -Iinclude $(pkg-config --cflags libuv 2>/dev/null)"
export flags

compilers=
for compiler in g++ clang++; do
  command -v "$compiler" >/dev/null 2>&1 && compilers="$compilers $compiler"
done
headers=$(cd include && find . -name '*.hpp' | sed 's|^\./||' | LC_ALL=C sort)

# Each header is included twice, which also tries its guard.
for compiler in $compilers; do
  for standard in c++20 c++2b; do
    for header in $headers; do
      echo "$compiler $standard $header"
    done
  done
done | xargs -P "$jobs" -n 3 sh -c '
  if ! printf "#include <%s>\n#include <%s>\nint main() {}\n" "$2" "$2" | "$0" -std="$1" $flags -fsyntax-only -x c++ -; then
    echo "$2: cannot be used alone ($0 -std=$1)" >&2
    exit 1
  fi'
status=$?
[ "$status" = 0 ] || exit 1
echo "headers: $(echo "$headers" | wc -w) compile alone, as C++20 and C++23, with:$compilers"
