"""What calls for the real service must not reach: a resolver and a listener, below everything of fakekit's.

A pytest plugin for the runs that pytester makes. Loaded before fakekit's, it answers the vendor's names with the
address of its listener, so that no query is ever made; at the end it prints what reached it. The listener is also a
proxy that grants every tunnel.
"""

from __future__ import annotations

import _socket
import contextlib
import socket
import threading
from typing import Any

ASKED: list[str] = []
HEARD: list[str] = []
FOUND: list[Any] = []
LISTENER = socket.create_server(("127.0.0.1", 0))
PORT = LISTENER.getsockname()[1]
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


def answer_with(port: int) -> None:
    """Let the vendor's names be at another port of this machine from now on."""
    FOUND[:] = [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", port))]


def _trap(original: Any, answer: Any) -> Any:
    def resolver(host: Any, *rest: Any) -> Any:
        if "xtrakit" not in str(host).lower():
            return original(host, *rest)
        ASKED.append(str(host))
        return answer

    return resolver


def _connect(self: socket.socket, address: Any) -> None:
    if isinstance(address, tuple) and "xtrakit" in str(address[0]).lower():
        ASKED.append(str(address[0]))
        address = ("127.0.0.1", PORT)
    _socket.socket.connect(self, address)


def _hear(client: socket.socket) -> None:
    with client, contextlib.suppress(OSError):
        while data := client.recv(65536):
            line = data.decode("latin-1").split("\r\n")[0].partition(" HTTP/1.")[0]
            told = "TLS" if line.startswith("\x16") else line
            HEARD.append(told + (" with the key" if b"REAL" in data else ""))
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n" if data.startswith(b"CONNECT") else ANSWER)


def _listen() -> None:
    while True:
        client, _ = LISTENER.accept()
        threading.Thread(target=_hear, args=(client,), daemon=True).start()


answer_with(PORT)
setattr(_socket, "getaddrinfo", _trap(_socket.getaddrinfo, FOUND))  # noqa: B010 (its types admit no change)
setattr(socket.socket, "connect", _connect)  # noqa: B010
socket.gethostbyname = _trap(socket.gethostbyname, "127.0.0.1")
threading.Thread(target=_listen, daemon=True).start()


def pytest_unconfigure() -> None:
    print("ASKED", ASKED, "HEARD", HEARD, flush=True)
