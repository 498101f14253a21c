"""The names of new fields that a report may have; others may be content, by which an object is keyed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache

from fakekit.drift.expected import ExpectedValue
from fakekit.drift.shape import Shape
from fakekit.drift.terms import JsonType, is_field_name, split_words
from fakekit.resources import ENDPOINTS

_ENVELOPE_WORDS = """
    api code count current cursor data error errors first from has last limit links list message meta more msg
    next offset ok page pages pagination per prev previous request response result results status success
    timestamp to total totals type v version warnings
"""
"""Words that envelopes of APIs have, such as the pages of Laravel (``current_page``); they name nobody."""
_FEWEST_WORDS = 2
"""A single word may be a first name, a code or a category; ``loyalty_points`` is hardly one."""


@cache
def _public_words() -> frozenset[str]:
    """Return the words of which the names of the contract consist, and those of envelopes."""
    names: set[str] = set()
    for endpoint in ENDPOINTS:
        for key, part in endpoint.envelope.parts.items():
            names |= {key, *part.record_schema.record_fields}
    return frozenset(word for name in (*names, *_ENVELOPE_WORDS.split()) for word in split_words(name))


def find_printable(expected: ExpectedValue, shape: Shape, new: Collection[str]) -> frozenset[str]:
    """Return the new names of objects at one place that a report may print.

    Those are names in snake_case or camelCase that each of the objects has, and that

    - consists of words of the contract and of envelopes, or
    - is a new field of records, of two words or more. There are two records at least, which have half of the
      fields of the contract; no other such name has values of the same type, as in an object that is keyed by
      content, and no record has the name in one of its values.

    shape: of the objects. new: the names that the contract does not have.
    """
    total = shape.types[JsonType.OBJECT]
    in_all = {name for name in new if is_field_name(name) and shape.fields[name].total == total}
    public = {name for name in in_all if _public_words().issuperset(split_words(name))}
    known = sum(name in shape.fields and shape.fields[name].total == total for name in expected.fields)
    if not expected.is_record or total < 2 or known * 2 < len(expected.fields):
        return frozenset(public)
    others = {name: _types_of(shape.fields[name]) for name in new if name not in public}
    return frozenset(
        public | {name for name in in_all & others.keys() if _is_field_of_its_own(name, others, shape)}
    )


def _types_of(shape: Shape) -> frozenset[JsonType]:
    """Return the types of the values of a field, without null."""
    return frozenset(shape.types) - {JsonType.NULL}


def _is_field_of_its_own(name: str, others: Mapping[str, frozenset[JsonType]], shape: Shape) -> bool:
    """Return whether a name in all records is that of a field, not one of the keys of an object by content.

    others: the types of the values of each such name; of one that is always null they may be any.
    """
    types = others[name]
    differs = all(types and other and not types & other for key, other in others.items() if key != name)
    words = [word for word in split_words(name) if len(word) > 1]  # a digit or an initial is none
    return differs and len(words) >= _FEWEST_WORDS and name not in shape.names_in_values
