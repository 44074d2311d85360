# Completion of uvdial(1) for bash.

# The names that stand for ports, as uvdial knows them; /etc/services has others.
_uvdial_services="amqp amqps domain echo ftp git gopher http http-alt https imap imaps ipp ircs-u kerberos ldap ldaps
  mqtt mysql nntp pop3 pop3s postgresql redis rfb rsync rtsp secure-mqtt sip sips smtp socks ssh submission submissions
  telnet time whois xmpp-client xmpp-server"
_uvdial_sets="private loopback link-local multicast unspecified metadata reserved"
_uvdial_switches="-z --resolve --trace --json --help --version"
_uvdial_with_value="--unix --svg --repeat --dns-server --hosts --family --bind --deny --allow --timeout --attempt-delay
  --resolution-delay"

_uvdial_is_one_of() { # WORD LIST
  local each
  for each in $2; do
    [[ $1 == "$each" ]] && return 0
  done
  return 1
}

# One colon separates a port; more are those of an IPv6 address, unless that stands in brackets.
_uvdial_has_port() { # WORD
  [[ $1 == \[*\]:* || $1 != \[* && ${1//[^:]/} == : ]]
}

_uvdial_hosts() { # WORD
  mapfile -t COMPREPLY < <(compgen -A hostname -- "$1")
  # Those of ssh as well, where the package bash-completion is there.
  if declare -F _known_hosts_real >/dev/null; then
    _known_hosts_real -- "$1"
  fi
}

_uvdial_values() { # OPTION WORD
  case $1 in
    --family) mapfile -t COMPREPLY < <(compgen -W "any ipv4 ipv6" -- "$2") ;;
    --deny | --allow) mapfile -t COMPREPLY < <(compgen -W "$_uvdial_sets" -- "$2") ;;
    --hosts | --unix | --svg)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$2")
      ;;
  esac
}

_uvdial() {
  # Bash takes words apart at "=" and ":" (COMP_WORDBREAKS), uvdial does not.
  local line=${COMP_LINE:0:COMP_POINT} current="" expects="" ended="" needs_host=yes word
  local -a words operands
  read -r -a words <<<"$line"
  if [[ $line != *[[:space:]] ]]; then
    current=${words[-1]}
    unset 'words[-1]'
  fi
  for word in "${words[@]:1}"; do
    if [[ $expects ]]; then
      expects=""
    elif [[ $ended || $word != -?* ]]; then
      operands+=("$word")
    elif [[ $word == -- ]]; then
      ended=yes
    elif _uvdial_is_one_of "$word" "$_uvdial_with_value"; then
      expects=$word
    fi
    [[ ! $ended && ($word == --unix || $word == --unix=*) ]] && needs_host=""
  done

  COMPREPLY=()
  if [[ $expects ]]; then
    _uvdial_values "$expects" "$current"
  elif [[ ! $ended && $current == --*=* ]]; then
    _uvdial_values "${current%%=*}" "${current#*=}"
    return  # the word of bash begins after the "=" too
  elif [[ ! $ended && $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$_uvdial_switches $_uvdial_with_value" -- "$current")
  elif [[ ! $needs_host ]]; then
    return
  elif [[ ${#operands[@]} -eq 0 ]] && _uvdial_has_port "$current"; then
    mapfile -t COMPREPLY < <(compgen -W "$_uvdial_services" -- "${current##*:}")
  elif [[ ${#operands[@]} -eq 0 ]]; then
    _uvdial_hosts "$current"
  elif [[ ${#operands[@]} -eq 1 ]] && ! _uvdial_has_port "${operands[0]}"; then
    mapfile -t COMPREPLY < <(compgen -W "$_uvdial_services" -- "$current")
  fi
}

complete -F _uvdial uvdial
