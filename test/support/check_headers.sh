#!/bin/sh
# check_headers.sh [JOBS] [ROOT]    Proves what a user may expect of the public headers, with g++ and clang++ as far as
# they are there; ROOT is the project's folder (default: this one). Warnings are errors.
#
#   alone          Each header compiles without another one before it, as C++20 and C++23, with RTTI and without. Each of
#                  a compiler's two standards takes one of these, crosswise, and each pair that is left takes all headers
#                  in one file, the last one before <uv.h>: so every header has met every compiler, standard and kind of
#                  RTTI alone, and all of them together.
#   what it pulls  Headers include the C++ standard library and each other: no uv.h, and nothing of C or the system.
#   no macros      A user gets those of the standard headers, unchanged, and UVDIAL_*; and none of libuv's.
set -u
jobs=${1:-2}
cd "${2:-$(dirname "$0")/../..}" || exit 2
flags="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -Iinclude $(pkg-config --cflags libuv 2>/dev/null)"
export flags
place=$(mktemp -d) || exit 2
trap 'rm -rf "$place"' EXIT

compilers=
for compiler in g++ clang++; do
  command -v "$compiler" >/dev/null 2>&1 && compilers="$compilers $compiler"
done
headers=$(cd include && find . -name '*.hpp' | sed 's|^\./||' | LC_ALL=C sort)

foreign=$(find include -name '*.hpp' -exec grep -HnE '^ *# *include' {} + | grep -vE '# *include (<[a-z_]+>|"uvdial/[a-z0-9_]+\.hpp")')
if [ -n "$foreign" ]; then
  echo "headers: these include more than the standard library and each other:" "$foreign" >&2
  exit 1
fi

# Each header is included twice, which also tries its guard.
for header in $headers; do
  printf '#include <%s>\n#include <%s>\nint main() {}\n' "$header" "$header" >"$place/$(basename "$header").cpp"
done
for header in $headers; do
  echo "#include <$header>"
done >"$place/all"
{ cat "$place/all"; echo '#include <uv.h>'; echo 'int main() {}'; } >"$place/all.cpp"

# Lines "#define NAME ..." that a file of these includes ends with.
macros_of() { # COMPILER STANDARD FILE
  # shellcheck disable=SC2086  # a list of words
  "$1" -std="$2" $flags -dM -E -x c++ "$3" | LC_ALL=C sort
}
find include -name '*.hpp' -exec sed -n 's/^ *# *include <\([a-z_]*\)>.*/#include <\1>/p' {} + |
  LC_ALL=C sort -u >"$place/standard"
for compiler in $compilers; do
  for standard in c++20 c++2b; do
    macros_of "$compiler" "$standard" "$place/standard" >"$place/theirs" || exit 1
    macros_of "$compiler" "$standard" "$place/all" >"$place/both" || exit 1
    leaked=$(LC_ALL=C comm -13 "$place/theirs" "$place/both" | grep -v '^#define UVDIAL_[A-Z]')
    changed=$(LC_ALL=C comm -23 "$place/theirs" "$place/both")
    libuv=$(grep -E '^#define (UV_|uv_)' "$place/both")
    if [ -n "$leaked$changed$libuv" ]; then
      echo "headers: macros that a user gets of them, or loses ($compiler -std=$standard):" >&2
      printf '%s\n' "$leaked" "$changed" "$libuv" | sed '/^$/d' >&2
      exit 1
    fi
  done
done

# The longest first, so that the processors end together.
crosswise() {
  for compiler in $compilers; do
    for standard in c++20 c++2b; do
      case $compiler$standard in
        g++c++20 | clang++c++2b) kind=-frtti other=-fno-rtti ;;
        *) kind=-fno-rtti other=-frtti ;;
      esac
      echo "$compiler $standard $other $place/all.cpp"
      for header in $headers; do
        echo "$compiler $standard $kind $place/$(basename "$header").cpp"
      done
    done
  done
}
# shellcheck disable=SC2016  # $ for the inner shell
crosswise | xargs -P "$jobs" -n 4 sh -c '
  if ! "$0" -std="$1" "$2" $flags -fsyntax-only "$3"; then
    echo "$(basename "$3" .cpp): does not compile by itself ($0 -std=$1 $2)" >&2
    exit 1
  fi' || exit 1
echo "headers: $(echo "$headers" | wc -w) compile alone, as C++20 and C++23, with RTTI and without, with:$compilers"
echo "headers: a user gets the macros of the standard library, and $(grep -c '^#define UVDIAL_' "$place/both") of ours: UVDIAL_*"
