#!/bin/sh
# check_embedded.sh    Builds and runs a program that has the sources of uvdial within its own
# (test/installed/from_source): by add_subdirectory and by FetchContent, static and shared. All four in one folder, so
# that the library is compiled once, and without the optimizer.
#
# Whoever embeds uvdial gets the library that is linked and nothing else: no programs, no tests, nothing to install, no
# settings of its own changed (the CMakeLists.txt there looks at that), no warnings.
set -eu
cd "$(dirname "$0")/../.."
tree=$PWD
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cp -R test/installed "$place/embedder"

fail() {
  cat "$place/log" >&2
  echo "installed: $1" >&2
  exit 1
}

# Generators alike say so for each file.
compiled() {
  grep -c 'Building CXX object' "$place/log" || true
}

sources=$(find src/values src/logic src/glue src/service src/dial -name '*.cpp' | wc -l)
expected=$((sources + 2)) # the program, and the precompiled headers
began=$(date +%s)
for shared in OFF ON; do
  for how in add_subdirectory FetchContent; do
    name="$how, BUILD_SHARED_LIBS=$shared"
    if [ $how = FetchContent ]; then
      set -- -DFETCHCONTENT_SOURCE_DIR_UVDIAL="$tree" -DFETCHCONTENT_FULLY_DISCONNECTED=ON
    else
      set -- -DUVDIAL_FOLDER="$tree"
    fi
    cmake -S "$place/embedder/from_source" -B "$place/build" \
      -DHOW=$how -DBUILD_SHARED_LIBS=$shared -DUVDIAL_PRECOMPILE=ON "$@" ${CXX:+-DCMAKE_CXX_COMPILER="$CXX"} \
      >"$place/configured" 2>"$place/log" || fail "$name cannot be configured"
    [ ! -s "$place/log" ] || fail "$name warns"
    cmake --build "$place/build" --parallel "${JOBS:-2}" >"$place/log" 2>&1 || fail "$name cannot be built"
    if grep -i 'warning' "$place/log"; then fail "$name warns"; fi
    [ "$(compiled)" -eq "$expected" ] || fail "$name has compiled $(compiled) files, and not $expected"
    if [ "$shared" = OFF ]; then
      [ -z "$(find "$place/build" -name 'libuvdial.so*')" ] || fail "$name has built the shared library too"
    else
      readelf -dW "$place/build/dial_by_name" | grep -q 'NEEDED.*libuvdial\.so' || fail "$name links the archive"
    fi
    "$place/build/dial_by_name" >"$place/log" 2>&1 || fail "$name: the program failed"
    echo "installed: $name: $expected files compiled, $(cat "$place/log"), $(($(date +%s) - began)) s"
    began=$(date +%s)
    expected=0
  done
done

cmake --install "$place/build" --prefix "$place/prefix" >"$place/log"
[ ! -e "$place/prefix" ] || fail "an embedder installs files of uvdial: $(find "$place/prefix" -type f | head -n 3)"
built=$(find "$place/build" -type f -perm -u+x ! -path '*/CMakeFiles/*' ! -name '*.so*' ! -name dial_by_name)
[ -z "$built" ] || fail "an embedder gets programs of uvdial: $built"
