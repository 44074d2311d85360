#!/bin/sh
# newest.sh [SUITE]    The tests inside a fresh root of a newer release, with the libraries and the compiler it has.
#
# SUITE is a name that this machine's own mirror knows: `stable` by default, which has newer libraries than the oldest
# that uvdial supports; `sid` for the newest there are. Needs root, debootstrap and apt; without root, or where no mirror
# of this machine has the suite, it says so and that is all. The root is kept in build-newest/ and used again. Everything
# that is mounted lives in a mount namespace that ends with this script.
set -eu
cd "$(dirname "$0")/../.."
suite=${1:-stable}
root=$PWD/build-newest/$suite

skip() {
  echo "newest: skipped, because $1"
  exit 0
}

if [ "${UVDIAL_NEWEST_INSIDE:-}" != yes ]; then
  [ "$(id -u)" = 0 ] || skip "only root can make a root of its own"
  command -v apt-get >/dev/null 2>&1 || skip "this system has no apt-get to name a mirror"
  unshare --mount --propagation private true 2>/dev/null || skip "the kernel gives no mount namespace here"
  third_party/setup.sh newest
  UVDIAL_NEWEST_INSIDE=yes exec unshare --mount --propagation private --pid --fork --kill-child sh "$0" "$suite"
fi

# The first mirror of this machine that has the suite, through apt and so with its settings.
mirror_of() {
  answer=$(mktemp)
  # shellcheck disable=SC2016  # apt fills this in
  for uri in $(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | LC_ALL=C sort -u); do
    if /usr/lib/apt/apt-helper download-file "${uri%/}/dists/$1/Release" "$answer" >/dev/null 2>&1; then
      echo "${uri%/}"
      break
    fi
  done
  rm -f "$answer"
}

if [ ! -d "$root" ]; then
  mirror=$(mirror_of "$suite")
  [ -n "$mirror" ] || skip "no mirror in this machine's apt configuration has $suite"
  mkdir -p "$(dirname "$root")"
  rm -rf "$root.partial"
  debootstrap --variant=minbase --include=ca-certificates "$suite" "$root.partial" "$mirror" >"$root.log" 2>&1 || {
    tail -n 20 "$root.log" >&2
    exit 1
  }
  mv "$root.partial" "$root"
fi

apt-config dump | grep -E '^Acquire::(http|https)::' >"$root/etc/apt/apt.conf.d/90-as-outside" || true
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"

mkdir -p "$root/uvdial"
find "$root/uvdial" -mindepth 1 -maxdepth 1 ! -name 'build*' -exec rm -rf {} +
git ls-files -z --cached --others --exclude-standard | tar --null --ignore-failed-read -T - -cf - | tar -xf - -C "$root/uvdial"

exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
  sh -euc '
    cd /uvdial
    command -v make >/dev/null || { apt-get -q update && apt-get -q install -y --no-install-recommends make; } >/dev/null
    make test WERROR=ON
    make demo WERROR=ON
    . /etc/os-release
    printf "newest: the tests and the demo pass on %s, %s:" "$PRETTY_NAME" "$(c++ --version | head -n 1)"
    for library in libuv libcares cmocka; do printf " %s %s" "$library" "$(pkg-config --modversion $library)"; done
    echo'
