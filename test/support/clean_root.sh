#!/bin/sh
# clean_root.sh [--fresh] [--show FOLDER] NAME SUITE COMMAND [ARGUMENT...]    Runs a command in a root of its own.
#
#   NAME           whom it is for: stands before each message, and the root is kept in build-NAME/SUITE
#   SUITE          a release that this machine's own mirrors know, such as stable or sid; `own` for that of this machine
#   COMMAND        runs as root in /uvdial, a copy of this tree; its exit status is that of this script
#   --fresh        as after the installation of the system: what earlier runs have left in the root is gone
#   --show FOLDER  the command sees FOLDER as /mnt, and cannot write there
#
# A suite is put together once, by debootstrap, in build-roots/SUITE, and copied from there; what apt has downloaded is
# kept beside it. Needs root, debootstrap and apt; without root, or where no mirror of this machine has the suite, it says
# so, and that is all. Everything that is mounted lives in a mount namespace that ends with this script. The network is
# that of the machine.
set -eu
cd "$(dirname "$0")/../.."

fresh=no
shown=
while :; do
  case ${1:-} in
    --fresh) fresh=yes; shift ;;
    --show) shown=$2; shift 2 ;;
    *) break ;;
  esac
done
[ $# -ge 3 ] || { sed -n '2s/^# /usage: /p' "$0" >&2; exit 2; }
name=$1
suite=$2
shift 2

skip() {
  echo "$name: skipped, because $1"
  exit 0
}

if [ "$suite" = own ]; then
  suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  [ -n "$suite" ] || skip "this system does not say which release it is"
fi

if [ "${UVDIAL_ROOT_INSIDE:-}" != yes ]; then
  [ "$(id -u)" = 0 ] || skip "only root can make a root of its own"
  command -v apt-get >/dev/null 2>&1 || skip "this system has no apt-get to name a mirror"
  unshare --mount --propagation private true 2>/dev/null || skip "the kernel gives no mount namespace here"
  third_party/setup.sh root
  [ "$fresh" = no ] || rm -rf "build-$name/$suite"
  UVDIAL_ROOT_INSIDE=yes exec unshare --mount --propagation private --pid --fork --kill-child \
    sh test/support/clean_root.sh ${shown:+--show "$shown"} "$name" "$suite" "$@"
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

base=$PWD/build-roots/$suite
downloads=$PWD/build-roots/downloads-$suite
root=$PWD/build-$name/$suite
mkdir -p "$downloads" "build-$name"

if [ ! -d "$root" ] && [ ! -d "$base" ]; then
  mirror=$(mirror_of "$suite")
  [ -n "$mirror" ] || skip "no mirror in this machine's apt configuration has $suite"
  rm -rf "$base.partial"
  debootstrap --variant=minbase --include=ca-certificates "$suite" "$base.partial" "$mirror" >"$base.log" 2>&1 || {
    tail -n 20 "$base.log" >&2
    exit 1
  }
  rm -f "$base.partial"/var/cache/apt/archives/*.deb
  mv "$base.partial" "$base"
fi
if [ ! -d "$root" ]; then
  rm -rf "$root.partial"
  cp -a "$base" "$root.partial"
  mv "$root.partial" "$root"
fi

apt-config dump | grep -E '^Acquire::(http|https)::' >"$root/etc/apt/apt.conf.d/90-as-outside" || true
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind "$downloads" "$root/var/cache/apt/archives"
if [ -n "$shown" ]; then
  mount --bind "$shown" "$root/mnt"
  mount -o remount,bind,ro "$root/mnt"
fi

mkdir -p "$root/uvdial"
find "$root/uvdial" -mindepth 1 -maxdepth 1 ! -name 'build*' -exec rm -rf {} +
git ls-files -z --cached --others --exclude-standard | tar --null --ignore-failed-read -T - -cf - | tar -xf - -C "$root/uvdial"

# shellcheck disable=SC2016  # for the inner shell
exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
  sh -euc 'cd /uvdial && exec "$@"' sh "$@"
