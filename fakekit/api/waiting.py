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
    """Limits how many requests may wait at once. Every method may be called from any thread.

    limit: how many; further requests are refused at once, and do not queue.
    """

    def __init__(self, limit: int = WAITING) -> None:
        self.limit = limit
        self._slots = BoundedSemaphore(limit)

    @contextmanager
    def slot(self) -> Iterator[bool]:
        """Return a context manager that takes one of the slots to wait in, and gives it back at the end.

        Its value is True, or False, without blocking, when all slots are taken.
        """
        has_slot = self._slots.acquire(blocking=False)
        try:
            yield has_slot
        finally:
            if has_slot:
                self._slots.release()

    @property
    def limit_message(self) -> str:
        """The sentence that explains why a request may not wait: all slots are taken."""
        return f"{self.limit} requests wait already, the most that may wait at once"
