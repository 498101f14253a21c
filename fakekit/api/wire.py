"""The client's connection, for faults that need it: what each server underneath lets be done with it."""

from __future__ import annotations

import errno
import socket
import struct
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NoReturn, Protocol

from fakekit.unpatched import monotonic, sleep

WIRE = "fakekit.wire"
"""Where a server of ours leaves the connection in a request's environment."""

LINGER_NOT = struct.pack("ii", 1, 0)
"""SO_LINGER 0: closing the socket resets the connection."""


LOOK_SECONDS = 0.2
"""How often is looked whether a client that is kept waiting is still there."""

_PEEK = socket.MSG_PEEK | getattr(socket, "MSG_DONTWAIT", 0)


def is_disconnected(client: socket.socket) -> bool:
    """Whether a client has closed its side: an answer need not be late for it any more.

    Without this, clients that give up (a test of a timeout) would keep their places in
    `fakekit.api.waiting` for as long as the delay.
    """
    if not hasattr(socket, "MSG_DONTWAIT") and client.gettimeout() != 0:
        return False  # to look would be to wait
    try:
        return client.recv(1, _PEEK) == b""
    except (BlockingIOError, ValueError):  # ValueError: TLS, on which there is no looking
        return False
    except OSError:
        return True


class Wire(Protocol):
    """One client's connection."""

    def wait(self, seconds: float) -> None:
        """Let time pass; ends early when the server does, or the client is gone."""

    def waiting(self) -> AbstractContextManager[object]:
        """While a request waits, somebody else may have its thread's work."""

    def write(self, data: bytes) -> None:
        """Send bytes."""

    def end(self, reset: bool) -> NoReturn:
        """Close it, by raising what the server takes for a client that went away."""


class SocketWire:
    """A blocking socket, as gunicorn and werkzeug put it into the environment."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client

    def wait(self, seconds: float) -> None:
        """Sleep, while the client is there."""
        end = monotonic() + seconds
        while (remaining := end - monotonic()) > 0 and not is_disconnected(self._client):
            sleep(min(remaining, LOOK_SECONDS))

    def waiting(self) -> AbstractContextManager[object]:
        """Nothing to see to: there are threads enough for all that may wait."""
        return nullcontext()

    def write(self, data: bytes) -> None:
        """Send bytes."""
        self._client.sendall(data)

    def end(self, reset: bool) -> NoReturn:
        """Close the socket, and say that the client did."""
        if reset:
            self._client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        else:
            self._client.shutdown(socket.SHUT_WR)
        self._client.close()
        raise ConnectionResetError(errno.ECONNRESET, "closed by a fault")


class NoWire:
    """A server that does not let the app have the connection: all that can be done is to wait."""

    def wait(self, seconds: float) -> None:
        """Sleep."""
        sleep(seconds)

    def waiting(self) -> AbstractContextManager[object]:
        """Nothing is known of its threads."""
        return nullcontext()

    def write(self, data: bytes) -> None:
        """Impossible."""
        self.end(reset=False)

    def end(self, reset: bool) -> NoReturn:
        """Impossible."""
        raise NoConnectionError


class NoConnectionError(Exception):
    """A fault needs the client's connection, and the server underneath does not give it."""

    def __init__(self) -> None:
        super().__init__("this server does not let fakekit have the connection: use fakekit serve")


def wire_of(environ: Any) -> Wire:
    """The connection of a request."""
    wire: Wire | None = environ.get(WIRE)
    if wire is not None:
        return wire
    client = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    return SocketWire(client) if client is not None else NoWire()


class ClientLine:
    """An answer about to go out, and the way it takes: a `fakekit.faults.sending.Line`."""

    def __init__(self, status: str, headers: list[tuple[str, str]], payload: bytes, wire: Wire) -> None:
        self.payload, self._wire = payload, wire
        lines = [f"HTTP/1.1 {status}", *(f"{n}: {v}" for n, v in headers), "Connection: close"]
        self.head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self._wire.wait(seconds)

    def write(self, data: bytes) -> None:
        """Send bytes."""
        self._wire.write(data)

    def end(self, reset: bool = False) -> NoReturn:
        """Close the connection."""
        self._wire.end(reset)
