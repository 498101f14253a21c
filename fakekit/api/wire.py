"""The client's connection, as far as each server underneath lets a fault use it."""

from __future__ import annotations

import errno
import socket
import struct
from typing import Any, NoReturn, Protocol

from fakekit.api.rendering import render_response
from fakekit.unpatched import monotonic, sleep

LINGER_NOT = struct.pack("ii", 1, 0)
"""SO_LINGER with l_onoff 1 and l_linger 0: closing the socket resets the connection."""


LOOK_SECONDS = 0.2
"""How many seconds pass between two looks whether a waiting client is still there."""

_PEEK = socket.MSG_PEEK | getattr(socket, "MSG_DONTWAIT", 0)


def is_disconnected(client: socket.socket) -> bool:
    """Return whether a client has closed its side, so that its response need not be delayed any further.

    Reads nothing from the socket. False when it cannot be known without blocking: under TLS, and where
    there is no MSG_DONTWAIT. Without this, clients that give up (a test of a timeout) would hold a
    thread for as long as the delay.
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
    """One client's connection, as far as the server underneath lets a fault use it."""

    def wait(self, seconds: float) -> None:
        """Block for so many seconds; return earlier when it is seen that the client has disconnected."""

    def write(self, data: bytes) -> None:
        """Send bytes to the client directly, without the server's knowledge."""

    def end(self, reset: bool) -> NoReturn:
        """Close the connection, then raise what the server takes for a client that went away.

        reset: whether by a reset (RST) instead of an orderly end (FIN).
        """


class SocketWire:
    """The connection of a blocking socket, as gunicorn and werkzeug put it into the environment.

    client: the socket.
    """

    def __init__(self, client: socket.socket) -> None:
        self._client = client

    def wait(self, seconds: float) -> None:
        """Sleep for so many seconds, but return at most `LOOK_SECONDS` after the client disconnected."""
        end = monotonic() + seconds
        while (remaining := end - monotonic()) > 0 and not is_disconnected(self._client):
            sleep(min(remaining, LOOK_SECONDS))

    def write(self, data: bytes) -> None:
        """Send bytes to the client; blocks until the socket has taken them all."""
        self._client.sendall(data)

    def end(self, reset: bool) -> NoReturn:
        """Close the socket, by a reset or an orderly end.

        Raises ConnectionResetError, as if the client had done it, so that the server drops the response.
        """
        if reset:
            self._client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        else:
            self._client.shutdown(socket.SHUT_WR)
        self._client.close()
        raise ConnectionResetError(errno.ECONNRESET, "closed by a fault")


class NoWire:
    """The connection of a server that does not hand it to the application: a fault can only wait."""

    def wait(self, seconds: float) -> None:
        """Sleep for the whole time: without access to the connection, a client that leaves is not noticed."""
        sleep(seconds)

    def write(self, data: bytes) -> None:
        """Raise `NoConnectionError`: this server gives no access to the connection."""
        self.end(reset=False)

    def end(self, reset: bool) -> NoReturn:
        """Raise `NoConnectionError`: this server gives no access to the connection."""
        raise NoConnectionError


class NoConnectionError(Exception):
    """A fault needs the client's connection, and the server underneath does not give access to it."""

    def __init__(self) -> None:
        super().__init__("this server gives fakekit no access to the connection; use fakekit serve")


def wire_of(environ: Any) -> Wire:
    """Return the connection of a request, from the WSGI keys that gunicorn and werkzeug set.

    Under any other server it is a `NoWire`, through which a fault can only wait.
    """
    client = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    return SocketWire(client) if client is not None else NoWire()


class ClientLine:
    """A response about to be sent, and its connection: what a fault acts on while the response is sent.

    For servers other than fakekit's own, which sends by the steps of `fakekit.server.delivery`.

    status, headers: as WSGI has them: ``200 OK`` and pairs of name and value.
    payload: the bytes of the body.
    wire: the client's connection.
    head: status line and headers as bytes, to the empty line, with ``Connection: close``.
    """

    def __init__(self, status: str, headers: list[tuple[str, str]], payload: bytes, wire: Wire) -> None:
        self.payload, self._wire = payload, wire
        self.head, _ = render_response(status, headers, payload, closes=True)

    def wait(self, seconds: float) -> None:
        """Block for so many seconds; return earlier when it is seen that the client has disconnected."""
        self._wire.wait(seconds)

    def write(self, data: bytes) -> None:
        """Send bytes to the client directly.

        Raises `NoConnectionError` where the server does not allow it.
        """
        self._wire.write(data)

    def end(self, reset: bool = False) -> NoReturn:
        """Close the connection, by a reset or an orderly end; for faults, and to cut off a rejected request.

        Always raises: ConnectionResetError, as if the client had left, or `NoConnectionError` where the
        server gives no access to the connection.
        """
        self._wire.end(reset)
