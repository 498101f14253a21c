"""A store in a database of PostgreSQL, which several machines share. Needs psycopg."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

from fakekit.errors import HIDDEN, Problem, SettingsError
from fakekit.settings.state_location import StateLocation
from fakekit.state.connection import DatabaseConnection, SqlValues
from fakekit.state.database import Database
from fakekit.state.statements import psycopg_form
from fakekit.unpatched import monotonic

CONNECT_SECONDS = 2
STATEMENT_SECONDS = 5
"""After so long the server ends a statement, which may wait for one of another process; if nobody set it."""
ANSWER_SECONDS = 6.0
"""After so long without an answer a connection is closed: its network is gone, or the server stands still."""
IDLE_SECONDS = 10
"""After so long the server ends a transaction of a process that stands still: others wait for it."""

DEFAULTS = {
    "connect_timeout": CONNECT_SECONDS,
    "client_encoding": "UTF8",
    "fallback_application_name": "fakekit",
    "keepalives_idle": 5,
    "keepalives_interval": 1,
    "keepalives_count": 5,
}
"""The parameters of a connection, where the URL has no others (PostgreSQL 17, 34.1.2)."""
_SESSION = f"""\
SELECT CASE current_setting('statement_timeout') WHEN '0'
THEN set_config('statement_timeout', '{STATEMENT_SECONDS}s', false) END,
set_config('idle_in_transaction_session_timeout', '{IDLE_SECONDS}s', false),
CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
THEN set_config('synchronous_commit', 'on', false) END"""
# synchronous_commit = off lost 28 to 40 writes that had been answered, each time that a server was killed.

_CREATION_LOCK = 0x66616B65
"""The advisory lock that is held while the tables are looked for and created."""
_SEQUENCES = ("fakekit_versions", "fakekit_numbers")
_CONNECTION_LOST = ("08", "57P01", "57P02", "57P03", "25P03")
"""What the SQLSTATE of an error begins with that ends a connection: PostgreSQL 17, appendix A."""


class NoAnswerError(psycopg.OperationalError):
    """The server has not answered for `ANSWER_SECONDS`."""


class _PostgresSession(psycopg.Connection[TupleRow]):
    """A connection of psycopg that gives up when the server does not answer.

    A time limit of the server's own is none where the network between is gone.
    """

    def wait(self, gen: Generator[Any, Any, Any], *args: Any, **kwargs: Any) -> Any:
        """Return what a generator of psycopg returns that waits for the server. Raises `NoAnswerError`.

        args, kwargs: as psycopg passes them; its versions have different ones.
        """
        return super().wait(_limit_time(gen), *args, **kwargs)


def _limit_time(waiting: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
    """Do what a generator of psycopg does, and raise `NoAnswerError` when it takes too long.

    It yields what it waits for, and is sent what is ready; nothing is ready every tenth of a second.
    """
    deadline = monotonic() + ANSWER_SECONDS
    try:
        event = next(waiting)
        while True:
            ready = yield event
            if not ready and monotonic() > deadline:
                raise NoAnswerError(f"no answer in {ANSWER_SECONDS:g} seconds")
            event = waiting.send(ready)
    except StopIteration as end:
        return end.value


class PostgresqlConnection:
    """A connection to a server; see `DatabaseConnection`."""

    def __init__(self, session: _PostgresSession) -> None:
        self._session = session

    def begin(self, waits: bool = True) -> None:
        """Begin a transaction that may write, which takes no lock yet."""
        self._session.execute("BEGIN")

    def begin_snapshot(self) -> None:
        """Begin a transaction that only reads, and sees the database as it is at its first query."""
        self._session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def commit(self) -> None:
        """Store what was written since `begin`."""
        self._session.execute("COMMIT")

    def roll_back(self) -> None:
        """Undo what was written since `begin`; do nothing when no transaction is open.

        Raises `psycopg.OperationalError` when the connection is of no more use.
        """
        status = self._session.info.transaction_status
        if status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
            self._session.execute("ROLLBACK")
        elif status is not TransactionStatus.IDLE:
            raise psycopg.OperationalError("a statement was not answered")

    def execute(self, statement: str, *values: object) -> list[SqlValues]:
        """Run a statement, and return its rows; an empty list for one that returns none."""
        return list(self._session.execute(psycopg_form(statement), values).fetchall())

    def write(self, statement: str, *values: object) -> int:
        """Run a statement that returns no rows, and return how many it wrote or deleted."""
        return self._session.execute(psycopg_form(statement), values).rowcount

    def execute_each(self, statement: str, values: Iterable[SqlValues]) -> list[list[SqlValues]]:
        """Run a query once with each of these values, and return the rows of each: one round trip for all."""
        values = list(values)
        if len(values) == 1:  # without a pipeline, which costs more than it saves for one
            return [self.execute(statement, *values[0])]
        query = psycopg_form(statement)
        with self._session.pipeline():
            cursors = [self._session.execute(query, each) for each in values]
        return [list(cursor.fetchall()) for cursor in cursors]

    def write_each(self, statement: str, values: Iterable[SqlValues]) -> None:
        """Run a statement that returns no rows once with each of these values."""
        values = list(values)
        if len(values) == 1:
            self.write(statement, *values[0])
            return
        with self._session.cursor() as cursor:
            cursor.executemany(psycopg_form(statement), values)

    def close(self) -> None:
        """Close the connection."""
        self._session.close()


class PostgresqlDatabase(Database):
    """A database of PostgreSQL. A commit outlives the death of the server, and of its machine.

    location: its URL, with a password that no message shows.

    Raises `SettingsError` for a URL that libpq does not accept.
    """

    errors = (psycopg.Error,)
    row_lock, unlocked_rows = " FOR UPDATE", " FOR UPDATE SKIP LOCKED"
    text = 'TEXT COLLATE "C"'

    def __init__(self, location: StateLocation, source: str) -> None:
        super().__init__(str(location))
        try:
            given = conninfo_to_dict(location.text)
        except psycopg.Error:  # its text may quote the password
            write = "postgresql://USER@HOST/DATABASE, with %-escapes in a password that has /, @, : or ?"
            raise SettingsError(Problem(source, "is no URL of PostgreSQL", self.location, write)) from None
        self._parameters: dict[str, Any] = {**DEFAULTS, **given}
        # It also logs an error that it raises (in a pipeline); where nobody listens, Python would print it.
        logger = logging.getLogger("psycopg")
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())

    def connect(self) -> PostgresqlConnection:
        """Open a connection."""
        session = _PostgresSession.connect(autocommit=True, prepare_threshold=0, **self._parameters)
        try:
            session.execute(_SESSION)
        except BaseException:
            session.close()
            raise
        return PostgresqlConnection(session)

    def describe(self, error: Exception) -> Problem:
        """Return the problem that an error of PostgreSQL or of the network stands for."""
        text = "; ".join(filter(None, map(str.strip, str(error).splitlines()))) or type(error).__name__
        if password := self._parameters.get("password"):
            text = text.replace(str(password), HIDDEN)
        return Problem(self.location, f"cannot be used: {text}")

    def is_lost(self, error: Exception) -> bool:
        """Return whether an error says that the server has ended the connection."""
        if isinstance(error, NoAnswerError) or not isinstance(error, psycopg.Error):
            return False
        if error.sqlstate is None:  # it comes from psycopg or libpq
            return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
        return error.sqlstate.startswith(_CONNECTION_LOST)

    def is_deadlock(self, error: Exception) -> bool:
        """Return whether PostgreSQL ended the transaction, as it and another one waited for each other."""
        return isinstance(error, psycopg.errors.DeadlockDetected)

    def has_tables(self, connection: DatabaseConnection) -> bool:
        """Return whether the database has the tables of a store; tables of other programs may be beside them.

        Other processes wait with the same question until the transaction ends.
        """
        connection.execute("SELECT pg_advisory_xact_lock(?)", _CREATION_LOCK)
        return connection.execute("SELECT to_regclass('fakekit_meta')")[0][0] is not None

    def create(self, connection: DatabaseConnection) -> None:
        """Create the sequences of versions and numbers, where no transaction waits for another."""
        for name in _SEQUENCES:
            connection.write(f"CREATE SEQUENCE {name}")

    def next_version(self, connection: DatabaseConnection) -> int:
        """Return a version that no account ever had."""
        return int(connection.execute("SELECT nextval('fakekit_versions')")[0][0])

    def next_numbers(self, connection: DatabaseConnection, count: int) -> list[int]:
        """Return so many ascending numbers for entries of journals.

        They are larger than those of the same accounts before, which are locked until the transaction ends;
        entries of others may be stored in another order.
        """
        rows = connection.execute("SELECT nextval('fakekit_numbers') FROM generate_series(1, ?)", count)
        return [int(number) for (number,) in rows]

    def last_number(self, connection: DatabaseConnection) -> int:
        """Return the largest number that `next_numbers` returned; 0 before the first one."""
        query = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM fakekit_numbers"
        return int(connection.execute(query)[0][0])
