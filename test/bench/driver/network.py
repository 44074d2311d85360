"""A machine of its own for the benchmark: its own loopback, its own resolv.conf, hosts and nsswitch.conf.

The peers look names up as the system is configured, and ask port 53, which belongs to somebody. So the driver starts
itself again inside a network and a mount namespace, where no port is taken and nothing leads outside, and where files
from a temporary folder lie over those of /etc. The namespaces end with the last process in them.
"""
import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile

INSIDE = "UVDIAL_BENCH_INSIDE"

FILES = {
    "resolv.conf": "nameserver 127.0.0.1\n",
    "hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "nsswitch.conf": "hosts: files dns\n",
}

# Room for what is in flight: a namespace starts with the kernel's own defaults.
SETTINGS = {
    "net/core/somaxconn": "65535",
    "net/ipv4/tcp_max_syn_backlog": "65535",
    "net/ipv4/ip_local_port_range": "2000 65535",
}

OUTER_V4 = "198.51.100.1"  # neither is of the loopback itself, so that the machine looks as if it had both families
SILENT_V6 = "2001:db8::2"

_SIOCGIFFLAGS, _SIOCSIFFLAGS, _SIOCSIFADDR = 0x8913, 0x8914, 0x8916
_IFF_UP = 1


def way_in():
    """The words to put before a command so that it runs in namespaces of its own; none where the system has no way."""
    unshare = shutil.which("unshare")
    if not unshare:
        return None
    words = [unshare, "-n", "-m", "--"] if os.geteuid() == 0 else [unshare, "-U", "-r", "-n", "-m", "--"]
    tried = subprocess.run([*words, "mount", "--bind", "/etc/hosts", "/etc/hosts"], stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, check=False)
    return words if tried.returncode == 0 else None


def is_inside():
    return os.environ.get(INSIDE) == "yes"


def enter(words):
    """Starts this program again inside; comes back only where that is not possible."""
    way = way_in()
    if way is None:
        return
    os.environ[INSIDE] = "yes"
    sys.stdout.flush()
    os.execv(way[0], [*way, sys.executable, "-B", *words])


def _control(family=socket.AF_INET):
    return socket.socket(family, socket.SOCK_DGRAM)


def _bring_up_loopback():
    with _control() as control:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(control, _SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))


def _add_v4(literal):
    with _control() as control:
        address = struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(literal))
        fcntl.ioctl(control, _SIOCSIFADDR, struct.pack("16s16s8x", b"lo:1", address))


def _add_v6(literal):
    with _control(socket.AF_INET6) as control:
        request = struct.pack("16sIi", socket.inet_pton(socket.AF_INET6, literal), 128, socket.if_nametoindex("lo"))
        fcntl.ioctl(control, _SIOCSIFADDR, request)


def _cover_etc(folder):
    for name, text in FILES.items():
        path = os.path.join(folder, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        if os.path.exists("/etc/" + name):  # nsswitch.conf is the business of one C library
            subprocess.run(["mount", "--bind", path, "/etc/" + name], check=True)
    if os.path.isdir("/run/nscd"):  # a cache that would answer in place of the server
        subprocess.run(["mount", "-t", "tmpfs", "none", "/run/nscd"], check=True)


def _change_settings(note):
    for name, value in SETTINGS.items():
        try:
            with open("/proc/sys/" + name, "w", encoding="ascii") as file:
                file.write(value)
        except OSError as failure:
            note(f"{name} stays as it is: {failure.strerror}")


class Network:
    """What the works need to know of the machine: the silent address (None: there is none) and the ports."""

    def __init__(self, folder, note):
        self.folder = folder
        self.silent_v6 = None
        self.is_private = is_inside()
        self.dns_port = 53 if self.is_private else 0
        self.tcp_port = 1000 if self.is_private else 0  # below the ports that the kernel picks
        if not self.is_private:
            self.silent_v6 = "::1" if _has_v6("::1") else None
            return
        _bring_up_loopback()
        _cover_etc(folder)
        _change_settings(note)
        _add_v4(OUTER_V4)
        try:
            _add_v6(SILENT_V6)
            self.silent_v6 = SILENT_V6
        except OSError as failure:
            note(f"no IPv6 on this machine: {failure.strerror}")


def _has_v6(literal):
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind((literal, 0))
        return True
    except OSError:
        return False


def temporary_folder():
    return tempfile.TemporaryDirectory(prefix="uvdial-bench-")


def udp_counts():
    """The kernel's counts of this network's datagrams; {} where it does not tell."""
    try:
        with open("/proc/net/snmp", encoding="ascii") as file:
            names, values = [line.split()[1:] for line in file if line.startswith("Udp:")]
        return {name: int(value) for name, value in zip(names, values)}
    except (OSError, ValueError):
        return {}
