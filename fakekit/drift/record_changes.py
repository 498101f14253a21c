"""What a record shows, before and after a write of the same program, of what the write has done to it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from fakekit.contract.amounts import QUANTITY
from fakekit.drift.observations import Observation
from fakekit.drift.seen_records import SeenRecord, read_reference


def observe_change(before: SeenRecord, now: SeenRecord, is_added: bool) -> Iterator[Observation]:
    """Yield what a record that is still there shows of the writes since it was seen before.

    before: as it was before the write. now: as it is.
    is_added: whether the program has added it in this run.
    """
    if before.deleted_reference:
        yield from _observe_reference(before, now)
    if before.is_deleted:
        yield Observation("delete.stores", None)
    old, new = (read_quantity(seen.values.get("quantity")) for seen in (before, now))
    if before.sold and old is not None and new is not None:
        if old == new and before.is_alone:
            yield Observation("sales.stock", "kept")
        elif old - new == before.sold and is_added:  # other users sell no item of the program's
            yield Observation("sales.stock", "reduced")


def _observe_reference(before: SeenRecord, now: SeenRecord) -> Iterator[Observation]:
    """Yield whether a record is left as it is assumed: in no group, or with the id of the deleted record.

    Nothing where it refers to a third one, as somebody has edited it.
    """
    name = before.deleted_reference
    id_before, id_now = (read_reference(seen.values.get(name)) for seen in (before, now))
    is_null = now.values.get(name, ...) is None
    if is_null or id_now == id_before:
        holds = is_null == now.references[name].allow_none
        yield Observation("delete.cascade", "keep" if holds else None)


def read_quantity(value: object) -> Decimal | None:
    """Return a quantity of a response; None for one of another form."""
    return Decimal(value) if isinstance(value, str) and QUANTITY.fullmatch(value) else None
