"""A store in a file of SQLite."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from sqlite3 import connect as open_database
from typing import TypeVar

from fakekit.accounts.state_store import StoreBusyError
from fakekit.errors import Problem
from fakekit.state.connection import DatabaseConnection, SqlValues
from fakekit.state.database import Database
from fakekit.unpatched import Lock, monotonic, sleep, stat_of

T = TypeVar("T")
BUSY_SECONDS = 5.0
"""How long a statement waits for one of another process."""
QUICK_SECONDS = 0.005
"""The same for one that must not wait: about a hundred times as long as a transaction takes."""
RETRY_SECONDS = 0.0002
"""How long it sleeps between two tries.

SQLite's own busy handler sleeps a whole millisecond at least, twenty times as long as a transaction takes.
"""
CHECK_SECONDS = 0.01
"""How long one that must not wait relies on the file being at its path: to look there takes a twentieth of
the time of a remembered response."""
PAGE_BYTES = 1024
"""A commit writes each page that it has changed. With SQLite's default, 4096, it takes a fifth longer."""
CHECKPOINT_PAGES = 16_000
"""After how many pages (16 MB) the write-ahead log is copied into the database, which takes milliseconds."""


class MovedFileError(sqlite3.OperationalError):
    """The file that a connection has open is not at its path any more."""


class SqliteConnection:
    """A connection to a file; see `DatabaseConnection`.

    file: its path.
    connection: the connection of `sqlite3`, with no transaction open.
    writes: held by the thread of this process that writes; others wait for it without polling.
    """

    def __init__(self, file: Path, connection: sqlite3.Connection, writes: Lock) -> None:
        self._file, self._connection, self._writes = file, connection, writes
        cursor = connection.cursor()  # methods of the connection make one each time
        self._execute, self._execute_each = cursor.execute, cursor.executemany
        self._has_writes = False
        self._identity, self._checked_until = _identity(file), 0.0

    def begin(self, waits: bool = True) -> None:
        """Begin a transaction that may write.

        Always IMMEDIATE: one that begins with a read fails when another process wrote before its first write,
        however long it would wait.

        waits: False raises `StoreBusyError` after `QUICK_SECONDS` in which somebody else writes.
        """
        seconds = BUSY_SECONDS if waits else QUICK_SECONDS
        if not self._writes.acquire(timeout=seconds):
            raise sqlite3.OperationalError("database is locked") if waits else StoreBusyError
        self._has_writes = True
        try:
            if waits or monotonic() > self._checked_until:
                self._check_file()
            self._retry_busy("BEGIN IMMEDIATE", (), seconds)
        except sqlite3.OperationalError as error:
            self._release()
            if not waits and _is_busy(error):
                raise StoreBusyError from None
            raise
        except BaseException:
            self._release()
            raise

    def _check_file(self) -> None:
        """Raise `MovedFileError` if the file is not at its path any more."""
        if _identity(self._file) != self._identity:
            raise MovedFileError("the file was removed or replaced")
        self._checked_until = monotonic() + CHECK_SECONDS

    def begin_snapshot(self) -> None:
        """Begin a transaction that only reads, and sees the database as it is at its first query."""
        self.write("BEGIN")

    def commit(self) -> None:
        """Store what was written since `begin`."""
        self._execute("COMMIT")
        self._release()

    def roll_back(self) -> None:
        """Undo what was written since `begin`; do nothing when no transaction is open."""
        try:
            if self._connection.in_transaction:
                self._execute("ROLLBACK")
        finally:
            self._release()

    def execute(self, statement: str, *values: object) -> list[SqlValues]:
        """Run a statement, and return its rows; an empty list for one that returns none."""
        return self._retry_busy(statement, values).fetchall()

    def write(self, statement: str, *values: object) -> int:
        """Run a statement that returns no rows, and return how many it wrote or deleted."""
        return self._retry_busy(statement, values).rowcount

    def execute_each(self, statement: str, values: Iterable[SqlValues]) -> list[list[SqlValues]]:
        """Run a query once with each of these values, within a transaction, and return the rows of each."""
        return [self._execute(statement, each).fetchall() for each in values]

    def write_each(self, statement: str, values: Iterable[SqlValues]) -> None:
        """Run a statement that returns no rows once with each of these values, within a transaction."""
        self._execute_each(statement, values)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _retry_busy(self, statement: str, values: SqlValues, seconds: float = BUSY_SECONDS) -> sqlite3.Cursor:
        """Run a statement, again and again for so many seconds while another process keeps it from that."""
        try:
            return self._execute(statement, values)
        except sqlite3.OperationalError as error:
            if not _is_busy(error):
                raise
        return _retry(lambda: self._execute(statement, values), seconds)

    def _release(self) -> None:
        """Let other threads write, if this one has kept them from it."""
        if self._has_writes:
            self._has_writes = False
            self._writes.release()


