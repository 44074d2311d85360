#!/bin/sh
# check_packages.sh FOLDER    Installs the Debian packages in FOLDER with apt in a clean root of this machine's release,
# and uses them: the program, then a program of one's own by pkg-config and by CMake. Removed, they leave nothing.
#
# Where no root can be made (clean_root.sh), a line says so.
set -eu
if [ "$1" != --inside ]; then
  folder=$(cd "$1" && pwd)
  for component in libuvdial libuvdial-dev uvdial; do
    [ -n "$(find "$folder" -maxdepth 1 -name "${component}[0-9_]*.deb")" ] && continue
    echo "deb-check: no package $component in $1" >&2
    exit 1
  done
  exec "$(dirname "$0")/clean_root.sh" --fresh --show "$folder" deb-check own sh test/support/check_packages.sh --inside
fi

log=$(mktemp)
quietly() { # COMMAND...: what it prints is shown only where it fails
  "$@" >"$log" 2>&1 || { cat "$log" >&2; echo "deb-check: failed: $*" >&2; exit 1; }
}
fail() {
  echo "deb-check: $1" >&2
  exit 1
}
install() {
  quietly apt-get -q install -y --no-install-recommends "$@"
}

quietly apt-get -q update
install /mnt/uvdial_*.deb
version=$(dpkg-query --show --showformat '${Version}' uvdial)
[ "$(uvdial --version)" = "uvdial ${version%-*}" ] || fail "uvdial --version says $(uvdial --version), the package $version"
uvdial --resolve localhost | grep -q '^address *127\.0\.0\.1$' || fail "uvdial does not know localhost"
gzip -dc /usr/share/man/man1/uvdial.1.gz | grep -q '^\.Nm uvdial' || fail "no manual page"
for file in bash-completion/completions/uvdial zsh/site-functions/_uvdial doc/uvdial/copyright \
  doc/uvdial/changelog.Debian.gz; do
  [ -s "/usr/share/$file" ] || fail "no /usr/share/$file"
done
echo "deb-check: the program of uvdial $version runs, with all that belongs to it"

# The packages name what a build needs; a compiler and its kin are the user's.
install /mnt/libuvdial[0-9]*.deb /mnt/libuvdial-dev_*.deb g++ make cmake pkg-config
ldconfig -p | grep -q 'libuvdial\.so\.[0-9]' || fail "the loader does not know the library"
cp -R test/installed /tmp/own
cd /tmp/own
# shellcheck disable=SC2046  # words on purpose
quietly g++ -std=c++20 dial_by_name.cpp $(pkg-config --cflags --libs uvdial) -o by_pkg_config
quietly ./by_pkg_config
echo "deb-check: a program by pkg-config: $(grep '^ok' "$log")"
for shared in OFF ON; do
  quietly cmake -B build -DBUILD_SHARED_LIBS=$shared
  quietly cmake --build build --target dial_by_name
  quietly build/dial_by_name
  echo "deb-check: a program by find_package, BUILD_SHARED_LIBS=$shared: $(grep '^ok' "$log")"
done

quietly apt-get -q purge -y uvdial libuvdial-dev 'libuvdial[0-9]*'
left=$(find / -xdev \( -path /uvdial -o -path /tmp/own -o -path /mnt -o -path /proc \) -prune -o -name '*uvdial*' -print)
[ -z "$left" ] || fail "purged packages leave: $left"
echo "deb-check: purged, they leave nothing"
