"""One request on its way, and what the journal keeps of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Request
from werkzeug.exceptions import MethodNotAllowed

from fakekit.accounts.account import Account
from fakekit.accounts.journal import BODY_KEPT, JournalEntry
from fakekit.accounts.redaction import HIDDEN, Redaction, as_text
from fakekit.api.body import BODY, SIZE, ReceivedFields
from fakekit.api.edge import NUMBER, SHOWN, STARTED
from fakekit.api.response import ApiResponse
from fakekit.contract.assumptions import AssumptionRecorder
from fakekit.unpatched import monotonic, wall_time

if TYPE_CHECKING:
    from fakekit.faults.active import MatchedFaults


@dataclass
class Exchange:
    """A request, and what is known of it by now.

    key: what it came with.
    record_keys: path segments that name an existing record, which the journal may show; None asks the status.
    """

    request: Request
    recorder: AssumptionRecorder
    key: str = ""
    account: Account | None = None
    received: ReceivedFields | None = None
    faults: MatchedFaults | None = None
    record_keys: list[str] | None = None


def make_entry(
    exchange: Exchange, response: ApiResponse, redaction: Redaction, filters: Mapping[str, Collection[str]]
) -> JournalEntry:
    """The entry of a request, made of what may be kept of it.

    filters: the query parameters that are known, by operation.
    """
    request, environ = exchange.request, exchange.request.environ
    path = redaction.path(request.path)
    if HIDDEN in path:
        path = redaction.path(request.path, _known_segments(exchange, response))
    environ[SHOWN] = path
    size: int = environ.get(SIZE, 0)
    received = exchange.received or (ReceivedFields() if size else None)
    seconds = monotonic() - environ[STARTED] if STARTED in environ else 0.0
    query: dict[str, Any] = {}
    if environ.get("QUERY_STRING"):
        rule = request.url_rule
        query = redaction.query(request.query_string, filters.get(rule.endpoint, ()) if rule else ())
    return JournalEntry(
        environ.get(NUMBER, 0),
        wall_time() - seconds,
        redaction.method(request.method),
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
    """The fields of a body as JSON; of one that has none only whether it is an empty object."""
    if fields:
        return as_text(redaction.body(fields), BODY_KEPT)
    return "{}" if (request.environ.get(BODY) or b"")[:64].split() in ([b"{}"], [b"{", b"}"]) else HIDDEN


def _known_segments(exchange: Exchange, response: ApiResponse) -> list[str]:
    """What of a path may be shown beside what all may: what named a record that is there, or a stub."""
    record_keys = exchange.record_keys
    if record_keys is None:
        record_keys = list((exchange.request.view_args or {}).values()) if response.status < 300 else []
    return (
        record_keys + exchange.account.fault_path_segments() if exchange.account is not None else record_keys
    )


def allowed_methods(request: Request) -> Iterable[str]:
    """The methods with which the path would be one of the table."""
    error = request.routing_exception
    return (error.valid_methods or ()) if isinstance(error, MethodNotAllowed) else ()


def received_path(request: Request) -> str:
    """The path, with what WSGI and werkzeug tidy away: encoded slashes, and slashes at the start."""
    target: str = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or ""
    if "%" not in target and not target.startswith("//"):
        return request.path
    path = target.partition("?")[0]
    return path if path.startswith("//") or "%2f" in path.lower() else request.path
