"""The client's connection, as far as each server underneath lets a fault use it."""

from __future__ import annotations

import errno
import socket
import struct
from typing import TYPE_CHECKING, NoReturn

from fakekit.api.rendering import render_response
from fakekit.unpatched import monotonic, sleep

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

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


class NoConnectionError(Exception):
    """A fault needs the client's connection, and the server underneath does not give access to it."""

    def __init__(self) -> None:
        super().__init__("this server gives fakekit no access to the connection; use fakekit serve")


def client_socket(environ: WSGIEnvironment) -> socket.socket | None:
    """Return the blocking socket of a request's client, which gunicorn and werkzeug put into the environment.

    None under any other server.
    """
    return environ.get("gunicorn.socket") or environ.get("werkzeug.socket")


class ClientLine:
    """A response about to be sent, and its connection: what a fault acts on while the response is sent.

    For servers other than fakekit's own, which sends by the steps of `fakekit.server.delivery`.

    status, headers: as WSGI has them: ``200 OK`` and pairs of name and value.
    payload: the bytes of the body.
    client: the socket of the client; None where the server does not hand it to the application, so that a
        fault can only wait.
    head: status line and headers as bytes, to the empty line, with ``Connection: close``.
    """

    def __init__(
        self, status: str, headers: list[tuple[str, str]], payload: bytes, client: socket.socket | None
    ) -> None:
        self.payload, self._client = payload, client
        self.head = render_response(status, headers, payload, closes=True).head

    def wait(self, seconds: float) -> None:
        """Block for so many seconds; return at most `LOOK_SECONDS` after it is seen that the client left."""
        end, client = monotonic() + seconds, self._client
        while (remaining := end - monotonic()) > 0 and not (client is not None and is_disconnected(client)):
            sleep(min(remaining, LOOK_SECONDS))

    def write(self, data: bytes) -> None:
        """Send bytes to the client directly; blocks until the socket has taken them all.

        Raises `NoConnectionError` where the server gives no access to the connection.
        """
        self._connected_client().sendall(data)

    def end(self, reset: bool = False) -> NoReturn:
        """Close the connection; for faults, and to cut off a rejected request.

        reset: whether by a reset (RST) instead of an orderly end (FIN).

        Always raises: ConnectionResetError, as if the client had left, so that the server drops the response,
        or `NoConnectionError` where the server gives no access to the connection.
        """
        client = self._connected_client()
        if reset:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        else:
            client.shutdown(socket.SHUT_WR)
        client.close()
        raise ConnectionResetError(errno.ECONNRESET, "closed by a fault")

    def _connected_client(self) -> socket.socket:
        """Return the client's socket; raises `NoConnectionError` where the server gives no access to it."""
        if self._client is None:
            raise NoConnectionError
        return self._client
