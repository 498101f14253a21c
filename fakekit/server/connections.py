"""The listening sockets of a server, and the connections that are open on them."""

from __future__ import annotations

import asyncio
import errno
import heapq
import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from fakekit.log import log
from fakekit.server.descriptors import max_connections
from fakekit.server.listening import Listener

if TYPE_CHECKING:
    from fakekit.server.http_protocol import HttpProtocol

EXPIRY_SECONDS = 1.0
"""How often deadlines are looked at."""
ACCEPTED_AT_ONCE = 64
"""How many connections are accepted before those that are open have their turn.

Where several processes accept on a socket it is one, so that those that come together are shared out.
"""
PAUSE_SECONDS = 0.05
"""How long accepting pauses when a connection could not be accepted."""
CLOSED_AT_ONCE = 64
"""How many idle connections are closed when there are too many."""
WARNING_SECONDS = 60.0
"""How often the log says that there are no descriptors left."""
CLOSING_TURNS = 100
"""How many turns of the loop closing may take; a connection that was just accepted takes three."""

_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class Connections:
    """Accepts the connections of a server and closes those whose time is up. Used by the loop's thread only.

    Not asyncio's `create_server`: a connection that it has accepted when it is closed is left open for ever
    (CPython issue 109564), and where descriptors run out it pauses for a second.

    make_protocol: returns what answers a new connection on a listener.
    accepted_at_once: see `ACCEPTED_AT_ONCE`.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        make_protocol: Callable[[Listener], asyncio.Protocol],
        accepted_at_once: int = ACCEPTED_AT_ONCE,
    ) -> None:
        self._loop, self._make_protocol, self._accepted_at_once = loop, make_protocol, accepted_at_once
        self._listeners: set[Listener] = set()
        self._open: set[HttpProtocol] = set()
        self._accept_tasks: set[asyncio.Task[object]] = set()
        self._limit = max_connections()
        self._next_warning = 0.0

    # Listening sockets.

    def accept_on(self, listener: Listener) -> None:
        """Begin to accept connections on a socket; nothing happens if it is closed already."""
        if listener.sock.fileno() >= 0:
            self._listeners.add(listener)
            listener.sock.setblocking(False)
            self._loop.add_reader(listener.sock, self._accept, listener)

    def close_listener(self, listener: Listener) -> None:
        """Close a listening socket and every connection on it."""
        self._close(listener)
        for connection in [c for c in self._open if c.listener is listener]:
            connection.abort()

    def close_listeners(self) -> None:
        """Close every listening socket; the connections stay open."""
        for listener in list(self._listeners):
            self._close(listener)

    def _close(self, listener: Listener) -> None:
        """Close a listening socket; nothing happens if nobody listens on it any more."""
        if listener in self._listeners:
            self._listeners.remove(listener)
            self._loop.remove_reader(listener.sock)
            listener.sock.close()

    def _accept(self, listener: Listener) -> None:
        """Accept connections that wait on a socket, as many as there may be at once; the loop calls it.

        Where one cannot be accepted, as descriptors have run out, accepting pauses.
        """
        for _ in range(self._accepted_at_once):
            try:
                sock, _address = listener.sock.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                self._pause(listener, error)
                return
            sock.setblocking(False)
            make_protocol = partial(self._make_protocol, listener)
            task = self._loop.create_task(self._loop.connect_accepted_socket(make_protocol, sock))
            self._accept_tasks.add(task)
            task.add_done_callback(self._accept_tasks.discard)

    def _pause(self, listener: Listener, error: OSError) -> None:
        """Accept again after `PAUSE_SECONDS`; where descriptors have run out, close what is idle.

        Also logs a warning, at most every `WARNING_SECONDS`.
        """
        self._loop.remove_reader(listener.sock)
        self._loop.call_later(PAUSE_SECONDS, self._resume, listener)
        if error.errno in _EXHAUSTED:
            self._close_idle()
        if self._loop.time() >= self._next_warning:
            self._next_warning = self._loop.time() + WARNING_SECONDS
            log(logging.WARNING, "no descriptors are left for new connections; idle ones are closed")

    def _resume(self, listener: Listener) -> None:
        """Go on accepting after `_pause`, unless the socket was closed meanwhile."""
        if listener in self._listeners:
            self._loop.add_reader(listener.sock, self._accept, listener)

    # Connections.

    def add(self, connection: HttpProtocol) -> None:
        """Take in a new connection; where there are too many, idle ones are closed for it."""
        if len(self._open) >= self._limit:
            self._close_idle()
        self._open.add(connection)

    def discard(self, connection: HttpProtocol) -> None:
        """Forget a connection that is closed."""
        self._open.discard(connection)

    def _close_idle(self) -> None:
        """Make room: close, at once, up to `CLOSED_AT_ONCE` connections on which nothing is answered.

        The least recently used are first, those with half a request last.
        """
        idle = (c for c in self._open if not c.is_active)
        for connection in heapq.nsmallest(CLOSED_AT_ONCE, idle, key=lambda c: (c.is_reading, c.deadline)):
            self._open.discard(connection)
            connection.abort()

    def close_expired(self) -> None:
        """Call `expire` of the connections whose deadline has passed, now and every `EXPIRY_SECONDS`."""
        now = self._loop.time()
        for connection in [c for c in self._open if c.deadline < now]:
            connection.expire()
        self._loop.call_later(EXPIRY_SECONDS, self.close_expired)

    def close_idle(self) -> bool:
        """Close every connection that is not busy; return whether others are, or have still to be sent to.

        For a server that stops; `_close_idle` makes room in one that goes on.
        """
        for connection in [c for c in self._open if not c.is_active]:
            connection.close()
        return any(c.is_active or c.has_unsent for c in self._open)

    def close_all(self) -> None:
        """Close everything at once, also connections that were only just accepted. Runs the loop for that."""
        self.close_listeners()
        for _ in range(CLOSING_TURNS):
            for connection in list(self._open):
                connection.abort()
            self._loop.call_soon(self._loop.stop)
            self._loop.run_forever()  # callbacks close the connections
            if not self._open and not self._accept_tasks:
                return
