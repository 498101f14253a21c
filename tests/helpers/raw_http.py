"""Requests and responses by raw sockets, so that no client tidies them up."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from tests.helpers.processes import PATIENCE


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> object:
        return json.loads(self.body)

    @property
    def note(self) -> str:
        return self.headers.get("fakekit-note", "")


def port_of(origin: str) -> int:
    return int(origin.rpartition(":")[2])


def send(port: int, data: bytes, method: str = "GET", timeout: float = PATIENCE) -> Reply:
    """What comes back for exactly these bytes. `method` only says whether a body is to be expected."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as client:
        client.sendall(data)
        # A response that is not closed keeps its connection open, whose warning would fail whichever test comes next.
        with contextlib.closing(http.client.HTTPResponse(client, method=method)) as answer:
            answer.begin()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, headers, answer.read())


def ask(
    port: int,
    path: str | bytes,
    authorization: bytes | None = b"Bearer fk_demo",
    method: str = "GET",
    extra: bytes = b"",
) -> Reply:
    """One request, by raw socket, so that no client tidies it up."""
    target = path.encode() if isinstance(path, str) else path
    lines = method.encode() + b" " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    if authorization is not None:
        lines += b"Authorization: " + authorization + b"\r\n"
    return send(port, lines + extra + b"\r\n", method)


AUTH = b"Host: x\r\nAuthorization: Bearer fk_http\r\n"


def get(
    target: bytes = b"/api/v1/customers/1",
    headers: bytes = b"",
    version: bytes = b"1.1",
    method: bytes = b"GET",
    first: bytes = AUTH,
) -> bytes:
    return method + b" " + target + b" HTTP/" + version + b"\r\n" + first + headers + b"\r\n"


def receive(client: socket.socket) -> bytes:
    """What comes next. Raises ConnectionError where nothing more does, since a loop would ask for it for ever."""
    data = client.recv(65536)
    if not data:
        raise ConnectionError("the other side has ended the connection")
    return data


def read_all(client: socket.socket) -> bytes:
    """Everything until the server ends its side, in whichever way."""
    came = b""
    with suppress(ConnectionResetError):
        while data := client.recv(65536):
            came += data
    return came


def exchange(port: int, *parts: bytes, half: bool = False, wait: float = 0.01) -> bytes:
    """Send the parts one after the other, and return all that comes until the server closes.

    half: whether the client ends its side behind the last part.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(ConnectionResetError, BrokenPipeError):
            for number, part in enumerate(parts):
                if number:
                    time.sleep(wait)
                client.sendall(part)
            if half:
                client.shutdown(socket.SHUT_WR)
        return read_all(client)


def statuses(came: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", came)]


Headers = list[tuple[str, str]]


class Connection:
    """A kept-alive connection; each response is read whole before the next request is sent."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._came = b""

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def read(self) -> tuple[int, Headers, bytes]:
        """The next response: status, headers in order, body."""
        while b"\r\n\r\n" not in self._came:
            self._read_more()
        head, _, self._came = self._came.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers: Headers = [(line.partition(": ")[0], line.partition(": ")[2]) for line in lines]
        size = int(dict(headers).get("Content-Length", "0"))
        while len(self._came) < size:
            self._read_more()
        body, self._came = self._came[:size], self._came[size:]
        return int(first.split(" ")[1]), headers, body

    def ask(self, data: bytes) -> tuple[int, Headers, bytes]:
        self.send(data)
        return self.read()

    def _read_more(self) -> None:
        self._came += receive(self._socket)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
