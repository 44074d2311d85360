"""What a run says of a target: met, short by so much, or no verdict and why."""
from dataclasses import dataclass

from . import figures, peers

MOST_SPREAD = 0.10  # of raw_ip; where the simplest program varies more, times say nothing


class NoVerdict(Exception):
    pass


@dataclass(frozen=True)
class Verdict:
    work: str
    target: str
    measured: str
    is_met: bool = None  # None: no verdict
    why: str = ""

    def word(self):
        if self.is_met is None:
            return "no verdict: " + self.why
        return "met" if self.is_met else "short by " + self.why

    def cells(self):
        return [f"({self.work}) {self.target}", self.measured, self.word()]

    def line(self):
        return f"({self.work}) {self.target}: {self.measured}: {self.word()}"


class Figures:
    """The medians of a run, each of which may be missing."""

    def __init__(self, results):
        self.results = results

    def work(self, key):
        if key not in self.results["works"]:
            raise NoVerdict(f"({key}) was not run")
        return self.results["works"][key]

    def median(self, key, entry, figure):
        value = figures.median(figures.values_of(self.work(key), entry, figure))
        if value is None:
            raise NoVerdict(f"nothing measured of {entry} in ({key})")
        return value

    def values(self, key, entry, figure):
        self.median(key, entry, figure)
        return figures.values_of(self.work(key), entry, figure)

    def ratio(self, key, entry, other, figure):
        value = figures.ratio_of_rounds(self.work(key), entry, other, figure)
        return self.median(key, entry, figure) / self.median(key, other, figure) if value is None else value

    def best_ready_made(self, key, figure):
        """The peer and its median."""
        found = []
        for name, peer in peers.PEERS.items():
            values = figures.values_of(self.work(key), name, figure) if peer.ready_made else []
            if values:
                found.append((figures.median(values), name))
        if not found:
            raise NoVerdict(f"no ready-made peer in ({key})")
        value, name = min(found)
        return name, value


def at_most(limit, form, shown):
    """A rule: the figure is at most the limit. `shown` is what is printed of the figure, and of what is too much."""
    def judge(value, told):
        excess = value - limit
        return told or shown.format(format(value, form)), excess <= 0, shown.format(format(excess, form))
    return judge


def ratio_at_most(limit):
    def judge(value, told):
        return f"{value:.2f} ({told})", value <= limit, f"{value - limit:.2f}"
    return judge


def judged(work, target, rule, take):
    """`take` gives the figure and words for it, or raises NoVerdict, perhaps with the figure that it does not trust."""
    try:
        value, told = take()
    except NoVerdict as missing:
        told = missing.args[1] if len(missing.args) > 1 else "–"
        return Verdict(work, target, told, None, missing.args[0])
    measured, is_met, excess = rule(value, told)
    return Verdict(work, target, measured, is_met, excess)
