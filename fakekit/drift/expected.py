"""What the contract expects of a response, as a tree: for each value its type, form, fields and provenance.

It is made from the endpoints, envelopes and schemas; nothing of the contract is written here a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from fakekit.contract.provenance import Truth
from fakekit.drift.terms import ContractText, Description, DifferenceKind, JsonType, Term, status_term


class ValueProblem(NamedTuple):
    """What is wrong with the form of a value whose type is right.

    kind: the kind of difference: format, enumeration, text, count or status.
    contract, seen: the two sides of the difference.
    truth: the provenance of what the contract says; None where neither a page nor an assumption says it.
    """

    kind: DifferenceKind
    contract: tuple[Term, ...]
    seen: Term
    truth: Truth | None


FindProblem = Callable[[Any], ValueProblem | None]
"""Takes a text or a number of the right type; returns what is wrong with it, or None."""


class OpenEnd(NamedTuple):
    """The end of a record that our copy of the page does not show.

    start: the index of the first field of it.
    truth: the assumption on what stands there.
    """

    start: int
    truth: Truth


@dataclass(frozen=True, eq=False)
class ExpectedValue:
    """What the contract expects of one JSON value.

    types: the types that it may have.
    truth: the provenance of its presence, type and form; None where no page and no assumption says them.
    find_problem: checks the form of a text or a number of the right type; None where every form is right.
    fields: of an object, what is expected of each field, in the order of the page.
    item: of a list, what is expected of each item.
    list_truth: of a list, the assumption that it is one, where a page prints one object in its place.
    open_end: of a record, the end that the page does not show; None where it shows all.
    other_rendering: of a record, the fields that the other rendering of the page has and this one has not, or
        the reverse (assumption ``payload.tenant_fields``).
    is_record: whether it is a record, so that counts speak of records instead of responses.
    left_out: the assumption that an optional field without a value is null instead of absent; else None.
    """

    types: frozenset[JsonType]
    truth: Truth | None
    find_problem: FindProblem | None = None
    fields: Mapping[str, ExpectedValue] = field(default_factory=dict)
    item: ExpectedValue | None = None
    list_truth: Truth | None = None
    open_end: OpenEnd | None = None
    other_rendering: frozenset[str] = frozenset()
    is_record: bool = False
    left_out: Truth | None = None


UNKNOWN_VALUE = ExpectedValue(frozenset(JsonType), None)
"""Stands for the value of a field that the contract does not have: nothing in it is looked at."""


def expect_object(fields: Mapping[str, ExpectedValue], truth: Truth, **extra: Any) -> ExpectedValue:
    """Return what is expected of an object with these fields; `extra` as of `ExpectedValue`."""
    return ExpectedValue(frozenset({JsonType.OBJECT}), truth, fields=fields, **extra)


def expect_text(text: str, truth: Truth) -> ExpectedValue:
    """Return what is expected of a text that the contract has, such as an error."""

    def find_problem(value: str) -> ValueProblem | None:
        if value == text:
            return None
        return ValueProblem(DifferenceKind.TEXT, (ContractText(text),), Description.OTHER_TEXT, truth)

    return ExpectedValue(frozenset({JsonType.STRING}), truth, find_problem)


def expect_status(status: int, truth: Truth) -> ExpectedValue:
    """Return what is expected of the ``status`` in a body: this number."""

    def find_problem(value: float) -> ValueProblem | None:
        if value == status:
            return None
        seen = status_term(value) if isinstance(value, int) else Description.OTHER_NUMBER
        return ValueProblem(DifferenceKind.STATUS, (status_term(status),), seen, truth)

    return ExpectedValue(frozenset({JsonType.NUMBER}), truth, find_problem)
