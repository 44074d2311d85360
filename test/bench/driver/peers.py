"""Who is compared: how each program is started, and what it is in the eyes of the targets."""
import os
import shutil
from dataclasses import dataclass

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@dataclass(frozen=True)
class Peer:
    name: str
    what: str
    ready_made: bool = False  # what somebody would use who writes no glue of their own
    can_be_told: bool = False  # which DNS server to ask, by BENCH_DNS
    is_native: bool = True  # one thread of machine code: its instructions can be counted


PEERS = {peer.name: peer for peer in [
    Peer("uvdial", "this library", can_be_told=True),
    Peer("cares_paced", "c-ares on libuv by hand, with a window of questions", can_be_told=True),
    Peer("cares_plain", "c-ares on libuv by hand, `ares_getaddrinfo`", can_be_told=True),
    Peer("uv_getaddrinfo", "`uv_getaddrinfo`, then `uv_tcp_connect`", ready_made=True, is_native=False),
    Peer("libevent", "evdns and bufferevent", ready_made=True, can_be_told=True),
    Peer("asio", "standalone Asio", ready_made=True, is_native=False),
    Peer("curl", "libcurl's multi interface, connecting only", ready_made=True, is_native=False),
    Peer("go", "Go's `net.Dialer`", ready_made=True, can_be_told=True, is_native=False),
    Peer("node", "Node's `net.connect`", ready_made=True, is_native=False),
    Peer("node_cares", "Node's `net.connect` with its c-ares", ready_made=True, can_be_told=True, is_native=False),
    Peer("raw_ip", "`uv_tcp_connect` to an address"),
    Peer("floor", "the bare system calls, no loop", can_be_told=True),
]}


class Missing(Exception):
    """Why a peer cannot take part, in one line."""


def existing(path):
    if not os.path.exists(path):
        raise Missing(f"{path} is not built")
    return path


def command_of(name, folder):
    """The words that start a peer, without the arguments that all have in common."""
    if name == "uvdial":
        return [existing(os.path.join(folder, "bench_dial"))]
    if name in ("node", "node_cares"):
        node = shutil.which("node")
        if not node:
            raise Missing("there is no node here")
        return [node, existing(os.path.join(HERE, "peers", "dial.js")), name]
    return [existing(os.path.join(folder, "peers", name))]
