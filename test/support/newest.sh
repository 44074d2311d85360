#!/bin/sh
# newest.sh [SUITE]    The tests inside a root of a newer release, with the libraries and the compiler it has.
#
# SUITE is `stable` by default, which has newer libraries than the oldest that uvdial supports; `sid` for the newest there
# are. The root is kept in build-newest/ and used again; where none can be made (clean_root.sh), a line says so.
set -eu

# shellcheck disable=SC2016  # for the shell inside
exec "$(dirname "$0")/clean_root.sh" newest "${1:-stable}" sh -euc '
  command -v make >/dev/null || { apt-get -q update && apt-get -q install -y --no-install-recommends make; } >/dev/null
  make test WERROR=ON
  make demo WERROR=ON
  . /etc/os-release
  printf "newest: the tests and the demo pass on %s, %s:" "$PRETTY_NAME" "$(c++ --version | head -n 1)"
  for library in libuv libcares cmocka; do printf " %s %s" "$library" "$(pkg-config --modversion $library)"; done
  echo'
