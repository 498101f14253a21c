"""Stores for accounts that outlive the process: SQLite in one file, PostgreSQL for several machines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from fakekit.errors import Problem, SettingsError

if TYPE_CHECKING:
    from fakekit.settings.state_location import StateLocation
    from fakekit.state.database import Database
    from fakekit.state.sql_store import SqlStore


def open_state(
    location: StateLocation, max_accounts: int, made_by: Mapping[str, str] | None, source: str = "--state"
) -> SqlStore:
    """Open the store at a location, and return it; it is created when there is none.

    location: the file, or the URL of a PostgreSQL database.
    max_accounts: how many accounts it holds at most.
    made_by: what the records of all accounts depend on, by name: seed, sizes, files. The store has to be made
        with the same. None opens a store that is there, whatever it was made with.
    source: where the location was set, for errors: ``FAKEKIT_STATE``.

    Raises `SettingsError` for a store of another version or with changes to another world, for what is no
    store, and where none can be made. Raises `StateError` when the database does not answer.
    """
    from fakekit.state.origin import prepare
    from fakekit.state.sql_store import SqlStore

    database = _database(location, source, is_new=made_by is not None)
    try:
        prepare(database, made_by, source)
    except BaseException:
        database.close()
        raise
    return SqlStore(database, max_accounts)


def _database(location: StateLocation, source: str, is_new: bool) -> Database:
    """Return the database at a location, not yet opened.

    is_new: whether a file may be created.

    Raises `SettingsError` when there can be none.
    """
    if location.is_file:
        from fakekit.state.sqlite import SqliteDatabase
        from fakekit.state.sqlite_file import check_file

        file = Path(location.text)
        check_file(file, source, is_new)
        return SqliteDatabase(file)
    try:
        from fakekit.state.postgresql import PostgresqlDatabase
    except ImportError as error:  # psycopg, or the library that it needs, is not installed
        description = f"needs psycopg, which cannot be imported: {error}"
        write = "memory or FILE, or install it: pip install 'fakekit[postgresql]'"
        raise SettingsError(Problem(source, description, str(location), write)) from None
    return PostgresqlDatabase(location, source)
