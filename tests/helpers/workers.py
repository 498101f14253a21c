"""Servers of several worker processes: which of them has a connection, and clients that may lose theirs."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.helpers.processes import Server, wait_until
from tests.helpers.raw_http import Connection
from tests.helpers.vendor_api import CUSTOMER

LOST = (OSError, AssertionError)
"""What a client meets whose worker is killed."""


class WorkerClient(Connection):
    """One kept connection, which leads to one worker, and requests on it by one key."""

    def __init__(self, port: int, key: str) -> None:
        super().__init__(port)
        self.port, self.key = port, key

    def request(self, method: str, path: str, fields: dict[str, Any] | None = None) -> bytes:
        body = b"" if fields is None else json.dumps(fields).encode()
        head = f"{method} /api/v1/{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.key}\r\n"
        if fields is not None:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return head.encode() + b"\r\n" + body

    def call(self, method: str, path: str, fields: dict[str, Any] | None = None) -> tuple[int, Any]:
        """The status of the answer, and its data."""
        status, _, body = self.ask(self.request(method, path, fields))
        return status, json.loads(body).get("data") if body else None

    def add(self, name: str) -> int:
        """Add a customer; its id."""
        status, data = self.call("POST", "customers/add", {**CUSTOMER, "customer_name": name})
        assert status == 200, data
        return int(data["customer"]["id"])

    def edit(self, key: int, name: str) -> None:
        status, _ = self.call("PUT", f"customers/{key}", {**CUSTOMER, "customer_name": name})
        assert status == 200

    def name_of(self, key: int) -> str | None:
        status, data = self.call("GET", f"customers/{key}")
        return str(data["customer"]["customer_name"]) if status == 200 else None

    def names(self) -> dict[int, str]:
        """All customers."""
        _, data = self.call("GET", "customers")
        return {each["id"]: each["customer_name"] for each in data["customers"]}

    @property
    def address(self) -> tuple[str, int]:
        found: tuple[str, int] = self._socket.getsockname()
        return found


def workers_of(server: Server) -> list[int]:
    """The process ids of its workers."""
    pid = server.process.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def worker_of(client: WorkerClient, server: Server) -> int:
    """The worker that has the other end of a connection; 0 as long as none has accepted it."""
    inode = _inode_of(_in_table(("127.0.0.1", client.port)), _in_table(client.address))
    for pid in workers_of(server):
        if any(_link(file) == f"socket:[{inode}]" for file in Path(f"/proc/{pid}/fd").iterdir()):
            return pid
    return 0


def serving_worker(client: WorkerClient, server: Server) -> int:
    """The worker that has the other end of a connection, once one has accepted it."""
    wait_until(lambda: worker_of(client, server) != 0)
    return worker_of(client, server)


def kill(server: Server, workers: Sequence[int], how: signal.Signals = signal.SIGKILL) -> None:
    """Kill workers, and wait until they are gone: until then, one may still store what it has computed."""
    for pid in workers:
        assert pid > 0  # 0 would be this process and its group
        os.kill(pid, how)
    wait_until(lambda: not set(workers) & set(workers_of(server)))


def _inode_of(local: str, remote: str) -> str:
    """The inode of a connection's socket on one side of it."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        values = line.split()
        if values[1:3] == [local, remote]:
            return values[9]
    return ""


def _in_table(address: tuple[str, int]) -> str:
    """An address as in /proc/net/tcp, where the machine's order of bytes is the little one."""
    return f"{socket.inet_aton(address[0])[::-1].hex().upper()}:{address[1]:04X}"


def _link(file: Path) -> str:
    try:
        return str(file.readlink())
    except OSError:
        return ""


@contextmanager
def client_of_each(server: Server, key: str, count: int = 2) -> Iterator[list[WorkerClient]]:
    """A connection to each of so many workers; who accepts one is a matter of chance."""
    with ExitStack() as stack:
        found: dict[int, WorkerClient] = {}

        def has_all() -> bool:
            client = stack.enter_context(WorkerClient(server.port, key))
            client.name_of(1)
            found.setdefault(worker_of(client, server), client)
            return len(found) == count

        wait_until(has_all)
        yield list(found.values())
