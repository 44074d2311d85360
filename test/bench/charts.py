#!/usr/bin/env python3
"""Draws two charts from the results of compare.py, with gnuplot.

    charts.py [--results RESULTS.JSON] [--out FOLDER]         both in build/bench unless said otherwise

  cpu_per_dial.svg   processor time of a dial of (a), by peer
  burst_wall.svg     how long the burst of (b) takes, by peer: its median, and from the best round to the worst

They have no background, and colours that can be read on a light page and on a dark one.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
from driver import drawing, figures  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def bars_of(results, key, figure, scale=1.0):
    """One bar for each entry, the best first; those with loss are entries of their own."""
    work = results["works"].get(key)
    if not work:
        return []
    made = []
    for entry in figures.entries_of(work):
        for lossy in (False, True):
            values = [scale * value for value in figures.values_of(work, entry, figure, lossy)]
            if values:
                made.append(drawing.Bar(entry + (" (loss)" if lossy else ""), figures.median(values), min(values),
                                        max(values)))
    return sorted(made, key=lambda bar: bar.middle)


def title_of(results, key):
    return results["works"][key]["title"]


def draw(results, folder):
    charts = []
    cpu, wall = bars_of(results, "a", "cpu_us"), bars_of(results, "b", "wall_s", 1000)
    if cpu:
        charts.append(("cpu_per_dial.svg", drawing.lengths(cpu, "Processor time for each dial, µs", title_of(results, "a"))))
    if wall:
        charts.append(("burst_wall.svg", drawing.ranges(wall, "Until the last one is connected, ms (logarithmic)",
                                                        title_of(results, "b"))))
    for name, script in charts:
        path = os.path.join(folder, name)
        subprocess.run(["gnuplot"], input=drawing.into(path) + script, text=True, check=True)
        print(path)
    return len(charts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", default=os.path.join(ROOT, "build", "bench", "results.json"))
    parser.add_argument("--out", default=os.path.join(ROOT, "build", "bench"))
    chosen = parser.parse_args()
    if not shutil.which("gnuplot"):
        print("charts: skipped, there is no gnuplot here", file=sys.stderr)
        return 0
    try:
        with open(chosen.results, encoding="utf-8") as file:
            results = json.load(file)
    except (OSError, ValueError) as failure:
        print(f"charts: {chosen.results}: {failure}", file=sys.stderr)
        return 2
    if draw(results, chosen.out) == 0:
        print("charts: neither (a) nor (b) is in the results", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
