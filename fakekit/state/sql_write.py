"""One account's write in a database: the items and the row that its transaction stores."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fakekit.accounts.state_store import AccountRow, Item
from fakekit.state import statements as sql
from fakekit.state.connection import DatabaseConnection
from fakekit.state.journals import delete_entries
from fakekit.state.text import decode_name, encode_name, storable_json

ITEM_BYTES = 100
"""About how many bytes an item takes beside its value."""


class SqlAccountWrite:
    """A write of one account; see `fakekit.accounts.state_store.AccountWrite`.

    connection: with an open transaction in which the account is locked.
    row: of the account as it is now.
    next_version: returns a version that no account had before.
    reserve: called with the row as it will be, about how many bytes are to be stored, and whether the row is
        new; raises `AccountsFullError` when there is no room.
    add_entry: called with the key, the time and the content of an entry of its journal; returns its number.
    is_new: whether the row was added by this transaction.
    """

    def __init__(
        self,
        connection: DatabaseConnection,
        row: AccountRow,
        next_version: Callable[[DatabaseConnection], int],
        reserve: Callable[[DatabaseConnection, AccountRow, int, bool], None],
        add_entry: Callable[[DatabaseConnection, str, float, str], int],
        is_new: bool,
    ) -> None:
        self.row = None if is_new else row
        self._connection, self._reserve, self._new_row = connection, reserve, row
        self._next_version, self._version, self._is_new = next_version, 0, is_new
        self._add_entry, self._has_entry = add_entry, False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was stored by it."""
        return not (self._version or self._has_entry)

    def items(self, after: int = 0) -> list[Item]:
        """Return the items that were written after a version, removed ones too."""
        return read_items(self._connection, self._new_row.key, after)

    def put(self, items: Iterable[Item]) -> int:
        """Store items, and return the new version of the account. Raises `AccountsFullError`."""
        return self._store(items)

    def replace(self, items: Iterable[Item], settings: str | None = None) -> int:
        """Store items in the place of all present ones, and return the new version of the account.

        settings: those that it is opened anew with, which also deletes the entries of its journal; None
            keeps the present ones.

        Raises `AccountsFullError`.
        """
        self._connection.write(sql.DELETE_ITEMS, self._new_row.key)
        if settings is not None:
            delete_entries(self._connection, self._new_row, by_user=True)
            self._new_row = self._new_row._replace(settings=storable_json(settings))
        return self._store(items, replaces=True)

    def set_alias(self, key: str) -> int:
        """Have requests with this key go to the account of another key; empty ends it. Return the version.

        An alias that ends is deleted if no account of its own is stored under the key.

        Raises `AccountsFullError` when there are as many aliases as accounts may be.
        """
        self._new_row = self._new_row._replace(alias_of=key)
        version = self._store(())
        if not key:
            self._connection.write(sql.DELETE_EMPTY_ACCOUNT, self._new_row.key)
        return version

    def drop_entries(self) -> int:
        """Delete all entries of the account's journal; return its new version, 0 when nothing is stored.

        It has a new version so that no process repeats a response whose entry is gone.
        """
        if self.row is None:
            return 0
        delete_entries(self._connection, self._new_row, by_user=True)
        return self._store(())

    def add_entry(self, time: float, content: str) -> int:
        """Write an entry into the account's journal, and return its number. Raises `AccountsFullError`."""
        if self._is_new and self.is_empty:
            self._reserve(self._connection, self._new_row, 0, True)
        self._has_entry = True
        return self._add_entry(self._connection, self._new_row.key, time, content)

    def _store(self, items: Iterable[Item], replaces: bool = False) -> int:
        """Store items and the row with the version of this write, and return the version.

        replaces: whether all items of earlier versions are gone.
        """
        items = [item._replace(value=storable_json(item.value)) if item.value else item for item in items]
        size = sum(ITEM_BYTES + len(item.name) + len(item.value or "") for item in items)
        self._reserve(self._connection, self._new_row, size, self._is_new and self.is_empty)
        version = self._version = self._version or self._next_version(self._connection)
        # Now and then, what says that an item was removed is removed itself.
        if not version % 256 and self._connection.write(sql.DELETE_REMOVED, self._new_row.key):
            replaces = True
        if not self._new_row.version:  # what another process knows under this key was dropped since
            replaces = True
        replaced = version if replaces else self._new_row.replaced
        self._new_row = row = self._new_row._replace(version=version, replaced=replaced)
        key = row.key
        self._connection.write(sql.SET_ACCOUNT, version, replaced, row.alias_of, row.settings, key)
        if items:
            rows = [(key, part, encode_name(name), value, version) for part, name, value in items]
            self._connection.write_each(sql.SET_ITEM, rows)
        return version


def read_items(connection: DatabaseConnection, key: str, after: int) -> list[Item]:
    """Return the items of an account that were written after a version; removed ones have no value."""
    rows = connection.execute(sql.ITEMS, key, after)
    return [Item(part, decode_name(name), value) for part, name, value in rows]
