"""The data of one request while it is handled, and the journal entry that is made from it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import Request
from werkzeug.exceptions import MethodNotAllowed

from fakekit.accounts.account import Account
from fakekit.accounts.journal import MAX_BODY, JournalEntry
from fakekit.accounts.redaction import Redaction, as_text
from fakekit.api.body import BODY, SIZE, ReceivedFields
from fakekit.api.middleware import NUMBER, REDACTED_PATH, STARTED
from fakekit.api.response import ApiResponse
from fakekit.contract.assumptions import Assumptions
from fakekit.contract.provenance import Truth
from fakekit.errors import HIDDEN
from fakekit.unpatched import monotonic, wall_time

if TYPE_CHECKING:
    from fakekit.faults.active import MatchedFaults


@dataclass
class Exchange:
    """One request while it is handled; `Service.serve` fills it in step by step.

    server_assumptions: the server's values, for a request that has no account.
    assumed: the assumptions that the handling of the request relied on so far.
    key: the API key; empty until it was read, and when there was no valid one.
    account: the key's account; None for a request without a valid key.
    version: the account's, as it was before anything was computed from it.
    received: the fields found in query and body; None until they are read.
    faults: the faults that apply to the request; None when there are none.
    record_keys: path segments that identify an existing record, which the journal shows; None when the
        status of the response tells whether they do.
    """

    request: Request
    server_assumptions: Assumptions
    assumed: list[Truth] = field(default_factory=list)
    key: str = ""
    account: Account | None = None
    version: int = 0
    received: ReceivedFields | None = None
    faults: MatchedFaults | None = None
    record_keys: list[str] | None = None

    @property
    def assumptions(self) -> Assumptions:
        """The values in force: the account's or, as long as there is none, the server's."""
        return self.account.baseline.assumptions if self.account is not None else self.server_assumptions


def make_entry(
    exchange: Exchange, response: ApiResponse, redaction: Redaction, filters: Mapping[str, Collection[str]]
) -> JournalEntry:
    """Return the journal entry of a request and its response, redacted.

    filters: by operation, the names of the query parameters that its table has.

    Also sets the redacted path in the request's environment (`REDACTED_PATH`), for the log.
    """
    request, environ = exchange.request, exchange.request.environ
    path = redaction.redact_path(request.path)
    if HIDDEN in path:  # rare, so that records are not looked up for every request
        path = redaction.redact_path(request.path, _known_segments(exchange, response))
    environ[REDACTED_PATH] = path
    size: int = environ.get(SIZE, 0)
    received = exchange.received or (ReceivedFields() if size else None)
    seconds = monotonic() - environ[STARTED] if STARTED in environ else 0.0
    query: dict[str, Any] = {}
    if environ.get("QUERY_STRING"):
        rule = request.url_rule
        query = redaction.redact_query(request.query_string, filters.get(rule.endpoint, ()) if rule else ())
    return JournalEntry(
        environ.get(NUMBER, 0),
        wall_time() - seconds,
        redaction.redact_method(request.method),
        path,
        tuple(query.items()),
        _body(received.body_fields(request), request, redaction) if size and received else "",
        size,
        int(response.status),
        seconds * 1000,
        response.truth,
        response.assumed,
        response.note,
        tuple(received.unread) if received else (),
        response.fault,
        response.start if request.method != "HEAD" else b"",
    )


def _body(fields: Mapping[str, Any], request: Request, redaction: Redaction) -> str:
    """Return the redacted fields of a request's body as JSON, for its journal entry.

    ``{}`` for an empty object, ``...`` for any other body without fields.
    """
    if fields:
        return as_text(redaction.redact_body(fields), MAX_BODY)
    return "{}" if (request.environ.get(BODY) or b"")[:64].split() in ([b"{}"], [b"{", b"}"]) else HIDDEN


def _known_segments(exchange: Exchange, response: ApiResponse) -> list[str]:
    """Return the path segments that identify an existing record or are written in a fault of the account.

    The journal shows them unredacted.
    """
    record_keys = exchange.record_keys
    if record_keys is None:
        record_keys = list((exchange.request.view_args or {}).values()) if response.status < 300 else []
    return (
        record_keys + exchange.account.fault_path_segments() if exchange.account is not None else record_keys
    )


def allowed_methods(request: Request) -> Iterable[str]:
    """Return the methods that the path of a request without an endpoint has; for the 405.

    Empty when the path is no endpoint with any method. Flask's routing has recorded them.
    """
    error = request.routing_exception
    return (error.valid_methods or ()) if isinstance(error, MethodNotAllowed) else ()


def received_path(request: Request) -> str:
    """Return the path as the client sent it, where WSGI and Werkzeug would have changed it.

    They decode ``%2F`` and drop double slashes at the start; a path with either is no endpoint. Otherwise
    Flask's path is returned.
    """
    target: str = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or ""
    if "%" not in target and not target.startswith("//"):
        return request.path
    path = target.partition("?")[0]
    return path if path.startswith("//") or "%2f" in path.lower() else request.path
