"""The requests in a journal as server-sent events (WHATWG HTML, 9.2), for who looks on while they come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from json import dumps

from fakekit.accounts.journal import Journal
from fakekit.unpatched import Event, monotonic

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

    def wait_and_take(self, seconds: float) -> Iterator[bytes]:
        """Yield the events of requests as they come, for so many seconds or until the journal is closed.

        Blocks the thread, under a server that is not fakekit's own. With 0 seconds, yield those that there
        are.
        """
        written, deadline = Event(), monotonic() + seconds
        self.journal.add_listener(written.set)
        try:
            yield FIRST_BYTES + self.take()
            while not self.journal.is_closed and (remaining := deadline - monotonic()) > 0:
                if not written.wait(remaining):
                    return
                written.clear()  # before the look, so that no later one is missed
                yield self.take()
        finally:
            self.journal.remove_listener(written.set)


@lru_cache(1024)  # each stream of an account sends the same
def _event(number: int, status: int, is_problem: bool) -> bytes:
    """Return one request as an event, whose id is its number."""
    data = dumps({"number": number, "status": status, "problem": is_problem})
    return f"id: {number}\nevent: request\ndata: {data}\n\n".encode()
