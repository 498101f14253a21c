"""The keys of accounts that were closed to make room, so that a new journal says whether it lacks entries."""

from __future__ import annotations

from fakekit.accounts.account import Account

MOST_KEYS = 100_000
"""How many keys are remembered; each takes about 70 bytes."""


class DroppedKeys:
    """The keys whose account was closed to make room, and lost entries of its journal by that.

    is_full: whether there were more than `MOST_KEYS`, so that any other key may be one of them.
    """

    def __init__(self) -> None:
        self._hashes: set[int] = set()
        self.is_full = False

    def add(self, account: Account) -> None:
        """Remember the key of an account that is closed to make room, if its journal has lost entries."""
        if not len(account.journal) and not account.journal.truncated:
            return
        if len(self._hashes) < MOST_KEYS:
            self._hashes.add(hash(account.key))
        else:
            self.is_full = True

    def discard(self, key: str) -> None:
        """Forget a key, whose requests a user has deleted; nothing happens when it is not remembered."""
        self._hashes.discard(hash(key))

    def clear(self) -> None:
        """Forget all keys."""
        self._hashes.clear()
        self.is_full = False

    def __contains__(self, key: str) -> bool:
        """Whether a key is one of those that are remembered."""
        return hash(key) in self._hashes
