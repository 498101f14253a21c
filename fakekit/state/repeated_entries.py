"""Which entries of journals are certainly stored, so that they can be repeated without looking for each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from fakekit.accounts.state_store import AccountRow
from fakekit.state import statements as sql
from fakekit.state.connection import DatabaseConnection, SqlValues

MAX_KNOWN = 4096
"""How many entries are known at once."""


class RepeatedEntries:
    """The entries that this process has repeated, and when it did so last.

    A journal loses all of its entries at once, or those before the last thousand; of these, the ones stay
    that later ones repeat. So an entry is stored as long as one that repeats it is, and that is so as long as
    the last one of this process is, and no later entry was deleted (`AccountRow.first_number`).
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], tuple[int, int]] = {}
        self._last: dict[str, int] = {}

    def find(
        self,
        connection: DatabaseConnection,
        rows: Mapping[str, AccountRow],
        wanted: Collection[tuple[str, int]],
    ) -> dict[tuple[str, int], int]:
        """Return of entries the ones that are certainly stored, with the number of that with the content.

        rows: of their accounts, by key. wanted: keys and numbers of the entries.

        Makes one query for each account.
        """
        lasts = [(key, self._last[key]) for key in {key for key, _ in wanted} if key in self._last]
        results = zip(lasts, connection.execute_each(sql.REPEATED, lasts), strict=True)
        stored = {key for (key, _), found in results if found}
        certain = {}
        for each in wanted:
            content, repeated_by = self._known.get(each, (0, 0))
            if each[0] in stored and repeated_by >= rows[each[0]].first_number:
                certain[each] = content
        return certain

    def add(self, entries: Sequence[SqlValues]) -> None:
        """Take in the entries that were stored: key, number, time, the number that it repeats, content."""
        if len(self._known) + len(entries) > MAX_KNOWN:
            self._known.clear()
            self._last.clear()
        for key, number, _, repeats, _ in entries:
            self._known[key, repeats or number] = repeats or number, number
            self._last[key] = number
