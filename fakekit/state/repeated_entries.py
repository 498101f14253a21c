"""Which entries of journals are certainly stored, so that they can be repeated without looking for each."""

from __future__ import annotations

from collections.abc import Sequence

from fakekit.state import statements as sql
from fakekit.state.connection import DatabaseConnection, SqlValues

MAX_KNOWN = 4096
"""How many entries are known at once."""
_UNKNOWN = 0, 0


class RepeatedEntries:
    """Where the content of entries is that this process stored or repeated, and when it did so last.

    A journal loses all of its entries at once, or those before the last thousand; of these, the ones stay
    that later ones repeat. Its row says up to where (`AccountRow.first_number`). So an entry is stored as
    long as the last one that repeats it is not before that, and the last one of this process is stored: it
    is not where a copy from before has taken the place of the database.

    last: by key, the number of the last entry that this process stored.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], tuple[int, int]] = {}
        self.last: dict[str, int] = {}

    def find(self, connection: DatabaseConnection, key: str, number: int, first_number: int) -> int:
        """Return the number of the entry that has the content of an entry; 0 for one that was deleted.

        first_number: the smallest number that an entry of the account's journal can have now. One that is
            larger than all has the entry looked for.
        """
        content, repeated_by = self._known.get((key, number), _UNKNOWN)
        if repeated_by < first_number:
            found = connection.execute(sql.REPEATED, key, number)
            return (found[0][0] or number) if found else 0
        return content

    def add(self, entries: Sequence[SqlValues]) -> None:
        """Take in the entries that were stored: key, number, time, the number that it repeats, content."""
        if len(self._known) + len(entries) > MAX_KNOWN:
            self._known.clear()
            self.last.clear()
        for key, number, _, repeats, _ in entries:
            content = repeats or number
            self._known[key, content] = content, number
            self.last[key] = number
