#!/usr/bin/env python3
"""Says of each target whether a run of compare.py has met it.

    targets.py [RESULTS.JSON]         build/bench/results.json unless said otherwise

One line for each: the target, what was measured, and `met`, `short by ...` or `no verdict: why`. The exit status is 1
where one falls short.
"""
import argparse
import json
import os
import sys

sys.dont_write_bytecode = True
from driver import targets  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", nargs="?", default=os.path.join(ROOT, "build", "bench", "results.json"))
    path = parser.parse_args().results
    try:
        with open(path, encoding="utf-8") as file:
            results = json.load(file)
    except (OSError, ValueError) as failure:
        print(f"targets: {path}: {failure}", file=sys.stderr)
        return 2
    found = targets.verdicts_of(results)
    for verdict in found:
        print(verdict.line())
    return 1 if any(verdict.is_met is False for verdict in found) else 0


if __name__ == "__main__":
    sys.exit(main())
