"""Requests of a run and their responses, and the function that sends them."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from fakekit.api.content_coding import InvalidCodingError
from fakekit.contract.assumptions import Assumptions
from fakekit.contract.strict_json import JsonError
from fakekit.drift.api_key import ApiKey
from fakekit.drift.brotli_coding import decode_body
from fakekit.drift.findings import Place, Situation
from fakekit.drift.terms import Description
from fakekit.drift.unusual_json import UnreadJsonError, read_foreign_json

LONGEST_BODY = 4 * 1024 * 1024
"""How many bytes of a body are read; a list that is longer is not compared."""
RATE_LIMITED = 429
MISSING = (404, 410)
"""Statuses that say of a path that nothing is there."""
_ASSUMED_STATUSES: Mapping[Situation, tuple[str, ...]] = {
    Situation.NO_RECORD: ("missing.status",),
    Situation.INVALID: ("invalid.status",),
    Situation.TO_OBSERVE: ("missing.status", "invalid.status"),
}
"""The assumptions on the status with which a kind of request is refused."""


class OutgoingRequest(NamedTuple):
    """A GET that a run sends.

    target: path and query below the base URL, percent-encoded: ``customers/1``.
    key: the API key; None for a request without one.
    """

    target: str
    key: ApiKey | None = None

    def __repr__(self) -> str:
        """Return a text without the target, which may have the code of a record."""
        return "<OutgoingRequest>"


class ReceivedResponse(NamedTuple):
    """What came back: the parts of an HTTP response that a comparison needs.

    headers: by lower-case name.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        """Return the response without headers and body, which may hold records."""
        return f"<ReceivedResponse {self.status}>"


class NoResponseError(Exception):
    """A request got no response. reason: what happened instead."""

    def __init__(self, reason: Description) -> None:
        self.reason = reason
        super().__init__(str(reason))


Send = Callable[[OutgoingRequest], ReceivedResponse]
"""Sends a request and returns the response; raises `NoResponseError`.

A run is given two: one for the real service and one for the fake. Tests give their own, without a socket.
"""


class ObservedResponse(NamedTuple):
    """A response as a comparison sees it. It is compared and then dropped: nothing keeps its values.

    place: the operation and the kind of request.
    status: of HTTP; 0 where nothing came.
    headers: by lower-case name.
    value: the parsed JSON of the body; None where `problem` says why there is none.
    problem: why the body is not read as JSON, or why there is no response; None for JSON.
    charset_problem: whether the body is not in UTF-8, or says so, or begins with a byte order mark.
    unusual: what is unusual about JSON that was read, of `UNUSUAL_JSON`.
    """

    place: Place
    status: int
    headers: Mapping[str, str]
    value: Any = None
    problem: Description | None = None
    charset_problem: bool = False
    unusual: frozenset[Description] = frozenset()

    def __repr__(self) -> str:
        """Return the place and the status: the rest may hold records."""
        return f"<ObservedResponse {self.place.operation} {self.status}>"


def is_rate_limit(response: ObservedResponse, assumptions: Assumptions) -> bool:
    """Return whether a response is a 429 that says nothing about its request, as there were too many.

    Where an assumption has the value 429 for this kind of request, one without ``Retry-After`` is the answer.

    assumptions: the values in force.
    """
    if response.status != RATE_LIMITED or "retry-after" in response.headers:
        return response.status == RATE_LIMITED
    names = _ASSUMED_STATUSES.get(response.place.situation, ())
    return all(assumptions[name] != RATE_LIMITED for name in names)


def read_response(place: Place, response: ReceivedResponse) -> ObservedResponse:
    """Return a response with its body parsed, or with the reason why it is not.

    A body that is not in UTF-8 is decoded by the character set that it names, or as Latin-1, so that the rest
    can be compared.
    """
    body, charset = response.body, _charset_of(response.headers)
    observed = ObservedResponse(place, response.status, response.headers)
    if len(body) > LONGEST_BODY:
        return observed._replace(problem=Description.TOO_LONG)
    if not body.strip():
        return observed._replace(problem=Description.EMPTY)
    try:
        text = body.decode("utf-8-sig")
        # Most parsers of JSON refuse a byte order mark (RFC 8259, 8.1).
        has_problem = charset not in _UTF8 or body.startswith(BOM_UTF8)
        observed = observed._replace(charset_problem=has_problem)
    except UnicodeDecodeError:
        text = _decode(body, charset)
        observed = observed._replace(charset_problem=True)
    try:
        value, unusual = read_foreign_json(text)
        return observed._replace(value=value, unusual=unusual)
    except UnreadJsonError as error:
        return observed._replace(problem=error.problem)
    except JsonError:
        return observed._replace(problem=_describe_body(text))


def decode_response(place: Place, received: ReceivedResponse) -> ObservedResponse:
    """Return a response with its body decoded and parsed; some servers compress without being asked.

    The body may be damaged or too long then, which is the `ObservedResponse.problem`. Raises
    `UnsupportedCodingError` for a content coding that is not known here.
    """
    try:
        body = decode_body(received.body, received.headers.get("content-encoding", ""))
    except InvalidCodingError:
        return ObservedResponse(place, received.status, received.headers, problem=Description.TRUNCATED)
    if body is None:
        return ObservedResponse(place, received.status, received.headers, problem=Description.TOO_LONG)
    return read_response(place, received._replace(body=body))


def _charset_of(headers: Mapping[str, str]) -> str:
    """Return the character set that ``Content-Type`` names, in lower case; empty where it names none."""
    for parameter in headers.get("content-type", "").split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip(' "').lower()
    return ""


_UTF8 = ("", "utf-8", "utf8", "us-ascii")


def _decode(body: bytes, charset: str) -> str:
    """Return a body as text, by a character set that a server named; as Latin-1 where that cannot be."""
    try:
        return body.decode(charset or "latin-1")
    except (LookupError, ValueError):
        return body.decode("latin-1")


def _describe_body(text: str) -> Description:
    """Return what a text is that is not JSON."""
    start, end = text.lstrip()[:1], text.rstrip()[-1:]
    if start == "<":
        return Description.HTML
    closing = {"{": "}", "[": "]"}.get(start)
    if closing is not None and (end != closing or text.count(start) > text.count(closing)):
        return Description.TRUNCATED
    return Description.NOT_JSON
