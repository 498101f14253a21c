"""The requests in a journal as server-sent events (WHATWG HTML, 9.2), for who looks on while they come."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from json import dumps

from fakekit.accounts.journal import Journal

EVENT_STREAM = "text/event-stream"
"""The media type of server-sent events."""
MAX_STREAMS = 100
"""How many streams of one server may be open at once."""
FIRST_BYTES = b"retry: 1000\n\n"
"""The start of each stream: a client that lost it tries again after a second."""


class EventStream:
    """The requests in a journal that were written after a position, as events, for one client.

    It holds no events: `take` makes them of what the journal has, so a client that reads slowly costs no
    memory, and misses only what the journal drops.

    journal: tells its listeners of further requests.
    close: called once when the client has got its last event; ends the use of the account.
    """

    def __init__(self, journal: Journal, position: int) -> None:
        self.journal, self._position = journal, position
        self.close: Callable[[], None] = lambda: None

    def take(self) -> bytes:
        """Return the events of the requests that were written since the last call; empty for none."""
        entries, self._position = self.journal.read_from(self._position)
        return b"".join([_event(entry.number, entry.status, entry.is_problem) for entry in entries])


@lru_cache(1024)  # each stream of an account sends the same
def _event(number: int, status: int, is_problem: bool) -> bytes:
    """Return one request as an event, whose id is its number."""
    data = dumps({"number": number, "status": status, "problem": is_problem})
    return f"id: {number}\nevent: request\ndata: {data}\n\n".encode()
