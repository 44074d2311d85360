#!/bin/sh
# printed.sh PAGE PROGRAM [ARGUMENT...]    Each line that the program prints stands in the page. Numbers may differ, since
# ports and times do, and so may indents.
set -u
page=$1
shift
without_numbers() {
  sed 's/[0-9][0-9]*/N/g; s/^ *//'
}
shown=$(mktemp) || exit 2
trap 'rm -f "$shown"' EXIT
without_numbers <"$page" >"$shown"
printed=$("$@") || {
  echo "$1: exit status $?" >&2
  exit 1
}
missing=$(echo "$printed" | without_numbers | grep -vxF -f "$shown")
[ -z "$missing" ] || {
  echo "$page does not show what $1 prints:" >&2
  echo "$missing" >&2
  exit 1
}
