"""A response: the vendor's body, and beside it all headers of the API's responses (`ApiResponse.fields`)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from http import HTTPStatus
from json import dumps, loads
from typing import TYPE_CHECKING

from flask import Request, Response
from werkzeug.datastructures import Headers

from fakekit.api.cors import ANY_ORIGIN, VARY, cors_headers
from fakekit.api.rendering import render_response
from fakekit.contract.assumptions import Assumptions
from fakekit.contract.positions import DEFAULTS
from fakekit.contract.provenance import Kind, Truth
from fakekit.contract.refusals import MALFORMED, Refusal, phrase
from fakekit.log import log_malformed_request, log_partial_request
from fakekit.vendor import API_ROOT

if TYPE_CHECKING:
    from fakekit.faults.sending import ConnectionFault


@dataclass(frozen=True, eq=False)
class ApiResponse:
    """A response: the vendor's body, and what fakekit adds to it in headers.

    body: the bytes of the body, ``b""`` for an empty one; None for a response without one.
    truth: the weakest kind of provenance that the response relies on.
    assumed: the names of the assumptions that shaped it.
    note: an explanation for `Fakekit-Note`, ASCII; empty when there is nothing to explain.
    headers: further headers of this response.
    assumed_header: `assumed` as the header lists it, with values that a user set.
    media: the media type of the body.
    is_json: whether the body is JSON that faults may change; False for a stub's text.
    fault: the faults that changed the response, in their text form, ASCII.
    connection_faults: the faults to apply while it is sent.

    Responses to a fetch are cached and shared between requests, so everything in one is immutable by type:
    bytes, text and tuples.
    """

    status: int
    body: bytes | None
    truth: Kind = "documented"
    assumed: tuple[str, ...] = ()
    note: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    assumed_header: str = ""
    media: str = "application/json"
    is_json: bool = True
    fault: str = ""
    connection_faults: tuple[ConnectionFault, ...] = ()

    def with_assumptions(self, truths: Collection[Truth], assumptions: Assumptions) -> ApiResponse:
        """Return this response with assumptions added in front of its own, and "assumed" as its truth.

        The same object when there are none to add.

        assumptions: the values of the account, or of the server for a request without one; the header has the
            value of those that a user set, and the date of those that were compared with the real service.
        """
        if not truths:
            return self
        names = tuple(dict.fromkeys([*[truth.source for truth in truths], *self.assumed]))
        header = ", ".join([assumptions.labels.get(name, name) for name in names])
        return replace(self, truth="assumed", assumed=names, assumed_header=header)

    def with_note(self, note: str) -> ApiResponse:
        """Return this response with a sentence added to its note; the same object for an empty one."""
        if not note:
            return self
        return replace(self, note=f"{self.note}; {note}" if self.note else note)

    @property
    def payload(self) -> bytes:
        """The bytes of the body; empty for a response without one."""
        return self.body or b""

    def document(self) -> object:
        """Return the parsed JSON body as new objects, which the caller may change.

        A body that is not JSON is returned as bytes; None stands for a response without a body.
        """
        return loads(self.body) if self.is_json and self.body is not None else self.body

    def to_http(self) -> bytes:
        """Return the response as bytes of HTTP/1.1, for a connection that is closed after it.

        Server, proxy and gateway use it for requests that they reject without asking the application.
        """
        rendered = render_response(self.status_line, self.fields, self.payload, closes=True)
        return rendered.head + rendered.body

    def to_flask(self, request: Request) -> Response:
        """Return a new Flask response to send. An ``after_request`` of the user's may change its headers.

        This one may be shared with other requests, so it is not changed.

        request: what is answered. If it is to the vendor's API and comes from a page of another origin, the
            headers allow that origin, so that a browser passes the response on.
        """
        origin = request.environ.get("HTTP_ORIGIN") if request.path.startswith(API_ROOT) else None
        fields = self.fields_for(origin) if origin else self.fields
        return _FinalResponse((self.body or b"",), self.status, Headers(fields))

    @property
    def status_line(self) -> str:
        """The status with its phrase: ``404 Not Found``."""
        return f"{self.status} {phrase(self.status)}"

    @cached_property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """All headers as they are sent, in order, with fakekit's own and those of CORS for any origin."""
        return self._with_cors(ANY_ORIGIN)

    def fields_for(self, origin: str) -> tuple[tuple[str, str], ...]:
        """Return all headers as they are sent to a page of this origin, which may have sent credentials.

        A stub that allows an origin itself gets nothing of this.
        origin: the value of the request's header Origin.
        """
        if any(name.lower() == "access-control-allow-origin" for name, _ in self.headers):
            return self.fields
        return self._with_cors(cors_headers(origin, (name for name, _ in self._fields)))

    @cached_property
    def _fields(self) -> tuple[tuple[str, str], ...]:
        """All headers but those of CORS, in order."""
        fields: list[tuple[str, str]] = [("Fakekit-Truth", self.truth)]
        if self.body is not None:
            fields = [("Content-Type", self.media), *fields]
            fields.append(("Content-Length", str(len(self.body))))
        if self.assumed_header:
            fields.append(("Fakekit-Assumed", self.assumed_header))
        if self.note:
            fields.append(("Fakekit-Note", self.note))
        if self.fault:
            fields.append(("Fakekit-Fault", self.fault))
        return (*fields, *self.headers)

    def _with_cors(self, cors: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        """Return all headers with those of CORS behind them; one that a stub has set itself wins."""
        explicit_names = {name.lower() for name, _ in self.headers}
        added = [header for header in cors if header[0].lower() not in explicit_names]
        return (*self._fields, *added, *VARY)


class _FinalResponse(Response):
    """A response whose headers are final: Werkzeug would copy and check them, 6 us a request."""

    default_mimetype = None  # the answer has its Content-Type, or no body

    def get_wsgi_headers(self, environ: object) -> Headers:
        """Return the headers as they are; Werkzeug calls this before it sends them."""
        return self.headers


def json_body(document: object) -> bytes:
    """Return a response's document as the bytes of its body: JSON in UTF-8, and a line feed for terminals."""
    return dumps(document, ensure_ascii=False).encode() + b"\n"


def error_response(
    status: int,
    error: str,
    kind: Kind = "standard",
    note: str = "",
    headers: tuple[tuple[str, str], ...] = (),
) -> ApiResponse:
    """Return a response in the documented error envelope: ``{"status": 404, "error": "Customer not found"}``.

    Every error of the API, the server, the proxy and the gateway is made here.

    note: goes into `Fakekit-Note`; empty for none.
    kind: how certain the behaviour is.
    """
    return ApiResponse(
        status, json_body({"status": status, "error": error}), kind, note=note, headers=headers
    )


def refuse(
    refusal: Refusal,
    assumptions: Assumptions = DEFAULTS,
    note: str = "",
    headers: tuple[tuple[str, str], ...] = (),
    **values: str,
) -> ApiResponse:
    """Return the response of an entry in the table of refusals, with the assumptions that it relies on.

    assumptions: the values of the account, or of the server for a request without one.
    note: an explanation for `Fakekit-Note`, in front of that of the table.
    headers: further headers.
    values: what replaces the names in the text of the table: ``noun="Customer"``.
    """
    status, error = refusal.status_under(assumptions), refusal.error_under(assumptions, **values)
    response = error_response(status, error, refusal.truth.kind, note, (*refusal.headers, *headers))
    return response.with_note(refusal.note).with_assumptions(refusal.assumed, assumptions)


def malformed(status: HTTPStatus) -> ApiResponse:
    """Return the response to bytes that are not HTTP, too long or too late, and log that they came.

    fakekit's own server, gateway and proxy call it when they cannot parse a request; nothing of what came is
    repeated.

    status: 400, or another that says why: 408, 413, 414, 431.
    """
    log_malformed_request(status)
    return error_response(status, phrase(status), MALFORMED.truth.kind, MALFORMED.note)


def refuse_body(refusal: Refusal) -> ApiResponse:
    """Return the response to a request whose body ended early or cannot be decoded, and log that it came.

    fakekit's own server calls it, as it does not pass such a request to the application. Under another
    server, `RequestMiddleware` answers it.
    """
    log_partial_request(refusal.status, refusal.note)
    return refuse(refusal)
