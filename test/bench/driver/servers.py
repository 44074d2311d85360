"""The servers of a run: NSD for DNS at once, bench_world for TCP and for DNS that is slow or loses something."""
import os
import shutil
import socket
import subprocess
import time

ZONE = """$ORIGIN bench.test.
$TTL 60
@ SOA ns.bench.test. root.bench.test. 1 3600 600 86400 60
@ NS ns.bench.test.
ns A 127.0.0.1
v4 A 127.0.0.1
*.v4 A 127.0.0.1
half A 127.0.0.1
"""

# A name server that limits how often one address may ask would make a benchmark of that limit.
CONFIGURATION = """server:
  ip-address: 127.0.0.1
  port: 53
  server-count: 1
  do-ip6: no
  username: ""
  chroot: ""
  zonesdir: "{folder}"
  zonelistfile: "{folder}/zone.list"
  xfrdfile: "{folder}/xfrd.state"
  xfrdir: "{folder}"
  pidfile: "{folder}/nsd.pid"
  logfile: "{folder}/nsd.log"
  database: ""
  receive-buffer-size: 8388608
  send-buffer-size: 8388608
  rrl-ratelimit: 0
remote-control:
  control-enable: yes
  control-interface: "{folder}/nsd.control"
zone:
  name: bench.test
  zonefile: bench.test.zone
"""

QUESTION = bytes.fromhex("1d1a01000001000000000000") + b"\x05ready\x02v4\x05bench\x04test\x00\x00\x01\x00\x01"


class ServerFailed(Exception):
    pass


def find_program(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def _answers(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.1)
        try:
            probe.sendto(QUESTION, ("127.0.0.1", port))
            reply = probe.recv(512)
            return reply[7] == 1  # one record
        except OSError:
            return False


class Nsd:
    """One server process for all works that want DNS at once."""

    def __init__(self, folder, silent_v6):
        self._folder = os.path.join(folder, "nsd")
        os.mkdir(self._folder)
        with open(os.path.join(self._folder, "bench.test.zone"), "w", encoding="ascii") as file:
            file.write(ZONE + (f"half AAAA {silent_v6}\n" if silent_v6 else ""))
        self._configuration = os.path.join(self._folder, "nsd.conf")
        with open(self._configuration, "w", encoding="ascii") as file:
            file.write(CONFIGURATION.format(folder=self._folder))
        self._process = None

    def start(self):
        if self._process:
            return
        self._process = subprocess.Popen(
            [find_program("nsd"), "-d", "-c", self._configuration],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(50):
            if _answers(53):
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.1)
        raise ServerFailed("nsd does not answer: " + self._log())

    def stop(self):
        if not self._process:
            return
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def questions(self):
        """How many it has seen until now; None where its control program does not tell."""
        control = find_program("nsd-control")
        if not control:
            return None
        told = subprocess.run([control, "-c", self._configuration, "stats_noreset"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, check=False)
        for line in told.stdout.splitlines():
            if line.startswith("num.queries="):
                return int(line.partition("=")[2])
        return None

    def _log(self):
        try:
            with open(os.path.join(self._folder, "nsd.log"), encoding="utf-8", errors="replace") as file:
                return " ".join(file.read().split()[-40:])
        except OSError:
            return "no log"


class BenchWorld:
    """One bench_world for one run: `with BenchWorld(...) as world: world.tcp_port`; then world.seen."""

    def __init__(self, program, options):
        self._command = [program, *options]
        self.seen = {}

    def __enter__(self):
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE, text=True)
        ports = self._process.stdout.readline().split()
        if len(ports) != 2:
            raise ServerFailed(self._process.communicate()[1].strip() or "bench_world ended")
        self.dns_port, self.tcp_port = int(ports[0]), int(ports[1])
        return self

    def __exit__(self, *_):
        told, errors = self._process.communicate()  # closes its input, which ends it
        if self._process.returncode != 0:
            raise ServerFailed(errors.strip() or "bench_world ended before its time")
        words = told.split()
        self.seen = {name: int(value) for name, value in zip(words[::2], words[1::2])}
