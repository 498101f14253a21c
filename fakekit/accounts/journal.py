"""The journal: an account's last requests and responses, redacted when they are written."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from sys import getsizeof
from threading import Condition
from typing import NamedTuple, TypedDict, cast

from fakekit.accounts.capacity import ENTRIES
from fakekit.accounts.redaction import RequestHeaders, redact_and_truncate
from fakekit.unpatched import Lock, monotonic, wait_for_change

MAX_BODY = 4096
"""How many characters of a request's body an entry holds."""
WAIT_SECONDS = 5.0
"""How long to wait for requests that are to come, where nobody says."""
MAX_ANSWER = 2000
"""How many characters of an answer's body an entry shows."""
MAX_MEDIA_TYPE = 100
"""How many characters of an answer's media type an entry holds."""
MAX_START = MAX_ANSWER + 64
"""How many bytes of it an entry holds: so many that redaction sees whether a cut goes through a word."""

_ENTRY_BYTES = 800
"""About how many bytes an entry takes without its texts."""

_HEADER_BYTES = 110
"""About how many bytes a header in an entry takes without the text of its value; names are shared."""


class EntryJson(TypedDict):
    """A `JournalEntry` as JSON, with the same fields; the time is in ISO 8601, UTC."""

    number: int
    time: str
    method: str
    path: str
    query: dict[str, object]
    body: str
    size: int
    status: int
    milliseconds: float
    truth: str
    assumed: list[str]
    note: str
    unread: list[str]
    fault: str
    answer: str
    headers: dict[str, str]
    scheme: str
    media_type: str
    answered: bool


class JournalEntry(NamedTuple):
    """One request and its response, as the journal stores them.

    number: counts the requests of a server; the line in its log has the same.
    time: when the request arrived, in seconds since 1970.
    path, query, body: redacted, see `fakekit.accounts.redaction`; of the query names and values, of the
        body its JSON.
    size: the length of the request's body in bytes, as it arrived.
    milliseconds: from arrival to response, without the delay of a fault.
    truth, assumed, note: the values of the response's headers `Fakekit-Truth`, `-Assumed` and `-Note`.
    unread: the names of fields and parameters that the vendor's tables lack.
    fault: the faults and stubs that changed the response, in their text form.
    answer: the first bytes of the response's body, not yet redacted: the account holds that data anyway.
        `as_json` hides what looks like a credential.
    headers: of the request, redacted: names in lower case, and ``...`` for most values.
    scheme: ``https`` where the connection to this server had TLS, else ``http``; a proxy in front of the
        server may speak another one with the client.
    media_type: the Content-Type of the response, not yet redacted (a fault in a key may set it); empty for a
        response without a body.
    answered: False where a fault ended the connection before the client got a response; also under a WSGI
        server of somebody else's on which the fault could not be applied.
    """

    number: int
    time: float
    method: str
    path: str
    query: tuple[tuple[str, object], ...]
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
    headers: RequestHeaders
    scheme: str
    media_type: str
    answered: bool

    def as_json(self) -> EntryJson:
        """Return the entry as a new dict, for the control API's JSON and for handles.

        The response's body and media type are redacted and truncated in it.
        """
        when = datetime.fromtimestamp(self.time, UTC).isoformat(timespec="milliseconds")
        text, is_cut = self.answer.decode(errors="replace").rstrip("\n"), len(self.answer) >= MAX_START
        answer = redact_and_truncate(text, MAX_ANSWER, is_cut=is_cut)
        values: dict[str, object] = {"query": dict(self.query), "headers": dict(self.headers.pairs)}
        values |= {"assumed": list(self.assumed), "unread": list(self.unread), "answer": answer}
        values |= {"time": when, "milliseconds": round(self.milliseconds, 2)}
        is_cut = len(self.media_type) >= MAX_MEDIA_TYPE
        values["media_type"] = redact_and_truncate(self.media_type, MAX_MEDIA_TYPE, is_cut=is_cut)
        return cast("EntryJson", {**self._asdict(), **values})

    def repeated(self, number: int, time: float) -> JournalEntry:
        """Return the entry of a later request of the same bytes, answered with the remembered response.

        number, time: of the later request, which took 0 milliseconds; all else is as in this entry.
        """
        return JournalEntry._make((number, time, *self[2:8], 0.0, *self[9:]))

    @property
    def is_problem(self) -> bool:
        """Whether the request was refused, was changed by a fault, or sent something that is not read."""
        return self.status >= 400 or bool(self.fault or self.unread)

    @property
    def headers_size(self) -> int:
        """About how many bytes of memory the headers take; entries of equal headers share them."""
        return sum([_HEADER_BYTES + len(value) for _, value in self.headers.pairs])

    @property
    def size_in_bytes(self) -> int:
        """About how many bytes the entry takes without its headers, for the limit of all journals."""
        fixed_size = _ENTRY_BYTES + len(self.answer) + len(self.note) + len(self.media_type)
        if not (self.size or self.query or self.unread):
            return fixed_size
        return fixed_size + sum(
            map(getsizeof, (self.body, *self.unread, *(value for _, value in self.query)))
        )


