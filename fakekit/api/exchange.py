"""One request and its response, and the journal entry that is made from them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fakekit.accounts.account import Account
from fakekit.accounts.journal import MAX_BODY, MAX_MEDIA_TYPE, MAX_START, JournalEntry
from fakekit.accounts.redaction import Redaction, as_text
from fakekit.api.body import BODY, SIZE, decode_body, read_json_object
from fakekit.api.request_errors import InvalidError, RejectedRequestError
from fakekit.api.response import ApiResponse
from fakekit.contract.assumptions import Assumptions
from fakekit.contract.provenance import Truth
from fakekit.errors import HIDDEN
from fakekit.unpatched import monotonic, wall_time

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Request

    from fakekit.faults.matched import MatchedFaults

EXCHANGE = "fakekit.exchange"
"""Key of the WSGI environment: the request's `Exchange`."""


@dataclass(eq=False, repr=False)
class Exchange:
    """One request and its response. Each step of its way adds to it, and none replaces what another added.

    It holds values of the request, but neither Flask's object nor the environment: that leads to this object,
    and such a circle would keep the body of the request until the garbage collector comes.

    `RequestMiddleware` makes it:
    number: counts the requests of a server, from 1; 0 for a path of fakekit's own.
    started: when the request arrived, by `fakekit.unpatched.monotonic`.
    is_own: whether its path is fakekit's own and not the vendor's.

    `Service.serve` adds the rest, for a request of the vendor's API:
    path_values: the parameters in the path, by name, as they came; empty where Flask matched no rule.
    server_assumptions: the server's values, for a request that has no account.
    assumed: the assumptions that the handling of the request relied on so far.
    key: the API key; empty until it was read, and when there was no valid one.
    account: the key's account; None for a request without a valid key.
    version: the account's, as it was before anything was computed from it.
    faults: the faults that apply to the request; None when there are none.
    query, body: the parameters of the query and the fields of the body, as the endpoint's tables read them.
    note: names the fields that no table has, and what was unusual about the rest; empty for nothing.
    fields: the fields of the body as they came; None as long as the body is not parsed.
    unread: the names that no table has, ``...`` for those that cannot be shown.
    record_keys: path segments that identify an existing record, which the journal shows; None when the
        status of the response tells whether they do.
    is_recorded: whether the entry of the journal was stored with what the request wrote.
    response: with everything that belongs to it; None until it is complete.
    method, path: redacted, for journal and log; empty until they are.
    """

    number: int = 0
    started: float = field(default_factory=monotonic)
    is_own: bool = False
    path_values: Mapping[str, str] = field(default_factory=dict)
    server_assumptions: Assumptions = field(init=False)
    assumed: list[Truth] = field(default_factory=list)
    key: str = ""
    account: Account | None = None
    version: int = 0
    faults: MatchedFaults | None = None
    query: Mapping[str, object] = field(default_factory=dict)
    body: Mapping[str, object] = field(default_factory=dict)
    note: str = ""
    fields: Mapping[str, object] | None = None
    unread: list[str] = field(default_factory=list)
    record_keys: list[str] | None = None
    is_recorded: bool = False
    response: ApiResponse | None = None
    method: str = ""
    path: str = ""

    @property
    def assumptions(self) -> Assumptions:
        """The values of the account or, as long as there is none, of the server."""
        return self.account.baseline.assumptions if self.account is not None else self.server_assumptions


def make_entry(
    exchange: Exchange,
    request: Request,
    response: ApiResponse,
    redaction: Redaction,
    filters: Mapping[str, Collection[str]],
) -> JournalEntry:
    """Return the journal entry of a request and its response, redacted.

    filters: by operation, the names of the query parameters that its table has.

    Also sets `method` and `path` of the exchange.
    """
    environ = request.environ
    size: int = environ.get(SIZE, 0)
    body = _body_text(exchange, environ, redaction) if size else ""
    exchange.method, path = redaction.redact_request(request.method, request.path)
    if HIDDEN in path:  # rare, so that records are not looked up for every request
        path = redaction.redact_path(request.path, _known_segments(exchange, response))
    exchange.path = path
    seconds = monotonic() - exchange.started
    query: dict[str, object] = {}
    if environ.get("QUERY_STRING"):
        rule = request.url_rule
        query = redaction.redact_query(request.query_string, filters.get(rule.endpoint, ()) if rule else ())
    return JournalEntry(
        exchange.number,
        wall_time() - seconds,
        exchange.method,
        path,
        tuple(query.items()),
        body,
        size,
        int(response.status),
        seconds * 1000,
        response.truth,
        response.assumed,
        response.note,
        tuple(exchange.unread),
        response.fault,
        (response.body or b"")[:MAX_START] if request.method != "HEAD" else b"",
        redaction.redact_headers(environ),
        environ["wsgi.url_scheme"],
        response.media[:MAX_MEDIA_TYPE] if response.body is not None else "",
        not response.connection_faults or all(fault.sends_response for fault in response.connection_faults),
    )


def _body_text(exchange: Exchange, environ: WSGIEnvironment, redaction: Redaction) -> str:
    """Return the redacted fields of a request's body as JSON, for its journal entry.

    ``{}`` for an empty object, ``...`` for any other body without fields. A body that no step has parsed (of
    a rejected request) is parsed here.

    environ: the WSGI environment of the request.
    """
    fields = exchange.fields
    if fields is None:
        with suppress(InvalidError, RejectedRequestError):
            fields = read_json_object(decode_body(environ))
    if fields:
        return as_text(redaction.redact_body(fields), MAX_BODY)
    data: bytes = environ.get(BODY) or b""
    return "{}" if data[:64].split() in ([b"{}"], [b"{", b"}"]) else HIDDEN


def _known_segments(exchange: Exchange, response: ApiResponse) -> list[str]:
    """Return the path segments that identify an existing record or are written in a fault of the account.

    The journal shows them unredacted.
    """
    record_keys = exchange.record_keys
    if record_keys is None:
        record_keys = list(exchange.path_values.values()) if response.status < 300 else []
    return (
        record_keys + exchange.account.fault_path_segments() if exchange.account is not None else record_keys
    )
