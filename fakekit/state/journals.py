"""The journals of accounts in a database: writing entries, reading them, making room for later ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from itertools import chain
from sys import maxsize
from typing import NamedTuple

from fakekit.accounts.capacity import JOURNAL_BYTES
from fakekit.accounts.state_store import ANY_VERSION, AccountRow, NewEntry, StoredEntry
from fakekit.errors import StateError
from fakekit.state import statements as sql
from fakekit.state.connection import DatabaseConnection
from fakekit.state.database import Database
from fakekit.state.limits import Limit
from fakekit.state.repeated_entries import RepeatedEntries
from fakekit.state.text import storable_json

ENTRY_BYTES = 100
"""About how many bytes an entry takes beside its content."""
ADDED_ENTRIES = 100
"""How many are written by one statement at most; SQLite has allowed 999 values in one for long."""
PRUNED_ENTRIES = 256
"""A journal is shortened with one in so many of its entries; until then it has some more than it should."""


_Accepted = tuple[int, str, float, int, str]
"""Of an accepted entry: position, key, time, number of the entry with its content (0 for itself), content."""


class LockedRow(NamedTuple):
    """The row of an account that nobody else can write, and whether its journal has a certain entry."""

    row: AccountRow
    has_entry: bool = False


class Journals:
    """The journals in a database.

    find_rows: returns the rows of keys, locked, and whether the journal of each has an entry of a number. Of
        the missing ones, it creates those that are in a set, and for which there is room.
    """

    def __init__(
        self,
        database: Database,
        find_rows: Callable[[DatabaseConnection, Mapping[str, int], Set[str]], dict[str, LockedRow]],
    ) -> None:
        self._database, self._find_rows = database, find_rows
        self._limit, self._repeats = Limit(JOURNAL_BYTES), RepeatedEntries()
        self._added = 0  # about how many bytes were written since the last `make_room`

    def write(self, entries: Sequence[NewEntry], waits: bool) -> list[int]:
        """Write entries, all or none, and return their numbers; see `StateStore.write_entries`."""
        numbers = [0] * len(entries)
        with self._database.transaction(waits) as connection:
            accepted = self._accept(connection, entries)
            if not accepted:
                return numbers
            rows = []
            new_numbers = self._database.next_numbers(connection, len(accepted))
            for (position, key, time, repeats, content), number in zip(accepted, new_numbers, strict=True):
                numbers[position] = number
                rows.append((key, number, time, repeats, content))
            for start in range(0, len(rows), ADDED_ENTRIES):
                part = rows[start : start + ADDED_ENTRIES]
                statement = sql.ADD_ENTRY + sql.ANOTHER_ENTRY * (len(part) - 1)
                connection.write(statement, *chain.from_iterable(part))
            chance = _pseudorandom(new_numbers[0])
            if chance % PRUNED_ENTRIES < len(rows):
                _shorten(connection, rows[chance // PRUNED_ENTRIES % len(rows)][0])
        self._repeats.add(rows)
        self._added += sum([ENTRY_BYTES + len(row[4]) for row in rows])
        self.make_room()
        return numbers

    def add(
        self, connection: DatabaseConnection, row: AccountRow, time: float, content: str
    ) -> tuple[int, AccountRow]:
        """Write one entry within a transaction that has locked the row of its account.

        Returns its number, and the row as it is then.
        """
        (number,) = self._database.next_numbers(connection, 1)
        content = storable_json(content)
        connection.write(sql.ADD_ENTRY, row.key, number, time, 0, content)
        if not _pseudorandom(number) % PRUNED_ENTRIES:
            row = row._replace(dropped=_shorten(connection, row.key) or row.dropped)
        self._added += ENTRY_BYTES + len(content)
        return number, row

    def make_room(self) -> None:
        """Delete journals if what was written has made all together too large; not within a transaction.

        Where the database does not answer, the next call does it.
        """
        added, self._added = self._added, 0
        try:
            if not self._limit.has_room(added, lambda: int(self._database.read(sql.ENTRY_SIZE)[0][0])):
                self._delete_unused()
        except StateError:
            return

    def read(self, key: str, after: int) -> list[StoredEntry]:
        """Return the last entries of an account with larger numbers, oldest first."""
        rows = self._database.read(sql.ENTRIES_AFTER, key, after)
        return [StoredEntry(*values) for values in reversed(rows)]

    def _accept(self, connection: DatabaseConnection, entries: Sequence[NewEntry]) -> list[_Accepted]:
        """Return the entries that may still be written.

        Each step of its loop is a part of what a remembered response takes.
        """
        rows = self._lock_accounts(connection, entries)
        leads_to = {key: row.alias_of or key for key, (row, _) in rows.items()}
        accepted: list[_Accepted] = []
        row: AccountRow | None = None
        first_number = 0
        for position, (key, time, content, repeats, version, request_key) in enumerate(entries):
            if row is None or key != row.key:  # those of an account mostly come together
                row, is_last_stored = rows.get(key, (None, False))
                first_number = row.first_number if row is not None and is_last_stored else maxsize
            if row is None or (version != ANY_VERSION and version != row.version):
                continue
            if request_key and leads_to.get(request_key, request_key) != key:
                continue
            if not repeats:
                accepted.append((position, key, time, 0, storable_json(content)))
            elif stored := self._repeats.find(connection, key, repeats, first_number):
                accepted.append((position, key, time, stored, ""))
        return accepted

    def _lock_accounts(
        self, connection: DatabaseConnection, entries: Sequence[NewEntry]
    ) -> dict[str, LockedRow]:
        """Return the rows of the accounts of entries, and of the keys that their requests had."""
        keys: dict[str, int] = {}
        new, last = set(), self._repeats.last
        for key, _, _, repeats, _, request_key in entries:
            keys[key] = last.get(key, 0)
            if request_key and request_key not in keys:
                keys[request_key] = 0
            if not repeats:
                new.add(key)
        return self._find_rows(connection, keys, new)

    def _delete_unused(self) -> None:
        """Delete journals until they take three quarters of the limit, the least recently used first."""
        sizes = self._database.read(sql.ENTRY_SIZES)
        total = sum(size for _, size in sizes)
        for key, size in sizes:
            if total <= JOURNAL_BYTES * 3 // 4:
                break
            total -= size
            with self._database.transaction() as connection:
                for locked in self._find_rows(connection, {key: 0}, set()).values():  # none if just deleted
                    delete_entries(connection, locked.row)


def delete_entries(connection: DatabaseConnection, row: AccountRow, by_user: bool = False) -> AccountRow:
    """Delete the journal of an account, and return the account's row as it is then.

    by_user: whether a user asked for it, so that no entry is missing.
    """
    ((largest,),) = connection.execute(sql.LARGEST_NUMBER, row.key)
    connection.write(sql.DELETE_ENTRIES, row.key)
    dropped = max(row.first_number - 1, largest or 0)
    row = row._replace(dropped=-dropped if by_user else dropped)
    connection.write(sql.SET_DROPPED, row.dropped, row.key)
    return row


def _pseudorandom(number: int) -> int:
    """Return a number that follows from another one by no pattern that requests could follow, too."""
    return number * 2654435761 >> 16  # the multiplicative hash of Knuth


def _shorten(connection: DatabaseConnection, key: str) -> int:
    """Delete the entries of an account before the last `ENTRIES`, but for those that later ones repeat.

    Returns the number up to which no entry is stored then; 0 where none was deleted.
    """
    oldest_kept = connection.execute(sql.OLDEST_KEPT, key)
    if not oldest_kept:
        return 0
    ((number,),) = oldest_kept
    ((dropped,),) = connection.execute(sql.LARGEST_BEFORE, key, number)
    if not (dropped and connection.write(sql.DELETE_OLDER, key, number, key, number)):
        return 0
    connection.write(sql.SET_DROPPED, dropped, key)
    return int(dropped)
