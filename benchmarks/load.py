"""A bounded load on loopback: keep-alive connections, one request under way on each, sent by ``wrk``.

wrk is written in C. A client in Python reaches about 15,000 requests/s on one core, less than the servers
that are measured here, and so would measure itself.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).parent / "wrk.lua"
NUMBER = "NNNNNNNN"
"""Is replaced by the number of the request, so that no two requests are the same."""


@dataclass(frozen=True)
class Result:
    """One round of load.

    rate: requests per second. p50, p99: latencies in milliseconds. requests: how many were answered.
    """

    rate: float
    p50: float
    p99: float
    requests: int


def request(method: str, path: str, body: bytes = b"", header: str = "") -> bytes:
    """Return the bytes of a request for ``fk_demo``.

    path: whole, with its prefix. header: a further header line, without its end.
    """
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer fk_demo\r\n"
    if header:
        head += f"{header}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


class Load:
    """A running load; `result` waits for its end.

    requests: are sent in turn. seconds: for how long.
    """

    def __init__(self, port: int, connections: int, requests: Iterable[bytes], seconds: int) -> None:
        if shutil.which("wrk") is None:
            raise SystemExit("wrk is not installed: apt-get install wrk")
        self._file = tempfile.NamedTemporaryFile()  # noqa: SIM115 (closed by `result`)
        self._file.write(b"\0".join(requests))
        self._file.flush()
        options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(SCRIPT)]
        command = ["wrk", *options, f"http://127.0.0.1:{port}", self._file.name]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def result(self) -> Result:
        """Return what was measured. Raises AssertionError when a request was not answered with 2xx."""
        output, _ = self._process.communicate(timeout=60)
        self._file.close()
        found = json.loads(next(line for line in output.splitlines() if line.startswith("{")))
        assert not found["refused"], f"{found['refused']} responses were errors"
        assert not found["lost"], f"{found['lost']} requests were not answered"
        assert found["requests"], "no request was answered"
        return Result(found["requests"] / found["seconds"], found["p50"], found["p99"], found["requests"])


def load(port: int, connections: int, requests: Iterable[bytes], seconds: int) -> Result:
    """Send requests in turn for so many seconds, and return what was measured."""
    return Load(port, connections, requests, seconds).result()


def warm(port: int, connections: int, requests: list[bytes], seconds: int, most: int = 12) -> int:
    """Load a server until two rounds in a row agree within a tenth; return their number, `most` at most."""
    last = 0.0
    for count in range(1, most + 1):
        rate = load(port, connections, requests, seconds).rate
        if abs(rate - last) <= 0.1 * max(rate, last):
            return count
        last = rate
    return most


def spread(values: Iterable[float], form: str = "{:.2f}") -> str:
    """Return the median, and the range behind it."""
    known = sorted(values)
    low, high = form.format(known[0]), form.format(known[-1])
    return f"{form.format(statistics.median(known))} ({low} to {high})"
