"""What an account stores in one piece: each of its snapshots, and what a reset replaced."""

from __future__ import annotations

from collections.abc import Mapping

from fakekit.accounts.account_state import AccountState, new_faults
from fakekit.accounts.clock import Clock
from fakekit.accounts.items import (
    Values,
    names_of_part,
    read_replaced,
    replaced_to_json,
    store_from_json,
    store_to_json,
)
from fakekit.accounts.resettable import Resettable
from fakekit.accounts.store import ChangeStore


class StoredPieces:
    """The pieces of one account with the JSON of each, so that one that stays the same is converted once."""

    def __init__(self) -> None:
        self._snapshots: dict[int, tuple[ChangeStore, str]] = {}
        self._replaced: tuple[Resettable | None, str] = (None, "")

    def snapshot_values(self, snapshots: Mapping[str, ChangeStore]) -> Values:
        """Return an item for each snapshot; of those that are gone, no text is kept."""
        known, self._snapshots = self._snapshots, {}
        values: Values = {}
        for name, store in snapshots.items():
            saved = known.get(id(store)) or (store, store_to_json(store))
            self._snapshots[id(store)], values["snapshot", name] = saved, saved[1]
        return values

    def read_snapshots(self, values: Values) -> dict[str, ChangeStore]:
        """Return the snapshots that items say, oldest first; a known one is the object that it was."""
        by_text = {text: store for store, text in self._snapshots.values()}
        snapshots: dict[str, ChangeStore] = {}
        for name in sorted(names_of_part(values, "snapshot"), key=lambda name: int(name[1:])):
            text = values["snapshot", name]
            snapshots[name] = store = by_text.get(text) or store_from_json(text)
            self._snapshots[id(store)] = store, text
        return snapshots

    def replaced_values(self, account: AccountState) -> Values:
        """Return the item for what a reset of an account replaced; nothing where there is nothing to undo."""
        before = account.before_reset
        if before is None:
            return {}
        if before is not self._replaced[0]:
            self._replaced = before, replaced_to_json(before, before.clock is not account.clock)
        return {("before_reset", ""): self._replaced[1]}

    def read_replaced(self, values: Values, account: AccountState, clock_before: Clock) -> Resettable | None:
        """Return what a reset of an account replaced, as an item says; None without one.

        clock_before: that of the account before it was read. What `clear_changes` replaced has it too, as
            only records were replaced; all else in it is that of the account.
        """
        text, (known, known_text) = values.get(("before_reset", ""), ""), self._replaced
        replaced = known
        if text != known_text:
            replaced = read_replaced(text, account.resettable, new_faults(account.baseline)) if text else None
        elif known is not None and known.clock is clock_before:
            replaced = account.resettable._replace(store=known.store, replaced_at=known.replaced_at)
        self._replaced = replaced, text
        return replaced
