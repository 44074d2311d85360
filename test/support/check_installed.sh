#!/bin/sh
# check_installed.sh BUILD    Installs BUILD into a folder of its own, and builds and runs test/installed with what is
# found there: through the CMake package, static and shared, and through pkg-config. Nothing of this tree is used.
set -eu
cd "$(dirname "$0")/../.."
build=$1
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

cmake --install "$build" --prefix "$place/prefix" >"$place/log" || { cat "$place/log" >&2; exit 1; }
cp -R test/installed "$place/consumer"

run() { # NAME PROGRAM: what it prints is shown only where it fails
  if ! "$2" >"$place/log" 2>&1; then
    cat "$place/log" >&2
    echo "installed: $1 failed" >&2
    exit 1
  fi
  echo "installed: $1: $(grep -c '^ok' "$place/log") features work"
}

for shared in OFF ON; do
  cmake -S "$place/consumer" -B "$place/cmake-$shared" -DCMAKE_PREFIX_PATH="$place/prefix" -DUSE_SHARED=$shared \
    ${CXX:+-DCMAKE_CXX_COMPILER="$CXX"} >"$place/log" || { cat "$place/log" >&2; exit 1; }
  cmake --build "$place/cmake-$shared" >"$place/log" || { cat "$place/log" >&2; exit 1; }
  run "CMake, shared library $shared" "$place/cmake-$shared/every_feature"
done

folder=$(dirname "$(find "$place/prefix" -name uvdial.pc)")
PKG_CONFIG_PATH=$folder${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export PKG_CONFIG_PATH
# shellcheck disable=SC2046  # words on purpose
${CXX:-c++} -std=c++20 "$place/consumer/every_feature.cpp" $(pkg-config --cflags --libs uvdial) -o "$place/by_pkg_config"
library_folder=$(pkg-config --variable=libdir uvdial)
LD_LIBRARY_PATH=$library_folder run pkg-config "$place/by_pkg_config"

# Both compilers and all distributions give these; a program that lacks them was linked past third_party/flags.cmake.
for file in "$place/prefix/bin/uvdial" "$(find "$place/prefix" -name 'libuvdial.so' | head -n 1)"; do
  lacks=
  readelf -hW "$file" | grep -q 'Type: *DYN' || lacks="$lacks, a place of its own at each start (PIE)"
  readelf -lW "$file" | grep -q GNU_RELRO || lacks="$lacks, read-only tables (RELRO)"
  readelf -dW "$file" | grep -q 'NOW' || lacks="$lacks, links made at the start (BIND_NOW)"
  readelf -lW "$file" | grep 'GNU_STACK' | grep -q 'RWE' && lacks="$lacks, a stack without code"
  readelf -sW "$file" | grep -q '__stack_chk_fail' || lacks="$lacks, guards on the stack"
  if [ -n "$lacks" ]; then
    echo "installed: $(basename "$file") lacks${lacks#,}" >&2
    exit 1
  fi
done
echo "installed: the program and the shared library are hardened"
