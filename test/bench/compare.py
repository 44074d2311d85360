#!/usr/bin/env python3
"""Dials as uvdial does and as its peers do, side by side, and prints medians and ratios.

Runs in a network of its own where the system allows that (as root, or with user namespaces); elsewhere against
bench_world on a port of its own, without the peers that cannot be told a DNS server. Peers take turns within a round,
and another one begins in each. All rounds go to results.json, the tables to results.md and the standard output, and
what of the targets is met is said at the end. The exit status is 0 unless something broke; targets.py tells about the
targets by its own.
"""
import argparse
import json
import os
import shlex
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from driver import machine, measure, network, page, peers, report, servers, targets, works  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def note(text):
    print("bench: " + text, file=sys.stderr, flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer dials and rounds: two minutes, for a first look")
    parser.add_argument("--only", metavar="LIST", help="these works: letters (a,h) or keys (h_calls_d), see --list")
    parser.add_argument("--peers", metavar="LIST", help="these peers, for example uvdial,go")
    parser.add_argument("--rounds", type=int, metavar="N", help="so many rounds of each work")
    parser.add_argument("--bin", default=os.path.join(ROOT, "build", "bin"), metavar="FOLDER",
                        help="where the programs are (build/bin)")
    parser.add_argument("--out", default=os.path.join(ROOT, "build", "bench"), metavar="FOLDER",
                        help="where the results go (build/bench)")
    parser.add_argument("--write-page", action="store_true", help="put the tables into test/bench/README.md too")
    parser.add_argument("--list", action="store_true", help="list the works and the peers")
    chosen = parser.parse_args()
    if chosen.rounds is not None and chosen.rounds < 1:
        parser.error(f"--rounds wants a number above 0, not {chosen.rounds}")
    return parser, chosen


def chosen_works(parser, chosen):
    listed = works.all_works(chosen.quick)
    if not chosen.only:
        return listed
    wanted = chosen.only.split(",")
    known = {work.key for work in listed} | {work.letter for work in listed}
    for each in wanted:
        if each not in known:
            parser.error(f'no such work: "{each}"')
    return [work for work in listed if work.key in wanted or work.letter in wanted]


def chosen_peers(parser, chosen):
    if not chosen.peers:
        return set(peers.PEERS)
    wanted = chosen.peers.split(",")
    for each in wanted:
        if each not in peers.PEERS:
            parser.error(f'no such peer: "{each}"')
    return set(wanted)


class Run:
    """All rounds of one work."""

    def __init__(self, bench, work, wanted):
        self._take = getattr(bench, work.kind)
        self._work = work
        self._left = [entry for entry in work.entries if entry.peer in wanted]
        self._used = {entry.name: 0.0 for entry in self._left}
        self.has_failed = False
        self.told = {"title": work.title, "kind": work.kind, "loss_limit_s": work.loss_limit_s,
                     "entries": [entry.name for entry in self._left], "runs": [], "skipped": {}}

    def all_rounds(self, rounds):
        start = time.monotonic()
        for number in range(1, rounds + 1):
            turn = number % len(self._left) if self._left else 0
            for entry in self._left[turn:] + self._left[:turn]:
                self._one(entry, number)
        self.told["seconds"] = time.monotonic() - start
        return self.told

    def _one(self, entry, number):
        start = time.monotonic()
        run = {"entry": entry.name, "peer": entry.peer, "round": number, "dials": entry.dials,
               "at_once": entry.at_once}
        try:
            run.update(self._take(self._work, entry, number))
        except peers.Missing as missing:
            self._drop(entry, str(missing))
            return
        except measure.Ended as ended:
            run["ended_by"] = str(ended)
            note(f"({self._work.key}) {entry.name}: {ended}")
            self.has_failed |= entry.peer == "uvdial"
        self.told["runs"].append(run)
        self._used[entry.name] += time.monotonic() - start
        if entry.peer not in self._work.always and self._used[entry.name] > self._work.budget_s:
            self._left = [other for other in self._left if other is not entry]

    def _drop(self, entry, why):
        note(f"({self._work.key}) {entry.name}: skipped, {why}")
        self.told["skipped"][entry.name] = why
        self._left = [other for other in self._left if other is not entry]


def write(results, folder):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "results.json"), "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1)
        file.write("\n")
    text = report.whole(results)
    with open(os.path.join(folder, "results.md"), "w", encoding="utf-8") as file:
        file.write(text)
    return text


def command_of(chosen):
    """How to have this run again; where programs and results are is of no interest."""
    words = ["--quick"] if chosen.quick else []
    for name in ("only", "peers", "rounds"):
        if getattr(chosen, name):
            words += ["--" + name, str(getattr(chosen, name))]
    return "make bench" + (f' BENCH_ARGS="{shlex.join(words)}"' if words else "")


def measure_all(chosen, listed, wanted, folder):
    start = time.monotonic()
    results = {"format": 1, "command": command_of(chosen), "date": time.strftime("%Y-%m-%d"), "quick": chosen.quick,
               "machine": machine.facts(), "works": {}}
    net = network.Network(folder, note)
    bench = measure.Bench(chosen.bin, net, note)
    results.update(private=net.is_private, dns_at_once=bench.dns_at_once, seconds=0)
    has_failed = False
    try:
        for work in listed:
            note(f"({work.key}) {work.title}")
            run = Run(bench, work, wanted)
            results["works"][work.key] = run.all_rounds(chosen.rounds or work.rounds)
            has_failed |= run.has_failed
            results["seconds"] = time.monotonic() - start
            write(results, chosen.out)  # what there is, should the rest not come to an end
    finally:
        bench.close()
    return results, has_failed


def main():
    parser, chosen = arguments()
    if chosen.list:
        print("\n".join(f"{work.key:18}{work.title}" for work in works.all_works(chosen.quick)))
        print("\n".join(f"{peer.name:18}{peer.what}" for peer in peers.PEERS.values()))
        return 0
    listed, wanted = chosen_works(parser, chosen), chosen_peers(parser, chosen)
    if not network.is_inside():
        network.enter(sys.argv)
        note("no network of its own here: neither root nor user namespaces; bench_world answers on a port of its own")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers end too
    try:
        with network.temporary_folder() as folder:
            results, has_failed = measure_all(chosen, listed, wanted, folder)
    except (servers.ServerFailed, OSError, subprocess.CalledProcessError) as failure:
        note(str(failure))
        return 1
    text = write(results, chosen.out)
    print(text)
    if chosen.write_page:
        page.write(text)
    for verdict in targets.verdicts_of(results):
        print(verdict.line())
    return 1 if has_failed else 0


if __name__ == "__main__":
    sys.exit(main())
