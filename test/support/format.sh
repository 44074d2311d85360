#!/bin/sh
# format.sh -i | --dry-run    Lays out the sources as .clang-format says, or tells which ones are not.
#
# Versions of clang-format differ in small things. .clang-format is made for version 14, so that one is taken if it is
# there; differences that another version finds are shown but are no failure.
set -u
cd "$(dirname "$0")/../.." || exit 2

tool=${CLANG_FORMAT:-}
if [ -z "$tool" ]; then
  tool=clang-format
  command -v clang-format-14 >/dev/null 2>&1 && tool=clang-format-14
fi
version=$("$tool" --version | sed -n 's/.*version \([0-9]*\).*/\1/p')

sources() {
  find src include test -type f \( -name '*.[ch]pp' -o -name '*.[ch]' \) -print0
}

if [ "$1" = -i ]; then
  sources | xargs -0 "$tool" -i
  exit
fi
sources | xargs -0 "$tool" --dry-run -Werror
status=$?
[ "$status" = 0 ] && exit 0
if [ "$version" != 14 ]; then
  echo "format-check: these come from clang-format $version; the layout is that of version 14, so they do not count"
  exit 0
fi
echo "format-check: run 'make format'" >&2
exit 1
