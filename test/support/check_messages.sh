#!/bin/sh
# check_messages.sh [ROOT]    Proves that a test holds every text that a user can meet; ROOT is the project's folder.
#
# What somebody reads who is in trouble is written once and seldom seen. So each text that is thrown or complained with,
# and all texts of the files that make messages, have to stand in a test. The tests of the tables are
#
#   unit/value_messages   unit/error_messages   unit/command_line_messages   unit/what_to_do   loop/misuse_messages
#
# and any other counts too. A text that is put together from pieces is held when each of its pieces is part of a text in
# a test; pieces without two letters in a row do not count. What is left out: src/demo, which only developers start.
# Each text that no test holds is one line, `file:line: text`; the exit status is 1 if there is one.
set -u
root=${1:-$(dirname "$0")/../..}
cd "$root" || exit 2

product=$(mktemp) || exit 2
tests=$(mktemp) || exit 2
trap 'rm -f "$product" "$tests"' EXIT
find include src -type f \( -name '*.hpp' -o -name '*.cpp' \) ! -path 'src/demo/*' | LC_ALL=C sort >"$product"
find test -type f -name '*_test.cpp' | LC_ALL=C sort >"$tests"

LC_ALL=C awk -v product="$product" -v tests="$tests" '
# All texts with a space in them count here, wherever they stand.
function name_message_files(    names, count, i) {
  count = split("src/values/text.cpp src/values/network.cpp src/values/options.cpp src/values/international_name.cpp " \
    "src/values/ares_category.cpp src/values/resolve_category.cpp src/values/uv_category.cpp src/values/error.cpp " \
    "src/logic/host_name.cpp src/logic/describe.cpp src/logic/explain_win.cpp src/service/call_failure.cpp " \
    "src/service/byte_stream.cpp src/service/foreign_socket.cpp src/service/ares_resolver.cpp " \
    "src/glue/unix_socket.cpp src/dial/unix_dial.cpp src/cli/what_to_do.cpp src/cli/arguments.cpp " \
    "src/cli/option_readers.cpp src/cli/picture_words.cpp src/cli/closing_lines.cpp src/cli/relay.cpp", names, " ")
  for (i = 1; i <= count; i++) makes_messages[names[i]] = 1
}

function plain(text) {
  gsub(/\\"/, "\"", text)
  gsub(/\\n/, "\n", text)
  gsub(/\\\\/, "\\", text)
  return text
}

# A text has ended: the code goes on with something else than another piece of it.
function flush(    text) {
  if (!pending) return
  pending = 0
  text = pending_text
  if (!of_product) { held = held "\n" text; return }
  if (text !~ /[A-Za-z][A-Za-z]/) return
  if (!pending_thrown && !(text ~ / / && (current in makes_messages))) return
  texts++
  text_of[texts] = text
  place_of[texts] = current ":" pending_line
}

function piece(text) {
  if (!pending) { pending = 1; pending_text = ""; pending_line = number; pending_thrown = 0 }
  if (thrown) pending_thrown = 1
  pending_text = pending_text text
}

function scan(line,    rest, between, letter, word, end) {
  if (line ~ /^ *#/ && raw_end == "" && !in_comment) return
  rest = line
  while (1) {
    if (raw_end != "") {
      end = index(rest, raw_end)
      if (end == 0) { piece(rest "\n"); return }
      piece(substr(rest, 1, end - 1))
      rest = substr(rest, end + length(raw_end))
      raw_end = ""
    } else if (in_comment) {
      end = index(rest, "*/")
      if (end == 0) return
      rest = substr(rest, end + 2)
      in_comment = 0
    }
    if (!match(rest, /["\047\/;]|throw|refuse|usage_error|complain|advise|require/)) {
      if (rest ~ /[^ ]/) flush()
      return
    }
    between = substr(rest, 1, RSTART - 1)
    word = substr(rest, RSTART, RLENGTH)
    rest = substr(rest, RSTART + RLENGTH)
    letter = substr(word, 1, 1)
    if (between ~ /[^ ]/ && !(letter == "\"" && between ~ /^ *R$/)) flush()
    if (letter == ";") { flush(); thrown = 0; continue }
    if (letter == "/") {
      if (substr(rest, 1, 1) == "/") return
      if (substr(rest, 1, 1) == "*") { in_comment = 1; rest = substr(rest, 2) } else flush()
      continue
    }
    if (letter == "\047") {
      if (between !~ /[0-9A-Za-z_]$/ && match(rest, /^(\\.|[^\047\\])*\047/)) rest = substr(rest, RLENGTH + 1)
      flush()
      continue
    }
    if (letter == "\"") {
      if (between ~ /R$/ && match(rest, /^[^ ()\\]*\(/)) {
        raw_end = ")" substr(rest, 1, RLENGTH - 1) "\""
        rest = substr(rest, RLENGTH + 1)
        continue
      }
      match(rest, /^(\\.|[^"\\])*"/)
      piece(plain(substr(rest, 1, RLENGTH - 1)))
      rest = substr(rest, RLENGTH + 1)
      continue
    }
    flush()
    if (between !~ /[0-9A-Za-z_]$/ && rest !~ /^[0-9A-Za-z_]/) thrown = 1
  }
}

function read_files(list,    line) {
  while ((getline current < list) > 0) {
    number = 0; thrown = 0; pending = 0; in_comment = 0; raw_end = ""
    while ((getline line < current) > 0) { number++; scan(line) }
    flush()
    close(current)
  }
  close(list)
}

BEGIN {
  name_message_files()
  of_product = 0
  read_files(tests)
  of_product = 1
  read_files(product)
  for (i = 1; i <= texts; i++) {
    if (index(held, text_of[i])) continue
    print place_of[i] ": no test holds: " text_of[i]
    missing++
  }
  print "messages: " texts + 0 " texts, " missing + 0 " that no test holds"
  exit missing > 0 || texts == 0
}'
