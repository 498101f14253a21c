"""What stubs can ask of a request: its query, headers and body, read when a stub asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from flask import Request

from fakekit.api.body import decode_body
from fakekit.api.query import read_arguments
from fakekit.api.request_errors import InvalidError, RejectedRequestError
from fakekit.contract.strict_json import NOTHING, JsonError, read_json


class ReceivedContent:
    """Query, headers and body of one request; implements `fakekit.faults.content.RequestContent`."""

    def __init__(self, request: Request) -> None:
        self._request = request

    @cached_property
    def query(self) -> Mapping[str, str]:
        """The parameters of the query by name, as the API reads them; none of a query that it rejects."""
        try:
            return read_arguments(self._request.query_string, ())[0]
        except RejectedRequestError:
            return {}

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """The values of the headers, by name in lower case."""
        return {name.lower(): value for name, value in self._request.headers.items()}

    @cached_property
    def json(self) -> Any:
        """The JSON of the body; `NOTHING` where there is no body, or one that is not JSON, such as a form."""
        try:
            return read_json(decode_body(self._request.environ))
        except (JsonError, InvalidError, RejectedRequestError):
            return NOTHING
