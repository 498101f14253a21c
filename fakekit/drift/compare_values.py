"""The differences between the shape of a body and what the contract expects of it."""

from __future__ import annotations

from collections.abc import Iterator

from fakekit.drift.compare_objects import compare_names
from fakekit.drift.expected import ExpectedValue
from fakekit.drift.findings import Difference, Observed, Place
from fakekit.drift.shape import Shape
from fakekit.drift.terms import EACH, DifferenceKind, FieldName, JsonType, Term


def compare_values(
    expected: ExpectedValue, shape: Shape, place: Place, unit: str = "response"
) -> Iterator[Difference]:
    """Yield each difference between values and what the contract expects at a place, and all below it.

    unit: what the counts speak of: ``record`` or ``response``.
    """
    contract = tuple(sorted(expected.types))
    for json_type, times in shape.types.items():
        if json_type not in expected.types:
            yield _wrong_type(expected, shape, place, contract, json_type, Observed(times, shape.total, unit))
    for problem, times in shape.problems.items():
        observed = Observed(times, shape.total, unit)
        yield Difference(place, problem.kind, problem.contract, (problem.seen,), observed, problem.truth)
    yield from compare_names(expected, shape, place)
    inner_unit = "record" if expected.is_record else unit
    for name, field in expected.fields.items():
        if name in shape.fields:
            inner = place._replace(path=(*place.path, FieldName(name, {name})))
            yield from compare_values(field, shape.fields[name], inner, inner_unit)
    if expected.item is not None and shape.item is not None and _is_list_of_records(expected, shape):
        each = place._replace(path=(*place.path, FieldName(EACH)))
        yield from compare_values(expected.item, shape.item, each, "record")


def _wrong_type(
    expected: ExpectedValue,
    shape: Shape,
    place: Place,
    contract: tuple[Term, ...],
    json_type: JsonType,
    observed: Observed,
) -> Difference:
    """Return the difference of values of a type that the contract does not have there.

    One record, or null, in the place of a list concerns the assumption that it is a list.
    """
    kind = DifferenceKind.NULL if json_type is JsonType.NULL else DifferenceKind.TYPE
    truth = expected.truth
    if expected.list_truth is not None and (
        json_type is JsonType.NULL or _is_list_of_records(expected, shape)
    ):
        truth = expected.list_truth
    return Difference(place, kind, contract, (json_type,), observed, truth)


def _is_list_of_records(expected: ExpectedValue, shape: Shape) -> bool:
    """Return whether what stands in the place of a list has records of the contract, one or several.

    An object that has few of a record's fields is something else, such as a page of a paginated list.
    """
    if expected.item is None or not shape.types[JsonType.OBJECT]:
        return True
    known = expected.item.fields
    item = shape.item
    return item is not None and len(known.keys() & item.fields.keys()) * 2 >= len(known)
