"""The query parameters that filter a list, from the tables of the vendor's pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fakekit.contract.assumptions import Assumptions
from fakekit.contract.positions import DEFAULTS
from fakekit.contract.provenance import Truth
from fakekit.contract.record_field import RecordField
from fakekit.contract.requests import TableReader
from fakekit.contract.schema import Record


@dataclass(frozen=True, eq=False)
class Filter:
    """A query parameter that filters a list.

    field: the field that validates the parameter's value.
    matches: takes a record and the validated value; returns whether the record stays in the list.
    rule: the assumption on what the filter compares; None where a page says it.
    alternatives: by another value of this assumption, the function that replaces `matches`; None where it
        has no other.
    """

    field: RecordField
    matches: Callable[[Record, Any], bool]
    rule: Truth | None = None
    alternatives: Mapping[str, Callable[[Record, Any], bool]] | None = None

    def __post_init__(self) -> None:
        """Raise ValueError unless `alternatives` has one for each other value that the table allows."""
        if self.rule is not None and self.alternatives is not None:
            assumption = DEFAULTS.table[self.rule.source]
            if {assumption.value, *self.alternatives} != set(assumption.allowed):
                expected = sorted({*map(str, assumption.allowed)} - {str(assumption.value)})
                raise ValueError(f"the alternatives of {assumption.name} are {', '.join(expected)}")

    def matches_under(self, assumptions: Assumptions) -> Callable[[Record, object], bool]:
        """Return `matches` or, where the value of the assumption `rule` is another, the alternative for it.

        assumptions: the values of the account.
        """
        if self.rule is None or self.alternatives is None:
            return self.matches
        return self.alternatives.get(assumptions[self.rule.source], self.matches)


def match_field(record_field: str) -> Callable[[Record, object], bool]:
    """Return a function for `Filter.matches` that compares the record's field with the parameter's value.

    Both are compared as text, so that 5 and ``"5"`` are the same. record_field: the name of the field.
    """
    return lambda record, value: str(record[record_field]) == str(value)


class Query(TableReader):
    """The query parameters of a list, by name; every other parameter is ignored.

    filters: the parameters, as keyword arguments: ``customer_id=Filter(...)``.
    """

    def __init__(self, **filters: Filter) -> None:
        self.name, self.filters = "Query", filters

    def _fields(self) -> Mapping[str, RecordField]:
        """Return the field that validates each query parameter, by name; no parameter is required."""
        return {n: f.field.for_request(False, f.field.truth) for n, f in self.filters.items()}

    def read(self, values: Mapping[str, object]) -> dict[str, object]:
        """Return the validated values of the filters, by name; a filter that is null is left out.

        Raises `RecordError` with every problem.
        """
        return {name: value for name, value in super().read(values).items() if value is not None}

    def assumed(self, values: Mapping[str, object]) -> list[Truth]:
        """Return the assumptions that the filters of a request rely on; values: as `read` returns them."""
        return [rule for name in values if (rule := self.filters[name].rule) is not None]

    def matcher(self, values: Mapping[str, object], assumptions: Assumptions) -> Callable[[Record], bool]:
        """Return a function that takes a record and returns whether it passes every filter of the request.

        values: the parameters of the request, as `read` returns them.
        assumptions: the values of the account.
        """
        active = [(self.filters[name].matches_under(assumptions), value) for name, value in values.items()]
        return lambda record: all(matches(record, value) for matches, value in active)


NO_QUERY = Query()
