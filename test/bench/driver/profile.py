"""Where the instructions of a program go: what callgrind counted for each function, put into a few parts."""
import re

# The first that fits. An object is the file that the code lies in; functions of the standard library that the compiler
# has put into ours count where they are called.
PARTS = [
    ("libuv", "libuv", ""),
    ("c-ares", "libcares", ""),
    ("memory", "libc", r"malloc|free|calloc|realloc|unlink_chunk|arena"),
    ("memory", "libstdc", r"operator (new|delete)"),
    ("clocks", "", r"clock_gettime|hrtime|detail::now$"),
    ("copying and comparing bytes", "libc", r"mem|str"),
    ("reading hosts, addresses and options", "", r"literal|check_target|check_host|target::|validate|endpoint"),
    ("the race", "", r"race|untried_list|address_order|order_|winner_memory|mark_of|source"),
    ("looking names up", "", r"dns_|question|server_channel|server_sockets|datagram_batch|send_window|round_trip|name_|"
                             r"ares_|host|lookup|read_reply|recycler|message_reader|ended_queries|packet"),
    ("deadlines and turns", "", r"wake_queue|detail::turn|alarm"),
    ("sockets and streams", "", r"connect_attempt|dial_sockets|byte_stream|tcp_stream|uv_handle|close_"),
    ("the program itself", "", r"bench::"),
    ("the dial and its callback", "", r"uvdial::detail::dial|dialer|dial_record|few|unique_function"),
]
OTHER = "the rest"

_NAMED = re.compile(r"^(ob|fn)=\((\d+)\)(?: (.*))?$")
_ANY_NAME = re.compile(r"^(c?ob|c?fn)=\((\d+)\)(?: (.*))?$")
_COST = re.compile(r"^[+\-*]?\d* (\d+)$")


def functions_of(text):
    """{(object, function): instructions of its own}. Names are written once, and a number stands for them later."""
    names, here, costs = {"ob": {}, "fn": {}}, {}, {}
    is_inclusive = False
    for line in text.splitlines():
        name = _ANY_NAME.match(line)
        if name:
            kind, number, word = name.group(1)[-2:], name.group(2), name.group(3)
            if word is not None:
                names[kind][number] = word
            if _NAMED.match(line):
                here[kind] = names[kind].get(number, "")
            continue
        if line.startswith("calls="):
            is_inclusive = True  # the next line: what the called function cost
            continue
        cost = _COST.match(line)
        if cost and "fn" in here:
            if not is_inclusive:
                key = (here.get("ob", ""), here["fn"])
                costs[key] = costs.get(key, 0) + int(cost.group(1))
            is_inclusive = False
    return costs


def part_of(where, function):
    library = where.rpartition("/")[2]
    name = re.sub(r"\((?!anonymous).*", "", function)  # without its parameters
    for part, start, pattern in PARTS:
        if library.startswith(start) and re.search(pattern, name):
            return part
    return OTHER


def parts_of(fewer, more, dials):
    """{part: instructions of one dial}, of two profiles that lie `dials` dials apart; the dearest first."""
    less, all_of = functions_of(fewer), functions_of(more)
    parts = {}
    for key in less.keys() | all_of.keys():
        name = part_of(*key)
        parts[name] = parts.get(name, 0) + (all_of.get(key, 0) - less.get(key, 0)) / dials
    return dict(sorted(parts.items(), key=lambda part: -part[1]))
