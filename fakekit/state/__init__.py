"""Stores for accounts that outlive the process: SQLite in one file, PostgreSQL for several machines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fakekit.state.database import Database
    from fakekit.state.sql_store import SqlStore


def open_state(
    location: str, max_accounts: int, made_by: Mapping[str, str] | None, source: str = "--state"
) -> SqlStore:
    """Open the store at a location, and return it; it is created when there is none.

    location: the path of a file, or the URL of a PostgreSQL database. An error shows no password of it.
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


def _database(location: str, source: str, is_new: bool) -> Database:
    """Return the database at a location, not yet opened.

    is_new: whether a file may be created.

    Raises `SettingsError` when there can be none.
    """
    from pathlib import Path

    from fakekit.state.sqlite import SqliteDatabase
    from fakekit.state.sqlite_file import check_file

    file = Path(location)
    check_file(file, source, is_new)
    return SqliteDatabase(file)
