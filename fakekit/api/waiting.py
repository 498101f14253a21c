"""Requests that wait: there is room for a stated number of them, so that the others never do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

WAITING = 64
"""How many requests of a server may wait at once, delayed by faults or for others to come.

Half of what `fakekit.server.process` has threads for; `fakekit.server.thread` adds one for each that waits.
"""


class Waiting:
    """Who waits. Every method may be called from any thread."""

    def __init__(self, limit: int = WAITING) -> None:
        self.limit = limit
        self._slots = BoundedSemaphore(limit)

    @contextmanager
    def slot(self) -> Iterator[bool]:
        """A place to wait in, given back at the end; False when there is none."""
        has_slot = self._slots.acquire(blocking=False)
        try:
            yield has_slot
        finally:
            if has_slot:
                self._slots.release()

    @property
    def limit_message(self) -> str:
        """Why somebody may not wait."""
        return f"{self.limit} requests wait already, which is all that may at once"
