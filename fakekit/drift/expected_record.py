"""What the contract expects of a record, from its schema; and the words that its fields may have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from marshmallow import ValidationError, fields

from fakekit.contract.envelope import Part
from fakekit.contract.fields import Choice, Text
from fakekit.contract.provenance import Truth, assumed
from fakekit.contract.record_field import RecordField
from fakekit.contract.schema import Records, RecordSchema
from fakekit.drift.expected import ExpectedValue, FindProblem, OpenEnd, ValueProblem, expect_object
from fakekit.drift.formats import format_of, is_padded
from fakekit.drift.terms import ContractText, Description, DifferenceKind, JsonType, Term, ValueFormat
from fakekit.resources import ENDPOINTS

_NULLS = assumed("values.null")
_CUT = assumed("cut.by_sibling")


class FieldWords(NamedTuple):
    """The words that a field of a record may have, as tables of requests name them.

    words: from every table that has the field.
    allows_date: whether it may be a date as well.
    truth: the page of the first table, or the assumption on it.
    """

    words: frozenset[str]
    allows_date: bool
    truth: Truth


@cache
def words_of_fields() -> Mapping[tuple[type[RecordSchema], str], FieldWords]:
    """Return the words of each field that has some, by the schema of the record and the field's name.

    A record's own schema takes any text there: the vendor's tables name the words of filters and bodies.
    """
    found: dict[tuple[type[RecordSchema], str], FieldWords] = {}
    for endpoint in ENDPOINTS:
        parts = list(endpoint.envelope.parts.values())
        tables = [endpoint.query.schema.fields, endpoint.body.schema.fields if endpoint.body else {}]
        for name, declared in ((n, f) for table in tables for n, f in table.items() if isinstance(f, Choice)):
            if parts and name in parts[0].record_schema.fields:
                key = (parts[0].schema, name)
                known = found.get(key, FieldWords(frozenset(), False, declared.truth))
                words = known.words | set(declared.words)
                found[key] = known._replace(words=words, allows_date=known.allows_date or declared.or_date)
    return found


def expect_record(part: Part, page: Truth, tenant: bool, is_cut: bool) -> ExpectedValue:
    """Return what is expected of a record that a response shows under a key of ``data``.

    page: the provenance of the endpoint. Where it is an assumption, all of the record relies on it.
    tenant: the value of the assumption ``payload.tenant_fields``.
    is_cut: whether our copy of the page ends before the last field.
    """
    record_fields = part.record_schema.record_fields
    names = part.shown[tenant]
    expected = {
        name: _expect_field(record_fields[name], page, words_of_fields().get((part.schema, name)))
        for name in names
    }
    variants = frozenset(part.shown[True]) ^ frozenset(part.shown[False])
    truth = page if page.kind == "assumed" else record_fields[names[0]].truth
    return expect_object(
        expected,
        truth,
        open_end=_find_open_end(expected, is_cut),
        other_rendering=variants,
        is_record=True,
    )


def _find_open_end(expected: Mapping[str, ExpectedValue], is_cut: bool) -> OpenEnd | None:
    """Return the end of a record that no page shows: its last fields, as far as they are assumed.

    Where the page is cut off, and no field says where, it is behind the last field.
    """
    names = list(expected)
    start = len(names)
    while start and (truth := expected[names[start - 1]].truth) is not None and truth.kind == "assumed":
        start -= 1
    if start < len(names):
        last = expected[names[-1]].truth
        return OpenEnd(start, last) if last is not None else None
    return OpenEnd(start, _CUT) if is_cut else None


def _expect_field(field: RecordField, page: Truth, words: FieldWords | None) -> ExpectedValue:
    """Return what is expected of a field of a record. words: those that it may have; None for any text."""
    truth = page if page.kind == "assumed" else field.truth
    nulls = {JsonType.NULL} if field.allow_none else set()
    left_out = _NULLS if field.allow_none else None
    if isinstance(field, Records):
        item = expect_object(
            {n: _expect_field(f, page, None) for n, f in field.schema.record_fields.items()},
            truth,
            is_record=True,
        )
        return ExpectedValue(frozenset({JsonType.ARRAY, *nulls}), truth, item=item, left_out=left_out)
    is_number = isinstance(field, fields.Number)
    types = frozenset({JsonType.NUMBER if is_number else JsonType.STRING, *nulls})
    if words is not None:
        return ExpectedValue(types, truth, _word_check(words, page), left_out=left_out)
    return ExpectedValue(types, truth, _form_check(field, truth), left_out=left_out)


def _word_check(words: FieldWords, page: Truth) -> FindProblem:
    """Return the check of a field that may only have some words."""
    truth = page if page.kind == "assumed" else words.truth
    contract = tuple(ContractText(word) for word in sorted(words.words))

    def find_problem(value: str) -> ValueProblem | None:
        if value in words.words or (words.allows_date and format_of(value) is ValueFormat.DATE):
            return None
        seen = ValueFormat.BLANK if not value.strip() else Description.OTHER_WORD
        return ValueProblem(DifferenceKind.WORD, contract, seen, truth)

    return find_problem


def _form_check(field: RecordField, truth: Truth) -> FindProblem:
    """Return the check of the form of a field: of its type first, then of what no page states.

    What no page states is the form that a request's text must have, the rule of form, and spaces around it.
    """
    has_type = type(field) is not Text
    example = field.example
    contract: tuple[Term, ...] = (ValueFormat.TEXT if example is None else format_of(example),)
    pattern = next((schema["pattern"] for schema in field.request_schemas if "pattern" in schema), ".*")
    in_request = re.compile(pattern, re.ASCII | re.DOTALL)
    has_spaces = isinstance(example, str) and is_padded(example)

    def problem(value: str | float, source: Truth | None) -> ValueProblem:
        seen: Term = format_of(value)
        if seen in contract:
            seen = Description.OTHER_TEXT if isinstance(value, str) else Description.OTHER_NUMBER
        return ValueProblem(DifferenceKind.FORMAT, contract, seen, source)

    def find_problem(value: str | float) -> ValueProblem | None:
        if has_type and not _is_valid(field, value):
            is_empty = field.allow_none and isinstance(value, str) and not value.strip()
            return problem(value, _NULLS if is_empty else truth)
        if not isinstance(value, str):
            return None
        if not value.strip() and field.allow_none:
            seen = ValueFormat.BLANK
            return ValueProblem(DifferenceKind.FORMAT, (Description.OPTIONAL_NULL,), seen, _NULLS)
        if has_spaces and not is_padded(value):
            return problem(value, truth)
        breaks_rule = field.rule is not None and not field.rule.pattern.fullmatch(value)
        is_odd = breaks_rule or not in_request.match(value) or not value.strip()
        return problem(value, None) if is_odd or (is_padded(value) and not has_spaces) else None

    return find_problem


def _is_valid(field: RecordField, value: str | float) -> bool:
    """Return whether a value has the form of the field's type, as the contract reads records."""
    try:
        field.deserialize(value)
    except ValidationError:
        return False
    return True
