"""A client of the stream of an account's requests, by raw socket."""

from __future__ import annotations

import json
import re
import socket
from typing import Any

from tests.helpers.processes import PATIENCE
from tests.helpers.raw_http import receive


class StreamClient:
    """One connection on which a stream is read; `head` has status line and headers, `chunks` counts writes."""

    def __init__(
        self, port: int, path: str = "fk_a/stream", headers: str = "", version: str = "1.1", buffer: int = 0
    ) -> None:
        self.socket = socket.socket()
        self.socket.settimeout(PATIENCE)
        if buffer:  # of what the kernel takes for a client that does not read
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.connect(("127.0.0.1", port))
        lines = f"Host: 127.0.0.1:{port}\r\nFakekit-Control: 1\r\n{headers}"
        self.socket.sendall(f"GET /_fakekit/accounts/{path} HTTP/{version}\r\n{lines}\r\n".encode())
        self._is_chunked, self._came, self.chunks, self.has_ended = version == "1.1", b"", 0, False
        while b"\r\n\r\n" not in self._came:
            self._came += receive(self.socket)
        head, _, self._came = self._came.partition(b"\r\n\r\n")
        self.head = head.decode()
        self.text = ""

    def read_part(self) -> str:
        """What the server wrote at once; empty at the orderly end of the stream."""
        if not self._is_chunked:
            part, self._came = self._came, b""
            return (part or self.socket.recv(65536)).decode()
        while not (match := re.match(rb"([0-9a-f]+)\r\n", self._came)) or len(self._came) < (
            match.end() + int(match[1], 16) + 2
        ):
            self._came += receive(self.socket)
        end = match.end() + int(match[1], 16)
        part, self._came = self._came[match.end() : end], self._came[end + 2 :]
        self.chunks += 1
        return part.decode()

    def read_until(self, text: str) -> str:
        """All that came since the last call, up to a part with this text."""
        came = ""
        while text not in came:
            part = self.read_part()
            assert part, "the stream ended"
            came += part
        return came

    def read_to_end(self) -> str:
        """All that comes until the orderly end of the stream."""
        came = ""
        while part := self.read_part():
            came += part
        return came

    def __enter__(self) -> StreamClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()


def ids(text: str) -> list[int]:
    """The ids of the events in what a stream sent."""
    return [int(number) for number in re.findall(r"^id: (\d+)$", text, re.M)]


def data(text: str) -> list[Any]:
    """The data of the events in what a stream sent, parsed."""
    return [json.loads(line) for line in re.findall(r"^data: (.*)$", text, re.M)]
