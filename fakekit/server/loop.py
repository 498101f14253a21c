"""An event loop that nothing a test replaces can hold still."""

from __future__ import annotations

import _socket
import asyncio
from socket import socketpair
from typing import Any

from fakekit.unpatched import DefaultSelector, Socket, monotonic


class ServerLoop(asyncio.SelectorEventLoop):
    """asyncio's loop with the clock and the sockets that Python came with.

    Made by the server itself and never by the event loop policy, which a suite may have replaced.
    """

    def __init__(self) -> None:
        super().__init__(DefaultSelector())

    def time(self) -> float:
        """Return the time that timers are measured by.

        asyncio's own asks ``time.monotonic``, under which no timer fires while freezegun holds it still.
        """
        return monotonic()

    @property
    def has_more_callbacks(self) -> bool:
        """Whether the loop has more to call in this turn, before it looks for further events."""
        return bool(self._ready)  # type: ignore[attr-defined]  # asyncio's queue of the turn

    def _make_self_pipe(self) -> None:
        """Make the pair of sockets by which other threads wake the loop up.

        asyncio's own are of whatever class stands for `socket.socket` when the loop is made: under
        pytest-socket making them raises.
        """
        pair = _socket_pair()
        for end in pair:
            end.setblocking(False)
        self._ssock, self._csock = pair
        self._internal_fds = getattr(self, "_internal_fds", 0) + 1
        self._add_reader(self._ssock.fileno(), self._read_from_self)  # type: ignore[attr-defined]


def _socket_pair() -> tuple[Any, Any]:
    """Return two connected sockets of the class that Python came with."""
    if not hasattr(_socket, "socketpair"):  # Windows makes the pair of two connections
        return socketpair()
    pair = _socket.socketpair()
    first, second = (Socket(end.family, end.type, end.proto, fileno=end.detach()) for end in pair)
    return first, second
