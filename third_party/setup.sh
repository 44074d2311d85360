#!/bin/sh
# setup.sh [--check] build|test|ci|full|fuzz|deb|root|docs|bench|pictures    Sees to it that what the task needs is installed.
#
#   build   compiler, cmake, make or ninja, pkg-config, libuv, c-ares; libidn2 if that is possible
#   test    and cmocka
#   ci      and clang with its sanitizers, clang-format, clang-tidy, cppcheck
#   full    and valgrind
#   fuzz    ci and LLVM's tools for coverage
#   deb     build, and what puts Debian packages together
#   root    debootstrap and unshare alone, for a root of its own
#   docs    doxygen alone
#   bench   build and python3; and what can be had of these: libevent, Asio, libcurl, Go and Node, with which uvdial is
#           compared; NSD, ip, unshare, strace and valgrind, with which that is measured; gnuplot
#   pictures  test; and Chromium if it can be had
#
# Looks for the things themselves, not for packages. If all are there it prints nothing, changes nothing and needs no
# network. Else apt-get installs what is missing (through sudo for ordinary users); without apt-get it prints what to
# install and fails. With --check it only tells. uvdial can be built without libidn2: it is installed with the rest, or
# alone if that needs no password, and where it cannot be had the work goes on. So it is with what the benchmark can do
# without, and with Chromium. NSD is a server: it is installed so that it does not start, neither now nor with the machine.
set -u

only_check=no
if [ "${1:-}" = --check ]; then
  only_check=yes
  shift
fi
task=${1:-build}
case $task in
  build | test | ci | full | fuzz | deb | root | docs | bench | pictures) ;;
  *)
    echo "usage: setup.sh [--check] build|test|ci|full|fuzz|deb|root|docs|bench|pictures" >&2
    exit 2
    ;;
esac

have() {
  command -v "$1" >/dev/null 2>&1
}

# A program of root's, which is not always in the path of others.
have_for_root() {
  have "$1" || [ -x "/usr/sbin/$1" ] || [ -x "/sbin/$1" ]
}

# A compiler that knows C++20, library included.
compiles_cxx20() {
  have "$1" && printf '#include <version>\n#if __cplusplus < 202002L || !defined __cpp_lib_coroutine\n#error\n#endif\n' |
    "$1" -std=c++20 -fsyntax-only -x c++ - >/dev/null 2>&1
}

have_compiler() {
  if [ -n "${CXX:-}" ] && compiles_cxx20 "$CXX"; then
    return 0
  fi
  compiles_cxx20 g++ || compiles_cxx20 clang++ || compiles_cxx20 c++
}

have_cmake() {
  have cmake && cmake --version | awk '
    /version/ { split($3, part, "."); exit !(part[1] > 3 || (part[1] == 3 && part[2] >= 22)) }'
}

# Both sanitizers and libFuzzer link with clang++.
have_clang_runtime() {
  have clang++ || return 1
  probe=$(mktemp) || return 1
  echo 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }' |
    clang++ -fsanitize=address,undefined,fuzzer -x c++ -o "$probe" - >/dev/null 2>&1
  result=$?
  rm -f "$probe"
  return $result
}

# library PKG-CONFIG-NAME VERSION HEADER: known to pkg-config and new enough, or at least its header is there (CMake
# then decides about the version).
have_library() {
  if have pkg-config && pkg-config --exists "$1"; then
    pkg-config --atleast-version="$2" "$1"
    return
  fi
  for folder in /usr/include /usr/local/include /opt/homebrew/include /opt/local/include; do
    [ -f "$folder/$3" ] && return 0
  done
  return 1
}

# One word for each missing thing; each is a label in the tables below.
missing() {
  if [ "$task" = root ]; then
    have_for_root debootstrap || echo debootstrap
    have unshare || echo unshare
    return
  fi
  if [ "$task" = docs ]; then
    have doxygen || echo doxygen
    return
  fi
  have_compiler || echo compiler
  have_cmake || echo cmake
  have make || have ninja || echo make
  have pkg-config || have pkgconf || echo pkg-config
  have_library libuv 1.44 uv.h || echo libuv
  have_library libcares 1.18.1 ares.h || echo c-ares
  [ "$task" = build ] && return
  if [ "$task" = deb ]; then
    have dpkg-shlibdeps || echo dpkg-dev
    have file || echo file
    return
  fi
  if [ "$task" = bench ]; then
    have python3 || echo python3
    return
  fi
  have_library cmocka 1.1.5 cmocka.h || echo cmocka
  [ "$task" = test ] || [ "$task" = pictures ] && return
  have clang++ || echo clang
  have_clang_runtime || echo clang-runtime
  have clang-format || echo clang-format
  have clang-tidy || echo clang-tidy
  have cppcheck || echo cppcheck
  [ "$task" = ci ] && return
  if [ "$task" = fuzz ]; then
    have llvm-cov && have llvm-profdata || echo llvm
    return
  fi
  have valgrind || echo valgrind
}

