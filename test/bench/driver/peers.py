"""Who is compared: where each program is, and what it is in the eyes of the targets."""
import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    name: str
    what: str
    ready_made: bool = False  # what somebody would use who writes no glue of their own


PEERS = {peer.name: peer for peer in [
    Peer("uvdial", "this library"),
    Peer("cares_paced", "c-ares on libuv by hand, with a window of questions"),
    Peer("cares_plain", "c-ares on libuv by hand, ares_getaddrinfo"),
    Peer("uv_getaddrinfo", "uv_getaddrinfo, then uv_tcp_connect", ready_made=True),
    Peer("libevent", "evdns and bufferevent", ready_made=True),
    Peer("asio", "standalone Asio", ready_made=True),
    Peer("curl", "libcurl's multi interface, connecting only", ready_made=True),
    Peer("go", "Go's net.Dialer", ready_made=True),
    Peer("node", "Node's net.connect", ready_made=True),
    Peer("node_cares", "Node's net.connect with its c-ares", ready_made=True),
    Peer("raw_ip", "uv_tcp_connect to an address"),
    Peer("floor", "the bare system calls, no loop"),
]}


class Missing(Exception):
    """Why a peer cannot take part, in one line."""


def existing(path):
    if not os.path.exists(path):
        raise Missing(f"{os.path.basename(path)} is not built")
    return path


def program_of(name, folder):
    own = os.path.join(folder, "bench_dial")
    return existing(own if name == "uvdial" else os.path.join(folder, "peers", name))