class Journal:
    """The last `ENTRIES` requests of an account, oldest first.

    truncated: whether older entries were dropped; False by default.
    size_in_bytes: about how many bytes of memory the entries take.
    written: how many entries were ever written; one that is written again counts once.
    has_ascending_numbers: whether one with a smaller number than the last was written before.
    last_number: the largest number of a request that was ever written, also of a dropped one; 0 before that.
    is_closed: whether its account was closed, so that no further entry comes.

    Every method may be called from any thread.
    """

    has_ascending_numbers = False  # requests may end in another order than they came in

    def __init__(self, truncated: bool = False) -> None:
        self.truncated, self.is_closed = truncated, False
        self.size_in_bytes = 0
        self._entries: deque[JournalEntry] = deque()
        self._sizes: deque[int] = deque()
        self._lock = Lock()
        self._changed = Condition(self._lock)
        self.written = self.last_number = self._waiting = 0
        self._listeners: tuple[Callable[[], None], ...] = ()

    def write(self, entry: JournalEntry, size: int | None = None) -> int:
        """Add an entry and wake up every thread in `wait`. With `ENTRIES` entries, the oldest is dropped.

        size: the entry's `size_in_bytes`, if the caller knows it; None to compute it, with the headers if no
            entry had them before.

        Returns how many bytes the journal has grown; negative when a larger entry was dropped.
        """
        if size is None:
            size = entry.size_in_bytes + (0 if entry.headers.is_shared else entry.headers_size)
        added_bytes = size
        with self._lock:
            if len(self._entries) >= ENTRIES:
                self._entries.popleft()
                added_bytes -= self._sizes.popleft()
                self.truncated = True
            self._entries.append(entry)
            self._sizes.append(size)
            if entry.number > self.last_number:
                self.written += 1
                self.last_number = entry.number
            elif not self.has_ascending_numbers:
                self.written += 1
            self.size_in_bytes += added_bytes
            if self._waiting:
                self._changed.notify_all()
        for listener in self._listeners:
            listener()
        return added_bytes

    def add_listener(self, listener: Callable[[], None]) -> None:
        """Call a function after each further entry and on `close`, in the thread of that; it may not wait.

        For a control request that waits for requests, and for a stream of them.
        """
        with self._lock:
            self._listeners = (*self._listeners, listener)

    def remove_listener(self, listener: Callable[[], None]) -> None:
        """Stop calling a function that `add_listener` was given; nothing happens when it is not there."""
        with self._lock:
            self._listeners = tuple(known for known in self._listeners if known != listener)

    def close(self) -> None:
        """Say to the listeners that no further entry comes; the registry calls it for a closed account."""
        self.is_closed = True
        for listener in self._listeners:
            listener()

    def position_after(self, number: int) -> int:
        """Return how many entries had been written up to that of the request with a number, for `read_from`.

        Requests may end in another order than they came in, so a later one may stand before it. Where the
        entry was dropped, return how many were written before the first one with a larger number.
        """
        with self._lock:
            numbers = [entry.number for entry in self._entries]
            dropped = self.written - len(numbers)
        if number in numbers:
            return dropped + numbers.index(number) + 1
        return dropped + next((i for i, later in enumerate(numbers) if later > number), len(numbers))

    def read_from(self, position: int) -> tuple[list[JournalEntry], int]:
        """Return the entries written after the first `position` ones, oldest first, and the next position.

        Those that were dropped meanwhile are left out.
        """
        with self._lock:
            count = min(self.written - position, len(self._entries))
            entries = list(islice(reversed(self._entries), count))
            return entries[::-1], self.written

    def entries(self, matches: Callable[[JournalEntry], bool]) -> list[JournalEntry]:
        """Return the entries for which `matches` returns True, oldest first.

        matches: called with an entry, without the journal's lock.
        """
        with self._changed:
            entries = list(self._entries)  # so that `matches` runs without the lock
        return [entry for entry in entries if matches(entry)]

    def wait(self, matches: Callable[[JournalEntry], bool], count: int, seconds: float) -> list[JournalEntry]:
        """Block until `count` entries match, or `seconds` have passed; return the entries that match then.

        matches: called with an entry, under the journal's lock; it must not block.
        """
        deadline = monotonic() + seconds
        with self._changed:
            while True:
                matching = [entry for entry in self._entries if matches(entry)]
                remaining = deadline - monotonic()
                if len(matching) >= count or remaining <= 0:
                    return matching
                self._waiting += 1
                try:
                    wait_for_change(self._changed, remaining)
                finally:
                    self._waiting -= 1

    def clear(self) -> None:
        """Drop every entry, and set `truncated` back to False.

        For a user who deletes the requests or the account; `clear_for_space` is for the registry's limit.
        """
        with self._changed:
            self._entries.clear()
            self._sizes.clear()
            self.size_in_bytes, self.truncated = 0, False

    def clear_for_space(self) -> None:
        """Drop every entry to free memory, and set `truncated` if there was one."""
        with self._changed:
            self.truncated = self.truncated or bool(self._entries)
            self._entries.clear()
            self._sizes.clear()
            self.size_in_bytes = 0

    def last(self) -> JournalEntry | None:
        """Return the latest entry, for the summary of an account (`last_request`).

        None when there is none, or all were dropped.
        """
        with self._changed:
            return self._entries[-1] if self._entries else None

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[JournalEntry]:
        """Return an iterator over a copy of the entries, oldest first."""
        return iter(self.entries(lambda _: True))