# What uvdial can do without.
wished_for() {
  case $task in
    root | docs) return ;;
  esac
  have_library libidn2 2.0.5 idn2.h || echo idn2
}

# What the benchmark can do without.
wished_for_bench() {
  have_library libevent 2.1 event2/event.h || echo libevent
  have_library asio 1.18 asio.hpp || echo asio
  have_library libcurl 7.68 curl/curl.h || echo curl
  for program in go node gnuplot unshare strace valgrind; do
    have "$program" || echo "$program"
  done
  for program in nsd ip; do
    have_for_root "$program" || echo "$program"
  done
}

# What the pictures are looked at with: a browser, and letters, which it does not bring along.
wished_for_pictures() {
  have chromium || have chromium-browser || have google-chrome || echo chromium
  [ -n "$(find /usr/share/fonts -name 'DejaVuSansMono*' 2>/dev/null | head -n 1)" ] || echo font
}

# The package that holds clang's sanitizers is named after the version, and newer releases have one without it.
clang_runtime_package() {
  default=$(apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9][0-9]*\).*/\1/p' | head -n 1)
  for name in libclang-rt-dev ${default:+"libclang-rt-$default-dev"} ${default:+"libclang-common-$default-dev"}; do
    if [ -n "$(apt-cache madison "$name" 2>/dev/null)" ]; then
      echo "$name"
      return
    fi
  done
}

apt_package() {
  case $1 in
    compiler) echo g++ ;;
    libuv) echo libuv1-dev ;;
    c-ares) echo libc-ares-dev ;;
    idn2) echo libidn2-dev ;;
    cmocka) echo libcmocka-dev ;;
    clang-runtime) clang_runtime_package ;;
    libevent) echo libevent-dev ;;
    asio) echo libasio-dev ;;
    curl) echo libcurl4-openssl-dev ;;
    go) echo golang-go ;;
    node) echo nodejs ;;
    gnuplot) echo gnuplot-nox ;;
    unshare) echo util-linux ;;
    ip) echo iproute2 ;;
    font) echo fonts-dejavu-core ;;
    *) echo "$1" ;;
  esac
}

other_packages() {
  cat >&2 <<'TABLE'
  what           Fedora              Alpine          Arch         Homebrew
  compiler       gcc-c++             g++             gcc          (Xcode)
  cmake          cmake               cmake           cmake        cmake
  make           make                make            make         make
  pkg-config     pkgconf             pkgconf         pkgconf      pkgconf
  libuv          libuv-devel         libuv-dev       libuv        libuv
  c-ares         c-ares-devel        c-ares-dev      c-ares       c-ares
  idn2           libidn2-devel       libidn2-dev     libidn2      libidn2
  cmocka         libcmocka-devel     cmocka-dev      cmocka       cmocka
  clang          clang               clang           clang        llvm
  clang-runtime  compiler-rt         compiler-rt     compiler-rt  llvm
  clang-format   clang-tools-extra   clang-extra-tools  clang     clang-format
  cppcheck       cppcheck            cppcheck        cppcheck     cppcheck
  clang-tidy     clang-tools-extra   clang-extra-tools  clang     llvm
  valgrind       valgrind            valgrind        valgrind     (none)
  llvm           llvm                llvm            llvm         llvm
  doxygen        doxygen             doxygen         doxygen      doxygen
  python3        python3             python3         python       python
TABLE
  [ "$task" = bench ] || return
  cat >&2 <<'TABLE'
for the benchmark also, each as wished:
  libevent       libevent-devel      libevent-dev    libevent     libevent
  asio           asio-devel          asio-dev        asio         asio
  curl           libcurl-devel       curl-dev        curl         curl
  go             golang              go              go           go
  node           nodejs              nodejs          nodejs       node
  gnuplot        gnuplot             gnuplot         gnuplot      gnuplot
  nsd            nsd                 nsd             nsd          nsd
  unshare        util-linux          util-linux-misc  util-linux  (none)
  ip             iproute             iproute2        iproute2     (none)
  strace         strace              strace          strace       (none)
TABLE
}

