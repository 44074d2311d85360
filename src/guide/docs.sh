#!/bin/sh
# docs.sh FOLDER    Makes the reference and the guide in FOLDER/html. Fails where something public has no docstring, where
# a reference leads nowhere, and where a page asks for a file that is not there or lies elsewhere.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p "$1"
UVDIAL_DOCS=$(cd "$1" && pwd)
UVDIAL_VERSION=$(sed -n 's/^#define UVDIAL_VERSION "\([^"]*\)".*/\1/p' include/uvdial/version.hpp)
export UVDIAL_DOCS UVDIAL_VERSION
rm -rf "$UVDIAL_DOCS/html"

# Dark where the reader's system is. Debian 12's doxygen has no colours for that.
dark="HTML_EXTRA_STYLESHEET += src/guide/reference_dark.css"
if doxygen -s -g - | grep -q '^HTML_COLORSTYLE '; then
  dark="HTML_COLORSTYLE = AUTO_LIGHT"
fi
{ cat src/guide/Doxyfile; echo "$dark"; } | doxygen -

cd "$UVDIAL_DOCS/html"
if grep -lE '(src|@import)[ =]*["(]?https?:' ./*.html ./*.css; then
  echo "docs: these pages load something from elsewhere" >&2
  exit 1
fi
grep -ohE '(href|src)="[^"]*"' ./*.html | sed 's/^[a-z]*="//; s/"$//; s/[#?].*//' | LC_ALL=C sort -u | {
  missing=0
  while read -r place; do
    case $place in
      '' | *:*) continue ;;
    esac
    [ -e "$place" ] || { echo "docs: a page refers to $place, which is not there" >&2; missing=1; }
  done
  exit "$missing"
}
echo "docs: $(find . -name '*.html' | wc -l) pages, build-docs/html/index.html is the first" | sed "s|build-docs|$1|"
