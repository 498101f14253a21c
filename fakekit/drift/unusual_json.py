"""JSON of a service that not every parser reads alike: it is read as far as it can be, and reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from fakekit.contract.provenance import Truth, standard
from fakekit.contract.strict_json import (
    BAD_NUMBER,
    ESCAPE,
    LONG_NUMBER,
    MAX_DEPTH,
    TOO_DEEP,
    JsonError,
    read_json,
)
from fakekit.drift.terms import Description

UNUSUAL_JSON: Mapping[Description, Truth] = {
    Description.EQUAL_NAMES: standard("RFC 8259, 4"),
    Description.LONG_NUMBER: standard("RFC 8259, 6"),
    Description.HALF_PAIR: standard("RFC 8259, 8.2"),
    Description.TOO_DEEP: standard("RFC 8259, 9"),
}
"""What is JSON, but is read in different ways or refused by parsers, with the section that says so."""


class ForeignJson(NamedTuple):
    """The value of a JSON text of a service. problems: what is unusual about it, of `UNUSUAL_JSON`."""

    value: object
    problems: frozenset[Description]


class UnreadJsonError(ValueError):
    """A JSON text that is not read. problem: why: one of `UNUSUAL_JSON`, or that it has NaN or Infinity."""

    def __init__(self, problem: Description) -> None:
        self.problem = problem
        super().__init__(str(problem))


def read_foreign_json(text: str) -> ForeignJson:
    """Return the value of a JSON text, and what is unusual about it.

    Of equal names in an object, the last value is kept, as most parsers do; half of a surrogate pair becomes
    U+FFFD; what is deeper than `MAX_DEPTH` becomes null.

    Raises `UnreadJsonError` for NaN and Infinity, for a number with too many digits, and for what is too deep
    for the stack; `JsonError` for any other text that is not JSON.
    """
    problems: set[Description] = set()

    def make_object(pairs: list[tuple[str, object]]) -> dict[str, Any]:
        values = dict(pairs)
        if len(values) < len(pairs):
            problems.add(Description.EQUAL_NAMES)
        return values

    if "\\u" in text:
        whole = ESCAPE.sub(lambda match: "\\ufffd" if match[1] else match[0], text)
        problems |= {Description.HALF_PAIR} if whole != text else set()
        text = whole
    try:
        value = read_json(text, make_object, max_depth=None)
    except JsonError as error:
        raise _unread(error) from None
    if text.count("[") + text.count("{") > MAX_DEPTH and _cut_deep_values(value):
        problems.add(Description.TOO_DEEP)
    return ForeignJson(value, frozenset(problems))


def _unread(error: JsonError) -> ValueError:
    """Return the error for a text that is not read; the same one for what is not JSON in any other way."""
    if error.message == TOO_DEEP:
        return UnreadJsonError(Description.TOO_DEEP)
    if error.message == BAD_NUMBER:
        is_long = error.detail == LONG_NUMBER
        return UnreadJsonError(Description.LONG_NUMBER if is_long else Description.NOT_FINITE)
    return error


def _cut_deep_values(value: object) -> bool:
    """Put null in the place of lists and objects deeper than `MAX_DEPTH`; return whether there were any."""
    level = [value] if isinstance(value, list | dict) else []
    for _ in range(MAX_DEPTH - 1):
        level = [item for parent in level for _, item in _inner_values(parent)]
    deep = [(parent, key) for parent in level for key, _ in _inner_values(parent)]
    for parent, key in deep:
        parent[key] = None
    return bool(deep)


def _inner_values(parent: Any) -> Iterable[tuple[Any, Any]]:
    """Return the lists and objects in a list or an object, each with its index or name."""
    items = parent.items() if isinstance(parent, dict) else enumerate(parent)
    return [(key, item) for key, item in items if isinstance(item, list | dict)]
