#!/bin/sh
# check.sh BUILD    Makes the pictures of many dials (BUILD/bin/scenes) and looks at them in headless Chromium.
#
# Each is laid out in a light and in a dark scheme, inside a page and as an image. check.js measures there: no text over
# another or outside, contrast of 4.5 at least, bars where their times are. One line a picture; what the console says is
# an error. The pages stay in BUILD/pictures/, with a screenshot of each scheme to look at. Without Chromium this is
# skipped with a line.
set -u
build=$1
here=$(dirname "$0")
out=$build/pictures
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
if [ -z "$browser" ]; then
  echo "pictures: skipped, because there is no Chromium"
  exit 0
fi
profiles=$(mktemp -d) || exit 1
trap 'rm -rf "$profiles"' EXIT
rm -rf "$out"
mkdir -p "$out"
"$build/bin/scenes" "$out" || exit 1

page=$out/page.html
{
  echo '<!doctype html><meta charset="utf-8"><title>Pictures</title>'
  echo '<style>:root{color-scheme:light dark}body{margin:12px}section{width:840px}svg,img{display:block;margin:8px 0}</style>'
  for picture in "$out"/*.svg; do
    name=$(basename "$picture" .svg)
    echo "<section id=\"$name\">"
    cat "$picture"
    echo "<img src=\"$name.svg\" alt=\"\"></section>"
  done
  echo '<pre id="report"></pre><script>'
  cat "$here/check.js"
  echo '</script>'
} >"$page"

# look SCHEME NUMBER: the number is Blink's for a preferred scheme.
look() {
  timeout 100 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --user-data-dir="$profiles/$1" --blink-settings="preferredColorScheme=$2" \
    --enable-logging=stderr --hide-scrollbars --window-size=880,12000 --screenshot="$out/$1.png" --dump-dom \
    "file://$(realpath "$page")" >"$out/$1.html" 2>"$out/$1.log"
  sed -n "s/^\($1 [okBAD]* .*\)/\1/p" "$out/$1.html" >"$out/$1.txt"
  grep CONSOLE "$out/$1.log" | sed "s/^/$1 BAD console: /" >>"$out/$1.txt"
}

look light 1 &
look dark 0
wait
cat "$out/light.txt" "$out/dark.txt"
expected=$(find "$out" -name '*.svg' | wc -l)
good=$(cat "$out/light.txt" "$out/dark.txt" | grep -c '^[a-z]* ok ')
echo "pictures: $good of $((2 * expected)) good, screenshots in $out/"
[ "$good" = $((2 * expected)) ] && ! grep -q ' BAD ' "$out/light.txt" "$out/dark.txt"