as_root=
apt() {
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q "$@" </dev/null >&2
}

# For wishes: waits for nobody, and removes nothing to have them.
impatience="-o Acquire::Retries=0 -o Acquire::http::Timeout=10 -o Acquire::https::Timeout=10"
install_package="install -y --no-install-recommends --no-remove"

# A package with a server starts it, and has it start with the machine from then on. The first is prevented by the
# policy that the package's script has to ask, for as long as this takes; a policy that is there already stays if it
# says no too. The second is undone before the machine can start again.
install_nsd() {
  # shellcheck disable=SC2016,SC2086  # $ for the inner shell; lists of words
  $as_root env DEBIAN_FRONTEND=noninteractive sh -c '
    policy=/usr/sbin/policy-rc.d
    if [ -e "$policy" ]; then
      "$policy" nsd start
      [ $? = 101 ] || { echo "setup: $policy would let nsd start" >&2; exit 1; }
    else
      trap "rm -f $policy" EXIT
      trap "exit 1" INT TERM
      printf "#!/bin/sh\nexit 101\n" >"$policy" && chmod 755 "$policy" || exit 1
    fi
    "$@" || exit 1
    update-rc.d nsd disable || echo "setup: nsd may start with the machine: update-rc.d nsd disable" >&2
  ' sh apt-get -q $impatience $install_package nsd </dev/null >&2
}

install_wish() {
  if [ "$1" = nsd ]; then
    install_nsd
  else
    # shellcheck disable=SC2086  # lists of words
    apt $impatience $install_package "$(apt_package "$1")"
  fi
}

what_goes() {
  case $1 in
    idn2) echo "international names will be refused" ;;
    chromium | font) echo "nothing looks at the pictures" ;;
    *) echo "the benchmark skips what needs it" ;;
  esac
}

all_wishes() {
  wished_for
  [ "$task" = bench ] && wished_for_bench
  [ "$task" = pictures ] && wished_for_pictures
}

# Asks nobody: this runs before every build. Each wish alone, so that one that cannot be had costs no other.
install_wishes() {
  wishes=$(all_wishes)
  [ -z "$wishes" ] && return
  [ "$(id -u)" = 0 ] || as_root="sudo -n"
  if have apt-get && $as_root true 2>/dev/null; then
    updated=no
    for wish in $wishes; do
      echo "setup: trying to install $(apt_package "$wish")" >&2
      install_wish "$wish" && continue
      [ "$updated" = no ] || continue
      updated=yes
      # shellcheck disable=SC2086  # a list of words
      apt $impatience update && install_wish "$wish"
    done
  fi
  for wish in $(all_wishes); do
    echo "setup: going on without $wish: $(what_goes "$wish")" >&2
  done
}

lacking=$(missing)
if [ -z "$lacking" ]; then
  [ "$only_check" = yes ] || install_wishes
  exit 0
fi
echo "setup: missing or too old for '$task':" $lacking >&2
[ "$only_check" = yes ] && exit 1

if ! have apt-get; then
  echo "setup: no apt-get here; install these with the package manager of this system:" >&2
  other_packages
  exit 1
fi

if [ "$(id -u)" != 0 ]; then
  if ! have sudo; then
    echo "setup: there is no sudo here; to install them, run this as root: $0 $task" >&2
    exit 1
  fi
  as_root="sudo"
fi

packages_of() {
  packages=
  for thing in "$@"; do
    packages="$packages $(apt_package "$thing")"
  done
  echo "$packages"
}

install_all() {
  apt update || return 1
  # shellcheck disable=SC2046  # a list of words
  apt install -y --no-install-recommends $(packages_of "$@")
}

# shellcheck disable=SC2046,SC2086  # lists of words
if ! install_all $lacking $(wished_for); then
  echo "setup: apt-get failed; trying once more" >&2
  sleep 3
  if ! install_all $lacking; then
    echo "setup: apt-get could not install:" $lacking >&2
    echo "setup: above it says why; is there a network, and are the package sources right? By hand, as root:" >&2
    echo "  apt-get update && apt-get install$(packages_of $lacking)" >&2
    exit 1
  fi
fi

lacking=$(missing)
if [ -n "$lacking" ]; then
  echo "setup: still missing, or older here than uvdial needs (third_party/README.md has the versions):" $lacking >&2
  exit 1
fi
case $task in bench | pictures) install_wishes ;; esac
