#!/bin/sh
# coverage.sh BUILD-FOLDER FOUND [TARGET...]    Prints how much of the files that each target is for its seeds reach,
# together with what fuzzing has left in FOUND/TARGET. The build folder is instrumented for clang's coverage.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd) || exit 2
build=$(cd "$1" && pwd) || exit 2
found=$2
shift 2
replay=$build/test/fuzz/fuzz_corpora
work=$build/fuzz
mkdir -p "$work" || exit 2

subject_of() {
  case $1 in
    address_policy) echo values/address_policy values/network values/address_sets values/inner_addresses ;;
    arguments) echo cli/arguments cli/option_readers ;;
    dns_answers) echo glue/dns_channel glue/dns_packet glue/dns_try glue/server_channel glue/server_sockets \
      glue/ended_queries service/dns_lookup service/question_desk service/ares_resolver ;;
    dns_cache) echo logic/dns_cache logic/name_index ;;
    dns_packet) echo glue/dns_packet ;;
    endpoint_text) echo values/endpoint values/literal values/text ;;
    hosts_text) echo logic/hosts_table ;;
    name_text) echo logic/host_name values/international_name ;;
    pacing) echo logic/question_pacer logic/send_window logic/server_choice logic/round_trip logic/wake_queue ;;
    race) echo logic/race logic/race_memory logic/race_result logic/untried_list logic/address_order ;;
    resolv_conf_text) echo logic/resolv_conf ;;
    safe_text) echo cli/safe_text ;;
    target_text) echo values/target values/text values/literal values/service_port ;;
    *) echo "coverage: nobody knows what $1 is for" >&2 ;;
  esac
}

# shellcheck disable=SC2046  # a list of words
[ $# -gt 0 ] || set -- $("$replay" --list)
for name in "$@"; do
  inputs=$root/test/fuzz/corpus/$name
  [ -n "$(ls -A "$found/$name" 2>/dev/null)" ] && inputs="$inputs $found/$name"
  # shellcheck disable=SC2086  # a list of folders
  LLVM_PROFILE_FILE=$work/$name.profraw "$replay" "$name" $inputs || exit 1
  llvm-profdata merge -sparse -o "$work/$name.profdata" "$work/$name.profraw" || exit 1
  files=
  for each in $(subject_of "$name"); do files="$files $root/src/$each.cpp"; done
  # shellcheck disable=SC2086  # a list of files
  llvm-cov report "$replay" -instr-profile="$work/$name.profdata" $files | awk -v root="$root/" '
    $1 ~ /\.cpp$/ || $1 == "TOTAL" { file = $1; sub(root, "", file)
      printf "  %-34s %5d of %5d lines  %7s   %5d of %5d branches\n", file == "TOTAL" ? "together" : file,
        $8 - $9, $8, $10, $11 - $12, $11 }'
done
