"""Requests of a run and their responses, and the function that sends them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from fakekit.drift.findings import Place
from fakekit.drift.terms import Description


class OutgoingRequest(NamedTuple):
    """A GET that a run sends.

    target: path and query below the base URL, percent-encoded: ``customers/1``.
    key: the API key; empty for a request without one. Its text is in no message.
    """

    target: str
    key: str = ""

    def __repr__(self) -> str:
        """Return the request without the key, and without the ids and codes in its path."""
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
    problem: why the body is not JSON, or why there is no response; None for JSON.
    charset_problem: whether the body is not in UTF-8, or says so.
    """

    place: Place
    status: int
    headers: Mapping[str, str]
    value: Any = None
    problem: Description | None = None
    charset_problem: bool = False

    def __repr__(self) -> str:
        """Return the place and the status: the rest may hold records."""
        return f"<ObservedResponse {self.place.operation} {self.status}>"
