"""What stubs can ask of a request: its query, headers and body, read when a stub asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from flask import Request

from fakekit.api.body import decode_body
from fakekit.api.request_errors import InvalidError, RejectedRequestError
from fakekit.contract.strict_json import JsonError, read_json


class ReceivedContent(NamedTuple):
    """Query, headers and body of one request; implements `fakekit.faults.content.RequestContent`."""

    request: Request

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters of the query by name; of one that comes twice, the last value."""
        text = self.request.query_string.decode(errors="replace")  # a server may let through any bytes
        return dict(parse_qsl(text, keep_blank_values=True, errors="replace"))

    @property
    def headers(self) -> Mapping[str, str]:
        """The values of the headers, by name in lower case."""
        return {name.lower(): value for name, value in self.request.headers.items()}

    @property
    def json(self) -> Any:
        """The JSON of the body; None without a body, and for any other, also a form."""
        try:
            return read_json(decode_body(self.request.environ))
        except (JsonError, InvalidError, RejectedRequestError):
            return None
