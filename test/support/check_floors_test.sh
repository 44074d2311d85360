#!/bin/sh
# Proves that check_floors.sh finds an offence of each kind, at the right line, and takes a clean tree as clean.
set -u
check=$(cd "$(dirname "$0")" && pwd)/check_floors.sh
tree=$(mktemp -d) || exit 2
trap 'rm -rf "$tree"' EXIT
failures=0
count=0

# put FILE    writes the standard input to that file of the tree
put() {
  mkdir -p "$tree/$(dirname "$1")"
  cat >"$tree/$1"
}

clean_tree() {
  rm -rf "${tree:?}"/*
  put include/uvdial/low.hpp <<'END'
#pragma once
// floor 0
#include <cstdint>
END
  put include/uvdial/top.hpp <<'END'
#pragma once
// floor 4
#include <uv.h>
#include "uvdial/low.hpp"
END
  put src/values/endpoint.cpp <<'END'
#include "uvdial/low.hpp"
#include <sys/socket.h>
END
  put src/values/uv_category.cpp <<'END'
#include <uv.h>
END
  put src/values/ares_category.cpp <<'END'
#include <ares.h>
const char* text(int code) { return ares_strerror(code); }
END
  put src/logic/race.hpp <<'END'
#pragma once
#include "uvdial/low.hpp"
// ares_init, uv_close( and steady_clock::now() may be named in a comment
/* uv_stop(loop) here
   uv_run(loop) and here */
inline const char* text = "uv_close(handle) // not a comment";
inline const char* raw = R"(uv_stop(
uv_run( " )";
inline int million = 1'000'000;
struct ares_options;
END
  put src/glue/handle.cpp <<'END'
#include "glue/handle.hpp"
#include "../logic/race.hpp"
void end() { uv_close(nullptr, nullptr); }
END
  put src/glue/handle.hpp <<'END'
#pragma once
#include <uv.h>
END
  put src/glue/dns_channel.cpp <<'END'
#include <ares.h>
#include "handle.hpp"
int version() { return ares_library_init(0); }
END
  put src/service/resolver.cpp <<'END'
#include <string>
#include "glue/handle.hpp"
int ares_resolver_state = 0;
int my_ares_count = handle->data ? 1 : 0;
END
  put src/dial/blocking.cpp <<'END'
#include <uvdial/top.hpp>
int go() { return uv_run(nullptr, UV_RUN_DEFAULT); }
END
  put src/cli/main.cpp <<'END'
#include "cli/options.hpp"
int main() { uv_stop(loop); return uv_run(loop, UV_RUN_DEFAULT); }
END
  put src/cli/options.hpp <<'END'
#pragma once
END
  put src/demo/scene.hpp <<'END'
#pragma once
END
  put test/unit/any_test.cpp <<'END'
#include "logic/race.hpp"
char name[] = "/tmp/XXXXXX";
int main() { uv_close(nullptr, nullptr); }
END
}

fail() {
  echo "FAILED: $1"
  echo "$output"
  failures=$((failures + 1))
}

# expect WHAT TEXT    the tree has exactly one offence, and its line contains TEXT
expect() {
  count=$((count + 1))
  output=$("$check" "$tree" 2>&1)
  status=$?
  [ "$status" = 1 ] || fail "$1: exit status $status"
  case $output in
    *"$2"*" 1 offences"*) ;;
    *) fail "$1: no '$2', or not alone" ;;
  esac
}

# bad WHAT TEXT FILE LINE    the clean tree with LINE added to FILE
bad() {
  clean_tree
  mkdir -p "$tree/$(dirname "$3")"
  printf '%s\n' "$4" >>"$tree/$3"
  expect "$1" "$2"
}

clean_tree
output=$("$check" "$tree" 2>&1) || fail "a clean tree is not clean"
case $output in
  *" 0 offences"*) ;;
  *) fail "no summary line" ;;
esac

