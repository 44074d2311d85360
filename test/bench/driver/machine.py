"""What a reader of figures wants to know of the machine and of the versions."""
import os
import platform
import re
import subprocess

from . import servers


def first_line(*command):
    try:
        told = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=10,
                              check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = told.stdout.strip().splitlines()
    return lines[0] if lines and told.returncode == 0 else None


def _from_file(path, pattern):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            found = re.search(pattern, file.read(), re.MULTILINE)
        return found.group(1) if found else None
    except OSError:
        return None


def _asio():
    found = _from_file("/usr/include/asio/version.hpp", r"#define ASIO_VERSION (\d+)")
    if not found:
        return None
    number = int(found)  # two decimal places for each of the last two parts
    return f"{number // 100_000}.{number // 100 % 1000}.{number % 100}"


def _own_commit():
    here = os.path.dirname(os.path.abspath(__file__))
    commit = first_line("git", "-C", here, "rev-parse", "--short", "HEAD")
    if not commit:
        return None
    changed = first_line("git", "-C", here, "status", "--porcelain", "--untracked-files=no")
    return commit + (" and changes" if changed else "")


def _library(name):
    return first_line("pkg-config", "--modversion", name)


def versions():
    nsd = servers.find_program("nsd")
    go = first_line("go", "version")
    known = {
        "uvdial": _own_commit(),
        "libuv": _library("libuv"),
        "c-ares": _library("libcares"),
        "libevent": _library("libevent"),
        "asio": _asio(),
        "libcurl": _library("libcurl"),
        "go": go.split()[2].replace("go", "", 1) if go and len(go.split()) > 2 else None,
        "node": first_line("node", "--version"),
        "node's c-ares": first_line("node", "-p", "process.versions.ares"),
        "nsd": (first_line(nsd, "-v") or "").replace("NSD version ", "") if nsd else None,
        "compiler": first_line(os.environ.get("CXX", "c++"), "--version"),
        "libc": " ".join(platform.libc_ver()).strip(),
    }
    return {name: version for name, version in known.items() if version}


def facts():
    return {
        "cpu": _from_file("/proc/cpuinfo", r"^model name\s*: (.+)$") or platform.machine(),
        "cpus": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_kb": int(_from_file("/proc/meminfo", r"^MemTotal:\s+(\d+)") or 0),
        "kernel": f"{platform.system()} {platform.release()}",
        "system": _from_file("/etc/os-release", r'^PRETTY_NAME="?([^"\n]+)'),
        "load_before": os.getloadavg()[0],
        "versions": versions(),
    }


def in_words(machine):
    """One line, for a page."""
    versions_told = ", ".join(f"{name} {version}" for name, version in machine["versions"].items()
                              if name not in ("uvdial", "compiler"))
    return (f"{machine['cpu']}, {machine['cpus']} processors, {machine['kernel']}, {machine['system']}; "
            f"{versions_told}; {machine['versions'].get('compiler', 'compiler not known')}. "
            f"Load before the run: {machine['load_before']:.2f}.")
