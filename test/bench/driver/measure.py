"""One run of one peer: the servers it wants, the program, and the figures of what it printed."""
import os
import re
import signal
import subprocess

from . import counts, network, peers, profile, servers, works

CANNOT = 3  # the exit status of a program that cannot do such work

# Linux counts the memory of whoever started a program as its own (ru_maxrss stays what it was before the exec). So a
# shell starts it, which is small, and has a second command so that it does not become the program itself.
START = ["sh", "-c", '"$@"; exit $?', "sh"]


class Ended(Exception):
    """A run without figures, and why."""


def figures_from(line):
    """What a program printed: its name, then names and values."""
    words = line.split()
    if len(words) % 2 == 0 or not words:
        raise Ended(f'it printed "{line.strip()}"')
    renamed = {"dials/s": "dials_per_s", "cpu_us/dial": "cpu_us", "wall": "wall_s", "bytes/dial": "bytes",
               "rss_bytes/dial": "rss_bytes"}
    found = {}
    for name, value in zip(words[1::2], words[2::2]):
        try:
            found[renamed.get(name, name)] = int(value) if value.lstrip("-").isdigit() else float(value)
        except ValueError:
            found[renamed.get(name, name)] = value
    return found


def stream_figures_from(text):
    found = {}
    for name, pattern in (("plain_mib_per_s", r"plain libuv +(\d+) MiB/s"), ("mib_per_s", r"receive\(\) +(\d+) MiB/s"),
                          ("speed_ratio", r"ratio +([\d.]+)"), ("cpu_ratio", r"ratio +[\d.]+ +([\d.]+)")):
        match = re.search(pattern, text)
        if not match:
            raise Ended("it printed no " + name)
        found[name] = float(match.group(1))
    return found