bad "logic includes glue" "src/logic/race.hpp:11: floor 1 includes floor 2" src/logic/race.hpp '#include "glue/handle.hpp"'
bad "by a relative path" "floor 1 includes floor 2" src/logic/race.hpp '#include "../glue/handle.hpp"'
bad "values includes logic" "floor 0 includes floor 1" src/values/endpoint.cpp '#include "logic/race.hpp"'
bad "glue includes a public header of the dialer" "floor 2 includes floor 4" src/glue/handle.cpp '#include "uvdial/top.hpp"'
bad "a public header includes a higher one" "include/uvdial/low.hpp:4: floor 0 includes floor 4" include/uvdial/low.hpp '#include "uvdial/top.hpp"'
bad "a public header includes one of its folder" "floor 0 includes floor 4" include/uvdial/low.hpp '#include "top.hpp"'
bad "dial includes cli" "floor 4 includes floor 5" src/dial/blocking.cpp '#include "cli/options.hpp"'
bad "cli includes demo" "the program includes the demo" src/cli/main.cpp '#include "demo/scene.hpp"'
bad "a file that is not there" "is not there" src/dial/blocking.cpp '#include "dial/nowhere.hpp"'
bad "a folder without a floor" "belongs to no floor" src/misc/any.cpp 'int any;'
bad "a public header without a floor" "no line" include/uvdial/bare.hpp '#pragma once'
bad "a floor for programs" "floor 0 to 4" include/uvdial/bare.hpp '// floor 5'
bad "logic includes libuv" "pure code includes uv.h" src/logic/race.hpp '#include <uv.h>'
bad "logic includes c-ares" "pure code includes ares.h" src/logic/race.hpp '#include <ares.h>'
bad "a low public header includes libuv" "pure code includes uv.h" include/uvdial/low.hpp '#include <uv.h>'
bad "logic includes sockets" "pure code includes sys/socket.h" src/logic/race.hpp '#include <sys/socket.h>'
bad "an endpoint includes libuv" "pure code includes uv.h" src/values/endpoint.cpp '#include <uv.h>'
bad "a clock" "asks a clock" src/logic/race.hpp 'auto t = std::chrono::steady_clock::now();'
bad "uv_hrtime" "asks a clock" src/values/endpoint.cpp 'auto t = uv_hrtime();'
bad "uv_now" "asks a clock" src/values/uv_category.cpp 'auto t = uv_now(loop);'
bad "clock_gettime" "asks a clock" src/logic/race.hpp 'int t = clock_gettime(0, &x);'
bad "uv_close" "src/dial/blocking.cpp:3: uv_close outside" src/dial/blocking.cpp 'void f() { uv_close(h, nullptr); }'
bad "uv_close in a public header" "uv_close outside" include/uvdial/top.hpp 'inline void f() { uv_close(h, nullptr); }'
bad "c-ares elsewhere" "ares_init_options outside" src/service/resolver.cpp 'int f() { return ares_init_options(&channel, 0, 0); }'
bad "c-ares behind our own names" "ares_destroy outside" src/service/resolver.cpp 'ares_resolver r; void f() { ares_destroy(r.channel); }'
bad "uv_run" "uv_run below" src/service/resolver.cpp 'int f() { return uv_run(loop, UV_RUN_ONCE); }'
bad "uv_stop" "uv_stop in the library" src/dial/blocking.cpp 'void f() { uv_stop(loop); }'
bad "loop->data" "data of the loop" src/glue/handle.cpp 'void f() { loop->data = nullptr; }'
bad "loop_->data" "data of the loop" src/glue/handle.cpp 'void f() { loop_->data = nullptr; }'
bad "loop().data" "data of the loop" src/glue/handle.cpp 'void f() { loop().data = nullptr; }'
bad "an open end" "an open end" src/dial/blocking.cpp '// TODO: more'
bad "an open end in a test" "test/unit/any_test.cpp:4: an open end" test/unit/any_test.cpp '// FIXME'
bad "three letters" "an open end" src/dial/blocking.cpp '// XXX'
bad "a tab" "a tab" src/dial/blocking.cpp "$(printf 'int\tx;')"
bad "after a string with a quote in it" "uv_stop in the library" src/dial/blocking.cpp 'auto s = "\"// "; void f() { uv_stop(loop); }'
bad "after a comment" "uv_stop in the library" src/dial/blocking.cpp '/* why */ void f() { uv_stop(loop); }'

clean_tree
awk 'BEGIN { for (i = 0; i < 351; i++) print "int x" i ";" }' | put src/dial/long.cpp
expect "too many lines" "351 lines"
count=$((count + 1))
echo "// over 350 lines because it is a table" >>"$tree/src/dial/long.cpp"
output=$("$check" "$tree" 2>&1) || fail "a long file with a reason"
count=$((count + 1))
clean_tree
awk 'BEGIN { for (i = 0; i < 251; i++) print "int x" i ";" }' | put src/dial/long.cpp
output=$("$check" "$tree" 2>&1) || fail "251 lines are only a note"
case $output in
  *"note: 251 lines"*) ;;
  *) fail "no note about 251 lines" ;;
esac

echo "floors self-test: $((count + 1)) cases, $failures failed"
[ "$failures" = 0 ]
