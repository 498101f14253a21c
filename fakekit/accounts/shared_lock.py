"""A lock that many readers share, and a writer has alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from fakekit.unpatched import Lock, wait_for_change

_LOOK_SECONDS = 1.0
"""How often who waits looks again, where nobody wakes him up."""


class SharedLock:
    """A lock that readers share, and a writer has alone. A writer that waits goes before later readers.

    It is not reentrant: a thread that has it, in either way, must not take it again.
    """

    def __init__(self) -> None:
        self._changed, self._readers, self._is_exclusive = Condition(Lock()), 0, False

    @property
    def is_free(self) -> bool:
        """Whether nobody has it, or waits for it."""
        return not (self._readers or self._is_exclusive)

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Return a context manager within which no writer has the lock; blocks while one has."""
        with self._changed:
            while self._is_exclusive:
                wait_for_change(self._changed, _LOOK_SECONDS)
            self._readers += 1
        try:
            yield
        finally:
            with self._changed:
                self._readers -= 1
                if not self._readers:
                    self._changed.notify_all()

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Return a context manager within which nobody else has the lock; blocks while somebody has."""
        with self._changed:
            while self._is_exclusive:
                wait_for_change(self._changed, _LOOK_SECONDS)
            self._is_exclusive = True
        try:
            with self._changed:
                while self._readers:
                    wait_for_change(self._changed, _LOOK_SECONDS)
            yield
        finally:
            with self._changed:
                self._is_exclusive = False
                self._changed.notify_all()
