#!/bin/sh
# bench.sh BUILD-FOLDER [ARGUMENT...]    Runs the programs of test/bench with the arguments; without arguments it only
# names them, because what they measure (names, port, number, how many at a time) must be chosen.
set -u
build=$1
shift
found=no
for source in "$(dirname "$0")"/../bench/*.cpp; do
  [ -f "$source" ] || continue
  found=yes
  program=$build/bin/$(basename "$source" .cpp)
  if [ $# = 0 ]; then
    echo "built: $program (give its arguments with make bench BENCH_ARGS=\"...\")"
  else
    "$program" "$@" || exit 1
  fi
done
[ "$found" = yes ] || echo "bench: there are no benchmarks yet (test/bench/*.cpp)"
