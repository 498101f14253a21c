"""What stubs can ask of a request: its query, headers and body, read when a stub asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from flask import Request

from fakekit.accounts.redaction import Redaction
from fakekit.api.body import decode_body
from fakekit.api.forms import read_arguments
from fakekit.api.request_errors import InvalidError, RejectedRequestError
from fakekit.contract.strict_json import NOTHING, JsonError, read_json
from fakekit.import_lock import IMPORT_LOCK

if TYPE_CHECKING:
    from fakekit.faults.callback import StubRequest


def describe_request(request: Request, redaction: Redaction) -> StubRequest:
    """Return the request as a function of a test gets it, with no value of a header that may be secret.

    A body that cannot be decoded, or is too large, is empty.
    """
    with IMPORT_LOCK:
        from fakekit.faults.callback import StubRequest

    content = b""
    with suppress(InvalidError, RejectedRequestError):
        content = decode_body(request.environ)
    query, headers = ReceivedContent(request).query, dict(redaction.redact_headers(request.environ).pairs)
    return StubRequest(
        request.method, request.path, MappingProxyType(query), MappingProxyType(headers), content
    )


class ReceivedContent:
    """Query, headers and body of one request; implements `fakekit.faults.content.RequestContent`."""

    def __init__(self, request: Request) -> None:
        self._request = request

    @cached_property
    def query(self) -> dict[str, str]:
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
    def json(self) -> object:
        """The JSON of the body; `NOTHING` where there is no body, or one that is not JSON, such as a form."""
        try:
            return read_json(decode_body(self._request.environ))
        except (JsonError, InvalidError, RejectedRequestError):
            return NOTHING
