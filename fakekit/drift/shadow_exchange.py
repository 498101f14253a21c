"""A request that passed and its response, read: what `fakekit shadow` compares and concludes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fakekit.api.content_coding import UnsupportedCodingError
from fakekit.contract.endpoint import Endpoint
from fakekit.contract.schema import Record
from fakekit.drift.brotli_coding import UNREAD_CODING
from fakekit.drift.findings import Place
from fakekit.drift.observed_stream import PassedRequest
from fakekit.drift.responses import ObservedResponse, ReceivedResponse, decode_response
from fakekit.drift.shadow_requests import read_fields
from fakekit.drift.terms import Description

LONG_REQUEST = "the body of the request has more than 4 MB"
_MAYBE_DONE = (408, 499)
"""Statuses below 500 that leave open whether the service has done what a request asked for."""


@dataclass(frozen=True, eq=False, repr=False)
class ShadowExchange:
    """A request that passed and its response, with both bodies parsed. It has values: nothing prints it.

    passed: as it went by.
    endpoint: that of the request, as it is declared, whatever the assumptions are; None for none.
    response: of the service.
    fields: of the request's body; None where it has none, or they cannot be read.
    unread: why it cannot be compared; empty where it can.
    """

    passed: PassedRequest
    endpoint: Endpoint | None
    response: ObservedResponse
    fields: Mapping[str, object] | None = None
    unread: str = ""

    def is_of(self, operation: str) -> bool:
        """Return whether the request was one for this endpoint."""
        return self.endpoint is not None and self.endpoint.operation == operation

    @property
    def is_accepted(self) -> bool:
        """Whether the service has done what the request asked for.

        It may say in the body alone that it has not: many a PHP program sets no HTTP status.
        """
        value, status = self.response.value, self.response.status
        body_status = value.get("status") if isinstance(value, dict) else None
        return {status // 100, body_status // 100 if type(body_status) is int else 2} == {2}

    @property
    def is_refused(self) -> bool:
        """Whether it is certain that the service has not done it."""
        return 400 <= self.response.status < 500 and self.response.status not in _MAYBE_DONE

    @property
    def data(self) -> Mapping[str, Any]:
        """The ``data`` of the response; empty for one of a refusal, and where it is no object."""
        value = self.response.value
        data = value.get("data") if self.is_accepted and isinstance(value, dict) else None
        return data if isinstance(data, dict) else {}

    @property
    def is_whole_list(self) -> bool:
        """Whether the response has all records of a list, without a filter."""
        key = self.endpoint.envelope.list_key if self.endpoint is not None and self.endpoint.is_list else ""
        return isinstance(self.data.get(key), list) and "?" not in self.passed.target

    @property
    def records(self) -> list[Record]:
        """The records under the first key of `data` that have an id: of the endpoint's resource."""
        keys = iter(self.endpoint.envelope.parts if self.endpoint is not None else ())
        found = self.data.get(next(keys, ""))
        records = found if isinstance(found, list) else [found]
        return [r for r in records if isinstance(r, dict) and type(r.get("id")) is int]


def read_exchange(passed: PassedRequest, endpoint: Endpoint | None, place: Place) -> ShadowExchange:
    """Return a request that passed and its response, with both read as far as possible.

    place: where the response is compared. The other arguments are those of `ShadowExchange`.
    """
    unread = LONG_REQUEST if passed.is_cut else ""
    try:
        response = _read_response(passed, place)
    except UnsupportedCodingError:
        response, unread = ObservedResponse(place, passed.status, {}), UNREAD_CODING
    return ShadowExchange(passed, endpoint, response, None if unread else read_fields(passed), unread)


def _read_response(passed: PassedRequest, place: Place) -> ObservedResponse:
    """Return the response to a request that passed, with its body parsed, or with the reason why it is not.

    Raises `UnsupportedCodingError` for a body in a content coding that is not known here.
    """
    headers: dict[str, str] = {}
    for name, value in passed.response_headers:
        lower = name.decode("latin-1").lower()
        headers[lower] = ", ".join([*filter(None, [headers.get(lower)]), value.decode("latin-1")])
    is_broken = passed.problem is Description.BROKEN
    if not passed.status or (passed.problem is not None and not is_broken):
        return ObservedResponse(place, passed.status, headers, problem=passed.problem)
    response = decode_response(place, ReceivedResponse(passed.status, headers, bytes(passed.response_body)))
    if is_broken and response.problem in (None, Description.EMPTY):
        # A client gets an error though all of the JSON has come: as in `HttpClient`, that is no response.
        return ObservedResponse(place, 0, headers, problem=Description.BROKEN)
    return response
