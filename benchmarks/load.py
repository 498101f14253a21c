"""A bounded load on loopback: keep-alive connections, one request under way on each."""

from __future__ import annotations

import selectors
import socket
import time
from dataclasses import dataclass


@dataclass
class Result:
    """Requests per second, and the latencies in milliseconds."""

    rate: float
    p50: float
    p99: float


def load(port: int, connections: int, requests: int, keys: int = 200) -> Result:
    """Ask for customers 10 to 9 + `keys` in turn, `requests` times in all."""
    return load_of(port, connections, requests, [request("GET", f"customers/{10 + n}") for n in range(keys)])


def request(method: str, path: str, body: bytes = b"") -> bytes:
    """The bytes of a request for ``fk_demo``."""
    head = f"{method} /api/v1/{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer fk_demo\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def load_of(port: int, connections: int, requests: int, asked: list[bytes]) -> Result:
    """Send these in turn, `requests` times in all, and count what is answered with 200."""
    keys = len(asked)
    selector = selectors.DefaultSelector()
    took: list[float] = []
    sent = 0
    started = time.perf_counter()
    for _ in range(connections):
        client = socket.create_connection(("127.0.0.1", port), timeout=10)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(client, selectors.EVENT_READ, [time.perf_counter(), b""])
        client.sendall(asked[sent % keys])
        sent += 1
    while len(took) < requests:
        for ready, _ in selector.select(timeout=10):
            client, state = ready.fileobj, ready.data
            assert isinstance(client, socket.socket)
            state[1] += client.recv(65536)
            if not _whole(state[1]):
                continue
            now = time.perf_counter()
            took.append(now - state[0])
            state[0], state[1] = now, b""
            if sent < requests:
                client.sendall(asked[sent % keys])
                sent += 1
    elapsed = time.perf_counter() - started
    for ready in list(selector.get_map().values()):
        assert isinstance(ready.fileobj, socket.socket)
        ready.fileobj.close()
    selector.close()
    took.sort()
    return Result(len(took) / elapsed, took[len(took) // 2] * 1000, took[int(len(took) * 0.99)] * 1000)


def _whole(data: bytes) -> bool:
    head, end, body = data.partition(b"\r\n\r\n")
    if not end:
        return False
    assert head.startswith(b"HTTP/1.1 200"), head[:100]
    length = head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]
    return len(body) >= int(length)
