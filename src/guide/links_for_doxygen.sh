#!/bin/sh
# links_for_doxygen.sh FILE.md    FILE as Doxygen reads it. Links in the pages are such as work in a folder view: to files,
# and to headings by the words in them. Here each heading gets a label, links to pages, headings and public headers
# become references, and links to what the reference does not have (tests, sources) become plain text. Comments, which
# say how the code blocks are tested, go. Of pictures that have a light and a dark form the light one stays. Code is left
# as it is.
set -u
exec awk -v file="$1" '
function plain_path(path,    parts, count, i, kept, stack, result) {
  count = split(path, parts, "/")
  for (i = 1; i <= count; i++) {
    if (parts[i] == "." || parts[i] == "") continue
    if (parts[i] == ".." && kept > 0) { kept--; continue }
    stack[++kept] = parts[i]
  }
  for (i = 1; i <= kept; i++) result = result (i > 1 ? "/" : "") stack[i]
  return result
}

# The label of a page; "" if the reference does not have it.
function page_of(path,    name) {
  if (path == "src/guide/README.md") return "guide"
  if (path !~ /^((README|SECURITY|CHANGELOG)|src\/guide\/[^\/]+)\.md$/) return ""
  name = tolower(path)
  sub(/^src\/guide\//, "guide_", name)
  sub(/\.md$/, "", name)
  return name
}

# The words of a heading as its address has them.
function slug_of(words) {
  words = tolower(words)
  gsub(/[^a-z0-9 _-]/, "", words)
  gsub(/ /, "-", words)
  return words
}

function reference(words, label) {
  gsub(/`/, "", words)
  return "[" words "](@ref " label ")"
}

# A link with these words to that place.
function rewritten(words, place,    path, heading, page, name) {
  if (place ~ /^[a-z]+:/) return "[" words "](" place ")"
  if (place ~ /^#/) return reference(words, mine "-" substr(place, 2))
  heading = path = place
  if (!sub(/^[^#]*#/, "", heading)) heading = ""
  sub(/#.*/, "", path)
  path = plain_path(folder path)
  page = page_of(path)
  if (page != "" && heading != "") return reference(words, page "-" heading)
  if (page == "readme") return reference(words, "index")
  if (page != "") return reference(words, page)
  if (path ~ /^include\/uvdial\/?$/) return "[" words "](files.html)"
  name = path
  if (sub(/^include\/uvdial\//, "", name)) return reference(words, name)
  return words
}

function links_of(text,    result, words, place, ticks, image, name) {
  while (match(text, /!?\[[^][]*\]\([^() ]*\)/)) {
    result = result substr(text, 1, RSTART - 1)
    ticks = gsub(/`/, "`", result)
    image = substr(text, RSTART, 1) == "!"
    words = place = substr(text, RSTART + image, RLENGTH - image)
    sub(/\]\([^()]*\)$/, "", words)
    words = substr(words, 2)
    sub(/^.*\]\(/, "", place)
    place = substr(place, 1, length(place) - 1)
    if (ticks % 2) result = result substr(text, RSTART, RLENGTH)
    else if (image && place !~ /^[a-z]+:/) {
      name = place
      sub(/^.*\//, "", name)
      result = result "![" words "](" name ")"
    } else result = result (image ? "!" : "") rewritten(words, place)
    text = substr(text, RSTART + RLENGTH)
  }
  return result text
}

# `::1` is no name of C++.
function without_scopes(text,    result, inside) {
  while (match(text, /`::[^`]*`/)) {
    inside = substr(text, RSTART + 1, RLENGTH - 2)
    result = result substr(text, 1, RSTART - 1) "<tt>\\" inside "</tt>"
    text = substr(text, RSTART + RLENGTH)
  }
  return result text
}

# Of the tag in this line.
function attribute(name,    value) {
  value = $0
  if (!sub(".* " name "=\"", "", value)) return ""
  sub(/".*/, "", value)
  return value
}

function paragraph_ends() {
  if (paragraph != "") printf "%s", without_scopes(links_of(paragraph))
  paragraph = ""
}

BEGIN {
  folder = file
  if (!sub(/[^\/]*$/, "", folder)) folder = ""
  root = ENVIRON["PWD"] "/"
  if (index(folder, root) == 1) folder = substr(folder, length(root) + 1)
  sub(/^\.\//, "", folder)
  name = file
  sub(/^.*\//, "", name)
  mine = page_of(folder name)
}
/^ *(```|~~~)/ { paragraph_ends(); in_code = !in_code; print; next }
in_code { print; next }
/^<!--.*-->$/ { next }
/^ *<\/?(picture|source)/ { next }
/^ *<img / { $0 = "![" attribute("alt") "](" attribute("src") ")" }
/^#+ / {
  paragraph_ends()
  words = $0
  sub(/^#+ /, "", words)
  if (/^# /) label = mine == "readme" ? "" : " {#" mine "}"
  else label = " {#" mine "-" slug_of(words) "}"
  print $0 label
  next
}
/^ *$/ { paragraph_ends(); print; next }
{ paragraph = paragraph $0 "\n" }
END { paragraph_ends() }
' "$1"
