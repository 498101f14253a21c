"""A write of several records that is whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from fakekit.accounts.changes import Changes

if TYPE_CHECKING:
    from fakekit.accounts.account import Account


def transaction(account: Account) -> AbstractContextManager[None]:
    """Return a context manager within which nobody else changes an account.

    What the block changes is kept whole or, if it raises, not at all: an account may become full between a
    sale and its items. Where accounts are stored, the block sees what other processes wrote before, and what
    it changes is stored when it ends; it raises `StateError` when the store does not answer. Blocks are not
    nested.
    """
    return account.stored.writing() if account.stored is not None else _in_memory(account)


@contextmanager
def _in_memory(changes: Changes) -> Iterator[None]:
    """Return the context manager of an account that lives in this process only.

    Of what the block changes, records are taken back if it raises.
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
