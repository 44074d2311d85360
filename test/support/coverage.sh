#!/bin/sh
# coverage.sh BUILD-FOLDER    Prints the line coverage of src/ and include/ after the tests have run there, worst file
# first: by gcovr or lcov if they are there (they also see branches), else from gcov's own summaries.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd) || exit 2
build=$(cd "$1" && pwd) || exit 2
cd "$root" || exit 2

if command -v gcovr >/dev/null 2>&1; then
  exec gcovr --root . --filter src/ --filter include/ --sort-percentage --print-summary "$build"
fi
if command -v lcov >/dev/null 2>&1; then
  lcov --quiet --capture --directory "$build" --output-file "$build/all.info" &&
    lcov --quiet --extract "$build/all.info" "$root/src/*" "$root/include/*" --output-file "$build/own.info" &&
    lcov --list "$build/own.info"
  exit
fi

# A header is compiled into many objects: a line counts as covered if any of them ran it, so the line tables of gcov are
# put together, not its percentages.
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
find "$build/src" -name '*.gcda' | LC_ALL=C sort | while read -r data; do
  gcov --stdout --source-prefix "$root" --relative-only "$data" 2>/dev/null
done >"$work/lines"
awk -F: '
  {
    count = $1
    gsub(/[ *]/, "", count)
    number = $2 + 0
    if (number == 0) {
      if ($3 == "Source") file = $4
      next
    }
    if (file !~ /^(src|include)\// || count == "-") next
    if (!((file, number) in seen)) { seen[file, number] = 1; lines[file]++ }
    if (count !~ /^[#=]/ && !((file, number) in ran)) { ran[file, number] = 1; covered[file]++ }
  }
  END {
    for (file in lines) {
      printf "%6.1f %% %5d of %5d lines  %s\n", 100 * covered[file] / lines[file], covered[file], lines[file], file
      all += lines[file]
      all_covered += covered[file]
    }
    if (all > 0) printf "%6.1f %% %5d of %5d lines  in all\n", 100 * all_covered / all, all_covered, all > "'"$work/sum"'"
  }' "$work/lines" | sort -n
if [ ! -s "$work/sum" ]; then
  echo "coverage: nothing was measured" >&2
  exit 1
fi
cat "$work/sum"
