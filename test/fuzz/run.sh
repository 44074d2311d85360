#!/bin/sh
# run.sh BUILD-FOLDER SECONDS [TARGET...]    Fuzzes each target for so long, two side by side (JOBS), all by default.
#
# Each starts from its seeds and from what earlier runs have found, which stays in BUILD-FOLDER/fuzz/TARGET. What breaks
# a target is kept in BUILD-FOLDER/fuzz/broken, with a line that says how to replay it, and makes this fail.
# UVDIAL_FUZZ has to be on in the build folder, and the programs have to be built.
#
#   runs    inputs that were tried          cov   edges of the code that were reached
#   corpus  inputs that are worth keeping   ft    what libFuzzer tells apart: edges, how often, compared values
set -u
root=$(cd "$(dirname "$0")/../.." && pwd) || exit 2
build=$(cd "$1" && pwd) || exit 2
seconds=$2
shift 2
work=$build/fuzz
here=$root/test/fuzz

# One target. Its exit status is that of the fuzzer.
fuzz_one() {
  name=$1
  mkdir -p "$work/$name" "$work/broken"
  dictionary=
  [ -f "$here/$name.dict" ] && dictionary=-dict=$here/$name.dict
  log=$work/$name.log
  # A timeout counts as broken: nothing here takes longer than the ten seconds that dns_answers waits for at most.
  "$build/test/fuzz/fuzz_$name" -max_total_time="$seconds" -max_len=4096 -timeout=25 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="$work/broken/$name-" $dictionary \
    "$work/$name" "$here/corpus/$name" >"$log" 2>&1 </dev/null
  status=$?
  awk -v name="$name" -v status=$status '
    / cov: / { cov = ft = corpus = 0; for (i = 1; i < NF; i++) { if ($i == "cov:") cov = $(i + 1); if ($i == "ft:") ft = $(i + 1)
      if ($i == "corp:") { split($(i + 1), part, "/"); corpus = part[1] } } }
    /^stat::number_of_executed_units/ { runs = $2 }
    END { printf "fuzz: %-18s %9d runs, cov %5d, ft %6d, corpus %5d, %s\n", name, runs, cov, ft, corpus,
      status == 0 ? "0 broken" : "BROKEN" }' "$log"
  [ "$status" = 0 ] && return 0
  grep -E 'fuzz: |ERROR: |SUMMARY: ' "$log" | sed "s/^/  $name: /"
  sed -n 's/.*Test unit written to //p' "$log" | while read -r file; do
    echo "  replay it: $build/test/fuzz/fuzz_$name $file"
    echo "  then keep it: cp $file $here/corpus/$name/"
  done
  return "$status"
}

if [ "${FUZZ_ONE:-}" ]; then
  fuzz_one "$1"
  exit
fi
# shellcheck disable=SC2046  # a list of words
[ $# -gt 0 ] || set -- $("$build/test/fuzz/fuzz_corpora" --list)
[ $# -gt 0 ] || exit 2
printf '%s\n' "$@" | FUZZ_ONE=yes xargs -n 1 -P "${JOBS:-2}" sh "$0" "$build" "$seconds"
status=$?
echo "fuzz: $# targets, $seconds s each: $([ "$status" = 0 ] && echo nothing broken || echo BROKEN)"
[ "$status" = 0 ]
