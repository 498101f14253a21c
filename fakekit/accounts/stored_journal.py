"""The journal of an account whose requests are stored: a copy in memory of what the store has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from json import loads

from fakekit.accounts.capacity import ENTRIES
from fakekit.accounts.items import to_json
from fakekit.accounts.journal import (
    MAX_ANSWER,
    MAX_MEDIA_TYPE,
    MAX_START,
    Journal,
    JournalEntry,
)
from fakekit.accounts.redaction import RequestHeaders, redact_and_truncate
from fakekit.accounts.state_store import StateStore, StoredEntry
from fakekit.errors import StateError
from fakekit.unpatched import Lock, monotonic

POLL_SECONDS = 0.05
"""How often who waits for requests looks for those that other processes answered."""

_PLAIN_FIELDS = tuple(
    name for name in JournalEntry._fields if name not in ("number", "time", "answer", "headers", "media_type")
)
"""The fields of an entry that are stored as they are, in this order."""


class StoredJournal(Journal):
    """The last requests of an account, as the store has them.

    Entries are written into the store first (`StateStore.write_entries`), and get their numbers there. Those
    of other processes, and those from before a restart, are read by `read_new_entries`.

    key: of the account; empty for the requests without a valid key.
    commit_lock: held while entries are stored and then written to memory, so that none is read twice.
    known_number: every entry of the account up to this number is in memory, or was dropped.
    is_behind: whether there may be later ones that are not in memory, as nobody has asked for any.
    is_cleared: whether `clear` was called in the last block of `clearing_later`.
    """

    has_ascending_numbers = True

    def __init__(self, store: StateStore, key: str, commit_lock: Lock) -> None:
        super().__init__()
        self._store, self.key, self._commit_lock = store, key, commit_lock
        self.known_number, self.is_behind = 0, True
        self._clears_later = self.is_cleared = self._is_full = False

    def read_new_entries(self, waits: bool = True) -> None:
        """Make the journal equal to what is stored of it: read new entries, and drop those that are deleted.

        Raises `StateError` when the store does not answer.

        waits: False does nothing while entries are being stored, which may take seconds.
        """
        if not self._commit_lock.acquire(waits):
            return
        try:
            self._read_new_entries()
        finally:
            self._commit_lock.release()

    def _read_new_entries(self) -> None:
        """Do what `read_new_entries` does. The caller has the lock."""
        row, last_number = self._store.find(self.key), self._store.last_number()
        if row is None:
            self.clear_memory()
        else:
            self._drop_up_to(row.first_number - 1)
        if last_number > self.known_number:
            for stored in self._store.entries(self.key, self.known_number):
                self.write(entry_from_json(stored))
                # Not the last number of all accounts: an entry with a smaller one may not be stored yet.
                self.known_number = stored.number
        self.truncated = self._is_full or bool(row and row.truncated)
        was_behind, self.is_behind = self.is_behind, False
        if was_behind:  # `read_from` has given nothing meanwhile
            for listener in self._listeners:
                listener()

    def note_stored(self) -> None:
        """Read an entry that was stored with a write if somebody waits for it; drop journals if all are full.

        Called without any lock. Where the store does not answer, the next call of somebody else does it.
        """
        with suppress(StateError):
            if self.has_listeners:
                self.read_new_entries(waits=False)
            self._store.make_room()

    def write(self, entry: JournalEntry, size: int | None = None) -> int:
        """Add an entry to those in memory; see `Journal.write`."""
        self._is_full = self._is_full or len(self) >= ENTRIES
        return super().write(entry, size)

    def read_from(self, position: int) -> tuple[list[JournalEntry], int]:
        """Return the entries behind a position, and the next position; see `Journal.read_from`.

        Nothing, and the same position, while there may be entries in the store that are not in memory: when
        they are read, the listeners are called.
        """
        return ([], position) if self.is_behind else super().read_from(position)

    def _drop_up_to(self, number: int) -> None:
        """Drop the entries in memory up to that of a request with this number."""
        with self._changed:
            while self._entries and self._entries[0].number <= number:
                self._entries.popleft()
                self.size_in_bytes -= self._sizes.popleft()

    def wait(self, matches: Callable[[JournalEntry], bool], count: int, seconds: float) -> list[JournalEntry]:
        """Block until `count` entries match, or `seconds` have passed; see `Journal.wait`.

        Raises `StateError` when the store does not answer.
        """
        deadline = monotonic() + seconds
        while True:
            self.read_new_entries()
            remaining = deadline - monotonic()
            matching = super().wait(matches, count, min(POLL_SECONDS, remaining))
            if len(matching) >= count or remaining <= POLL_SECONDS:
                return matching

    def clear(self) -> None:
        """Drop every entry, in the store too; within `clearing_later`, only note that it is to be done.

        Raises `StateError` when the store does not answer.
        """
        if self._clears_later:
            self.is_cleared = True
            return
        self._store.drop_entries(self.key)
        self.clear_memory()

    def clear_memory(self) -> None:
        """Drop every entry in memory, as those in the store are gone, but for some that came meanwhile."""
        super().clear()
        self._is_full = False
        self.known_number, self.is_behind = 0, True

    def clear_for_space(self) -> None:
        """Drop every entry in memory; who asks for them gets them from the store."""
        super().clear_for_space()
        self.known_number, self.is_behind = 0, True

    @contextmanager
    def clearing_later(self) -> Iterator[None]:
        """Return a context manager for a write of the account, which itself deletes the entries.

        Nobody else uses the account meanwhile. See `clear`, and `is_cleared` behind the block.
        """
        self._clears_later, self.is_cleared = True, False
        try:
            yield
        finally:
            self._clears_later = False

    @property
    def has_listeners(self) -> bool:
        """Whether somebody waits for further entries."""
        return bool(self._listeners or self._waiting)


def entry_to_json(entry: JournalEntry) -> str:
    """Return an entry without its number and time. What of the response looks like a credential is hidden.

    In memory, that is done when the entry is shown; a stored credential would outlive the process.
    """
    text, is_cut = entry.answer.decode(errors="replace"), len(entry.answer) >= MAX_START
    answer = redact_and_truncate(text.rstrip("\n"), MAX_ANSWER, is_cut=is_cut)
    is_long = len(entry.media_type) >= MAX_MEDIA_TYPE
    media_type = redact_and_truncate(entry.media_type, MAX_MEDIA_TYPE, is_cut=is_long)
    values = [getattr(entry, name) for name in _PLAIN_FIELDS]
    return to_json([answer, media_type, entry.headers.pairs, *values])


def entry_from_json(stored: StoredEntry) -> JournalEntry:
    """Return a stored entry as the journal has it."""
    answer, media_type, headers, *plain = loads(stored.content)
    values = dict(zip(_PLAIN_FIELDS, plain, strict=True))
    for name in ("assumed", "unread"):
        values[name] = tuple(values[name])
    values["query"] = tuple((name, value) for name, value in values["query"])
    pairs = tuple((name, value) for name, value in headers)
    return JournalEntry(
        number=stored.number,
        time=stored.time,
        answer=answer.encode(),
        headers=RequestHeaders(pairs),
        media_type=media_type,
        **values,
    )
