#!/usr/bin/env bash
# include_cost.sh [RUNS]    What a public header costs its user: the processor time to compile a file that includes it and
# has an empty main(), in milliseconds, the median of RUNS (5), and the lines that the compiler reads then. C++20 without
# the optimizer, g++ and clang++ as far as they are there. Of the first rows the differences count: an empty file, what
# the standard headers alone cost that ours include, and the same and uv.h.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
runs=${1:-5}
place=$(mktemp -d) || exit 2
trap 'rm -rf "$place"' EXIT
flags="-std=c++20 -Iinclude $(pkg-config --cflags libuv 2>/dev/null)"
TIMEFORMAT='%U %S'

compilers=
for compiler in g++ clang++; do
  command -v "$compiler" >/dev/null 2>&1 && compilers="$compilers $compiler"
done

# Milliseconds of one compilation of $place/user.cpp.
cost() { # COMPILER
  # shellcheck disable=SC2086  # lists of words
  { time "$1" $flags -c "$place/user.cpp" -o "$place/user.o" 2>"$place/errors"; } 2>&1 |
    awk '{ printf "%d\n", ($1 + $2) * 1000 }'
  [ ! -s "$place/errors" ] || { cat "$place/errors" >&2; exit 1; }
}

median() {
  sort -n | awk '{ values[NR] = $1 } END { print values[int((NR + 1) / 2)] }'
}

row() { # NAME, and the includes on the standard input
  { cat; echo 'int main() {}'; } >"$place/user.cpp"
  printf '%-28s' "$1"
  for compiler in $compilers; do
    # shellcheck disable=SC2086
    lines=$("$compiler" $flags -E -P "$place/user.cpp" | grep -c .)
    printf ' %7d %7d' "$(for _ in $(seq "$runs"); do cost "$compiler"; done | median)" "$lines"
  done
  echo
}

printf '%-28s' header
for compiler in $compilers; do
  printf ' %15s' "$compiler"
done
printf '\n%-28s' ''
for compiler in $compilers; do
  printf ' %7s %7s' ms lines
done
echo
standard=$(cat include/uvdial/*.hpp | sed -n 's/^ *# *include <\([a-z_]*\)>.*/#include <\1>/p' | LC_ALL=C sort -u)
row '(empty)' </dev/null
echo "$standard" | row '(standard headers)'
{ echo "$standard"; echo '#include <uv.h>'; } | row '(standard headers, uv.h)'
echo '#include <uvdial/uvdial.hpp>' | row 'uvdial/uvdial.hpp'
for header in include/uvdial/*.hpp; do
  name=uvdial/$(basename "$header")
  [ "$name" = uvdial/uvdial.hpp ] || echo "#include <$name>" | row "$name"
done
