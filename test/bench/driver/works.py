"""The list of works: what is dialled, by whom, how often, and against which servers."""
from dataclasses import dataclass, field

NAMES = "h%d.v4.bench.test"
ONE_NAME = "one.v4.bench.test"
ADDRESS = "127.0.0.1"
HALF_SILENT = "half.bench.test"

EVERYBODY = ["uvdial", "cares_paced", "cares_plain", "uv_getaddrinfo", "libevent", "asio", "curl", "go", "node",
             "node_cares"]
DIALS_ADDRESSES = ["uvdial", "raw_ip", "floor", "libevent", "asio", "curl", "go", "node"]
COUNTED_NAMES = EVERYBODY + ["floor"]
NATIVE_NAMES = ["uvdial", "cares_paced", "cares_plain", "libevent", "floor"]
NATIVE_ADDRESSES = ["uvdial", "raw_ip", "floor", "libevent"]


@dataclass(frozen=True)
class Entry:
    """One row of a table: a peer, and what it dials. `fewer` dials are taken away where the work is a difference."""
    peer: str
    pattern: str
    dials: int
    at_once: int
    label: str = ""
    fewer: int = 0

    @property
    def name(self):
        return self.label or self.peer


@dataclass(frozen=True)
class Work:
    key: str
    title: str
    kind: str  # which function of measure.py takes a run
    rounds: int
    entries: list
    at_once: bool = True  # whether DNS answers at once
    world: list = field(default_factory=list)  # options of bench_world, where DNS takes its time
    loss_limit_s: float = None  # a round of Go that lasts longer has lost something
    budget_s: float = 30  # after so many seconds a peer takes no part in further rounds
    always: tuple = ("uvdial",)  # who takes part in each round all the same
    timeout_s: float = 120
    arguments: list = field(default_factory=list)

    @property
    def letter(self):
        return self.key.partition("_")[0]


def _entries(peers, pattern, dials, at_once, fewer=0):
    return [Entry(peer, pattern, dials, at_once, fewer=fewer) for peer in peers]


def _flat(peers, levels, dials):
    """The same work with more and more in flight."""
    return [Entry(peer, NAMES, max(dials, level), level, f"{peer}, {level:,} in flight")
            for level in levels for peer in peers]


def _flat_counted(levels, counted):
    """A difference starts where all places are taken."""
    made = []
    for level in levels:
        fewer = max(counted[1], level)
        more = fewer + max(counted[0] - counted[1], level)
        made.append(Entry("uvdial", NAMES, more, level, f"uvdial, {level:,} in flight", fewer))
    return made


def _scale(quick):
    if quick:
        return dict(dials=5000, rounds=3, burst=3, alternating=5, few=1, budget=2, timeout=5, levels=[10, 1000], flat=3,
                    twice=3, strace=1, counted=(900, 300), stream=["256", "3"])
    return dict(dials=20_000, rounds=5, burst=10, alternating=9, few=4, budget=15, timeout=120,
                levels=[10, 100, 1000, 10_000], flat=5, twice=9, strace=3, counted=(3000, 1000), stream=["1024", "7"])


SLOW = ["--delay", "20"]


def _speed(scale):
    number, budget = scale["dials"], scale["budget"]
    literal = Entry("uvdial", ADDRESS, number, 64, "uvdial, an address")
    return [
        Work("a", f"{number:,} names, 64 at a time, DNS at once", "dials", scale["rounds"],
             _entries(EVERYBODY + ["floor"], NAMES, number, 64), budget_s=budget),
        Work("b", "2,000 names, 1,000 at a time, DNS after 20 ms", "dials", scale["burst"],
             _entries(EVERYBODY, NAMES, 2000, 1000), at_once=False, world=SLOW, loss_limit_s=2, budget_s=budget,
             always=("uvdial", "go"), timeout_s=scale["timeout"]),
        Work("c", f"one name {number:,} times, 64 at a time", "dials", scale["rounds"],
             _entries(EVERYBODY, ONE_NAME, number, 64)[:1] + [literal] + _entries(EVERYBODY, ONE_NAME, number, 64)[1:],
             budget_s=budget),
        Work("d", f"an address {number:,} times, 64 at a time", "dials", scale["alternating"],
             _entries(DIALS_ADDRESSES, ADDRESS, number, 64), budget_s=budget),
        Work("e", "a name with a silent IPv6 address and a live IPv4 one, dialled twice", "twice", scale["twice"],
             _entries(["uvdial", "go", "node", "node_cares", "curl"], HALF_SILENT, 2, 1), budget_s=10, timeout_s=20),
    ]


def _insides(scale):
    more, fewer = scale["counted"]
    return [
        Work("f", "memory of a dial while 10,000 wait for a silent DNS server", "program", 3,
             [Entry("uvdial", "bench_in_flight", 10_000, 10_000)], arguments=["10000"]),
        Work("g", "the longest callback during (b)", "callbacks", scale["burst"],
             [Entry("uvdial", NAMES, 2000, 1000)], at_once=False, world=SLOW),
        Work("h_calls_a", "system calls of a dial of (a)", "strace", scale["strace"],
             _entries(COUNTED_NAMES, NAMES, more, 64, fewer), budget_s=6),
        Work("h_calls_d", "system calls of a dial of (d)", "strace", scale["strace"],
             _entries(DIALS_ADDRESSES, ADDRESS, more, 64, fewer), budget_s=6),
        Work("h_instructions_a", "instructions of a dial of (a), user space", "callgrind", 1,
             _entries(NATIVE_NAMES, NAMES, more, 64, fewer), timeout_s=300),
        Work("h_instructions_d", "instructions of a dial of (d), user space", "callgrind", 1,
             _entries(NATIVE_ADDRESSES, ADDRESS, more, 64, fewer), timeout_s=300),
        Work("i", "reading a stream over the loopback, beside plain libuv", "stream", 1,
             [Entry("uvdial", "bench_stream", 0, 1)], arguments=scale["stream"], timeout_s=300),
        Work("j", "as (a), with more and more in flight", "dials", scale["flat"],
             _flat(["uvdial", "cares_paced"], scale["levels"], scale["dials"]), budget_s=scale["budget"]),
        Work("j_instructions", "instructions of a dial of (j), user space", "callgrind", 1,
             _flat_counted(scale["levels"], scale["counted"]), timeout_s=300),
    ]


def _more_bursts(scale):
    both = ["uvdial", "go"]
    return [
        Work("large", "10,000 names, 5,000 at a time, DNS after 20 ms", "dials", scale["few"],
             _entries(both, NAMES, 10_000, 5000), at_once=False, world=SLOW, loss_limit_s=5),
        Work("loss", "as (b), with 5 % of the questions dropped", "dials", scale["few"],
             _entries(both, NAMES, 2000, 1000), at_once=False, world=SLOW + ["--drop", "5"]),
        Work("same", "one name 2,000 times at once, DNS after 20 ms", "dials", scale["few"],
             _entries(both, ONE_NAME, 2000, 2000), at_once=False, world=SLOW, loss_limit_s=2),
    ]


def all_works(quick=False):
    scale = _scale(quick)
    return _speed(scale) + _insides(scale) + _more_bursts(scale)
