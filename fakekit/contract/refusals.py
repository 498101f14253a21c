"""The refusals: every way in which a request to the vendor's API fails, with status, text and provenance.

The responses, the OpenAPI document, the fault ``fail=`` and the table in ``docs/http.md`` are made from it.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import NamedTuple

from fakekit.contract.assumptions import Assumptions
from fakekit.contract.pattern import RECORDED_METHODS
from fakekit.contract.provenance import Truth, assumed, documented, standard

_RENAMED = {
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    416: "Requested Range Not Satisfiable",
    422: "Unprocessable Entity",
}
"""Phrases that Python 3.13 changed in `HTTPStatus`; those of before stay, as clients may compare them."""


def phrase(status: int) -> str:
    """Return HTTP's phrase for a status, the same under every Python; ``Unknown`` for one that has none.

    >>> phrase(404), phrase(413), phrase(599)
    ('Not Found', 'Request Entity Too Large', 'Unknown')
    """
    if status in _RENAMED:
        return _RENAMED[status]
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


class Refusal(NamedTuple):
    """One way in which a request fails or is rejected.

    truth: its provenance: a page of the vendor, an RFC or an assumption.
    when: which requests are answered so, for the docs.
    status: the HTTP status; 0 where it is the value of the assumption `truth`, which a user may set.
    error: the text of ``error``, or the assumption whose value is the text. ``{noun}``, ``{field}`` and the
        like are replaced. Empty for HTTP's phrase.
    note: the explanation in `Fakekit-Note`; empty where it depends on the request, or there is none.
    headers: further headers, as pairs of name and value.
    by_analogy: the assumption that endpoints of other pages than `truth` have it too; None where no page is
        meant.
    """

    truth: Truth
    when: str
    status: int = 0
    error: str | Truth = ""
    note: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    by_analogy: Truth | None = None

    @property
    def assumed(self) -> tuple[Truth, ...]:
        """The assumptions that a response of this kind relies on; empty for a documented or standard one."""
        truths = (self.truth, self.error) if isinstance(self.error, Truth) else (self.truth,)
        return tuple(truth for truth in truths if truth.kind == "assumed")

    def truth_on(self, page: Truth) -> Truth:
        """Return the provenance of such a response of an endpoint. page: the provenance of the endpoint."""
        return self.truth if self.by_analogy is None or page == self.truth else self.by_analogy

    def status_under(self, assumptions: Assumptions) -> int:
        """Return the HTTP status of such a response: `status` or, where that is 0, an assumption's value.

        assumptions: the values of the account, or of the server for a request without one.
        """
        return self.status or int(assumptions[self.truth.source])

    def error_under(self, assumptions: Assumptions, **values: str) -> str:
        """Return the text of ``error``; HTTP's phrase for the status where there is none.

        assumptions: as for `status_under`.
        values: what replaces the names in braces: ``noun="Customer"``.
        """
        text = self.error if isinstance(self.error, str) else str(assumptions[self.error.source])
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", value)
        return text or phrase(self.status_under(assumptions))


_CHALLENGE = (("WWW-Authenticate", "Bearer"),)
"""The header that a 401 has to carry (standard: RFC 9110, 11.6.1 and RFC 6750, 3)."""

_BY_ANALOGY = assumed("auth.by_analogy")

MISSING_KEY = Refusal(
    documented("fetch-customer"),
    "no `Authorization` header, an empty one, another scheme, nothing after `Bearer`",
    401,
    "Unauthorized: Missing Bearer Token",
    headers=_CHALLENGE,
    by_analogy=_BY_ANALOGY,
)
INVALID_KEY = Refusal(
    documented("fetch-customer"),
    "anything after `Bearer` that is not a key: `fk_`, 1 to 64 of `A-Z a-z 0-9 _ -`, then, optionally, "
    "`~` and a fault",
    401,
    "Unauthorized: Invalid API Key",
    headers=_CHALLENGE,
    by_analogy=_BY_ANALOGY,
)
MISSING_RECORD = Refusal(
    assumed("missing.status"),
    'a path that names no record (of a group: "Group not found"); ids are `[1-9][0-9]{0,17}` in ASCII digits',
    error=assumed("missing.error"),
)
UNKNOWN_PATH = Refusal(assumed("unknown_path.error"), "a path that is no endpoint", 404)
WRONG_METHOD = Refusal(
    assumed("method.error"),
    "an endpoint's path with another method; `Allow` lists the methods that it has",
    405,
)
CONNECT = Refusal(
    standard("RFC 9110, 9.3.6"),
    "the method CONNECT, from a client that takes fakekit for its HTTP proxy",
    405,
    note="this is a server and not a proxy; CONNECT is for proxies",
    headers=(("Allow", ", ".join(RECORDED_METHODS)),),
)
CONFLICT = Refusal(
    assumed("conflict.status"),
    "a sale, new or edited, with the code of another one",
    error="{field} is taken: another record has it",
)
REFERRED = Refusal(
    assumed("delete.cascade"),
    "a DELETE of a record that others refer to, where `delete.cascade` is `restrict`",
    409,
    "{noun} is in use",
)
TOO_LARGE = Refusal(
    standard("RFC 9110, 15.5.14"),
    "a body of more than 1 MiB, as it is sent or decoded, or a form of too many parts",
    413,
)
WRONG_MEDIA_TYPE = Refusal(
    standard("RFC 9110, 15.5.16"),
    "a body whose `Content-Type` is neither JSON nor a form",
    415,
    note="the body is neither JSON nor a form by its Content-Type; send application/json",
    headers=(("Accept", "application/json, application/x-www-form-urlencoded, multipart/form-data"),),
)
UNSUPPORTED_CODING = Refusal(
    standard("RFC 9110, 15.5.16"),
    "a body with another `Content-Encoding` than gzip and deflate",
    415,
    note="the body has a Content-Encoding that is not decoded here; send it without one",
    headers=(("Accept-Encoding", "gzip, deflate"),),
)
REFUSED_CODING = Refusal(
    assumed("body.codings"),
    "a body with any `Content-Encoding`, where the assumption is set to false",
    415,
    note="the body has a Content-Encoding, and the assumption body.codings is false; send it without one",
    headers=(("Accept-Encoding", "identity"),),
)
INVALID = Refusal(
    assumed("invalid.status"),
    "a field or filter with a value that the vendor's tables do not allow, or with the id of a record that "
    "does not exist; each wrong field is named, with what is wrong",
    error="{problems}",
)
SERVER_ERROR = Refusal(
    assumed("server.error"),
    "an error in fakekit; its log says where",
    500,
    note="fakekit itself failed; its log says where",
)
FAULT_ERROR = assumed("fault.error")
"""The assumption on an error that only a fault causes."""
RATE_LIMITED = Refusal(
    FAULT_ERROR,
    "only where a fault asks for it (`fail=429`): fakekit itself has no rate limit",
    429,
    headers=(("Retry-After", "1"),),
)
ACCOUNTS_FULL = Refusal(
    assumed("accounts.full"), "no room for a new account: all that may be open have changes", 503
)
STATE_UNAVAILABLE = Refusal(
    assumed("state.unavailable"), "the store of --state does not answer, or is full", 503
)
MALFORMED_QUERY = Refusal(
    standard("RFC 3986, 2.1"),
    "a query with bytes that a URL does not have, under a WSGI server that lets them through",
    400,
    note="the query holds bytes that a URL does not; percent-encode them (RFC 3986, 2.1)",
)
PARTIAL_BODY = Refusal(
    standard("RFC 9112, 8"),
    "an incomplete body: fewer bytes than its `Content-Length`, or no last chunk. Nothing is changed and no "
    "fault is counted; the request is in the log, not in the journal",
    400,
    note="the body ended early, so nothing was changed (RFC 9112, 8)",
)
MALFORMED_LENGTH = Refusal(
    standard("RFC 9110, 8.6"),
    "a `Content-Length` that is no number, under a WSGI server that lets it through",
    400,
    note="Content-Length is not a number of bytes (RFC 9110, 8.6)",
)
UNKNOWN_CODING = Refusal(
    standard("RFC 9112, 6.1"),
    "a body in a transfer coding that is not decoded; under another WSGI server also one in chunks",
    501,
    note="the server underneath does not decode this transfer coding (RFC 9112, 6.1)",
)
MALFORMED = Refusal(
    standard("RFC 9112"),
    "a request that breaks HTTP; 408 for one that takes too long, 414 and 431 for one that is too long. The "
    "server answers it before it has an account",
    400,
    note="this is not HTTP as RFC 9112 defines it, or too long; nothing of it was stored",
)
