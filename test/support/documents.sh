#!/bin/sh
# documents.sh [PAGE...]    Checks the pages (all of them by default): each block of C++ and C is true, each link leads
# somewhere.
#
# The line before a block says how it is checked:
#   <!-- program -->            it is a whole file, and compiles
#   <!-- in NAME -->            it compiles in place of the line `//> block` of test/documents/NAME.cpp
#   <!-- from PATH -->          its lines stand in that file, in this order; a line `...` is a gap
#   <!-- foreign LIBRARY ... -->  as the rest says, where LIBRARY.hpp is installed; else it is only counted
# Compilers: CXX and CC; warnings are errors.
set -u
cd "$(dirname "$0")/../.." || exit 2
support=test/support
CXX=${CXX:-c++}
CC=${CC:-cc}
warnings="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"
# g++ takes the page that #line names for a header, whose coroutines should not use what is local to one file.
warnings_of_cxx=
case $($CXX --version) in *clang*) ;; *) warnings_of_cxx=-Wno-subobject-linkage ;; esac
uv=$(pkg-config --cflags libuv 2>/dev/null)
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
: >"$work/compile"
: >"$work/skipped"
: >"$work/bad"

bad() { # PLACE TEXT
  echo "$1: $2" >&2
  echo >>"$work/bad"
}

# Compiled later, all at once: file, language, place.
compile() { # BLOCK LANGUAGE PLACE
  case $2 in
    c) source=$1.c ;;
    *) source=$1.cpp ;;
  esac
  cp "$1" "$source"
  echo "$source $3" >>"$work/compile"
  compiled=$((compiled + 1))
}

# All blocks of one context are compiled together, each in a namespace of its own: most of the time goes into the headers.
in_context() { # NAME BLOCK LANGUAGE PLACE
  context=test/documents/$1.cpp
  if [ ! -f "$context" ] || [ "$(grep -c '^ *//> block$' "$context")" != 1 ]; then
    bad "$4" "$context has no single line '//> block'"
    return
  fi
  place_number=$((place_number + 1))
  echo "namespace block_$place_number {" >>"$work/$1.body"
  awk -v block="$2" -v page="${4%:*}" -v line="${4##*:}" -v includes="$work/$1.includes" '
    /^#include/ { print > includes; next }
    /^ *\/\/> block$/ {
      print "#line " line + 1 " \"" page "\""
      while ((getline text < block) > 0) if (text ~ /^#include/) print text > includes; else print text
      print "#line " FNR + 1 " \"" FILENAME "\""
      next
    }
    { print }' "$context" >>"$work/$1.body"
  cat "$work/$1.includes" >>"$work/$1.heads"
  echo "}" >>"$work/$1.body"
  compiled=$((compiled + 1))
}

check_block() { # BLOCK LANGUAGE PLACE KIND [ARGUMENT...]
  case $4 in
    program) compile "$1" "$2" "$3" ;;
    in) in_context "$5" "$1" "$2" "$3" ;;
    from)
      if [ ! -f "$5" ]; then
        bad "$3" "there is no file $5"
      else
        awk -f $support/document_quote.awk "$1" "$5" >"$work/why" || bad "$3" "$(cat "$work/why")"
      fi
      ;;
    foreign)
      if ! echo "#include <$5.hpp>" | $CXX -std=c++20 -fsyntax-only -x c++ - 2>/dev/null; then
        echo >>"$work/skipped"
        return
      fi
      block=$1 language=$2 place=$3
      shift 5
      check_block "$block" "$language" "$place" "$@"
      ;;
    *) bad "$3" "nobody knows how to check a block '$4'" ;;
  esac
}

# As GitHub makes them: lower case, no punctuation, dashes for blanks.
headings() {
  sed -n '/^```/,/^```$/d; s/^#\{1,6\} //p' "$1" | tr '[:upper:]' '[:lower:]' | sed 's/[^a-z0-9_ -]//g; s/ /-/g'
}

check_link() { # PAGE LINE TARGET
  file=${3%%#*}
  heading=${3#"$file"}
  if [ -n "$file" ]; then file=$(dirname "$1")/$file; else file=$1; fi
  if [ ! -e "$file" ]; then
    bad "$1:$2" "$3 leads nowhere"
  elif [ -n "$heading" ] && ! headings "$file" | grep -qxF -- "${heading#\#}"; then
    bad "$1:$2" "$file has no heading $heading"
  fi
}

# shellcheck disable=SC2046  # words on purpose
[ $# -gt 0 ] || set -- $(find README.md CONTRIBUTING.md CHANGELOG.md SECURITY.md src include test third_party -name '*.md')
pages=$#
blocks=0
compiled=0
place_number=0
for page in "$@"; do
  folder=$work/$(echo "$page" | tr '/' '_')
  mkdir "$folder"
  awk -v folder="$folder" -f $support/document_blocks.awk "$page" >"$folder/list" || echo >>"$work/bad"
  while read -r number line language note; do
    blocks=$((blocks + 1))
    # shellcheck disable=SC2086  # words on purpose
    check_block "$folder/$number.block" "$language" "$page:$line" $note
  done <"$folder/list"
  awk -f $support/document_links.awk "$page" >"$folder/links"
  while read -r line target; do
    check_link "$page" "$line" "$target"
  done <"$folder/links"
done

for body in "$work"/*.body; do
  [ -e "$body" ] || continue
  context=${body%.body}
  awk '!seen[$0]++' "$context.heads" | cat - "$body" >"$context.cpp"
  echo "$context.cpp test/documents/$(basename "$context").cpp" >>"$work/compile"
done

export CXX CC warnings warnings_of_cxx uv work
xargs -r -P "${JOBS:-$(nproc 2>/dev/null || echo 2)}" -n 2 sh -c '
  case $0 in
    *.c) $CC -std=c11 $warnings -Iinclude -Itest/examples/c_loop $uv -fsyntax-only "$0" ;;
    *) $CXX -std=c++20 $warnings $warnings_of_cxx -Iinclude -Itest/examples $uv -fsyntax-only "$0" ;;
  esac >"$0.log" 2>&1 && exit
  echo "$1: does not compile" >&2
  cat "$0.log" >&2
  echo >>"$work/bad"' <"$work/compile"

[ ! -s "$work/bad" ] || exit 1
echo "documents: $pages pages, $blocks blocks ($compiled compiled," \
  "$(wc -l <"$work/skipped") of libraries that are not here), all links lead somewhere"
