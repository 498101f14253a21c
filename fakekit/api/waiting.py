"""The limit on requests that wait at once, so that there are always threads for the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

WAITING = 64
"""How many requests of a server may wait at once, delayed by faults or for others to come.

Half of what `fakekit.server.process` has threads for; `fakekit.server.thread` adds one for each that waits.
"""


class Waiting:
    """Limits how many requests may wait at once, delayed by faults or for other requests to come.

    limit: how many; further requests are refused at once, and do not queue. Any thread may call its
        methods.
    """

    def __init__(self, limit: int = WAITING) -> None:
        self.limit = limit
        self._slots = BoundedSemaphore(limit)

    @contextmanager
    def slot(self) -> Iterator[bool]:
        """Return a context manager that takes one of the slots for waiting requests, and frees it at the end.

        Its value is True; when all slots are taken it is False, without blocking.
        """
        has_slot = self._slots.acquire(blocking=False)
        try:
            yield has_slot
        finally:
            if has_slot:
                self._slots.release()

    @property
    def limit_message(self) -> str:
        """The sentence for log and note when a request may not be delayed: all slots are taken."""
        return f"{self.limit} requests wait already, the most that may wait at once"
