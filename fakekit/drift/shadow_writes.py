"""What the writes of a program say about assumptions: they are observed by `fakekit shadow` only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fakekit.contract.assumptions import Assumptions
from fakekit.contract.endpoint import Endpoint
from fakekit.contract.requests import Body
from fakekit.contract.schema import RecordError
from fakekit.drift.findings import AssumptionResult, Outcome, Situation
from fakekit.drift.responses import ObservedResponse

Fields = Mapping[str, Any]
OBSERVED_BY_WRITES = (
    "create.status",
    "create.body_status",
    "update.partial",
    "delete.status",
    "invalid.status",
    "values.negative",
)
"""The assumptions on whose value writes say something."""


class ObservedWrites:
    """The values of assumptions that the responses to writes have shown.

    assumptions: the values in force.
    """

    def __init__(self, assumptions: Assumptions) -> None:
        self._assumptions = assumptions
        self._values: dict[str, dict[Any, None]] = {}

    def add(self, endpoint: Endpoint, fields: Fields | None, response: ObservedResponse) -> None:
        """Add what the response to a write shows that the contract would decide alike, or would refuse.

        endpoint: as it is declared, whatever the assumptions are.
        fields: of the request's body; None where it has none, or they cannot be read.
        """
        for name, value in _values_of(endpoint, fields, response):
            self._values.setdefault(name, {})[value] = None

    def results(self) -> list[AssumptionResult]:
        """Return a result for each assumption that writes may show; see `OBSERVED_BY_WRITES`.

        One of which responses have shown different values is refuted, without a value.
        """
        return [self._result(name) for name in OBSERVED_BY_WRITES]

    def _result(self, name: str) -> AssumptionResult:
        """Return the result for one assumption."""
        values = list(self._values.get(name, {}))
        if not values:
            return AssumptionResult(name, Outcome.NOT_OBSERVED)
        if values == [self._assumptions[name]]:
            return AssumptionResult(name, Outcome.CONFIRMED, values[0])
        allowed = self._assumptions.table[name].allowed
        found = values[0] if len(values) == 1 and values[0] in allowed else None
        return AssumptionResult(name, Outcome.REFUTED, found)


def _values_of(
    endpoint: Endpoint, fields: Fields | None, response: ObservedResponse
) -> Iterator[tuple[str, int | str]]:
    """Yield the assumptions of which a response to a write shows the value, each with that value."""
    status, is_accepted = response.status, 200 <= response.status < 300
    if is_accepted and endpoint.status is not None:
        yield endpoint.status.source, status
        body_status = response.value.get("status") if isinstance(response.value, dict) else None
        if endpoint.method == "POST" and isinstance(body_status, int):
            yield "create.body_status", body_status
    if response.place.situation is Situation.INVALID:
        yield "invalid.status", status
    body = endpoint.body
    if body is None or fields is None or not (is_accepted or response.place.situation is Situation.INVALID):
        return
    if is_accepted and _has_negative(body, fields):
        yield "values.negative", "accepted"
    if endpoint.method == "PUT" and any(name not in fields for name in body.required_names):
        update = _partial_update(endpoint, body, fields, response) if is_accepted else "required"
        if update:
            yield "update.partial", update


def _partial_update(endpoint: Endpoint, body: Body, fields: Fields, response: ObservedResponse) -> str:
    """Return what an edit that lacked required fields did with the fields that it left out.

    ``partial`` where an optional one still has a value. Empty where the response does not say it: all may
    have been null before.
    """
    key = next(iter(endpoint.envelope.parts))
    try:
        record = response.value["data"][key]
        values = [record[name] for name in body.optional_nulls if name not in fields and name in record]
    except (KeyError, TypeError):
        return ""
    return "partial" if any(value is not None for value in values) else ""


def _has_negative(body: Body, fields: Fields) -> bool:
    """Return whether a request has an amount or a quantity below zero, and nothing that is not valid."""
    try:
        return bool(body.signed_names(body.partial.read(fields)))
    except RecordError:
        return False
