"""The tables, in Markdown, from the results of a run."""
from . import figures, machine, targets

LOSS = ", rounds with loss"


def number(value, form):
    return "–" if value is None else format(value, form)


def times(value, base):
    found = figures.ratio(value, base)
    return "–" if found is None else f"{found:.2f}"


def percent(value):
    return "–" if value is None else f"{100 * value:.0f} %"


def table(heads, rows):
    """The first column is text, all others are numbers."""
    lines = ["| " + " | ".join(heads) + " |", "|---" + "|--:" * (len(heads) - 1) + "|"]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


class Rows:
    """The rows of one work: each entry, and apart from it its rounds with loss."""

    def __init__(self, work):
        self.work = work
        self.kept = [(entry, lossy) for entry in figures.entries_of(work) for lossy in (False, True)
                     if figures.runs_of(work, entry, lossy)]

    def values(self, entry, figure, lossy=False):
        return figures.values_of(self.work, entry, figure, lossy)

    def median(self, entry, figure, lossy=False):
        return figures.median(self.values(entry, figure, lossy))

    def own(self, figure):
        """What the others are compared with: the first entry, which is ours."""
        return self.median(self.work["entries"][0], figure)


def _dials(work):
    rows = Rows(work)
    cpu, wall = rows.own("cpu_us"), rows.own("wall_s")
    made = []
    for entry, lossy in rows.kept:
        def middle(figure):
            return rows.median(entry, figure, lossy)
        walls = rows.values(entry, "wall_s", lossy)
        made.append([
            entry + (LOSS if lossy else ""), str(len(walls)), number(middle("cpu_us"), ".1f"),
            times(middle("cpu_us"), cpu), percent(figures.spread(rows.values(entry, "cpu_us", lossy))),
            number(middle("wall_s"), ".3f"), times(middle("wall_s"), wall), number(max(walls), ".3f"),
            str(sum(rows.values(entry, "failed", lossy))), number(middle("rss_kb") / 1024, ".1f"),
            number(middle("questions"), ".0f"), str(sum(rows.values(entry, "lost", lossy)))])
    return table(["", "rounds", "CPU µs/dial", "× uvdial", "spread", "wall s", "× uvdial", "worst s", "failed",
                  "memory MiB", "questions", "lost"], made)


def _twice(work):
    rows = Rows(work)
    made = [[entry, str(len(rows.values(entry, "first_ms"))), number(rows.median(entry, "first_ms"), ".1f"),
             number(rows.median(entry, "second_ms"), ".1f")] for entry, _ in rows.kept]
    return table(["", "rounds", "first dial ms", "second dial ms"], made)


def _counts(figure, head, form):
    def told(work):
        rows = Rows(work)
        made = [[entry, number(rows.median(entry, figure), form), times(rows.median(entry, figure), rows.own(figure))]
                for entry, _ in rows.kept]
        return table(["", head, "× uvdial"], made)
    return told


def _instructions(work):
    lines = _counts("instructions", "instructions/dial", ",.0f")(work)
    parts = [run["parts"] for run in work["runs"] if run.get("parts")]
    if len(parts) == 1:
        lines += ["", "Of uvdial's: " + ", ".join(f"{name} {value:,.0f}" for name, value in parts[0].items()
                                                  if value >= 10) + "."]
    return lines


def _memory(work):
    rows = Rows(work)
    return table(["", "heap bytes/dial", "process bytes/dial"],
                 [[entry, number(rows.median(entry, "bytes"), ".0f"), number(rows.median(entry, "rss_bytes"), ".0f")]
                  for entry, _ in rows.kept])


def _callbacks(work):
    rows = Rows(work)
    made = []
    for entry, _ in rows.kept:
        longest = rows.values(entry, "longest_callback_us")
        made.append([entry, str(len(longest)), number(figures.median(longest), ".0f"), number(max(longest), ".0f"),
                     number(rows.median(entry, "heartbeat_gap_us"), ".0f"),
                     number(max(rows.values(entry, "heartbeat_gap_us")), ".0f")])
    return table(["", "rounds", "longest callback µs", "worst round", "heartbeat gap µs", "worst round"], made)


def _stream(work):
    rows = Rows(work)
    return table(["", "MiB/s", "plain libuv MiB/s", "speed to plain", "CPU to plain"],
                 [["streaming form", number(rows.own("mib_per_s"), ".0f"), number(rows.own("plain_mib_per_s"), ".0f"),
                   number(rows.own("speed_ratio"), ".3f"), number(rows.own("cpu_ratio"), ".3f")]])


FORMS = {
    "dials": _dials,
    "twice": _twice,
    "strace": _counts("system_calls", "system calls/dial", ".2f"),
    "callgrind": _instructions,
    "program": _memory,
    "callbacks": _callbacks,
    "stream": _stream,
}


def _apart(work):
    """The runs that came to no end, and who did not take part."""
    told = []
    for run in work["runs"]:
        line = f"{run['entry']}: {run.get('ended_by')}"
        if run.get("ended_by") and line not in told:
            told.append(line)
    told += [f"{name}: {why}" for name, why in work["skipped"].items()]
    return told


def section(key, work):
    lines = [f"### ({key}) {work['title']}", ""]
    if any(not run.get("ended_by") for run in work["runs"]):
        lines += FORMS[work["kind"]](work) + [""]
    apart = _apart(work)
    return lines + (["- " + line for line in apart] + [""] if apart else [])


def tables(results):
    lines = []
    for key, work in results["works"].items():
        lines += section(key, work)
    return lines


def whole(results):
    """All of it: where and how, what of the targets is met, the tables."""
    where = "a private network" if results["private"] else "this machine's own loopback"
    lines = [f"`{results['command']}` on {results['date']}, in {where}, DNS at once by {results['dns_at_once']}"
             + (", the quick form" if results["quick"] else "") + f", {results['seconds'] / 60:.0f} minutes. "
             + machine.in_words(results["machine"]), "",
             "CPU, wall, memory and questions are medians of the rounds; failed and lost are sums over them. The spread"
             " is from the least to the most CPU without the best and the worst round.", "", "### Targets", ""]
    lines += table(["target", "measured", "verdict"], [verdict.cells() for verdict in targets.verdicts_of(results)])
    return "\n".join(lines + [""] + tables(results)) + "\n"
