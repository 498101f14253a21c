"""Which entries of journals are certainly stored, so that they can be repeated without looking for each."""

from __future__ import annotations

from collections.abc import Sequence

from fakekit.accounts.state_store import Source
from fakekit.state import statements as sql
from fakekit.state.connection import DatabaseConnection

MAX_KNOWN = 8192
"""How many entries are taken in, until all are forgotten."""


class RepeatedEntries:
    """Which entries with a content this process stored or repeated, and when it did so last.

    A journal loses all of its rows at once, or those before the last thousand entries; of these, the ones
    stay whose content later ones have. The row of its account says up to where (`AccountRow.first_number`).
    So an entry is stored as long as the last row that repeats it is not before that, and the last row of
    this process is stored: it is not where a copy from before has taken the place of the database.

    last: by key, the last row that this process stored.
    """

    def __init__(self) -> None:
        self._known: dict[str, dict[Source, int]] = {}  # by key: the number of the last row that repeats it
        self._count = 0
        self.last: dict[str, Source] = {}

    def are_stored(
        self, connection: DatabaseConnection, key: str, sources: Sequence[Source], first_number: int
    ) -> list[bool]:
        """Return for each of these entries of an account whether it is stored, with a content of its own.

        first_number: the smallest number that an entry of the account's journal can have now. One that is
            larger than all has each entry looked for.
        """
        known = self._known.get(key, {})
        return [
            known.get(source, 0) >= first_number or bool(connection.execute(sql.HAS_CONTENT, key, *source))
            for source in sources
        ]

    def forget(self, key: str) -> None:
        """Have each entry of an account looked for again, as the last row of this process is not stored."""
        self._known.pop(key, None)
        self.last.pop(key, None)

    def add(self, key: str, row: Source, sources: Sequence[Source]) -> None:
        """Take in a row that was stored.

        row: its number and time. sources: of its entries, those that have their contents.
        """
        if self._count >= MAX_KNOWN:
            self._known.clear()
            self.last.clear()
            self._count = 0
        self._count += len(sources)  # those that are known already, too: some are looked for again then
        self._known.setdefault(key, {}).update(dict.fromkeys(sources, row.number))
        self.last[key] = row
