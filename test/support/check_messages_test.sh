#!/bin/sh
# Proves that check_messages.sh finds a text that no test holds, wherever it stands, and no other.
set -u
check=$(cd "$(dirname "$0")" && pwd)/check_messages.sh
tree=$(mktemp -d) || exit 2
trap 'rm -rf "$tree"' EXIT
failures=0
count=0

put() {
  mkdir -p "$tree/$(dirname "$1")"
  cat >"$tree/$1"
}

add() {
  mkdir -p "$tree/$(dirname "$1")"
  printf '%s\n' "$2" >>"$tree/$1"
}

fail() {
  echo "messages self-test: $1" >&2
  echo "$output" >&2
  failures=$((failures + 1))
}

clean_tree() {
  rm -rf "${tree:?}"/*
  put src/dial/dialer.cpp <<'END'
#include "a file of two words.hpp"
// throw std::logic_error("a comment is no text");
void f() {
  log("not a text of an error");
  if (gone) throw std::logic_error("dialer: " + name + " after "
                                   "close()");  // in two pieces
  require(made() == '"', "making \"it\"");
}
END
  put src/demo/peers.cpp <<'END'
void f() { throw std::runtime_error("the demo is left out"); }
END
  put include/uvdial/task.hpp <<'END'
inline void f() { throw std::logic_error("task: an empty one"); }
END
  put test/unit/messages_test.cpp <<'END'
const char* rows[] = {"dialer: connect() after close()", R"(making "it")", "task: an empty"
                      " one is awaited"};
END
}

# held WHAT FILE LINE    a line more in that file is held by a test
held() {
  clean_tree
  add "$2" "$3"
  output=$("$check" "$tree" 2>&1) || fail "$1"
  count=$((count + 1))
}

# missing WHAT EXPECTED FILE LINE
missing() {
  clean_tree
  add "$3" "$4"
  output=$("$check" "$tree" 2>&1) && fail "$1: nothing was found"
  case $output in
    *"$2"*) ;;
    *) fail "$1: not \"$2\"" ;;
  esac
  count=$((count + 1))
}

held "a clean tree" src/dial/dialer.cpp ""
held "what is no text" src/dial/dialer.cpp 'throw std::logic_error(a + ": " + b);'
held "a word that only begins so" src/dial/dialer.cpp 'throw_away("new words"); refused("new words");'
held "the next statement" src/dial/dialer.cpp 'throw x; log("new words");'
held "a text of a file without messages" src/dial/dialer.cpp 'const char* text = "new words";'

missing "a throw" 'src/dial/dialer.cpp:9: no test holds: new words' src/dial/dialer.cpp 'throw x("new words");'
missing "a header" 'include/uvdial/task.hpp:2: no test holds: new' include/uvdial/task.hpp 'throw x("new");'
missing "a refusal" 'no test holds: new words' src/values/text.cpp 'whole.refuse("new words");'
missing "a complaint" 'no test holds: new words' src/cli/run.cpp 'complain("new words");'
missing "a usage error" 'no test holds: new words' src/cli/run.cpp 'usage_error wrong("new words");'
missing "a piece" 'no test holds:  before ' src/dial/dialer.cpp 'throw x("dialer: " + name + " before " + other);'
missing "a text in two pieces" 'no test holds: dialer: before' src/dial/dialer.cpp 'throw x("dialer: " "before");'
missing "a raw text" 'no test holds: new "words"' src/dial/dialer.cpp 'throw x(R"(new "words")");'
missing "after a quote in a text" 'no test holds: new words' src/dial/dialer.cpp 'log("\"; //"); throw x("new words");'
missing "after a character" 'no test holds: new words' src/dial/dialer.cpp "if (c == ';' || c == '\"') throw x(\"new words\");"
missing "a text of a file with messages" 'no test holds: new words' src/logic/describe.cpp 'auto text = "new words";'

clean_tree
rm -r "$tree/src" "$tree/include" && mkdir "$tree/src" "$tree/include"
output=$("$check" "$tree" 2>&1) && fail "no texts at all are no success"
count=$((count + 1))

echo "messages self-test: $count cases, $failures failed"
[ "$failures" = 0 ]
