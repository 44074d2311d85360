#!/bin/sh
# check_installed.sh BUILD    Installs BUILD into a folder of its own, moves that folder elsewhere, and builds and runs
# test/installed with what is found there: through the CMake package and through pkg-config, static and shared. Nothing
# of this tree is used. Then: one version everywhere, no path of this tree in what was installed, hardened programs.
set -eu
cd "$(dirname "$0")/../.."
build=$1
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

fail() {
  echo "installed: $1" >&2
  exit 1
}

quietly() { # COMMAND...: what it prints is shown only where it fails
  "$@" >"$place/log" 2>&1 || { cat "$place/log" >&2; exit 1; }
}

began=$(date +%s)
done_with() { # NAME
  echo "installed: $1, $(($(date +%s) - began)) s"
  began=$(date +%s)
}

run() { # NAME PROGRAM
  "$2" >"$place/log" 2>&1 || { cat "$place/log" >&2; fail "$1 failed"; }
  done_with "$1: $(grep -c '^ok' "$place/log") features work"
}

loads_the_library() { # PROGRAM yes|no
  if readelf -dW "$1" | grep -q 'NEEDED.*libuvdial\.so'; then loads=yes; else loads=no; fi
  [ "$loads" = "$2" ] || fail "$(basename "$1") loads the shared library: $loads"
}

quietly cmake --install "$build" --prefix "$place/first"
mv "$place/first" "$place/prefix"
cp -R test/installed "$place/consumer"

# The same folder twice: what is compiled is the same for both libraries.
for shared in OFF ON; do
  quietly cmake -S "$place/consumer" -B "$place/cmake" -DCMAKE_PREFIX_PATH="$place/prefix" -DBUILD_SHARED_LIBS=$shared \
    ${CXX:+-DCMAKE_CXX_COMPILER="$CXX"}
  cp "$place/log" "$place/configured"
  quietly cmake --build "$place/cmake" --parallel 2
  for program in every_feature dial_by_name; do
    loads_the_library "$place/cmake/$program" "$([ $shared = ON ] && echo yes || echo no)"
    run "find_package, BUILD_SHARED_LIBS=$shared, $program" "$place/cmake/$program"
  done
done

compile_with_pkg_config() { # PROGRAM PKG-CONFIG-OPTION...
  program=$1
  shift
  # shellcheck disable=SC2046  # words on purpose
  ${CXX:-c++} -std=c++20 "$place/consumer/dial_by_name.cpp" $(pkg-config "$@" --cflags --libs uvdial) -o "$program"
}
folder=$(dirname "$(find "$place/prefix" -name uvdial.pc)")
library_folder=$(dirname "$folder")
PKG_CONFIG_PATH=$folder${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export PKG_CONFIG_PATH
compile_with_pkg_config "$place/with_shared"
loads_the_library "$place/with_shared" yes
LD_LIBRARY_PATH=$library_folder run pkg-config "$place/with_shared"

# One version in all places.
version=$(sed -n 's/^#define UVDIAL_VERSION "\([^"]*\)".*/\1/p' "$place/prefix/include/uvdial/version.hpp")
minor=${version%.*}
[ "$(pkg-config --modversion uvdial)" = "$version" ] || fail "pkg-config has another version than version.hpp"
grep -q "found uvdial $version\$" "$place/configured" || fail "the CMake package has another version than version.hpp"
[ "$("$place/prefix/bin/uvdial" --version)" = "uvdial $version" ] || fail "uvdial --version says something else"
soname=libuvdial.so.$([ "${version%%.*}" = 0 ] && echo "$minor" || echo "${version%%.*}")
readelf -dW "$library_folder/libuvdial.so.$version" | grep -q "SONAME.*\[$soname\]" || fail "the SONAME is not $soname"
[ "$(readlink "$library_folder/libuvdial.so")" = "$soname" ] || fail "libuvdial.so does not lead to $soname"
[ "$(readlink "$library_folder/$soname")" = "libuvdial.so.$version" ] || fail "$soname does not lead to the library"

# Only the archive is left: that is how a linker is made to take it.
mkdir "$place/hidden"
mv "$library_folder"/libuvdial.so* "$place/hidden"
compile_with_pkg_config "$place/with_archive" --static
loads_the_library "$place/with_archive" no
run "pkg-config --static" "$place/with_archive"
mv "$place/hidden"/libuvdial.so* "$library_folder"

if grep -rlIF -e "$PWD" -e "$place" "$place/prefix"; then
  fail "these files name a folder that others do not have"
fi

# Both compilers and all distributions give these; a program that lacks them was linked past third_party/flags.cmake.
for file in "$place/prefix/bin/uvdial" "$library_folder/libuvdial.so"; do
  lacks=
  readelf -hW "$file" | grep -q 'Type: *DYN' || lacks="$lacks, a place of its own at each start (PIE)"
  readelf -lW "$file" | grep -q GNU_RELRO || lacks="$lacks, read-only tables (RELRO)"
  readelf -dW "$file" | grep -q 'NOW' || lacks="$lacks, links made at the start (BIND_NOW)"
  readelf -lW "$file" | grep 'GNU_STACK' | grep -q 'RWE' && lacks="$lacks, a stack without code"
  readelf -sW "$file" | grep -q '__stack_chk_fail' || lacks="$lacks, guards on the stack"
  readelf -dW "$file" | grep -qE 'RPATH|RUNPATH' && lacks="$lacks, a library path that is the system's"
  [ -z "$lacks" ] || fail "$(basename "$file") lacks${lacks#,}"
done
done_with "one version $version, nothing names the build folder, the program and the library are hardened"
