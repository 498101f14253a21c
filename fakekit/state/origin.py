"""What a store was made with: the version of its tables, and the world that its accounts change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fakekit._version import __version__
from fakekit.errors import Problem, SettingsError
from fakekit.settings.table import BY_NAME
from fakekit.state import statements as sql
from fakekit.state.connection import DatabaseConnection
from fakekit.state.database import Database

_WORLD = "world."
"""What the names of what the world depends on begin with in the table of meta data."""


def prepare(database: Database, made_by: Mapping[str, str] | None, source: str) -> None:
    """Create the tables of a store in a database that has none, or check what they were made with.

    made_by: what the world depends on, by name; see `fakekit.state.open_state`.
    source: where the location was set, for errors: ``--state``.

    Raises `SettingsError` for what cannot be used, and `StateError` when the database does not answer.
    """
    with database.transaction() as connection:
        if not database.has_tables(connection):
            if made_by is None:
                problem = Problem(source, "has no state of fakekit", database.location)
                raise SettingsError(problem)
            _create(database, connection)
        meta: dict[str, str] = {str(name): str(value) for name, value in connection.execute(sql.META)}
        _check_schema(meta, database.location, source)
        if made_by is None:
            return
        stored = {name[len(_WORLD) :]: value for name, value in meta.items() if name.startswith(_WORLD)}
        if not stored:  # a new one, or all of it was dropped
            connection.write_each(sql.SET_META, [(_WORLD + name, value) for name, value in made_by.items()])
        elif problems := list(_differences(stored, made_by, database.location, source)):
            raise SettingsError(problems)
    database.close_idle()
    database.is_open = True


def _create(database: Database, connection: DatabaseConnection) -> None:
    """Create the tables of a store, and say which version they have."""
    for table in sql.TABLES:
        connection.write(table.format(text=database.text, options=database.options))
    database.create(connection)
    connection.write(sql.SET_META, "schema", sql.SCHEMA_VERSION)
    connection.write(sql.SET_META, "fakekit", __version__)


def _check_schema(meta: Mapping[str, str], location: str, source: str) -> None:
    """Raise `SettingsError` for a store whose tables have another version than this fakekit reads."""
    version = meta.get("schema", "")
    if version != sql.SCHEMA_VERSION:
        description = (
            f"{location} was written by fakekit {meta.get('fakekit', '')}, with version {version} of the"
            f" tables; fakekit {__version__} reads version {sql.SCHEMA_VERSION}"
        )
        write = "another location, or install the version that wrote it and export what is needed"
        raise SettingsError(Problem(source, description, "", write))


def _differences(
    stored: Mapping[str, str], made_by: Mapping[str, str], location: str, source: str
) -> Iterator[Problem]:
    """Yield a problem for each thing that the world of a store depends on and that is another one now."""
    for name in sorted({*stored, *made_by}):
        before, now = stored.get(name, "none"), made_by.get(name, "none")
        if before != now:
            same = f"{BY_NAME[name].flag} {before or repr(before)}" if name in BY_NAME else f"the same {name}"
            description = f"{location} has accounts of another world, with {name} {before or repr(before)}"
            write = f"{same}, or another location, or empty this one (fakekit state drop --all)"
            yield Problem(source, description, now or repr(now), write)
