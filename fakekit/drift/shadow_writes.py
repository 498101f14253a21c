"""What the writes of a program say about assumptions: they are observed by `fakekit shadow` only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fakekit.contract.endpoint import Endpoint
from fakekit.contract.provenance import Truth, assumed
from fakekit.contract.requests import Body
from fakekit.contract.schema import RecordError
from fakekit.drift.findings import Situation
from fakekit.drift.observations import Observation
from fakekit.drift.responses import ObservedResponse

_UPDATE, _EMPTY = assumed("update.partial"), assumed("values.empty")

Fields = Mapping[str, object]


def observe_write(
    endpoint: Endpoint, fields: Fields | None, response: ObservedResponse
) -> Iterator[Observation]:
    """Yield the assumptions of which the response to a write shows the value, each with that value.

    The write must be one that the contract decides alike, or refuses.

    endpoint: as it is declared, whatever the assumptions are.
    fields: of the request's body; None where it has none, or they cannot be read.
    """
    status, is_accepted = response.status, 200 <= response.status < 300
    if is_accepted and endpoint.status is not None:
        yield Observation(endpoint.status.source, status)
        body_status = response.value.get("status") if isinstance(response.value, dict) else None
        if endpoint.method == "POST" and type(body_status) is int:
            yield Observation("create.body_status", body_status)
    if response.place.situation is Situation.INVALID:
        yield Observation("invalid.status", status)
    body = endpoint.body
    if is_accepted and body is not None and fields is not None and _has_negative(body, fields):
        yield Observation("values.negative", "accepted")


def truth_of_refusal(endpoint: Endpoint, body: Body, fields: Fields) -> Truth | None:
    """Return why the fake refuses a write: the page that has the table of its fields, or an assumption.

    That is one for an edit that lacks required fields, and for empty texts, if nothing else in it is wrong.
    None for an edit whose required field is empty, as either may be why the service accepts it.
    """
    required = [fields.get(name) for name in body.required_names]
    if endpoint.method == "PUT" and (None in required or "" in required):
        return _UPDATE if None in required else None
    if "" not in fields.values():
        return body.truth
    try:
        body.read({name: "text" if value == "" else value for name, value in fields.items()})
    except RecordError:
        return body.truth
    return _EMPTY


class PartialEdits:
    """Observes what edits do with fields that they lack: the assumption ``update.partial``.

    One that lacks required fields is refused by ``required`` and by ``full``; what becomes of an optional
    field tells the two apart.
    """

    def __init__(self) -> None:
        self._is_refused = self._is_accepted = self._keeps_fields = False

    def add(self, endpoint: Endpoint, fields: Fields | None, response: ObservedResponse) -> None:
        """Add a write; the arguments are those of `observe_write`."""
        body = endpoint.body
        if endpoint.method != "PUT" or body is None or fields is None or not body.required_names:
            return
        lacks_required = any(name not in fields for name in body.required_names)
        if 200 <= response.status < 300:
            keeps_field = _keeps_field(endpoint, body, fields, response)
            self._keeps_fields |= keeps_field
            self._is_accepted |= keeps_field and lacks_required
        elif response.place.situation is Situation.INVALID and lacks_required:
            self._is_refused |= _lacks_fields_only(endpoint, body, fields)

    def observations(self) -> Iterator[Observation]:
        """Yield what the edits so far show; both values where they are refused here and accepted there."""
        if self._is_accepted:
            yield Observation("update.partial", "partial")
        if self._is_refused and self._keeps_fields:
            yield Observation("update.partial", "required")


def _keeps_field(endpoint: Endpoint, body: Body, fields: Fields, response: ObservedResponse) -> bool:
    """Return whether an optional field that an edit lacked has a value in the response.

    Where none has, the response does not say it: all may have been null before.
    """
    key = next(iter(endpoint.envelope.parts))
    try:
        record = response.value["data"][key]
        values = [record[name] for name in body.optional_nulls if name not in fields and name in record]
    except (KeyError, TypeError):
        return False
    return any(value is not None for value in values)


def _lacks_fields_only(endpoint: Endpoint, body: Body, fields: Fields) -> bool:
    """Return whether nothing in an edit that lacks required fields may be refused for another reason.

    A field may refer to a record that the service does not have, or its code may be that of another record.
    """
    try:
        has_signs = bool(body.signed_names(body.partial.read(fields)))
    except RecordError:
        return False
    names = (*body.schema.references, endpoint.unique_field)
    return not has_signs and not any(fields.get(name) for name in names)


def _has_negative(body: Body, fields: Fields) -> bool:
    """Return whether a request has an amount or a quantity below zero, and nothing that is not valid."""
    try:
        return bool(body.signed_names(body.partial.read(fields)))
    except RecordError:
        return False
