"""The store in a database, for every engine: accounts, their items and journals."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from functools import partial

from fakekit.accounts.account_key import DEMO_KEY
from fakekit.accounts.capacity import CHANGE_BYTES
from fakekit.accounts.state_store import AccountRow, AccountWrite, Item, NewEntry, Source, StoredEntry
from fakekit.errors import AccountsFullError, Problem
from fakekit.state import statements as sql
from fakekit.state.connection import DatabaseConnection
from fakekit.state.database import Database, DeadlockError
from fakekit.state.journals import Journals, LockedRow
from fakekit.state.limits import Limit
from fakekit.state.replaced_items import drop_replaced
from fakekit.state.sql_write import SqlAccountWrite, read_items
from fakekit.state.stored_summary import StoredSummary

SEARCHED_ACCOUNTS = 10_000
"""Among so many accounts the least recently used ones are looked for, which takes 0.05 to 0.1 s."""
_SEARCHES = 4
"""How often at most, for one new account."""
_LAST_KEY = "~"
"""Is larger than every key, compared byte by byte."""

DEADLOCKS = 5
"""How often a transaction is tried again that the database has ended for another one."""


class SqlStore:
    """Accounts in a database; see `fakekit.accounts.state_store.StateStore`.

    database: with the tables of `fakekit.state.statements`.
    max_accounts: how many accounts it holds at most, and how many aliases.
    """

    def __init__(self, database: Database, max_accounts: int) -> None:
        self.location, self.is_quick = database.location, database.is_quick
        self._database, self._max_accounts = database, max_accounts
        self._journals = Journals(database, self._lock_rows)
        self._accounts, self._aliases = Limit(max_accounts), Limit(max_accounts)
        self._searched_up_to = ""
        self._demo_items, self._items = Limit(CHANGE_BYTES), Limit(CHANGE_BYTES)

    def find(self, key: str) -> AccountRow | None:
        """Return the row of a key; None when nothing is stored under it."""
        rows = self._database.read(sql.FIND, key)
        return AccountRow(*rows[0]) if rows else None

    def rows(self) -> list[AccountRow]:
        """Return the rows of all accounts and aliases, the least recently used first."""
        return [AccountRow(*values) for values in self._database.read(sql.ROWS)]

    def read(self, key: str, after: int = 0) -> tuple[AccountRow | None, list[Item]]:
        """Return the row of a key, and the items that were written after a version, as of one moment.

        All items, if they were replaced after that version.
        """

        def read(connection: DatabaseConnection) -> tuple[AccountRow | None, list[Item]]:
            rows = connection.execute(sql.FIND, key)
            if not rows:
                return None, []
            row = AccountRow(*rows[0])
            return row, read_items(connection, key, after if after >= row.replaced else 0)

        return self._database.snapshot(read)

    def check_room(self, key: str) -> None:
        """Raise `AccountsFullError` when a key is new, and there is no room for its account."""
        if key in ("", DEMO_KEY) or self.find(key) is not None:
            return
        if self._accounts.has_room(1, lambda: int(self._database.read(sql.COUNT_ACCOUNTS, key)[0][0])):
            return
        with self._database.transaction() as connection:
            self._make_room(connection, key, [key])

    def summaries(self) -> list[StoredSummary]:
        """Return what there is about each account and alias, the least recently used first.

        Also about the journal of the requests without a valid key, whose key is empty.
        """
        rows = self._database.read(sql.SUMMARIES)
        return [StoredSummary(AccountRow(*values[:7]), *values[7:]) for values in rows]

    @contextmanager
    def writing(self, key: str) -> Iterator[AccountWrite]:
        """Return a context manager within which no other process or thread writes the account.

        Raises `AccountsFullError` when the account is new, and there is no room for it.
        """
        with self._database.transaction() as connection:
            row, is_new = self._lock_row(connection, key), False
            if row is None:
                row, is_new = self._add_account(connection, key)
            next_version, add_entry = self._database.next_version, self._journals.add
            write = SqlAccountWrite(connection, row, next_version, self._reserve, add_entry, is_new)
            yield write
            if is_new and write.is_empty:
                connection.write(sql.DELETE_ACCOUNT, key)

    def drop(self, key: str) -> bool:
        """Delete all that is stored of an account; return False when nothing is."""
        with self._database.transaction() as connection:
            return self._drop(connection, key)

    def drop_all(self) -> None:
        """Delete all accounts, aliases and journals, and what the world was made with.

        The next server to open it may have another world.
        """
        with self._database.transaction() as connection:
            for statement in sql.DELETE_ALL:
                connection.write(statement)

    def write_entries(self, entries: Sequence[NewEntry], waits: bool = True) -> list[int]:
        """Write entries into journals, all or none, and return their numbers; 0 for one that was left out.

        One of a new account for which there is no room is left out, too.
        """
        attempts = 1
        while True:
            try:
                return self._journals.write(entries, waits)
            except DeadlockError:  # of transactions that make room for accounts
                if attempts == DEADLOCKS:
                    raise
                attempts += 1

    def make_room(self) -> None:
        """Drop journals if entries that were written with accounts have made all together too large."""
        self._journals.make_room()

    def entries(self, key: str, after: int = 0) -> list[StoredEntry]:
        """Return the last entries of an account's journal with larger numbers, oldest first."""
        return self._journals.read(key, after)

    def drop_entries(self, key: str) -> int:
        """Delete all entries of an account's journal, and return the new version of the account.

        0 when nothing is stored of it.
        """
        with self.writing(key) as write:
            return write.drop_entries()

    def last_number(self) -> int:
        """Return the largest number that an entry ever got; 0 before the first one."""
        return self._database.run(self._database.last_number)

    def close(self) -> None:
        """Close every connection."""
        self._database.close()

    def _lock_row(self, connection: DatabaseConnection, key: str) -> AccountRow | None:
        """Return the row of a key, which nobody else can write until the transaction ends; None for none."""
        rows = connection.execute(sql.FIND + self._database.row_lock, key)
        return AccountRow(*rows[0]) if rows else None

    def _lock_rows(
        self, connection: DatabaseConnection, keys: Mapping[str, Source], new: Set[str]
    ) -> dict[str, LockedRow]:
        """Return the rows of these keys, locked.

        keys: with number and time of a row to look for in the journal of each.
        new: those of the keys whose row is created if it is missing and there is room for its account.

        Rows are locked in the order of their keys, so that no two transactions wait for each other. It must
        be the first step of a transaction.
        """
        ordered = sorted(keys)
        statement = sql.FIND_WITH_ENTRY + self._database.row_lock
        found = connection.execute_each(statement, [(*keys[key], key) for key in ordered])
        rows = {
            values[0]: LockedRow(AccountRow._make(values[:-1]), values[-1])
            for each in found
            for values in each
        }
        if rows.keys() >= new:
            return rows
        if self._database.row_lock:
            connection.roll_back()
            connection.begin()
            rows = {}
        added = []
        for key in ordered:
            row, is_new = self._lock_row(connection, key) if key not in rows else rows[key].row, False
            if row is None and key in new:
                row, is_new = self._add_account(connection, key)
            if row is not None and key not in rows:
                rows[key] = LockedRow(row)
            added += [key] if is_new else []
        # At the end: who makes room locks rows in another order, and drops none of these.
        for key in added:
            try:
                self._make_room(connection, key, rows)
            except AccountsFullError:
                connection.write(sql.DELETE_ACCOUNT, key)
                del rows[key]
        return rows

    def _add_account(self, connection: DatabaseConnection, key: str) -> tuple[AccountRow, bool]:
        """Store the row of an account; return the row, locked, and whether no other process was quicker.

        The journal of a new one says that older entries are missing if accounts were dropped to make room for
        others: it may be one of them.
        """
        has_dropped = any(name == "closed" for name, _ in connection.execute(sql.META))
        last_number = self._database.last_number(connection)
        is_new = bool(connection.write(sql.ADD_ACCOUNT, key, last_number, has_dropped))
        row = AccountRow(key, dropped_up_to=last_number, truncated=has_dropped)
        return self._lock_row(connection, key) or row, is_new

    def _make_room(self, connection: DatabaseConnection, key: str, used: Collection[str]) -> None:
        """Drop the least recently used accounts without content if there is no room for another account.

        key: of the account that was added; there is always room for ``fk_demo``.
        used: keys of accounts that are not dropped, that one among them.

        Raises `AccountsFullError` when all have content.
        """
        if key in ("", DEMO_KEY) or self._accounts.has_room(
            1, lambda: _count(connection, sql.COUNT_ACCOUNTS, key)
        ):
            return
        unused = self._find_unused(connection, used)
        if not unused:
            description = f"all {self._max_accounts:,} accounts are in use, so there is no room for a new key"
            write = "a larger --max-accounts, or use fewer keys"
            raise AccountsFullError(Problem("", description, "", write))
        for unused_key in unused:
            self._drop(connection, unused_key)
        connection.write(sql.ADD_META, "closed", "1")

    def _find_unused(self, connection: DatabaseConnection, used: Collection[str]) -> list[str]:
        """Return the keys of some accounts without content, the least recently used first.

        Among very many accounts, it looks at `SEARCHED_ACCOUNTS` only, and goes on behind them the next time,
        also within a call when they all have content.

        used: keys of accounts that are none of them.
        """
        count = max(1, min(self._max_accounts, SEARCHED_ACCOUNTS) // 64)
        for _ in range(_SEARCHES):
            start = self._searched_up_to
            behind = connection.execute(sql.KEY_BEHIND, start, SEARCHED_ACCOUNTS - 1)
            end = behind[0][0] if behind else _LAST_KEY
            self._searched_up_to = end if behind else ""
            statement = sql.UNUSED + self._database.unlocked_rows
            found = connection.execute(statement, start, end, count + len(used))
            unused = [key for (key,) in found if key not in used][:count]
            if unused or not (start or behind):
                break
        return unused

    def _drop(self, connection: DatabaseConnection, key: str) -> bool:
        """Delete all that is stored under a key; return whether there was something."""
        # First, as it waits for a write of the account.
        is_there = bool(connection.write(sql.DELETE_ACCOUNT, key))
        connection.write(sql.DELETE_ITEMS, key)
        connection.write(sql.DELETE_ENTRIES, key)
        return is_there

    def _reserve(self, connection: DatabaseConnection, row: AccountRow, size: int, is_new: bool) -> None:
        """Count what an account is about to store.

        row: as it will be.
        size: about how many bytes its items take.
        is_new: whether it is a new account or alias.

        Raises `AccountsFullError` when there is no room for it, also without what resets have replaced.
        """
        if is_new and row.alias_of:
            if not self._aliases.has_room(1, lambda: _count(connection, sql.COUNT_ALIASES, row.key)):
                description = f"{self._max_accounts:,} aliases are in use, the most that there may be"
                raise AccountsFullError(Problem("", description, "", "fewer of them"))
        elif is_new:
            self._make_room(connection, row.key, [row.key])
        is_demo = row.key == DEMO_KEY
        limit = self._demo_items if is_demo else self._items
        statement = sql.DEMO_ITEM_SIZE if is_demo else sql.ITEM_SIZE
        has_room = partial(limit.has_room, size, lambda: _count(connection, statement))
        if not (has_room() or (not is_demo and self._drop_replaced(connection, row.key) and has_room())):
            description = (
                f"changes, snapshots and faults take {CHANGE_BYTES // 1024**2:,} MiB, so there is no"
            )
            write = "fewer of them (reset or delete accounts)"
            raise AccountsFullError(Problem("", f"{description} room for more", "", write))

    def _drop_replaced(self, connection: DatabaseConnection, key: str) -> bool:
        """Delete what resets of other accounts than that of a key replaced; see `drop_replaced`."""
        database = self._database
        return drop_replaced(connection, key, database.unlocked_rows, database.next_version)


def _count(connection: DatabaseConnection, statement: str, *values: object) -> int:
    """Return the number that a query returns."""
    return int(connection.execute(statement, *values)[0][0])
