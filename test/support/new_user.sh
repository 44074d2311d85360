#!/bin/sh
# new_user.sh    Follows the first page (README.md) from an empty root of this machine's release to a program of one's own
# that dials a name, and prints how long each step took. Root only; else it says so. See clean_root.sh, follow_page.sh.
set -eu
cd "$(dirname "$0")/../.."
# What the page takes for granted (sudo) and what follow_page.sh needs (ip) is there first; packages that the page has
# installed come from the mirror, as they would for anybody.
exec test/support/clean_root.sh --fresh new-user own sh -euc '
  apt-get -q update >/dev/null
  apt-get -q install -y --no-install-recommends iproute2 sudo >/dev/null 2>&1
  mkdir -p /var/cache/new-user/partial
  echo "Dir::Cache::archives \"/var/cache/new-user\";" >/etc/apt/apt.conf.d/95-new-user
  export PATH="/usr/local/sbin:/usr/local/bin:$PATH"
  exec test/support/follow_page.sh README.md'
