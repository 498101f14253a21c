"""Connections to a database: what the engines have in common, and the pool that keeps them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from os import getpid
from queue import Empty
from threading import get_ident
from typing import Any, Protocol

from fakekit.unpatched import SimpleQueue

SqlValues = Sequence[Any]
"""The values of a statement's placeholders, or of a row that the database returned."""
MAX_CONNECTIONS = 10
"""How many threads of a process use connections at once. PostgreSQL has 100 for all clients by default."""
POOL_SECONDS = 5.0
"""How long a thread waits for one of them."""


class DatabaseConnection(Protocol):
    """A connection to a database, for one thread at a time. Each method raises the engine's own errors."""

    def begin(self, waits: bool = True) -> None:
        """Begin a transaction that may write.

        waits: False raises `StoreBusyError` rather than to wait for one of somebody else; a server's database
            need not look at it.
        """

    def begin_snapshot(self) -> None:
        """Begin a transaction that only reads, and sees the database as it is at its first query."""

    def commit(self) -> None:
        """Store what was written since `begin`."""

    def roll_back(self) -> None:
        """Undo what was written since `begin`; do nothing when no transaction is open."""

    def execute(self, statement: str, *values: object) -> list[SqlValues]:
        """Run a statement, and return its rows; an empty list for one that returns none."""

    def write(self, statement: str, *values: object) -> int:
        """Run a statement that returns no rows, and return how many it wrote or deleted."""

    def execute_each(self, statement: str, values: Iterable[SqlValues]) -> list[list[SqlValues]]:
        """Run a query once with each of these values, within a transaction, and return the rows of each."""

    def write_each(self, statement: str, values: Iterable[SqlValues]) -> None:
        """Run a statement that returns no rows once with each of these values, within a transaction."""

    def close(self) -> None:
        """Close the connection. Raises nothing."""


class PoolTimeoutError(Exception):
    """All connections were in use for longer than `POOL_SECONDS`."""


class ConnectionPool:
    """The connections of one process to a database, for `MAX_CONNECTIONS` threads at once.

    A thread that has one and takes another, to read while it writes, need not wait for it: the others may be
    waiting for what it writes.

    connect: opens a connection; it raises the engine's own errors.
    """

    def __init__(self, connect: Callable[[], DatabaseConnection]) -> None:
        self._connect, self.pid = connect, getpid()
        self._idle: list[DatabaseConnection] = []
        self._free: SimpleQueue[None] = SimpleQueue()
        for _ in range(MAX_CONNECTIONS):
            self._free.put(None)
        self._held: dict[int, int] = {}  # by thread, how many it uses
        self._is_closed = False

    def take(self) -> tuple[DatabaseConnection, bool]:
        """Return a connection that no other thread uses, and whether it is one that was used before.

        It must be given back by `give` or `discard`. Blocks while all are in use. Raises `PoolTimeoutError`
        and what `connect` raises.
        """
        thread = get_ident()
        held = self._held.get(thread, 0)
        if not held:
            try:
                self._free.get(timeout=POOL_SECONDS)
            except Empty:
                raise PoolTimeoutError from None
        self._held[thread] = held + 1
        self._is_closed = False
        try:
            return self._idle.pop(), True
        except IndexError:
            pass
        try:
            return self._connect(), False
        except BaseException:
            self._release()
            raise

    def give(self, connection: DatabaseConnection) -> None:
        """Take a connection back for later use."""
        if self._is_closed:
            connection.close()
        else:
            self._idle.append(connection)
        self._release()

    def discard(self, connection: DatabaseConnection) -> None:
        """Close a connection that failed, and those that are not in use: they have probably failed, too."""
        connection.close()
        self.close_idle()
        self._release()

    def _release(self) -> None:
        """Let another thread take a connection, if this one has no other."""
        thread = get_ident()
        held = self._held.pop(thread) - 1
        if held:
            self._held[thread] = held
        else:
            self._free.put(None)

    def close_idle(self) -> None:
        """Close the connections that are not in use."""
        while self._idle:
            self._idle.pop().close()

    def close(self) -> None:
        """Close the connections; those in use when they are given back. `take` opens new ones."""
        self._is_closed = True
        self.close_idle()
