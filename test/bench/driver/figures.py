"""Arithmetic on rounds: medians, spreads, and what of a run counts."""


def median(values):
    """None of no values."""
    ordered = sorted(values)
    if not ordered:
        return None
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def spread(values):
    """From least to most, as a part of the median; of five values or more without the best and the worst."""
    ordered = sorted(values)
    if len(ordered) >= 5:
        ordered = ordered[1:-1]
    centre = median(values)
    return (ordered[-1] - ordered[0]) / centre if centre else None


def ratio_of_rounds(work, entry, other, figure):
    """The median of one entry's ratio to another's within each round: a machine that slows down slows both down. None
    where they have no round in common."""
    def by_round(name):
        return {run["round"]: run[figure] for run in runs_of(work, name) if run.get(figure)}
    ours, theirs = by_round(entry), by_round(other)
    return median([ours[number] / theirs[number] for number in ours.keys() & theirs.keys()])


def ratio(value, base):
    return value / base if value is not None and base else None


def with_loss(run, limit_s):
    """Go waits five seconds for a question that was lost: such a round measures that, and stands apart."""
    return run["peer"] == "go" and (run.get("failed", 0) > 0 or (limit_s is not None and run.get("wall_s", 0) > limit_s))


def runs_of(work, entry, lossy=False):
    """The runs of one entry that came to an end: either those that count or those with loss."""
    return [run for run in work["runs"]
            if run["entry"] == entry and not run.get("ended_by") and with_loss(run, work.get("loss_limit_s")) == lossy]


def values_of(work, entry, figure, lossy=False):
    runs = runs_of(work, entry, lossy)
    return [run[figure] for run in runs if run.get(figure) is not None]


def median_of(results, key, entry, figure):
    """None where that was not measured."""
    work = results["works"].get(key)
    return median(values_of(work, entry, figure)) if work else None


def entries_of(work):
    """In the order of the work's own list."""
    seen = {run["entry"] for run in work["runs"]}
    return [entry for entry in work["entries"] if entry in seen]
