"""The journals of accounts in a database: writing entries, reading them, making room for later ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from itertools import compress, pairwise, repeat
from random import Random
from sys import maxsize
from typing import NamedTuple

from fakekit.accounts.capacity import ENTRIES, JOURNAL_BYTES
from fakekit.accounts.state_store import ANY_VERSION, AccountRow, NewEntry, Source, StoredEntry
from fakekit.errors import StateError
from fakekit.state import statements as sql
from fakekit.state.connection import DatabaseConnection
from fakekit.state.database import Database
from fakekit.state.limits import Limit
from fakekit.state.repeated_entries import RepeatedEntries
from fakekit.state.text import storable_json

ROW_BYTES = 100
"""About how many bytes a row takes beside its texts."""
PRUNED_ENTRIES = 1024
"""A journal is shortened with one in so many of its entries; until then it has some more than it should."""
_NO_ROW = Source(0, 0.0)


class JournalRow(NamedTuple):
    """A row of a journal: a new entry, or several of one time that repeat others.

    key: of the account.
    number: of its last entry; those before have the numbers just before.
    time: of its entries.
    sources: for each entry, the row that has its content: this one for a new entry.
    content: of a new entry; empty for repeated ones.
    """

    key: str
    number: int
    time: float
    sources: Sequence[Source]
    content: str


class LockedRow(NamedTuple):
    """The row of an account that nobody else can write, and whether its journal has a certain row."""

    row: AccountRow
    has_row: bool = False


class Journals:
    """The journals in a database.

    find_rows: returns the rows of keys, locked, and whether the journal of each has a certain row. Of the
        missing ones, it creates those that are in a set, and for which there is room.
    """

    def __init__(
        self,
        database: Database,
        find_rows: Callable[[DatabaseConnection, Mapping[str, Source], Set[str]], dict[str, LockedRow]],
    ) -> None:
        self._database, self._find_rows = database, find_rows
        self._limit, self._repeats = Limit(JOURNAL_BYTES), RepeatedEntries()
        self._added = 0  # about how many bytes were written since the last `make_room`
        self._random = Random().random  # noqa: S311 (so that no pattern of requests leaves a journal out)

    def write(self, entries: Sequence[NewEntry], waits: bool) -> list[int]:
        """Write entries, all or none, and return their numbers; see `StateStore.write_entries`."""
        with self._database.transaction(waits) as connection:
            accepted, are_accepted = self._accept(connection, entries)
            if not accepted:
                return [0] * len(are_accepted)
            numbers = self._database.next_numbers(connection, sum(are_accepted))
            rows = _rows(accepted, numbers)
            self._store(connection, rows)
        for row in rows:
            self._repeats.add(row.key, Source(row.number, row.time), row.sources)
        self.make_room()
        if len(numbers) == len(are_accepted):
            return numbers
        left = iter(numbers)
        return [next(left) if is_accepted else 0 for is_accepted in are_accepted]

    def add(self, connection: DatabaseConnection, key: str, time: float, content: str) -> int:
        """Write one entry within a transaction that has locked the row of its account; return its number."""
        (number,) = self._database.next_numbers(connection, 1)
        self._store(
            connection, [JournalRow(key, number, time, (Source(number, time),), storable_json(content))]
        )
        return number

    def _store(self, connection: DatabaseConnection, rows: Sequence[JournalRow]) -> None:
        """Write rows, and now and then shorten the journal of one."""
        values = []
        for key, number, time, sources, content in rows:
            text = " ".join([str(source) for source, _ in sources])
            values.append((key, number, time, text, content))
            self._added += ROW_BYTES + len(text) + len(content)
        connection.write_each(sql.ADD_ROW, values)
        for row in rows:
            if self._random() * PRUNED_ENTRIES < len(row.sources):
                _shorten(connection, row.key)

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

        def read(connection: DatabaseConnection) -> list[StoredEntry]:
            found: list[tuple[int, float, int]] = []
            contents: dict[int, str] = {}
            for last, time, text, content in reversed(connection.execute(sql.ROWS_AFTER, key, after)):
                sources = [int(source) for source in text.split()]
                found += zip(range(last - len(sources) + 1, last + 1), repeat(time), sources)
                if sources[-1] == last:
                    contents[last] = content
            found = [entry for entry in found if entry[0] > after][-ENTRIES - 1 :]
            missing = {source for _, _, source in found} - contents.keys()
            for rows in connection.execute_each(sql.CONTENT, [(key, source) for source in missing]):
                contents.update((number, content) for number, content in rows)
            # A row whose source is missing came from another database; it must not cost the others.
            return [
                StoredEntry(number, time, contents[source])
                for number, time, source in found
                if contents.get(source)
            ]

        return self._database.snapshot(read)

    def _accept(
        self, connection: DatabaseConnection, entries: Sequence[NewEntry]
    ) -> tuple[list[NewEntry], list[bool]]:
        """Return the entries that may still be written, and for each one whether it may."""
        rows = self._lock_accounts(connection, entries)
        accepted: list[NewEntry] = []
        are_accepted: list[bool] = []
        for entry in entries:
            key, _, content, repeats, version, request_key = entry
            row, has_last = rows.get(key, (None, False))
            alias_of = rows[request_key].row.alias_of if request_key in rows else ""
            has_key = not request_key or (alias_of or request_key) == key
            if row is None or not has_key or version not in (ANY_VERSION, row.version):
                are_accepted += [False] * (len(repeats) or 1)
            elif not repeats:
                are_accepted.append(True)
                accepted.append(entry._replace(content=storable_json(content)))
            else:
                first_number = row.first_number if has_last else maxsize
                are_stored = self._repeats.are_stored(connection, key, repeats, first_number)
                are_accepted += are_stored
                if all(are_stored):
                    accepted.append(entry)
                elif left := [*compress(repeats, are_stored)]:
                    accepted.append(entry._replace(repeats=left))
        return accepted, are_accepted

    def _lock_accounts(
        self, connection: DatabaseConnection, entries: Sequence[NewEntry]
    ) -> dict[str, LockedRow]:
        """Return the rows of the accounts of entries, and of the keys that their requests had."""
        keys: dict[str, Source] = {}
        new, last = set(), self._repeats.last
        for key, _, _, repeats, _, request_key in entries:
            keys[key] = last.get(key, _NO_ROW)
            if request_key and request_key not in keys:
                keys[request_key] = _NO_ROW
            if not repeats:
                new.add(key)
        rows = self._find_rows(connection, keys, new)
        for key, (_, has_last) in rows.items():
            if not has_last and key in last:
                self._repeats.forget(key)
        return rows

    def _delete_unused(self) -> None:
        """Delete journals until they take three quarters of the limit, the least recently used first."""
        sizes = self._database.read(sql.ENTRY_SIZES)
        total = sum(size for _, size in sizes)
        for key, size in sizes:
            if total <= JOURNAL_BYTES * 3 // 4:
                break
            total -= size
            with self._database.transaction() as connection:
                for locked in self._find_rows(
                    connection, {key: _NO_ROW}, set()
                ).values():  # none if just deleted
                    delete_entries(connection, locked.row)


def delete_entries(connection: DatabaseConnection, row: AccountRow, by_user: bool = False) -> None:
    """Delete the journal of an account.

    by_user: whether a user asked for it, so that no entry is missing.
    """
    ((largest,),) = connection.execute(sql.LARGEST_NUMBER, row.key)
    connection.write(sql.DELETE_ENTRIES, row.key)
    dropped = largest or row.dropped_up_to
    connection.write(sql.SET_DROPPED, dropped, not by_user, row.key, dropped)


def _rows(entries: Iterable[NewEntry], numbers: Sequence[int]) -> list[JournalRow]:
    """Return the rows of entries.

    numbers: those that they get, in ascending order. Where another process got one between, each has a row.
    """
    start, rows = 0, list[JournalRow]()
    for key, time, content, repeats, _, _ in entries:
        given = numbers[start : start + (len(repeats) or 1)]
        start += len(given)
        if given[-1] - given[0] < len(given):
            rows.append(JournalRow(key, given[-1], time, repeats or (Source(given[-1], time),), content))
        else:
            each = zip(given, repeats, strict=True)
            rows += [JournalRow(key, number, time, (source,), "") for number, source in each]
    return rows


def _shorten(connection: DatabaseConnection, key: str) -> None:
    """Delete the rows of an account before its last `ENTRIES` entries, but for the contents of these."""
    first, count, texts = 0, 0, set[str]()
    for number, text in connection.execute(sql.LAST_ROWS, key):
        count += text.count(" ") + 1
        texts.add(text)
        if count >= ENTRIES:
            first = number
            break
    ((dropped,),) = connection.execute(sql.LARGEST_BEFORE, key, first)
    if dropped:
        sources = map(int, set(" ".join(texts).split()))
        bounds = [0, *sorted(source for source in sources if source < first), first]
        connection.write_each(sql.DELETE_BETWEEN, [(key, *between) for between in pairwise(bounds)])
        connection.write(sql.SET_DROPPED, dropped, True, key, dropped)
