"""A database that a store is in: its transactions, its failures, and what each engine does in its own way."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from os import getpid
from typing import TypeVar

from fakekit.accounts.state_store import StoreBusyError
from fakekit.errors import Problem, StateError
from fakekit.log import log
from fakekit.state.connection import (
    MAX_CONNECTIONS,
    POOL_SECONDS,
    ConnectionPool,
    DatabaseConnection,
    PoolTimeoutError,
    SqlValues,
)

T = TypeVar("T")


class DeadlockError(StateError):
    """Two transactions waited for each other; the database has ended this one, which can be tried again."""


class Database(ABC):
    """A database, with the connections of this process to it. Any method may be called from any thread.

    A process that was forked opens connections of its own. The first failure of several is logged, and so is
    that the database can be used again. On a full disk, it can still be read: that is no end of the failure.

    location: where it is, for messages; without a password.
    is_quick: whether a statement takes microseconds.
    is_open: whether it was checked that it has the tables of a store. Failures before that are not logged, as
        they end the program.
    errors: the classes of the errors that its connections raise.
    row_lock: what stands behind a query whose rows nobody else may write until the transaction ends.
    unlocked_rows: the same, for a query that leaves out the rows that somebody else has locked.
    text, options: see `fakekit.state.statements.TABLES`.
    """

    is_quick = False
    errors: tuple[type[Exception], ...]
    row_lock = unlocked_rows = ""
    text = "TEXT"
    options = ""

    def __init__(self, location: str) -> None:
        self.location = location
        self._pool = ConnectionPool(self.connect)
        self._inherited: list[ConnectionPool] = []
        self.is_open, self._reads_fail, self._writes_fail = False, False, False

    @abstractmethod
    def connect(self) -> DatabaseConnection:
        """Open a connection. Raises one of `errors`."""

    @abstractmethod
    def describe(self, error: Exception) -> Problem:
        """Return the problem that an error of a connection stands for, without a password in it."""

    @abstractmethod
    def is_lost(self, error: Exception) -> bool:
        """Return whether an error says that the connection has ended, so that a new one may work."""

    def is_deadlock(self, error: Exception) -> bool:
        """Return whether an error says that two transactions waited for each other, and this one ended."""
        return False

    @abstractmethod
    def has_tables(self, connection: DatabaseConnection) -> bool:
        """Return whether the database has the tables of a store."""

    @abstractmethod
    def create(self, connection: DatabaseConnection) -> None:
        """Create what the engine needs beside the tables of `fakekit.state.statements`."""

    @abstractmethod
    def next_version(self, connection: DatabaseConnection) -> int:
        """Return a version that no account ever had."""

    @abstractmethod
    def next_numbers(self, connection: DatabaseConnection, count: int) -> list[int]:
        """Return so many ascending numbers for entries of journals, larger than any before."""

    @abstractmethod
    def last_number(self, connection: DatabaseConnection) -> int:
        """Return the largest number that `next_numbers` returned; 0 before the first one."""

    def run(self, function: Callable[[DatabaseConnection], T]) -> T:
        """Return what a function returns that only reads from a connection.

        It is called a second time when the connection turns out to have ended. Raises `StateError`.
        """
        while True:
            pool, connection, is_used = self._take(writes=False)
            try:
                result = function(connection)
            except self.errors as error:
                pool.discard(connection)
                if is_used and self.is_lost(error):
                    continue
                raise self.failure(error, writes=False) from None
            except BaseException:
                pool.discard(connection)
                raise
            pool.give(connection)
            if self._reads_fail:
                self._end_failure(writes=False)
            return result

    def read(self, statement: str, *values: object) -> list[SqlValues]:
        """Return the rows of a query. Raises `StateError`."""
        return self.run(lambda connection: connection.execute(statement, *values))

    def snapshot(self, function: Callable[[DatabaseConnection], T]) -> T:
        """Return what a function returns that reads several times from a connection, as of one moment.

        Raises `StateError`.
        """

        def read(connection: DatabaseConnection) -> T:
            connection.begin_snapshot()
            result = function(connection)
            connection.commit()
            return result

        return self.run(read)

    def transaction(self, waits: bool = True) -> AbstractContextManager[DatabaseConnection]:
        """Return a context manager with a connection; what the block writes is stored when it ends.

        When the block raises, nothing is stored. Raises `StateError`, and `StoreBusyError` for one that must
        not wait (see `DatabaseConnection.begin`).
        """
        return _Transaction(self, waits)

    def close_idle(self) -> None:
        """Close the connections that are not in use, for a process that is about to fork."""
        self._pool.close_idle()

    def close(self) -> None:
        """Close every connection of this process; those in use when their transaction ends."""
        self._pool.close()

    def failure(self, error: Exception, writes: bool) -> StateError:
        """Return the error for users that stands for one of the engine's.

        It is logged, unless the call before failed, too, or it is a `DeadlockError`.

        writes: whether it was to write.
        """
        if self.is_deadlock(error):
            return DeadlockError(self.describe(error))
        result = StateError(self.describe(error))
        if self.is_open and not (self._reads_fail or self._writes_fail):
            log(logging.ERROR, "%s", result)
        self._reads_fail, self._writes_fail = self._reads_fail or not writes, self._writes_fail or writes
        return result

    def note_written(self) -> None:
        """Log that the database can be used again, if the last write or read before this write failed."""
        if self._writes_fail or self._reads_fail:
            self._end_failure(writes=True)

    def _end_failure(self, writes: bool) -> None:
        """Note that a read or a write did not fail, and log that both can be done again, if so."""
        self._reads_fail, self._writes_fail = False, self._writes_fail and not writes
        if not self._writes_fail and self.is_open:
            log(logging.WARNING, "%s: can be used again", self.location)

    def _take(self, writes: bool) -> tuple[ConnectionPool, DatabaseConnection, bool]:
        """Return the pool of this process, a connection, and whether it was used before. Raises `StateError`.

        A pool of the process that this one was forked from stays as it is: to close a connection would end
        it for that process, too.
        """
        if self._pool.pid != getpid():
            self._inherited.append(self._pool)
            self._pool = ConnectionPool(self.connect)
        pool = self._pool
        try:
            return pool, *pool.take()
        except PoolTimeoutError:
            description = f"{MAX_CONNECTIONS} other requests have used it for {POOL_SECONDS:g} seconds"
            raise StateError(Problem(self.location, description)) from None
        except self.errors as error:
            raise self.failure(error, writes) from None

    def begin(self, waits: bool) -> tuple[ConnectionPool, DatabaseConnection]:
        """Return a pool, and a connection of it with a new transaction; see `transaction`."""
        while True:
            pool, connection, is_used = self._take(writes=True)
            try:
                connection.begin(waits)
            except StoreBusyError:
                pool.give(connection)
                raise
            except self.errors as error:
                pool.discard(connection)
                if is_used and self.is_lost(error):
                    continue
                raise self.failure(error, writes=True) from None
            except BaseException:
                pool.discard(connection)
                raise
            return pool, connection


class _Transaction:
    """The context manager of `Database.transaction`."""

    def __init__(self, database: Database, waits: bool) -> None:
        self._database, self._waits = database, waits

    def __enter__(self) -> DatabaseConnection:
        self._pool, self._connection = self._database.begin(self._waits)
        return self._connection

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        database = self._database
        if error is None:
            try:
                self._connection.commit()
            except database.errors as failed:
                self._undo()
                raise database.failure(failed, writes=True) from None
            except BaseException:  # such as the time limit of a test
                self._undo()
                raise
            self._pool.give(self._connection)
            database.note_written()
            return
        self._undo()
        if isinstance(error, database.errors):
            raise database.failure(error, writes=True) from None

    def _undo(self) -> None:
        """Undo the transaction; close the connection if that fails."""
        try:
            self._connection.roll_back()
        except self._database.errors:
            self._pool.discard(self._connection)
        else:
            self._pool.give(self._connection)
