"""The differences between the keys of objects and those of the contract: missing, new, renamed, reordered."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

from fakekit.contract.provenance import Truth, assumed
from fakekit.drift.expected import ExpectedValue
from fakekit.drift.findings import Difference, Observed, Place
from fakekit.drift.new_names import find_printable
from fakekit.drift.shape import Shape
from fakekit.drift.terms import Description, DifferenceKind, FieldName, JsonType, UnprintedNames

_TENANT_FIELDS = assumed("payload.tenant_fields")


class _Names(NamedTuple):
    """The names of the fields of objects at one place.

    total: how many objects there were.
    seen: in how many of them each field was.
    """

    total: int
    seen: dict[str, int]


def compare_names(expected: ExpectedValue, shape: Shape, place: Place) -> Iterator[Difference]:
    """Yield the differences between the fields of objects and those that the contract has.

    There are none where the contract has no object: that is a difference of type.

    Where objects have the fields of the other rendering of the page, and all of them, that is one difference.
    """
    total = shape.types[JsonType.OBJECT]
    if not total or JsonType.OBJECT not in expected.types:
        return
    unit = "record" if expected.is_record else "response"
    names = _Names(total, {name: field.total for name, field in shape.fields.items()})
    missing = {n: total - names.seen.get(n, 0) for n in expected.fields if names.seen.get(n, 0) < total}
    new = {name: times for name, times in names.seen.items() if name not in expected.fields}
    if _is_other_rendering(expected, names):
        is_shorter = bool(expected.other_rendering & expected.fields.keys())
        kind = DifferenceKind.MISSING if is_shorter else DifferenceKind.NEW
        observed, other = Observed(total, total, unit), (Description.OTHER_RENDERING,)
        yield Difference(place, kind, (Description.RENDERING,), other, observed, _TENANT_FIELDS)
        missing = {name: times for name, times in missing.items() if name not in expected.other_rendering}
        new = {name: times for name, times in new.items() if name not in expected.other_rendering}
    printable = find_printable(expected, shape, new)
    for old_name, new_name in _find_renamed(expected, shape, missing, new).items():
        observed = Observed(missing.pop(old_name), total, unit)
        del new[new_name]
        inner, truth = _inner(place, old_name), expected.fields[old_name].truth
        old = FieldName(old_name, {old_name})
        renamed = FieldName(new_name) if new_name in printable else Description.OTHER_NAME
        yield Difference(inner, DifferenceKind.RENAMED, (old,), (renamed,), observed, truth)
    for name, times in missing.items():
        yield _missing_field(expected, name, place, Observed(times, total, unit), shape)
    yield from _new_fields(expected, new, printable, place, unit, shape)
    yield from _compare_order(expected, shape, place, unit)


def _inner(place: Place, name: str) -> Place:
    """Return the place of a field of the contract in the object at a place."""
    return place._replace(path=(*place.path, FieldName(name, {name})))


def _is_other_rendering(expected: ExpectedValue, names: _Names) -> bool:
    """Return whether all records have exactly the fields of the page's other rendering."""
    return bool(expected.other_rendering) and all(
        names.seen.get(name, 0) == (0 if name in expected.fields else names.total)
        for name in expected.other_rendering
    )


def _missing_field(
    expected: ExpectedValue, name: str, place: Place, observed: Observed, shape: Shape
) -> Difference:
    """Return the difference of a field that some or all objects lack.

    An optional one that is absent in some records, and null in none, is left out where it has no value: that
    is the assumption ``values.null``.
    """
    field = expected.fields[name]
    contract, truth = Description.PRESENT, field.truth
    found = shape.fields.get(name)
    if field.left_out is not None and found is not None and not found.types[JsonType.NULL]:
        contract, truth = Description.OPTIONAL_NULL, field.left_out
    return Difference(
        _inner(place, name), DifferenceKind.MISSING, (contract,), (Description.ABSENT,), observed, truth
    )


