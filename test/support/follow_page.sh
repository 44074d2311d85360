#!/bin/sh
# follow_page.sh PAGE    Does what a page says, as a new user would, and compares what is printed with what the page shows.
#
# In the blocks marked `console` each line that begins with "$ " is a command, and the lines up to the next one are what
# it prints. A line `...` is a gap. Numbers, and the lengths of bars, may be others. A block that is quoted from
# test/examples/NAME.cpp is the file NAME.cpp that the commands find. Runs in the folder of the sources, and leaves there
# what the commands leave; commands that dial (./NAME, uvdial) run in a network namespace of their own, where example.com
# is a silent IPv6 address and an IPv4 one that listens on port 80. For root, in a root that may be changed at will.
set -u
page=$1
work=$(mktemp -d) || exit 2
world=
trap '[ -z "$world" ] || kill "$world"; rm -rf "$work"' EXIT

# Commands to N.command, what they shall print to N.wanted, files to files/.
mkdir "$work/files"
awk -v work="$work" '
  /^<!-- from .* -->$/ { quoted = $3; sub(/.*\//, "", quoted); next }
  /^```/ && !inside {
    inside = $0
    if (inside == "```cpp" && quoted) file = work "/files/" quoted
    quoted = ""
    next
  }
  /^```$/ { inside = ""; file = ""; next }
  file { print > file; next }
  inside == "```console" && /^\$ / {
    count++
    print substr($0, 3) > (work "/" count ".command")
    printf "" > (work "/" count ".wanted")
    next
  }
  inside == "```console" { print > (work "/" count ".wanted") }
  END { print count + 0 > (work "/count") }' "$page"
count=$(cat "$work/count")
[ "$count" -gt 0 ] || { echo "follow_page: $page has no commands" >&2; exit 1; }
cp "$work/files"/* .

build_world() {
  printf '127.0.0.1 localhost\n::1 localhost\n2001:db8::10 example.com\n192.0.2.10 example.com\n' >/etc/hosts
  unshare --net sh -euc '
    ip link set lo up
    ip addr add 192.0.2.10/32 dev lo
    ip link add here type veth peer name there
    ip link set here up
    ip link set there up
    ip addr add 2001:db8::1/64 dev here nodad
    exec perl -MSocket -e "
      socket(S, PF_INET, SOCK_STREAM, 0) or die;
      bind(S, sockaddr_in(80, inet_aton(q(192.0.2.10)))) && listen(S, 9) or die;
      open(R, q(>), shift) or die;
      close(R);
      close(C) while accept(C, S)" "$0"' "$work/ready" &
  world=$!
  tries=0
  until [ -e "$work/ready" ]; do
    kill -0 "$world" 2>/dev/null && [ "$tries" -lt 100 ] || { echo "follow_page: no network of its own" >&2; exit 1; }
    tries=$((tries + 1))
    sleep 0.1
  done
}

run() { # COMMAND
  case $1 in
    ./* | uvdial*)
      [ -n "$world" ] || build_world
      nsenter --target "$world" --net sh -c "$1"
      ;;
    *) sh -c "$1" ;;
  esac
}

# The lines of the first file are those of the second, with gaps, numbers and bars as said above.
matches() {
  awk '
    function plain(line) {
      gsub(/█|▒|░|▓|━|─|╌/, " ", line)
      gsub(/[0-9]+(\.[0-9]+)?/, "N", line)
      gsub(/[ \t]+/, " ", line)
      sub(/ $/, "", line)
      return line
    }
    NR == FNR { wanted[++wishes] = plain($0); next }
    { got[++lines] = plain($0) }
    END {
      line = 1
      for (wish = 1; wish <= wishes; wish++) {
        if (wanted[wish] == "...") { gap = 1; continue }
        if (gap) while (line <= lines && got[line] != wanted[wish]) line++
        gap = 0
        if (line > lines || got[line] != wanted[wish]) {
          print "wanted: " wanted[wish] "\ngot:    " got[line]
          exit 1
        }
        line++
      }
      if (!gap && line <= lines) { print "got also: " got[line]; exit 1 }
    }' "$1" "$2"
}

began=$(date +%s)
step=0
while [ "$step" -lt "$count" ]; do
  step=$((step + 1))
  command=$(cat "$work/$step.command")
  at=$(date +%s)
  run "$command" >"$work/got" 2>&1
  echo "follow_page: $(($(date +%s) - at)) s: $command"
  matches "$work/$step.wanted" "$work/got" && continue
  echo "follow_page: that printed something else than $page says:" >&2
  cat "$work/got" >&2
  exit 1
done
echo "follow_page: $page is followed in $(($(date +%s) - began)) s, $count commands, and each prints what it says"
