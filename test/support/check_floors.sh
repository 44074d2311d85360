#!/bin/sh
# check_floors.sh [ROOT]    Proves the rules of the source tree; ROOT is the project's folder (default: this one).
#
# Floors, lowest first: values 0, logic 1, glue 2, service 3, dial 4, cli and demo 5. A file includes its own floor or
# lower ones; the program (cli) does not include the demo. A public header names its floor in a line `// floor N`.
# The other rules stand beside their code below. Each offence is one line, `file:line: what`; the exit status is 1
# if there is one. Comments and the contents of strings do not count, except where a rule is about the text itself.
set -u
root=${1:-$(dirname "$0")/../..}
cd "$root" || exit 2

list=$(mktemp) || exit 2
trap 'rm -f "$list"' EXIT
for folder in include src test; do
  [ -d "$folder" ] && find "$folder" -type f \( -name '*.hpp' -o -name '*.cpp' \)
done | LC_ALL=C sort >"$list"

LC_ALL=C awk -v list="$list" '
function offence(file, line, text) {
  print file ":" line ": " text
  offences++
}

# The floor of a file by its path; -1: test code, -2: none.
function floor_of(file,    parts) {
  if (file ~ /^test\//) return -1
  if (file ~ /^include\//) return (file in public_floor) ? public_floor[file] : -2
  split(file, parts, "/")
  return (parts[2] in floor_number) ? floor_number[parts[2]] : -2
}

function read_public_floor(file,    line, count) {
  while (count < 20 && (getline line < file) > 0) {
    count++
    if (line ~ /^\/\/ floor [0-9]+ *$/) {
      sub(/^\/\/ floor /, "", line)
      public_floor[file] = line + 0
      break
    }
  }
  close(file)
  if (!(file in public_floor)) offence(file, 1, "no line \"// floor N\" in the first 20 lines")
  else if (public_floor[file] > 4) offence(file, 1, "a public header is of floor 0 to 4")
}

# "src/a/../b" without the dots.
function plain_path(path,    parts, count, i, kept, result) {
  count = split(path, parts, "/")
  kept = 0
  for (i = 1; i <= count; i++) {
    if (parts[i] == "." || parts[i] == "") continue
    if (parts[i] == ".." && kept > 0) { kept--; continue }
    stack[++kept] = parts[i]
  }
  result = stack[1]
  for (i = 2; i <= kept; i++) result = result "/" stack[i]
  return result
}

# The file of this project that an include means; "" if it is none.
function included_file(file, name,    folder, path) {
  folder = file
  sub(/\/[^\/]*$/, "", folder)
  path = plain_path(folder "/" name)
  if (path in known) return path
  if (("include/" name) in known) return "include/" name
  if (("src/" name) in known) return "src/" name
  return ""
}

function check_include(file, number, text,    quoted, name, target, mine, theirs) {
  if (!match(text, /["<][^">]+[">]/)) return
  quoted = substr(text, RSTART, 1) == "\""
  name = substr(text, RSTART + 1, RLENGTH - 2)
  mine = floor_of(file)
  if (is_pure[file]) check_pure_include(file, number, name)
  target = included_file(file, name)
  if (target == "") {
    if (quoted || name ~ /^uvdial\//) offence(file, number, "includes " name ", which is not there")
    return
  }
  if (mine == -2) return
  theirs = floor_of(target)
  if (theirs == -1) offence(file, number, "includes test code: " name)
  if (theirs > mine) offence(file, number, "floor " mine " includes floor " theirs ": " name)
  if (file ~ /^src\/cli\// && target ~ /^src\/demo\//)
    offence(file, number, "the program includes the demo: " name)
}

# Floors 0 and 1 do no I/O. Exceptions: the numbers of libuv and c-ares error codes, and the layout of socket addresses.
function check_pure_include(file, number, name) {
  if (name ~ /^(uv|ares)(_[a-z_]+)?\.h$/ || name ~ /^uv\//) {
    if (file !~ /^src\/values\/[a-z0-9_]*_category\.cpp$/) offence(file, number, "pure code includes " name)
  } else if (name == "sys/socket.h") {
    if (file !~ /^src\/values\/(endpoint|literal)[a-z0-9_]*\.cpp$/) offence(file, number, "pure code includes " name)
  } else if (name ~ /^(netdb|poll|sys\/(epoll|select|time)|time)\.h$/ || name == "ctime") {
    offence(file, number, "pure code includes " name)
  }
}

# One line without comments and with empty strings. State from line to line: in_comment, raw_end (the end of a raw
# string that is still open).
function strip(line,    out, i, letter, two, rest, previous) {
  out = ""
  i = 1
  while (i <= length(line)) {
    if (raw_end != "") {
      rest = index(substr(line, i), raw_end)
      if (rest == 0) return out
      i += rest - 1 + length(raw_end)
      raw_end = ""
      out = out "\""
      continue
    }
    if (in_comment) {
      rest = index(substr(line, i), "*/")
      if (rest == 0) return out
      i += rest + 1
      in_comment = 0
      out = out " "
      continue
    }
    rest = match(substr(line, i), /["\047\/]/)
    if (rest == 0) return out substr(line, i)
    out = out substr(line, i, rest - 1)
    i += rest - 1
    letter = substr(line, i, 1)
    two = substr(line, i, 2)
    previous = i > 1 ? substr(line, i - 1, 1) : ""
    if (two == "//") return out
    if (two == "/*") { in_comment = 1; i += 2; continue }
    if (letter == "/") { out = out letter; i++; continue }
    if (letter == "\047" && previous ~ /[0-9A-Za-z_]/ && previous !~ /[LuU8]/) { i++; continue }
    if (letter == "\"" && previous == "R" && match(substr(line, i + 1), /^[^ ()\\]*\(/)) {
      raw_end = ")" substr(line, i + 1, RLENGTH - 1) "\""
      out = out "\""
      i += 1 + RLENGTH
      continue
    }
    out = out letter
    i++
    while (i <= length(line) && substr(line, i, 1) != letter) i += substr(line, i, 1) == "\\" ? 2 : 1
    out = out letter
    i++
  }
  return out
}

function has_word(text, word) {
  return text ~ ("(^|[^A-Za-z0-9_])" word "($|[^A-Za-z0-9_])")
}

# Identifiers that start with ares_ and are not ours.
function foreign_ares(text,    rest, name, before) {
  rest = text
  while (match(rest, /ares_[A-Za-z0-9_]*/)) {
    name = substr(rest, RSTART, RLENGTH)
    before = RSTART > 1 ? substr(rest, RSTART - 1, 1) : ""
    rest = substr(rest, RSTART + RLENGTH)
    if (before ~ /[A-Za-z0-9_]/) continue
    if (name ~ /^ares_(resolve|options|category|error|errc|code)/ || name == "ares_") continue
    return name
  }
  return ""
}

function check_code(file, number, text,    mine, name) {
  mine = floor_of(file)
  if (is_pure[file] && (text ~ /::now *\(/ || text ~ /(^|[^A-Za-z0-9_])(uv_hrtime|uv_now|uv_clock_gettime|clock_gettime|gettimeofday)($|[^A-Za-z0-9_])/))
    offence(file, number, "pure code asks a clock")

  # Every handle is closed by its one owner.
  if (has_word(text, "uv_close") && file !~ /^src\/glue\/handle\.[ch]pp$/)
    offence(file, number, "uv_close outside src/glue/handle")

  # One file speaks to c-ares.
  name = foreign_ares(text)
  if (name != "" && file !~ /^src\/glue\/(dns|server)_[a-z0-9_]*\.[ch]pp$/ && file !~ /^src\/values\/[a-z0-9_]*_category\.cpp$/)
    offence(file, number, name " outside src/glue/dns_* and server_*")

  # The loop is borrowed: only blocking forms and programs run it, nothing stops it, its data belongs to the owner.
  if (has_word(text, "uv_run") && mine < 4) offence(file, number, "uv_run below floor 4")
  if (has_word(text, "uv_stop") && mine < 5) offence(file, number, "uv_stop in the library")
  if (text ~ /loop_?(\(\))?(->|\.)data($|[^A-Za-z0-9_])/ || text ~ /uv_loop_[sg]et_data/)
    offence(file, number, "touches the data of the loop")
}

function check_text(file, number, line) {
  if (index(line, "\t")) offence(file, number, "a tab character")
  if (match(line, /(^|[^A-Za-z0-9_])(TODO|FIXME|XXX)($|[^A-Za-z0-9_])/)) offence(file, number, "an open end is marked")
}

function check_file(file,    number, line, code, long_reason, product) {
  product = file !~ /^test\//
  if (product && file ~ /^src\// && floor_of(file) == -2) offence(file, 1, "belongs to no floor")
  is_pure[file] = product && (floor_of(file) == 0 || floor_of(file) == 1)
  in_comment = 0
  raw_end = ""
  number = 0
  long_reason = 0
  while ((getline line < file) > 0) {
    number++
    check_text(file, number, line)
    if (line ~ /^\/\/ over 350 lines because /) long_reason = 1
    if (!product) continue
    if (!in_comment && raw_end == "" && line ~ /^[ ]*#[ ]*include[ ]*["<]/) {
      check_include(file, number, line)
      continue
    }
    code = strip(line)
    if (code ~ /[^ ]/) check_code(file, number, code)
  }
  close(file)
  if (number > 350 && !long_reason) offence(file, 351, number " lines; more than 350 want a line \"// over 350 lines because ...\"")
  else if (number > 250) print file ":251: note: " number " lines"
}

BEGIN {
  floor_number["values"] = 0; floor_number["logic"] = 1; floor_number["glue"] = 2; floor_number["service"] = 3
  floor_number["dial"] = 4; floor_number["cli"] = 5; floor_number["demo"] = 5
  while ((getline name < list) > 0) { files[++count] = name; known[name] = 1 }
  for (i = 1; i <= count; i++) if (files[i] ~ /^include\//) read_public_floor(files[i])
  for (i = 1; i <= count; i++) check_file(files[i])
  print "floors: " count + 0 " files, " offences + 0 " offences"
  exit offences > 0
}'