class SqliteDatabase(Database):
    """A file of SQLite with a write-ahead log, in which readers never wait.

    A commit is in the page cache of the operating system when it returns: it outlives the death of a process,
    and the last ones may be lost when the machine loses its power (synchronous = NORMAL).

    file: its path.
    """

    is_quick = True
    errors = (sqlite3.Error,)
    options = "WITHOUT ROWID"

    def __init__(self, file: Path) -> None:
        self._file, self._writes = Path.cwd() / file, (os.getpid(), Lock())
        self._version = self._number = 0  # the last ones that this process gave
        super().__init__(str(file))

    def connect(self) -> SqliteConnection:
        """Open a connection. It creates no file, so that one that was removed is noticed."""
        pid, writes = self._writes
        if pid != os.getpid():  # a thread of the other process may have held the lock when it forked
            writes = Lock()
            self._writes = os.getpid(), writes
        connection = open_database(
            f"{self._file.as_uri()}?mode=rw",
            uri=True,
            timeout=0,
            isolation_level=None,  # transactions begin where `SqliteConnection.begin` says so
            check_same_thread=False,
            cached_statements=256,
        )
        try:
            connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")  # of a new file
            modes = _retry(lambda: connection.execute("PRAGMA journal_mode = WAL").fetchall())
            if modes != [("wal",)]:
                raise sqlite3.OperationalError("its file system has no shared memory for a write-ahead log")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        except BaseException:
            connection.close()
            raise
        return SqliteConnection(self._file, connection, writes)

    def describe(self, error: Exception) -> Problem:
        """Return the problem that an error of SQLite stands for."""
        code = getattr(error, "sqlite_errorname", "") or ""
        return Problem(self.location, f"cannot be used: {error}", "", _cure(error, code))

    def is_lost(self, error: Exception) -> bool:
        """Return whether the file was replaced by another, which a new connection opens."""
        return isinstance(error, MovedFileError)

    def has_tables(self, connection: DatabaseConnection) -> bool:
        """Return whether the file has the tables of a store."""
        return bool(connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'fakekit_meta'"))

    def create(self, connection: DatabaseConnection) -> None:
        """Create the table of the last version and the last number."""
        connection.write("CREATE TABLE fakekit_sequence (versions BIGINT NOT NULL, numbers BIGINT NOT NULL)")
        connection.write("INSERT INTO fakekit_sequence VALUES (0, 0)")

    def next_version(self, connection: DatabaseConnection) -> int:
        """Return a version that no account ever had."""
        self._version = self._advance(connection, "versions", self._version, 1)
        return self._version

    def next_numbers(self, connection: DatabaseConnection, count: int) -> list[int]:
        """Return so many ascending numbers for entries of journals, larger than any before."""
        self._number = self._advance(connection, "numbers", self._number, count)
        return list(range(self._number - count + 1, self._number + 1))

    def _advance(self, connection: DatabaseConnection, column: str, known: int, count: int) -> int:
        """Add a number to one of the counters, and return it.

        known: what it was when this process advanced it last: one statement is enough if it still is.
        """
        statement = f"UPDATE fakekit_sequence SET {column} = ? WHERE {column} = ?"  # noqa: S608 (no value)
        if not connection.write(statement, known + count, known):  # another process has advanced it
            known = int(connection.execute(f"SELECT {column} FROM fakekit_sequence")[0][0])  # noqa: S608
            connection.write(statement, known + count, known)
        return known + count

    def last_number(self, connection: DatabaseConnection) -> int:
        """Return the largest number that `next_numbers` returned; 0 before the first one."""
        return int(connection.execute("SELECT numbers FROM fakekit_sequence")[0][0])


_CURES = {
    "SQLITE_FULL": "to a disk with free space (requests are answered again once there is some)",
    "SQLITE_READONLY": "to a file and a folder that this user may write to",
    "SQLITE_CANTOPEN": "to a folder that is there, and that this user may write to",
    "SQLITE_CORRUPT": "the name of a new file, or of a copy from before",
}
"""What to write instead, by the name of an error of SQLite or its beginning."""


def _cure(error: Exception, code: str) -> str:
    """Return what to write instead after an error; empty when nothing better can be said.

    code: SQLite's name of it: ``SQLITE_READONLY_DIRECTORY``.
    """
    if isinstance(error, MovedFileError):
        return "its old name again, or start the server again"
    return next((cure for name, cure in _CURES.items() if code.startswith(name)), "")


def _retry(function: Callable[[], T], seconds: float = BUSY_SECONDS) -> T:
    """Return what a function returns that runs a statement.

    While another process keeps it from that it is called again, for so many seconds. Raises its other errors,
    and the last one.
    """
    deadline = monotonic() + seconds
    while True:
        try:
            return function()
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or monotonic() > deadline:
                raise
        sleep(RETRY_SECONDS)


def _is_busy(error: sqlite3.OperationalError) -> bool:
    """Return whether an error says that another process has locked the database for a moment."""
    code = getattr(error, "sqlite_errorcode", 0)  # those that Python raises have none
    return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _identity(file: Path) -> tuple[int, int] | None:
    """Return what tells a file from another one that took its name; None when there is none."""
    status = stat_of(file)
    return None if status is None else (status.st_dev, status.st_ino)
