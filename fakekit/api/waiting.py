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
        self._places = BoundedSemaphore(limit)

    @contextmanager
    def place(self) -> Iterator[bool]:
        """A place to wait in, given back at the end; False when there is none."""
        granted = self._places.acquire(blocking=False)
        try:
            yield granted
        finally:
            if granted:
                self._places.release()

    @property
    def refusal(self) -> str:
        """Why somebody may not wait."""
        return f"{self.limit} requests wait already, which is all that may at once"
