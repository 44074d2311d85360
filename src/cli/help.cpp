#include "cli/arguments.hpp"

namespace uvdial::cli {

std::string_view help_text() noexcept {
  return R"(Usage: uvdial [OPTIONS] HOST PORT
       uvdial [OPTIONS] HOST:PORT
       uvdial --unix PATH [OPTIONS]
       uvdial --resolve [OPTIONS] HOST

Connect to HOST, racing all its IPv6 and IPv4 addresses (Happy Eyeballs), then
send standard input to it and write what it sends to standard output, as nc
does. Each direction ends by itself: the end of the input is told to the peer,
and what the peer still sends is written until it ends too.

PORT is a number, or the name of a well-known service such as https. An IPv6
address is written as in "::1 80" or "[::1]:80", with a zone as in
"fe80::1%eth0 80". Options may stand before or after HOST; "--" ends them.

What happens:
  -z                     only connect, then close; prints nothing, see the exit
                         status
  --unix PATH            connect to this Unix-domain socket, not to a HOST; a
                         first @ makes it the name of an abstract socket
  --resolve              connect to nothing: print what HOST stands for, its
                         canonical name, aliases and addresses; of an address,
                         its names. Each stands on a line of its own

What is told:
  --trace                draw each step as a time bar on standard error: the
                         names asked, the answers, each address with its start,
                         its end and what became of it; then who won, and why
  --svg FILE             write the same as a picture for a browser (SVG) into
                         FILE; with --repeat, how the times are spread. FILE is
                         written whole or not at all
  --repeat N             dial N times (1 to 10000), one after the other and each
                         as if for the first time, close each connection (as
                         -z), and print a summary: how many failed and of what,
                         and the times of the others: the shortest, the median,
                         the 99th percentile and the longest, by family; then
                         how they are spread, as bars
  --json                 print each step as a JSON object on a line of its own
                         (implies -z); the last one is "connected" or "failed".
                         With --resolve one object, "resolved" or "failed";
                         with --repeat one object, "summary"

Names:
  --dns-server IP[:PORT] ask this server, not those of the system; with a port
                         as 192.0.2.1:5353 or [2001:db8::1]:5353; may be given
                         more than once
  --hosts FILE           look names up in FILE before any server is asked, not
                         in /etc/hosts; /dev/null for none
  --family FAMILY        which addresses to look for and to try: any (the
                         default), ipv4 or ipv6

Addresses:
  --bind ADDRESS         connect from this address of this machine; may be given
                         once for each family, and the other one stays free
  --deny WHAT            never connect to such an address, whatever name led
                         there; may be given more than once. WHAT is a network
                         as 10.0.0.0/8 or fd00::/8, an address, or one of
                         private, loopback, link-local, multicast, unspecified,
                         metadata, reserved
  --allow WHAT           an exception from --deny; may be given more than once.
                         Of all that fit an address the narrowest network
                         decides. Without any --deny: allow nothing else

Times, in milliseconds:
  --timeout MS           give up after so long, the name and all addresses
                         together: 1 to 86400000 (30000)
  --attempt-delay MS     start on the next address when the last one has not
                         answered for so long: 10 to 2000 (250); it ends no
                         attempt
  --resolution-delay MS  how long IPv4 addresses wait for the IPv6 ones: 0 to
                         2000 (50)

Other:
  --help                 print this text
  --version              print the version

Examples:
  uvdial example.com 7                       talk to a server by hand
  printf 'HEAD / HTTP/1.0\r\n\r\n' | uvdial example.com:80
  uvdial -z example.com https && echo open   is that port open?
  uvdial -z --trace example.com 443          why does it take so long?
  uvdial -z --svg dial.svg example.com 443   the same as a picture
  uvdial --repeat 100 example.com 443        and does it always?
  uvdial --json --timeout 2000 [2001:db8::1]:443
  uvdial --dns-server 127.0.0.1:5353 --hosts /dev/null printer.test 9100
  uvdial --deny private --allow 10.1.0.0/16 intranet.test 80
  uvdial --unix /run/service.sock
  uvdial --resolve example.com
  uvdial --resolve 2001:db8::1               whose address is that?

Exit status:
  0    connected, and the relay, if any, ended well; or resolved; of many dials:
       all connected
  1    no address found, none connected, or the connection failed later; of many
       dials: one of them. A line on standard error says what was tried and why
       it failed; a line "hint:" after it, what may help
  2    the command line is wrong: one line on standard error says why
  130  ended by SIGINT (control-C)
  143  ended by SIGTERM
)";
}

}  // namespace uvdial::cli
