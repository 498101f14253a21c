"""The journal: what an account was asked and what it answered, bounded, and redacted as it is written."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from sys import getsizeof
from threading import Condition, Lock
from typing import Any, NamedTuple

from fakekit.accounts.redaction import truncate_redacted
from fakekit.unpatched import monotonic

ENTRIES = 1000
"""How many requests one journal holds; the oldest makes room."""
BODY_KEPT = 4096
"""How many characters of a request's body an entry holds."""
ANSWER_KEPT = 1000
"""How many bytes of an answer's body an entry holds."""

_ENTRY_BYTES = 800
"""About how many bytes an entry takes without its texts."""


class JournalEntry(NamedTuple):
    """One request and its answer.

    number: counts the requests of a server, as its log does.
    time: when it came, in seconds since 1970.
    path, query, body: as far as they may be kept, see `fakekit.accounts.redaction`; of the query names and
        values, of the body its JSON.
    size: how many bytes of a body came.
    milliseconds: from its coming to its answer; what a fault delays is not in it.
    unread: the names of fields that no table has.
    fault: the faults and stubs that had a part in the answer, as they are written.
    answer: the first bytes of the answer's body. It is of what the account holds anyway; what looks like a
        credential in it is hidden where it is shown.
    """

    number: int
    time: float
    method: str
    path: str
    query: tuple[tuple[str, Any], ...]
    body: str
    size: int
    status: int
    milliseconds: float
    truth: str
    assumed: tuple[str, ...]
    note: str
    unread: tuple[str, ...]
    fault: str
    answer: bytes

    def as_json(self) -> dict[str, Any]:
        """As JSON carries it, in new objects."""
        when = datetime.fromtimestamp(self.time, UTC).isoformat(timespec="milliseconds")
        answer = truncate_redacted(self.answer.decode(errors="replace").rstrip("\n"), ANSWER_KEPT)
        texts: dict[str, Any] = {"query": dict(self.query)}
        texts |= {"assumed": list(self.assumed), "unread": list(self.unread), "answer": answer}
        return {**self._asdict(), **texts, "time": when, "milliseconds": round(self.milliseconds, 2)}

    @property
    def size_in_bytes(self) -> int:
        """About how many bytes it takes."""
        known = _ENTRY_BYTES + len(self.answer) + len(self.note)
        if not (self.size or self.query or self.unread):
            return known
        return known + sum(map(getsizeof, (self.body, *self.unread, *(value for _, value in self.query))))


class Journal:
    """The last requests of an account, oldest first.

    truncated: whether there were more than it holds now.

    Every method may be called from any thread.
    """

    def __init__(self, truncated: bool = False) -> None:
        self.truncated = truncated
        self.size_in_bytes = 0
        self._entries: deque[JournalEntry] = deque()
        self._lock = Lock()
        self._changed = Condition(self._lock)
        self._waiting = 0

    def write(self, entry: JournalEntry) -> int:
        """Add an entry, whole or not at all; how many bytes the journal has become larger."""
        added_bytes = entry.size_in_bytes
        with self._lock:
            if len(self._entries) >= ENTRIES:
                added_bytes -= self._entries.popleft().size_in_bytes
                self.truncated = True
            self._entries.append(entry)
            self.size_in_bytes += added_bytes
            if self._waiting:
                self._changed.notify_all()
        return added_bytes

    def entries(self, matches: Callable[[JournalEntry], bool]) -> list[JournalEntry]:
        """Those that a condition holds for, oldest first."""
        with self._changed:
            entries = list(self._entries)
        return [entry for entry in entries if matches(entry)]

    def wait(self, matches: Callable[[JournalEntry], bool], count: int, seconds: float) -> list[JournalEntry]:
        """Wait until there are `count` such entries, at most so long; those there are then."""
        deadline = monotonic() + seconds
        with self._changed:
            while True:
                matching = [entry for entry in self._entries if matches(entry)]
                remaining = deadline - monotonic()
                if len(matching) >= count or remaining <= 0:
                    return matching
                self._waiting += 1
                try:
                    self._changed.wait(remaining)
                finally:
                    self._waiting -= 1

    def clear(self) -> None:
        """Empty it: it is as new."""
        with self._changed:
            self._entries.clear()
            self.size_in_bytes, self.truncated = 0, False

    def clear_for_space(self) -> None:
        """Give back what it holds; it says so."""
        with self._changed:
            self.truncated = self.truncated or bool(self._entries)
            self._entries.clear()
            self.size_in_bytes = 0

    def last(self) -> JournalEntry | None:
        """The latest entry."""
        with self._changed:
            return self._entries[-1] if self._entries else None

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[JournalEntry]:
        return iter(self.entries(lambda _: True))