def run_program(command, environment, timeout_s):
    """What it printed and what it complained of. Whatever it has started ends with it."""
    process = subprocess.Popen([*START, *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, errors="replace", env=environment, start_new_session=True)
    try:
        told, complaints = process.communicate(timeout=timeout_s)
    except BaseException as interrupted:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if isinstance(interrupted, subprocess.TimeoutExpired):
            raise Ended(f"over {timeout_s:.0f} s") from None
        raise
    complaints = complaints.strip()
    if process.returncode == CANNOT:
        raise peers.Missing(complaints.splitlines()[-1] if complaints else "it cannot do this")
    if process.returncode != 0:
        raise Ended(f"exit status {process.returncode}: {' '.join(complaints.split()[:60])}")
    return told, complaints


class Bench:
    """Where the programs are, and the servers that stay from run to run."""

    def __init__(self, programs, net, note):
        self.programs = programs
        self.net = net
        self._has_nsd = net.is_private and servers.find_program("nsd") is not None
        self._nsd = servers.Nsd(net.folder, net.silent_v6) if self._has_nsd else None
        self.dns_at_once = "NSD" if self._has_nsd else "bench_world"
        if net.is_private and not self._has_nsd:
            note("nsd is not installed: bench_world answers in its place")

    def close(self):
        if self._nsd:
            self._nsd.stop()

    def _world_for(self, work, round_number):
        options = ["--tcp-port", str(self.net.tcp_port), "--seed", str(round_number)]
        if self.net.silent_v6 and work.kind == "twice":
            options += ["--silent-v6", self.net.silent_v6]
        if work.at_once and self._nsd:
            self._nsd.start()
            options += ["--no-dns"]
        else:
            if self._nsd:
                self._nsd.stop()
            options += ["--dns-port", str(self.net.dns_port), *work.world]
            if work.at_once:
                options += ["--receive-buffer", "8388608"]
        return servers.BenchWorld(os.path.join(self.programs, "bench_world"), options)

    def _environment(self, entry, world):
        environment = dict(os.environ)
        environment.pop("BENCH_DNS", None)
        if self.net.is_private:
            return environment
        if entry.pattern == works.ADDRESS:
            return environment
        # A program that cannot be told says so and is skipped.
        environment["BENCH_DNS"] = f"127.0.0.1:{world.dns_port}"
        return environment

    def _in_world(self, work, entry, round_number, commands):
        """Runs the commands one after the other against the same servers: what each printed, and what the servers saw."""
        world = self._world_for(work, round_number)
        asked = self._nsd.questions() if work.at_once and self._nsd else None
        lost = network.udp_counts()
        with world:
            environment = self._environment(entry, world)
            told = [run_program(each(world.tcp_port), environment, work.timeout_s) for each in commands]
        seen = dict(world.seen)
        if asked is not None:
            seen["questions"] = self._nsd.questions() - asked
        if self.net.is_private and "RcvbufErrors" in lost:
            seen["lost"] = network.udp_counts()["RcvbufErrors"] - lost["RcvbufErrors"]
        return told, seen

    def _dial(self, entry, number, before=()):
        program = peers.program_of(entry.peer, self.programs)
        return lambda port: [*before, program, entry.pattern, str(port), str(number), str(entry.at_once)]

    def dials(self, work, entry, round_number):
        (told, complaints), seen = self._one(work, entry, round_number, self._dial(entry, entry.dials))
        return {**figures_from(told), **seen, "complaints": complaints}

    def _one(self, work, entry, round_number, command):
        told, seen = self._in_world(work, entry, round_number, [command])
        return told[0], seen

    def twice(self, work, entry, round_number):
        """The first dial of a name, and what a second one costs after it."""
        if not self.net.silent_v6:
            raise peers.Missing("this machine has no IPv6")
        told = self._in_world(work, entry, round_number, [self._dial(entry, 1), self._dial(entry, 2)])[0]
        once, both = (figures_from(line) for line, _ in told)
        if once["failed"] or both["failed"]:
            raise Ended("failed: " + told[0][1] + told[1][1])
        # A difference of two programs' times, so what is below zero is nothing.
        second = max(0.0, both["wall_s"] - once["wall_s"])
        return {"first_ms": once["wall_s"] * 1e3, "second_ms": second * 1e3}

    def callbacks(self, work, entry, round_number):
        program = peers.existing(os.path.join(self.programs, "bench_callbacks"))
        command = lambda port: [program, entry.pattern, str(port), str(entry.dials), str(entry.at_once)]
        (told, complaints), seen = self._one(work, entry, round_number, command)
        return {**figures_from(told), **seen, "complaints": complaints}

    def program(self, work, entry, _):
        program = peers.existing(os.path.join(self.programs, entry.pattern))
        told, complaints = run_program([program, *work.arguments], dict(os.environ), work.timeout_s)
        return {**figures_from(told), "complaints": complaints}

    def stream(self, work, entry, _):
        program = peers.existing(os.path.join(self.programs, entry.pattern))
        told, _ = run_program([program, *work.arguments], dict(os.environ), work.timeout_s)
        return {**stream_figures_from(told), "told": told}

    def strace(self, work, entry, round_number):
        fewer, more = map(counts.system_calls_from, self._two_runs("strace", work, entry, round_number))
        return {"system_calls": counts.each_of(fewer, more, entry.fewer, entry.dials)}

    def callgrind(self, work, entry, round_number):
        profiles = self._two_runs("callgrind", work, entry, round_number)
        fewer, more = map(counts.instructions_from, profiles)
        made = {"instructions": counts.each_of(fewer, more, entry.fewer, entry.dials)}
        if entry.peer == "uvdial":
            made["parts"] = profile.parts_of(*profiles, entry.dials - entry.fewer)
        return made

    def _two_runs(self, tool, work, entry, round_number):
        """What the tool wrote of the run with fewer dials, and of that with more."""
        program = "valgrind" if tool == "callgrind" else tool
        if not servers.find_program(program):
            raise peers.Missing(f"there is no {program} here")
        before, path = counts.counting_command(tool, self.net.folder)
        written = []
        for number in (entry.fewer, entry.dials):
            (told, complaints), _ = self._one(work, entry, round_number, self._dial(entry, number, before))
            if figures_from(told)["failed"]:
                raise Ended("dials failed while it was counted: " + " ".join(complaints.split()[-12:]))
            written.append(counts.take(path))
        return written
