"""Requests that meet a fault, by raw sockets: all that comes, how it ends, and how long that takes."""

from __future__ import annotations

import itertools
import json
import os
import select
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fakekit import Handle
from tests.helpers.processes import PATIENCE, Server, wait_until
from tests.helpers.raw_http import Reply, port_of, send

GARBAGE = b"\x00\x16\x03\xff<!garbage>\xfe\xed\xfa\xce not HTTP\r\n\r\n"
FAILED = b'{"status": 503, "error": "Service Unavailable"}\n'
AMA = (
    b'{"customer_name": "Ama", "customer_phone": "+233200000000", "customer_country": "Ghana", '
    b'"customer_city": "Accra", "customer_state": "Greater Accra", "address1": "1 High Street"}'
)
INVALID = b'{"status": 401, "error": "Unauthorized: Invalid API Key"}\n'

_numbers = itertools.count(1)


def new_key() -> str:
    return f"fk_faults-{os.getpid()}-{next(_numbers)}"


def control(port: int, method: str, path: str, body: object = None) -> Reply:
    data = b"" if body is None else json.dumps(body).encode()
    head = f"{method} /_fakekit/accounts{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nFakekit-Control: 1\r\nConnection: close\r\n"
    if body is not None:
        head += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n"
    return send(port, head.encode() + b"\r\n" + data, method)


def arm(port: int, key: str, fault: Mapping[str, Any]) -> None:
    reply = control(port, "POST", f"/{key}/faults", fault)
    assert reply.status == 201, reply.body


def get(
    where: Server | Handle, key: str, path: str = "customers/1", method: str = "GET", body: object = None
) -> Reply:
    """One request on a connection of its own."""
    port = where.port if isinstance(where, Server) else port_of(where.origin)
    data = b"" if body is None else json.dumps(body).encode()
    head = (
        f"{method} /api/v1/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {key}\r\n"
    )
    if body is not None:
        head += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n"
    return send(port, head.encode() + b"\r\n" + data, method)


@dataclass
class Raw:
    """All that came on a connection, how it ended, and how long that took."""

    data: bytes
    end: str
    seconds: float

    @property
    def head(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[0]

    @property
    def body(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[2]


def raw(
    port: int,
    key: str,
    path: str = "customers/1",
    method: str = "GET",
    body: bytes = b"",
    wait: float = PATIENCE,
) -> Raw:
    """One request on a connection that is kept alive unless the server ends it."""
    began = time.monotonic()
    head = f"{method} /api/v1/{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    data, end = b"", "fin"
    with socket.create_connection(("127.0.0.1", port), timeout=wait) as client:
        client.sendall(head.encode() + b"\r\n" + body)
        try:
            while part := client.recv(65536):
                data += part
        except ConnectionResetError:
            end = "reset"
        except TimeoutError:
            end = "open"
    return Raw(data, end, time.monotonic() - began)


def customer(reply: Reply) -> dict[str, Any]:
    body: Any = reply.json()
    found: dict[str, Any] = body["data"]["customer"]
    return found


class Delayed:
    """Requests that wait, each on a connection of its own, until they are let go."""

    def __init__(self, port: int, key: str, count: int) -> None:
        self.clients: list[socket.socket] = []
        for _ in range(count):
            self.clients.append(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))
            self.clients[-1].sendall(
                f"GET /api/v1/customers/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
            )

    @property
    def answered(self) -> int:
        """How many of them have an answer, or were closed."""
        return len(select.select(self.clients, [], [], 0)[0])

    def heads(self) -> list[bytes]:
        """The beginnings of all answers."""
        return [client.recv(65536) for client in self.clients]

    def close(self) -> None:
        for client in self.clients:
            client.close()

    def __enter__(self) -> Delayed:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def wait_until_asked(port: int, key: str, count: int) -> None:
    wait_until(lambda: len(asked(port, key)) >= count)


def asked(port: int, key: str) -> list[Any]:
    found: Any = control(port, "GET", f"/{key}/requests").json()
    requests: list[Any] = found["requests"]
    return requests
