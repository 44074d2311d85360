#!/bin/sh
# check_options_told.sh PROGRAM    The manual page and the completions know the options of PROGRAM, and no others.
#
# What PROGRAM has is taken from its --help: the options, which of them take a value, the names of address sets. The
# completion of bash is run for that; of zsh's, the text is read, and run where zsh is there. Names of services that are
# offered are tried.
set -u
program=$1
package=$(cd "$(dirname "$0")/../../src/package" && pwd) || exit 2
place=$(mktemp -d) || exit 2
trap 'rm -rf "$place"' EXIT
failures=0

fail() {
  echo "FAIL $1"
  failures=$((failures + 1))
}

same() { # WHAT FILE: the lines of FILE are those of "$place/options"
  LC_ALL=C sort -u "$2" >"$2.sorted"
  if ! diff "$place/options" "$2.sorted" >"$place/difference"; then
    fail "$1 has other options than --help (< in --help alone, > there alone):"
    grep '^[<>]' "$place/difference"
  else
    echo "ok   $1 has the options of --help"
  fi
}

# One line an option: its name, and "=" where it takes a value.
"$program" --help >"$place/help" || exit 2
sed -n 's/^  \(--*[a-z][-a-z]*\) \([A-Z]\).*/\1=/p; s/^  \(--*[a-z][-a-z]*\)\(  .*\)*$/\1/p' "$place/help" |
  LC_ALL=C sort -u >"$place/options"
[ "$(wc -l <"$place/options")" -ge 10 ] || fail "--help is written in another form than this test reads"

sed -n 's/^\.It Fl Fl \([-a-z]*\) Ar .*/--\1=/p; s/^\.It Fl Fl \([-a-z]*\)$/--\1/p; s/^\.It Fl \([a-z]\)$/-\1/p' \
  "$package/uvdial.1" >"$place/manual"
same "the manual page" "$place/manual"

# A line of _arguments: 'exclusions*--name=[what it does]...'.
sed -n "s/^ *['\"]\(([^)]*)\)*\**\(--*[a-z][-a-z]*=*\)\[.*/\2/p" "$package/_uvdial" >"$place/zsh"
same "the completion of zsh" "$place/zsh"
if command -v zsh >/dev/null 2>&1; then
  zsh -n "$package/_uvdial" || fail "zsh cannot read its completion"
fi

# `offered_after LINE` prints what bash would offer at the end of LINE.
cat >"$place/complete.bash" <<'BASH'
source "$1/uvdial.bash" || exit 2
function=$(complete -p uvdial | sed 's/.* -F \([^ ]*\) .*/\1/')
COMP_LINE=$2
COMP_POINT=${#COMP_LINE}
read -r -a COMP_WORDS <<<"$COMP_LINE"
[[ $COMP_LINE == *' ' ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
"$function" uvdial "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
[ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\n' "${COMPREPLY[@]}"
BASH
offered_after() {
  bash --norc "$place/complete.bash" "$package" "uvdial $1"
}

offers() { # LINE WORD...: exactly these
  line=$1
  shift
  offered_after "$line" | LC_ALL=C sort >"$place/offered"
  printf '%s\n' "$@" | LC_ALL=C sort >"$place/expected"
  if cmp -s "$place/offered" "$place/expected"; then
    echo "ok   bash after '$line'"
  else
    fail "bash after '$line' offers: $(tr '\n' ' ' <"$place/offered")"
  fi
}

check_bash() {
  for option in $(offered_after -); do
    # Where a value is due, no option is offered.
    if [ -n "$(offered_after "$option -")" ]; then echo "$option"; else echo "$option="; fi
  done >"$place/bash"
  same "the completion of bash" "$place/bash"

  mkdir "$place/files"
  : >"$place/files/hosts.test"
  : >"$place/files/with space"
  echo "192.0.2.1 peer.test another.test" >"$place/hosts"
  HOSTFILE=$place/hosts
  export HOSTFILE
  sets=$(tr '\n' ' ' <"$place/help" | sed 's/.* an address, or one of //; s/ --allow .*//; s/,//g')
  # shellcheck disable=SC2086  # a list of words
  {
    offers "--deny " $sets
    offers "-z --allow=" $sets
  }
  offers "--family " any ipv4 ipv6
  offers "--family=ipv" ipv4 ipv6
  offers "--hosts $place/files/h" "$place/files/hosts.test"
  offers "--svg=$place/files/h" "$place/files/hosts.test"
  offers "--unix $place/files/" "$place/files/hosts.test" "$place/files/with space"
  offers "--timeout 5 peer" peer.test
  offers "-z -- peer" peer.test
  offers "-z peer.test http" http http-alt https
  offers "--json peer.test:http" http http-alt https
  offers "[::1]:http" http http-alt https
  offers "::1 http" http http-alt https
  for line in "--timeout " "peer.test:80 " "peer.test 80 " "--unix /run/x " "-- -"; do
    [ -z "$(offered_after "$line")" ] || fail "bash after '$line' offers: $(offered_after "$line" | tr '\n' ' ')"
  done

  for name in $(offered_after "peer.test "); do
    "$program" --hosts "$place/hosts" --resolve peer.test "$name" >/dev/null 2>&1 || fail "bash offers the port $name"
  done
  # In the completion of zsh the same names stand in the same order.
  offered_after "peer.test " | tr '\n' ' ' >"$place/offered"
  tr -s '\n ' '  ' <"$package/_uvdial" | grep -qF " services=($(sed 's/ $//' "$place/offered"))" ||
    fail "zsh and bash offer other ports"
}
if command -v bash >/dev/null 2>&1; then
  check_bash
else
  echo "skipped: the completion of bash, because there is no bash"
fi

if command -v mandoc >/dev/null 2>&1; then
  mandoc -Tlint -Wwarning "$package/uvdial.1" || fail "mandoc finds fault with the manual page"
elif command -v groff >/dev/null 2>&1; then
  [ -z "$(groff -mandoc -ww -Tascii -z "$package/uvdial.1" 2>&1)" ] || fail "groff finds fault with the manual page"
fi

[ "$failures" = 0 ]
