#!/bin/sh
# burst.sh BUILD-FOLDER [--rounds N]    A burst of dials, with this library and beside it with Go's net.Dialer.
#
# Four runs, each with a DNS server that answers after 20 ms and has the receive buffer that everybody has:
#   burst   2,000 names, 1,000 at a time, N rounds (default 10)
#   large   10,000 names, 5,000 at a time
#   loss    as burst, with 5 % of the questions dropped
#   same    2,000 times one name at once: what counts is how many questions the server sees
# The last three take a third of the rounds. The two take turns, and each round has a server of its own, whose count of
# questions and of overrun datagrams stands beside the times.
#
# A table goes to the standard output, all rounds to BUILD-FOLDER/bench/burst.json, and what failed to the error output.
# A round of Go with a failed dial or with more than 2 s (large: 5 s; loss: no limit) is a round with loss: it has waited
# for the 5 s timeout of Go, and stands in a line of its own. Of this library every round counts. There is no verdict on
# fewer than three rounds, nor where the middle of the rounds, without the best and the worst, spreads over more than
# 40 % of the median: the machine was busy with something else.
set -u
build=$1
shift
rounds=10
while [ $# -gt 0 ]; do
  case $1 in
    --rounds)
      rounds=${2:-}
      case $rounds in
        '' | *[!0-9]* | 0*) echo "burst: --rounds wants a number above 0, not \"$rounds\"" >&2; exit 2 ;;
      esac
      shift 2
      ;;
    *) echo "usage: burst.sh BUILD-FOLDER [--rounds N]" >&2; exit 2 ;;
  esac
done
fewer=$(((rounds + 2) / 3))

here=$(cd "$(dirname "$0")" && pwd)
folder=$build/bench
mkdir -p "$folder" || exit 1
folder=$(cd "$folder" && pwd)
bin=$(cd "$build/bin" && pwd) || exit 1
scratch=$(mktemp -d) || exit 1
world=
trap '[ -z "$world" ] || kill "$world" 2>/dev/null; rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM
mkfifo "$scratch/in" "$scratch/out" || exit 1
results=$scratch/rounds

# No network: the one file needs nothing but Go's own library.
peers=uvdial
if ! command -v go >/dev/null 2>&1; then
  echo "go: skipped, there is no go command here"
elif ! (cd "$here/../bench/peers" && GOFLAGS=-mod=mod GOPROXY=off GOTOOLCHAIN=local CGO_ENABLED=0 \
  GOCACHE="$folder/go-cache" GOPATH="$folder/go" go build -o "$folder/burst_go" burst.go); then
  echo "go: skipped, it does not build"
else
  peers="uvdial go"
fi

# one_round SECTION PEER ROUND WORLD-OPTIONS SAME N CONCURRENCY    appends a line to the results
one_round() {
  # shellcheck disable=SC2086  # options of the world are words
  "$bin/burst_world" --seed "$3" $4 <"$scratch/in" >"$scratch/out" &
  world=$!
  exec 3>"$scratch/in" 4<"$scratch/out"
  read -r dns tcp <&4 || return 1
  case $2 in
    uvdial) set -- "$@" "$bin/bench_burst" ${5:+--same} ;;
    go) set -- "$@" "$folder/burst_go" ${5:+-same} ;;
  esac
  section=$1 peer=$2 round=$3 number=$6 at_once=$7
  shift 7
  if ! line=$("$@" "$dns" "$tcp" "$number" "$at_once" 2>"$scratch/errors" 3>&- 4<&-); then
    cat "$scratch/errors" >&2
    return 1
  fi
  exec 3>&-
  read -r seen <&4 || return 1
  exec 4<&-
  wait "$world" || return 1
  world=
  sed "s/^/  $section, round $round, /" "$scratch/errors" >&2
  # shellcheck disable=SC2086  # both lines are "key value" words
  set -- $line $seen
  echo "$section $peer $round $number $3 $5 $7 $9 ${11} ${13} ${15}" >>"$results"
}

# run SECTION ROUNDS WORLD-OPTIONS SAME N CONCURRENCY    whoever went second goes first the next time
run() {
  round=0
  while [ "$round" -lt "$2" ]; do
    round=$((round + 1))
    order=$peers
    if [ "$peers" != uvdial ] && [ $((round % 2)) = 0 ]; then order="go uvdial"; fi
    for each in $order; do
      one_round "$1" "$each" "$round" "$3" "$4" "$5" "$6" || { echo "burst: $each failed in $1" >&2; exit 1; }
    done
  done
}

: >"$results"
run burst "$rounds" "" "" 2000 1000
run large "$fewer" "" "" 10000 5000
run loss "$fewer" "--drop 5" "" 2000 1000
run same "$fewer" "" same 2000 2000

awk -v json="$folder/burst.json" -f "$here/burst.awk" "$results"
