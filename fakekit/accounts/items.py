"""An account as items of a `StateStore`, and back: changed records, faults, clock and snapshots as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from json import dumps, loads
from typing import TYPE_CHECKING, Any, NamedTuple

from fakekit.accounts.account_state import new_faults
from fakekit.accounts.baseline import Baseline
from fakekit.accounts.clock import Clock
from fakekit.accounts.resettable import Resettable
from fakekit.accounts.state_store import Item
from fakekit.accounts.store import ChangeStore, StorePart, Touched
from fakekit.contract.provenance import Truth
from fakekit.errors import without_secrets
from fakekit.import_lock import IMPORT_LOCK

if TYPE_CHECKING:
    from fakekit.faults.active import ActiveFaults
    from fakekit.faults.fault import Fault

STORE_PARTS = ("record", "code", "last_id")
"""The parts of items that a `ChangeStore` has; each of its entries is an item of its own."""
FAULT_PARTS = ("faults", "fault", "fault_count", "key_fault")
"""The parts of items that `ActiveFaults` has."""

Values = dict[tuple[str, str], str]
"""Items by part and name, as JSON."""


def to_json(value: object) -> str:
    """Return a value as compact JSON, as all items have it."""
    return dumps(value, ensure_ascii=False, separators=(",", ":"))


# The changed records.


def store_items(store: ChangeStore) -> Iterator[Item]:
    """Return an item for each entry of a store."""
    entries: Touched = {("record", address) for address in store.records}
    entries |= {("code", code) for code in store.codes}
    entries |= {("last_id", name) for name in store.last_ids}
    return touched_items(store, entries)


def touched_items(store: ChangeStore, entries: Touched) -> Iterator[Item]:
    """Yield an item for each of these entries of a store; one that the store does not have has no value."""
    for part, key in entries:
        name = key if part == "last_id" else f"{key[0]}/{key[1]}"
        value = _store_value(store, part, key)
        yield Item(part, name, None if value is None else to_json(value))


def _store_value(store: ChangeStore, part: StorePart, key: Any) -> object:
    """Return an entry of a store as JSON: a record with its assumptions and size, or an id; None for none."""
    if part == "code":
        return store.codes.get(key)
    if part == "last_id":
        return store.last_ids.get(key)
    if key not in store.records:
        return None
    return [store.records[key], store.computed[key], store.sizes[key]]


def read_store_item(store: ChangeStore, item: Item) -> None:
    """Put an entry that an item describes into a store, or remove it where the item has no value."""
    first, _, rest = item.name.partition("/")
    if item.part == "last_id":
        _put(store.last_ids, item.name, item.value)
    elif item.part == "code":
        _put(store.codes, (first, rest), item.value)
    else:
        address = first, int(rest)
        record, computed, size = loads(item.value) if item.value is not None else (None, (), 0)
        store.size_in_bytes += size - store.sizes.pop(address, 0)
        for values in (store.records, store.computed):
            values.pop(address, None)
        if item.value is not None:
            store.records[address], store.sizes[address] = record, size
            store.computed[address] = tuple(Truth(*truth) for truth in computed)


def _put(values: dict[Any, int], key: object, value: str | None) -> None:
    """Set an entry to a number in JSON, or remove it, if there is one, where the value is None."""
    if value is None:
        values.pop(key, None)
    else:
        values[key] = int(value)


def store_to_json(store: ChangeStore) -> str:
    """Return a whole store in one piece, for a snapshot."""
    return to_json([*store_items(store)])


def store_from_json(text: str) -> ChangeStore:
    """Return a new store with what `store_to_json` returned."""
    store = ChangeStore()
    for item in loads(text):
        read_store_item(store, Item(*item))
    return store


# The clock.


def clock_to_json(clock: Clock) -> str:
    """Return the time at which a clock stands, if it does, and its offset in microseconds."""
    fixed = clock.fixed_time.isoformat() if clock.fixed_time is not None else None
    return to_json([fixed, clock.offset // timedelta(microseconds=1)])


def set_clock_from_json(clock: Clock, text: str | None) -> None:
    """Set a clock as `clock_to_json` describes it; None sets it to the real time."""
    fixed, offset = loads(text) if text is not None else (None, 0)
    clock.move(timedelta(microseconds=offset))
    if fixed is not None:
        clock.freeze(datetime.fromisoformat(fixed))


# The faults.


def fault_values(faults: ActiveFaults | None) -> Values:
    """Return the faults of an account with their counts; nothing where they are those of a new one.

    A fault of a key in which there may be a credential is left out: it then has counts of its own in each
    process.
    """
    if faults is None or not (faults.has_changes or faults.last_number > faults.initial_count):
        return {}
    values: Values = {("faults", ""): to_json(faults.last_number)}
    for active in faults.all():
        if active.number:
            values["fault", str(active.number)] = active.fault.json_text
            values["fault_count", str(active.number)] = to_json([active.seen_count, active.use_count])
    for text, of_key in faults.in_keys.items():
        if without_secrets(text) == text:
            values["key_fault", text] = to_json([[a.seen_count, a.use_count] for a in of_key])
    return values


def read_faults(faults: ActiveFaults, values: Mapping[tuple[str, str], str]) -> None:
    """Set faults and counts as the items of an account say; without any, they stay as they are.

    faults: those of a new account.
    values: the items of `FAULT_PARTS`, among others.
    """
    if ("faults", "") not in values:
        return
    numbered = {
        int(name): (_fault_from_json(value), loads(values["fault_count", name]))
        for (part, name), value in values.items()
        if part == "fault"
    }
    in_keys = {name: loads(value) for (part, name), value in values.items() if part == "key_fault"}
    faults.set(numbered, in_keys, loads(values["faults", ""]))


def faults_from_values(
    baseline: Baseline, values: Values, before: ActiveFaults | None
) -> ActiveFaults | None:
    """Return the faults that the items of an account say; None where these and the settings say none.

    before: those that the account had in this process, whose own ones stay that, see `ActiveFault.is_own`.
    """
    if not (items_of_parts(values, FAULT_PARTS) or baseline.faults):
        return None
    faults = new_faults(baseline)
    read_faults(faults, values)
    if before is not None:
        faults.keep_own(before)
    return faults


@lru_cache(256)
def _fault_from_json(text: str) -> Fault:
    """Return the fault that has this `json_text`; counts of one come often, and itself with them."""
    with IMPORT_LOCK:
        from fakekit.faults.registry import read_fault

    return read_fault(loads(text), "the stored fault")


# What a reset replaced.


class ReplacedParts(NamedTuple):
    """What a reset or `clear_changes` replaced, as JSON.

    has_rest: whether a reset replaced it, so that it has more than records.
    """

    store: str
    replaced_at: str
    has_rest: bool
    snapshots: dict[str, str]
    clock: str
    faults: list[tuple[str, str, str]]


def replaced_to_json(before: Resettable, has_rest: bool) -> str:
    """Return what a reset replaced in one piece.

    has_rest: False for what `clear_changes` replaced, of which only the records are stored.
    """
    rest = before if has_rest else Resettable(before.store, {}, Clock(before.clock.real), None)
    return to_json(
        ReplacedParts(
            store_to_json(before.store),
            before.replaced_at.astimezone(UTC).isoformat() if before.replaced_at is not None else "",
            has_rest,
            {name: store_to_json(store) for name, store in rest.snapshots.items()},
            clock_to_json(rest.clock),
            [(part, name, value) for (part, name), value in fault_values(rest.faults).items()],
        )
    )


def read_replaced(text: str, present: Resettable, new_faults: ActiveFaults) -> Resettable:
    """Return what `replaced_to_json` returned the text of.

    present: the state of the account, of which `clear_changes` left all but the records.
    new_faults: those of a new account, which are set.
    """
    parts = ReplacedParts(*loads(text))
    store, replaced_at = store_from_json(parts.store), datetime.fromisoformat(parts.replaced_at)
    if not parts.has_rest:
        return present._replace(store=store, replaced_at=replaced_at)
    clock = Clock(present.clock.real)
    set_clock_from_json(clock, parts.clock)
    read_faults(new_faults, {(part, name): value for part, name, value in parts.faults})
    snapshots = {name: store_from_json(value) for name, value in parts.snapshots.items()}
    return Resettable(store, snapshots, clock, new_faults, replaced_at)


# The other items.


def items_of_parts(values: Values, parts: tuple[str, ...]) -> Values:
    """Return the items of some parts."""
    return {(part, name): value for (part, name), value in values.items() if part in parts}


def names_of_part(values: Mapping[tuple[str, str], str], part: str) -> list[str]:
    """Return the names of the items of a part."""
    return [name for each, name in values if each == part]


def unread_name(text: str) -> tuple[str, str]:
    """Return operation and name of a parameter or field that no endpoint reads; see `Account.unread`."""
    operation, _, name = text.partition(" ")
    return operation, name


def item_differences(before: Values, now: Values) -> Iterator[Item]:
    """Yield the items that are new or have another value; those that are gone without one."""
    for (part, name), value in now.items():
        if before.get((part, name)) != value:
            yield Item(part, name, value)
    for part, name in before:
        if (part, name) not in now:
            yield Item(part, name, None)
