"""The list of targets: the work, the target in words, the rule, and how the figure is taken from a run."""
from . import figures
from .verdicts import MOST_SPREAD, Figures, NoVerdict, at_most, judged, ratio_at_most


def _against(key, figure, other, ours="uvdial", form=".1f"):
    """Ours as a ratio to that of another entry: within each round, then the median; medians are told beside it."""
    def take(found):
        own, theirs = found.median(key, ours, figure), found.median(key, other, figure)
        return found.ratio(key, ours, other, figure), f"{own:{form}} to {theirs:{form}}"
    return take


def _own(key, figure, ours="uvdial"):
    return lambda found: (found.median(key, ours, figure), None)


def _best_ready_made(found):
    name, theirs = found.best_ready_made("a", "cpu_us")
    own = found.median("a", "uvdial", "cpu_us")
    return found.ratio("a", "uvdial", name, "cpu_us"), f"{own:.1f} to {theirs:.1f} of {name}"


def _enough(values, wanted):
    if len(values) < wanted:
        raise NoVerdict(f"{len(values)} rounds where {wanted} are wanted")


def _failed(found):
    values = found.values("b", "uvdial", "failed")
    ended = [run["ended_by"] for run in found.work("b")["runs"] if run["entry"] == "uvdial" and run.get("ended_by")]
    if ended:
        return len(ended), "a round came to no end: " + ended[0]
    if sum(values) == 0:  # one that failed is one too many in any number of rounds
        _enough(values, 10)
    return sum(values), f"{sum(values)} in {len(values)} rounds"


def _worst_wall(found):
    values = found.values("b", "uvdial", "wall_s")
    middle = figures.median(values)
    return max(values) / middle, f"{max(values):.3f} to {middle:.3f} s"


def _steady(take, key, entry):
    """Times count only where the simplest program, which stands beside ours in each round, is steady."""
    def taken(found):
        value, told = take(found)
        spread = figures.spread(found.values(key, entry, "cpu_us"))
        if spread > MOST_SPREAD:
            raise NoVerdict(f"{entry} itself spreads over {100 * spread:.1f} %, the counts decide", f"{value:.2f} ({told})")
        return value, told
    return taken


def _more_than_raw(key, figure):
    def take(found):
        own, theirs = found.median(key, "uvdial", figure), found.median(key, "raw_ip", figure)
        return own - theirs, f"{own - theirs:+,.1f} ({own:,.1f} to {theirs:,.1f})"
    return take


def _first_dial(found):
    value = found.median("e", "uvdial", "first_ms")
    return value, f"{value:.1f} ms"


def _within(least, most, unit):
    def judge(value, told):
        excess = max(least - value, value - most)
        return told, excess <= 0, f"{excess:.1f} {unit}"
    return judge


def _at_least(limit):
    def judge(value, told):
        return told or f"{value:.3f}", value >= limit, f"{limit - value:.3f}"
    return judge


def _longest_callback(found):
    values = found.values("g", "uvdial", "longest_callback_us")
    return figures.median(values), f"{figures.median(values):.0f} µs, worst round {max(values):.0f} µs"


def _flat(found):
    """The dearest level to the cheapest."""
    entries = [entry for entry in found.work("j")["entries"] if entry.startswith("uvdial, ")]
    middles = {entry: found.median("j", entry, "cpu_us") for entry in entries}
    if not {"uvdial, 10 in flight", "uvdial, 10,000 in flight"} <= set(middles):
        raise NoVerdict("not from 10 to 10,000 in flight")
    told = ", ".join(f"{value:.1f}" for value in middles.values())
    return max(middles.values()) / min(middles.values()), told + " µs"


TARGETS = [
    ("a", "CPU at most 1.10 of paced c-ares by hand", ratio_at_most(1.10), _against("a", "cpu_us", "cares_paced")),
    ("a", "CPU at most 0.85 of the best ready-made peer", ratio_at_most(0.85), _best_ready_made),
    ("a", "at most 12.6 system calls a dial", at_most(12.6, ".2f", "{}"), _own("h_calls_a", "system_calls")),
    ("a", "user instructions at most 2.5 of paced c-ares by hand", ratio_at_most(2.5),
     _against("h_instructions_a", "instructions", "cares_paced", form=",.0f")),
    ("b", "0 failed in 10 rounds", at_most(0, "d", "{}"), _failed),
    ("b", "wall at most 1.0 of Go's rounds without loss (0.8 is the goal)", ratio_at_most(1.0),
     _against("b", "wall_s", "go", form=".3f")),
    ("b", "worst round at most twice the median", ratio_at_most(2.0), _worst_wall),
    ("b", "CPU at most 0.25 of Go's", ratio_at_most(0.25), _against("b", "cpu_us", "go")),
    ("c", "CPU at most 1.10 of an address", ratio_at_most(1.10),
     _steady(_against("c", "cpu_us", "uvdial, an address"), "c", "uvdial, an address")),
    ("d", "CPU at most 1.10 of raw_ip", ratio_at_most(1.10), _steady(_against("d", "cpu_us", "raw_ip"), "d", "raw_ip")),
    ("d", "at most one system call more than raw_ip", at_most(1, ".2f", "{}"),
     _more_than_raw("h_calls_d", "system_calls")),
    ("d", "at most 1,500 user instructions more than raw_ip", at_most(1500, ",.0f", "{}"),
     _more_than_raw("h_instructions_d", "instructions")),
    ("e", "first dial 250 to 260 ms", _within(250, 260, "ms"), _first_dial),
    ("e", "second dial under 5 ms", at_most(5, ".1f", "{} ms"), _own("e", "second_ms")),
    ("f", "at most 2 KiB for each dial in flight", at_most(2048, ",.0f", "{} bytes"), _own("f", "bytes")),
    ("g", "the longest callback under 1 ms", at_most(1000, ",.0f", "{} µs"), _longest_callback),
    ("i", "at least 0.97 of plain libuv", _at_least(0.97), _own("i", "speed_ratio")),
    ("j", "within 1.15 from 10 to 10,000 in flight", ratio_at_most(1.15), _flat),
]


def verdicts_of(results):
    found = Figures(results)
    return [judged(work, target, rule, lambda take=take: take(found)) for work, target, rule, take in TARGETS]
