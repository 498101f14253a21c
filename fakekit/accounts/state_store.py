"""Where accounts are stored beyond the memory of one process: the interface that each engine implements.

`fakekit.state` has the engines, SQLite and PostgreSQL. Without one, accounts live in memory only.

An account is stored as a row and its items. An item is one part of it under a name: a record that was added,
a fault, the clock. Each write of an account gives it a version that no account ever had before, and its items
the same; so a process that knows an account as of one version reads only the items of later ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from fakekit.errors import StateError

ANY_VERSION = -1
"""The `NewEntry.version` of a response that was computed for its request."""


PARTS_WITHOUT_CONTENT = ("assumed", "unread", "before_reset", "last_snapshot")
"""The parts of items without which an account is as before: one that has no others may make room."""


class StoreBusyError(Exception):
    """Somebody else writes to the store, and the caller must not wait."""


class UnusableSettingsError(StateError):
    """A stored account was opened with settings that this server cannot use, such as a file that is gone."""


class AccountRow(NamedTuple):
    """What is stored of an account beside its items.

    key: its API key. Empty for the journal of the requests without a valid key.
    version: of its last write; 0 for one that only has a journal.
    replaced: the version of the last write that replaced all items. Who knows an older one reads all.
    alias_of: the key of another account, to which requests with this key go; empty for none.
    settings: JSON of the settings that it was opened with, ``{"seed": 7}``; empty for the server's.
    dropped_up_to: the number up to which no entry of its journal is stored, other than for its content; of a
        new account, the last number that was given.
    truncated: whether some of those are missing; not where they were of an earlier account of the key, or
        were deleted by a user.
    """

    key: str
    version: int = 0
    replaced: int = 0
    alias_of: str = ""
    settings: str = ""
    dropped_up_to: int = 0
    truncated: bool = False

    @property
    def first_number(self) -> int:
        """The smallest number that an entry of its journal can have."""
        return self.dropped_up_to + 1


class Item(NamedTuple):
    """One part of an account.

    part: what it is: ``record``, ``fault``, ``clock``.
    name: which of them: ``customers/42``; empty where there is only one.
    value: as JSON; None for one that was removed.
    """

    part: str
    name: str
    value: str | None


class Source(NamedTuple):
    """Which entry of a journal has a content that others have, too, and repeats none itself.

    Both together identify it: where a copy from before has taken the place of a database, another entry may
    get the same number, though at another time, as long as the clock of the machine goes on.
    """

    number: int
    time: float


class NewEntry(NamedTuple):
    """An entry to write into a journal, or several that have the content of stored ones.

    key: of the account; empty for the requests without a valid key.
    time: when the request arrived, in seconds since 1970; of several, when the last one did.
    content: all else of the entry, as JSON; empty for repeated ones.
    repeats: for each of several entries, the stored one of the same account whose content it has; empty for a
        single entry with a content of its own.
    version: that the account must still have, for responses that are given again; `ANY_VERSION` otherwise.
    request_key: the key of the requests, which must still lead to the account. It is `key` or an alias.
    """

    key: str
    time: float
    content: str
    repeats: Sequence[Source] = ()
    version: int = ANY_VERSION
    request_key: str = ""


class StoredEntry(NamedTuple):
    """One entry of a journal as it is stored; see `NewEntry`. Those that repeat another have its content."""

    number: int
    time: float
    content: str


class AccountWrite(Protocol):
    """A write of one account that nobody else can come between; see `StateStore.writing`.

    row: of the account as it is now; None when nothing is stored of it. Another process may have written it
        since it was last read.
    """

    row: AccountRow | None

    def items(self, after: int = 0) -> list[Item]:
        """Return the items that were written after a version, removed ones too; see `StateStore.read`."""

    def put(self, items: Iterable[Item]) -> int:
        """Store items, and return the new version of the account.

        It is valid once the block of `StateStore.writing` has ended.
        """

    def replace(self, items: Iterable[Item], settings: str | None = None) -> int:
        """Store items in the place of all present ones, and return the new version of the account.

        settings: those that it is opened anew with, which also deletes the entries of its journal; None
            keeps the present ones.
        """

    def set_alias(self, key: str) -> int:
        """Have requests with this key go to the account of another key; empty ends it. Return the version.

        An alias that ends is deleted if no account of its own is stored under the key.
        """

    def drop_entries(self) -> int:
        """Delete all entries of the account's journal; return its new version, 0 when nothing is stored."""

    def add_entry(self, time: float, content: str) -> int:
        """Write an entry into the account's journal, and return its number; see `NewEntry`."""


class StateStore(Protocol):
    """Accounts that outlive the process and are shared by several. Any method may be called from any thread.

    location: where it is, for messages; without a password.
    is_quick: whether its methods take microseconds, so that an event loop may call them itself.

    Every method raises `fakekit.errors.StateError` when the store cannot be reached, is full, or does not
    answer in time; nothing is stored then. The next call tries again.
    """

    location: str
    is_quick: bool

    def find(self, key: str) -> AccountRow | None:
        """Return the row of a key; None when nothing is stored under it. An alias is not followed."""

    def rows(self) -> list[AccountRow]:
        """Return the rows of all accounts and aliases, the least recently used first.

        Not that of the requests without a valid key.
        """

    def read(self, key: str, after: int = 0) -> tuple[AccountRow | None, list[Item]]:
        """Return the row of a key, and the items that were written after a version, as of one moment.

        Removed ones have no value. All items, if they were replaced after that version.
        """

    def writing(self, key: str) -> AbstractContextManager[AccountWrite]:
        """Return a context manager within which no other process or thread writes the account.

        What the block stores is stored when it ends, whole; when it raises, nothing is. Blocks are not
        nested.
        """

    def drop(self, key: str) -> bool:
        """Delete all that is stored of an account; return False when nothing is. An alias is not followed."""

    def write_entries(self, entries: Sequence[NewEntry], waits: bool = True) -> list[int]:
        """Write entries into journals, all or none, and return the number of each: larger than any before.

        The number is 0 for one that was left out: its `version` is not the account's any more, its
        `request_key` leads to another account, the entry that it repeats was deleted, or its account is new
        and there is no room for it.

        waits: False raises `StoreBusyError` rather than to wait for a write of somebody else, for more than a
            few milliseconds; only for a store that is quick.
        """

    def entries(self, key: str, after: int = 0) -> list[StoredEntry]:
        """Return the entries of an account's journal with larger numbers, oldest first.

        At most one more than `ENTRIES`, which shows that there are older ones.
        """

    def make_room(self) -> None:
        """Drop journals if those that `AccountWrite.add_entry` wrote to have made all together too large.

        Not within a block of `writing`.
        """

    def drop_entries(self, key: str) -> int:
        """Delete all entries of an account's journal, and return the new version of the account.

        It has a new version so that no process repeats a response whose entry is gone. 0 when nothing is
        stored of it.
        """

    def check_room(self, key: str) -> None:
        """Raise `AccountsFullError` when a key is new, and there is no room for its account.

        For requests that only read: with them, an account is stored when its first entry is written.
        """

    def last_number(self) -> int:
        """Return the largest number that an entry ever got; 0 before the first one."""

    def close(self) -> None:
        """Close every connection."""