def _new_fields(
    expected: ExpectedValue,
    new: dict[str, int],
    printable: frozenset[str],
    place: Place,
    unit: str,
    shape: Shape,
) -> Iterator[Difference]:
    """Yield a difference for each field that the contract lacks; one for all whose names are not printed.

    A field behind the place where our copy of the page ends concerns the assumption on that end.

    new: in how many objects each name was, without those that are other names of a known field.
    printable: the names that a report may have.
    """
    order, total = max(shape.orders, key=len, default=()), shape.types[JsonType.OBJECT]
    unprinted: dict[Truth | None, list[int]] = {}
    for name, times in new.items():
        truth = _truth_of_new(expected, order, name)
        if name not in printable:
            unprinted.setdefault(truth, []).append(times)
            continue
        inner, sides = _inner(place, name), ((Description.ABSENT,), (Description.PRESENT,))
        yield Difference(inner, DifferenceKind.NEW, *sides, Observed(times, total, unit), truth)
    for truth, counts in unprinted.items():
        seen, observed = (UnprintedNames(len(counts)),), Observed(max(counts), total, unit)
        yield Difference(place, DifferenceKind.NEW, (Description.ABSENT,), seen, observed, truth)


def _truth_of_new(expected: ExpectedValue, order: tuple[str, ...], name: str) -> Truth | None:
    """Return the provenance of the absence of a field. order: the keys of the longest object."""
    end = expected.open_end
    if end is not None and name in order:
        known = set(list(expected.fields)[: end.start])
        if not known & set(order[order.index(name) :]):
            return end.truth
    return expected.truth


def _find_renamed(
    expected: ExpectedValue, shape: Shape, missing: dict[str, int], new: dict[str, int]
) -> dict[str, str]:
    """Return the fields that have another name: always absent, with a new one of their type in their place.

    The result has the new name by the old one. The place is between two fields that are still there.
    """
    order, total = max(shape.orders, key=len, default=()), shape.types[JsonType.OBJECT]
    gone = _group_by_gap(list(expected.fields), {name for name, times in missing.items() if times == total})
    came = _group_by_gap(list(order), {name for name, times in new.items() if times == total})
    found: dict[str, str] = {}
    for gap, old_names in gone.items():
        new_names = came.get(gap, [])
        if len(new_names) == len(old_names):
            pairs = list(zip(old_names, new_names, strict=True))
            found |= {old: n for old, n in pairs if set(shape.fields[n].types) <= expected.fields[old].types}
    return found


def _group_by_gap(order: list[str], chosen: set[str]) -> dict[tuple[str, str], list[str]]:
    """Return the chosen names by the nearest other names before and behind them; empty for the ends."""
    groups: dict[tuple[str, str], list[str]] = {}
    for index, name in enumerate(order):
        if name in chosen:
            before = next((n for n in reversed(order[:index]) if n not in chosen), "")
            after = next((n for n in order[index:] if n not in chosen), "")
            groups.setdefault((before, after), []).append(name)
    return groups


def _compare_order(expected: ExpectedValue, shape: Shape, place: Place, unit: str) -> Iterator[Difference]:
    """Yield a difference if objects have the fields of the contract in another order."""
    expected_order = list(expected.fields)
    times, moved = 0, set[str]()
    for order, count in shape.orders.items():
        known = [name for name in order if name in expected.fields]
        in_order = [name for name in expected_order if name in order]
        if known != in_order:
            times += count
            blocks = SequenceMatcher(None, in_order, known, autojunk=False).get_matching_blocks()
            moved |= set(in_order).difference(*(in_order[b.a : b.a + b.size] for b in blocks))
    if times:
        truths = [expected.fields[name].truth for name in expected_order if name in moved]
        documented = [truth for truth in truths if truth is None or truth.kind != "assumed"]
        yield Difference(
            place,
            DifferenceKind.ORDER,
            (Description.DOCUMENTED_ORDER,),
            (Description.OTHER_ORDER,),
            Observed(times, shape.types[JsonType.OBJECT], unit),
            (documented or truths)[0],
        )
