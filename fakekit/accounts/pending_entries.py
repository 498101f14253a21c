"""Entries of a journal that are stored before the responses to their requests are sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from fakekit.accounts.account import Account
from fakekit.accounts.journal import JournalEntry
from fakekit.accounts.state_store import NewEntry
from fakekit.accounts.stored_journal import entry_to_json


class PendingEntries(NamedTuple):
    """A journal's entry that is to be stored before its response is sent, or several that are one `NewEntry`.

    account: None for a request without a valid key.
    entries: with the number 0, as they get their numbers in the store. For responses that are given again,
        those of the first requests.
    stored: what the store writes of them.
    """

    account: Account | None
    entries: Sequence[JournalEntry]
    stored: NewEntry

    @classmethod
    def of(cls, account: Account | None, entry: JournalEntry) -> PendingEntries:
        """Return the entry of a request whose response was computed."""
        key = account.key if account is not None else ""
        return cls(account, [entry], NewEntry(key, entry.time, entry_to_json(entry)))

    def numbered(self, numbers: Iterable[int]) -> Iterator[JournalEntry]:
        """Yield the entries as the journal has them, with the numbers that the store has given.

        Those with the number 0, which it has left out, are missing.
        """
        for entry, number in zip(self.entries, numbers, strict=True):
            if number:
                yield (
                    entry.repeated(number, self.stored.time)
                    if self.stored.repeats
                    else entry._replace(number=number)
                )
