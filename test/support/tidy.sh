#!/bin/sh
# tidy.sh BUILD-FOLDER JOBS [FILE...]    clang-tidy over src/ (or the given files), several at a time. Its output is
# held back per file, so that two files do not mix, and only files with findings are shown.
set -u
cd "$(dirname "$0")/../.." || exit 2
build=$1
jobs=$2
shift 2

tool=${CLANG_TIDY:-}
if [ -z "$tool" ]; then
  tool=clang-tidy
  command -v clang-tidy-14 >/dev/null 2>&1 && tool=clang-tidy-14
fi
if [ $# = 0 ]; then
  # shellcheck disable=SC2046  # our file names have no blanks
  set -- $(find src -name '*.cpp' | LC_ALL=C sort)
fi

export tool build
printf '%s\n' "$@" | xargs -P "$jobs" -n 1 sh -c '
  if ! output=$("$tool" -p "$build" --quiet --extra-arg=-Wno-unknown-warning-option "$0" 2>&1); then
    printf "%s\n" "$output" | grep -v "warnings generated\|Suppressed .* warnings\|Use -header-filter\|Use -system-headers"
    exit 1
  fi'
status=$?
if [ "$status" != 0 ]; then
  echo "tidy: findings above" >&2
  exit 1
fi
echo "tidy: $# files, no findings"
