#!/bin/sh
# configure.sh FOLDER OPTION...    Configures the build folder, quietly unless something is wrong.
#
# Ninja if it is there, else make; a folder that exists keeps its generator. -DUVDIAL_TESTS=AUTO means: on if cmocka is
# installed, and never off again in a folder that has tests.
set -eu
folder=$1
shift
cmake=${CMAKE:-cmake}
here=$(dirname "$0")

count=$#
while [ "$count" -gt 0 ]; do
  option=$1
  shift
  if [ "$option" = -DUVDIAL_TESTS=AUTO ]; then
    if "$here/setup.sh" --check test >/dev/null 2>&1; then
      option=-DUVDIAL_TESTS=ON
    elif grep -q '^UVDIAL_TESTS:BOOL=ON' "$folder/CMakeCache.txt" 2>/dev/null; then
      option=-DUVDIAL_TESTS=ON
    else
      option=-DUVDIAL_TESTS=OFF
    fi
  fi
  set -- "$@" "$option"
  count=$((count - 1))
done

# A first configuration that failed leaves a cache without build files.
if [ ! -f "$folder/build.ninja" ] && [ ! -f "$folder/Makefile" ]; then
  rm -rf "$folder/CMakeCache.txt" "$folder/CMakeFiles"
  if command -v ninja >/dev/null 2>&1; then
    set -- "$@" -G Ninja
  else
    set -- "$@" -G "Unix Makefiles"
  fi
fi
if ! "$cmake" --log-level=WARNING -S "$here/.." -B "$folder" "$@" >/dev/null; then
  echo "configure: cmake could not prepare $folder/, and says above why; to begin anew: rm -rf $folder" >&2
  exit 1
fi
