"""A write of several records that is whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fakekit.accounts.changes import Changes


@contextmanager
def transaction(changes: Changes) -> Iterator[None]:
    """Return a context manager within which no other thread changes the records of an account.

    What the block changes is kept whole or, if it raises, not at all: an account may become full between a
    sale and its items.
    """
    with changes.lock:
        has_changes, undo = changes.has_changes, list[Callable[[], None]]()
        changes.undo = undo
        try:
            yield
        except BaseException:
            for take_back in reversed(undo):
                take_back()
            if undo:  # not the version of before, by which readers may have seen a part
                changes.has_changes, changes.version = has_changes, changes.version + 1
            raise
        finally:
            changes.undo = None
