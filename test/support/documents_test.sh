#!/bin/sh
# Proves that documents.sh finds a fault of each kind, at the right line, and takes a true page as true.
set -u
cd "$(dirname "$0")/../.." || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
failures=0
count=0

# expect NAME TEXT    the page on the standard input is refused with a line that ends in TEXT; "": it is taken
expect() {
  count=$((count + 1))
  cat >"$work/page.md"
  test/support/documents.sh "$work/page.md" >"$work/out" 2>&1
  status=$?
  if [ -n "$2" ]; then
    [ "$status" = 1 ] && grep -qF -- "page.md:$2" "$work/out" && return
  elif [ "$status" = 0 ]; then
    return
  fi
  echo "$1: exit status $status, and" >&2
  cat "$work/out" >&2
  failures=$((failures + 1))
}

expect "a true page" "" <<'END'
# A page, with a heading
See [above](#a-page-with-a-heading) and [elsewhere](https://uvdial.test/).
<!-- program -->
```cpp
#include <uvdial/uvdial.hpp>
int main() {}
```
<!-- from test/examples/hello.cpp -->
```cpp
  uv_loop_t* loop = uv_default_loop();
uvdial::dialer dialer(*loop);  // in words of the page
...
uv_run(loop, UV_RUN_DEFAULT);
```
<!-- foreign no_such_library -->
```cpp
whatever
```
```sh
not [a link](nowhere)
```
END
expect "a block that nobody checks" "2: a block of cpp without a comment" <<'END'
text
```cpp
int x;
```
END
expect "a block that does not compile" "2: does not compile" <<'END'
<!-- program -->
```cpp
int main() { return nothing; }
```
END
expect "a block with a warning" "2: does not compile" <<'END'
<!-- program -->
```c
int main(void) { int unused; return 0; }
```
END
expect "a block that does not compile where it is put" "7:" <<'END'
<!-- in declarations -->
```cpp
int first;
```
<!-- in declarations -->
```cpp
int second = first;
```
END
expect "lines that are not there" "2: not quoted from test/examples/hello.cpp: uv_run(loop, UV_RUN_ONCE);" <<'END'
<!-- from test/examples/hello.cpp -->
```cpp
uv_run(loop, UV_RUN_ONCE);
```
END
expect "lines with a gap that is not told" "2: not quoted from" <<'END'
<!-- from test/examples/hello.cpp -->
```cpp
uv_loop_t* loop = uv_default_loop();
uv_run(loop, UV_RUN_DEFAULT);
```
END
expect "lines in another order" "2: not quoted from" <<'END'
<!-- from test/examples/hello.cpp -->
```cpp
uv_run(loop, UV_RUN_DEFAULT);
...
uv_loop_t* loop = uv_default_loop();
```
END
expect "a quoted file that is not there" "2: there is no file test/examples/no_such.cpp" <<'END'
<!-- from test/examples/no_such.cpp -->
```cpp
int x;
```
END
expect "a context that is not there" "2: test/documents/no_such.cpp has no single line" <<'END'
<!-- in no_such -->
```cpp
int x;
```
END
expect "a way to check that does not exist" "2: nobody knows how to check" <<'END'
<!-- perhaps -->
```cpp
int x;
```
END
expect "a block without an end" "3: the block that begins in line 2 has no end" <<'END'
<!-- program -->
```cpp
int main() {}
END
expect "a link that leads nowhere" "1: no_such.md leads nowhere" <<'END'
[a link](no_such.md)
END
expect "a heading that is not there" "3: $work/page.md has no heading #two" <<'END'
# One

[a link](#two)
END

[ "$failures" = 0 ] || exit 1
echo "documents_test: $count pages judged as they should be"
