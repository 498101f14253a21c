"""Responses that the server gives again without asking the application, as an HTTP cache does.

A response is found by the digest of the whole request, byte for byte: whatever of a request the application
may have looked at is part of it. The bytes themselves are not kept, since a cookie or another header may be a
real credential. A response is given again only while its account is the same, open and unchanged.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from typing import Any, NamedTuple
from weakref import ref

from flask import Flask, signals

from fakekit.accounts.account import Account
from fakekit.accounts.journal import JournalEntry
from fakekit.accounts.registry import Accounts
from fakekit.accounts.state_store import Source
from fakekit.api.middleware import RequestMiddleware
from fakekit.api.rendering import date_value, render_response
from fakekit.api.request_log import LogLine
from fakekit.server.received_request import ReceivedRequest
from fakekit.server.wsgi import WsgiResult
from fakekit.unpatched import wall_time

MAX_BYTES = 16 * 1024 * 1024
"""How many bytes the responses may take; the least recently used make room."""
MAX_REQUEST_BYTES = 4096
"""The response to a longer request is not kept."""
MAX_RESPONSE_BYTES = 64 * 1024
"""A response with a longer body is not kept."""
FIXED_BYTES = 800
"""About how many bytes a remembered response takes beside its texts and its journal entry."""

_NOT_PLAIN = frozenset((b"content-length", b"expect", b"range", b"transfer-encoding", b"upgrade"))
"""A request with one of these headers, or a conditional one, is not remembered."""
_SIGNALS = (
    signals.request_started,
    signals.request_finished,
    signals.request_tearing_down,
    signals.got_request_exception,
    signals.appcontext_pushed,
    signals.appcontext_popped,
    signals.appcontext_tearing_down,
)
_RECEIVERS = tuple(signal.receivers for signal in _SIGNALS)
"""Who listens to each; a signal has one dict of them for good."""


class RememberedResponse(NamedTuple):
    """A response as bytes, and what is recorded each time it is given.

    key: the API key of the request, as it came.
    account: weak, since the response may outlive it.
    version: the account's, as it was before the response was computed.
    start: from the status line to the name of the header Date.
    rest: from the line feed behind the date to the end of the body.
    entry: the journal's entry; number and times are of the first request. entry_size: its `size_in_bytes`.
    source: which entry of a stored journal that is.
    assumed: the names of the assumptions that it relies on.
    line: the log's line, without number and duration.
    """

    key: str
    account: ref[Account]
    version: int
    start: bytes
    rest: bytes
    entry: JournalEntry
    entry_size: int
    source: Source
    assumed: dict[str, None]
    line: LogLine

    @property
    def size_in_bytes(self) -> int:
        """About how many bytes of memory it takes."""
        texts = len(self.start) + len(self.rest) + self.entry.headers_size
        return texts + self.entry_size + FIXED_BYTES

    def render(self, time: float) -> bytes:
        """Return it as it is sent at a time in seconds since 1970, which its header Date says."""
        return b"".join((self.start, date_value(int(time)), self.rest))


class RememberedResponses:
    """Remembered responses by the SHA-256 of their request. Used by the event loop's thread only.

    middleware: the outermost layer of the application, which numbers the requests; None where somebody has
        put another one around it, so that nothing is remembered.
    limit: how many bytes they may take together.
    """

    def __init__(
        self, middleware: RequestMiddleware | None, accounts: Accounts, limit: int = MAX_BYTES
    ) -> None:
        self._middleware, self._accounts, self._limit, self._size = middleware, accounts, limit, 0
        self._responses: OrderedDict[bytes, RememberedResponse] = OrderedDict()

    def find(self, request: bytes, scheme: str) -> tuple[RememberedResponse, Account] | None:
        """Return the response to exactly these bytes, and the account of their key; None for none that holds.

        It is then the most recently used, and so is the account. One that no longer holds is dropped.

        scheme: of the connection; a response that was given on one of the other scheme does not hold, since
            the journal's entry says which it was.
        """
        digest = sha256(request).digest()
        known = self._responses.get(digest)
        if known is None:
            return None
        account = known.account()
        if (
            account is None
            or account.version != known.version
            or account.has_faults
            or known.entry.scheme != scheme
            or not self._accounts.use(known.key, account)
            or any(_RECEIVERS)
        ):
            self._drop(digest)
            return None
        self._responses.move_to_end(digest)
        return known, account

    def repeat(self, transport: Any, request: bytes, scheme: str) -> bool:
        """Write the response to exactly these bytes, if it is remembered and holds; return whether it does.

        It is recorded like any other: number, last use of the account, journal, assumptions, log. Where
        accounts are in a store, `Outbox.repeat` does this.

        scheme: see `find`.
        """
        found = self.find(request, scheme)
        if found is None or self._middleware is None:
            return False
        known, account = found
        now, number = wall_time(), self._middleware.next_number()
        if known.assumed:
            account.assumed.update(known.assumed)
        self._accounts.write_entry(account, known.entry.repeated(number, now), known.entry_size)
        transport.write(known.render(now))
        known.line.write(number, 0.0)
        return True

    def forget(self, request: bytes) -> None:
        """Drop the response to exactly these bytes, if there is one."""
        self._drop(sha256(request).digest())

    def remember(self, request: ReceivedRequest, result: WsgiResult) -> None:
        """Keep a response for the next request of the same bytes, if it may be given again.

        The least recently used ones are dropped when all together are too large.
        """
        deferred = result.deferred
        if deferred is None or deferred.reusable is None or deferred.line is None or deferred.faults:
            return
        if self._middleware is None or not _is_plain(request) or len(result.body) > MAX_RESPONSE_BYTES:
            return
        start, rest, body = render_response(result.status, result.headers, result.body, closes=False)
        key, account, version, entry = deferred.reusable
        digest = sha256(request.raw).digest()
        self._drop(digest)
        response = RememberedResponse(
            key,
            ref(account),
            version,
            start,
            rest + body,
            entry,
            entry.size_in_bytes,
            Source(entry.number, entry.time),
            dict.fromkeys(entry.assumed),
            deferred.line,
        )
        self._responses[digest] = response
        self._size += response.size_in_bytes
        while self._size > self._limit:
            self._drop(next(iter(self._responses)))

    def _drop(self, digest: bytes) -> None:
        """Forget the response to the request of a digest, if there is one."""
        response = self._responses.pop(digest, None)
        if response is not None:
            self._size -= response.size_in_bytes


def repeat_nothing(transport: object, request: bytes, scheme: str) -> bool:
    """Return False: a connection whose keys are exchanged has no part in the remembered responses.

    The same bytes mean another account on it, and they may hold a real credential, which is not kept.
    """
    return False


def _is_plain(request: ReceivedRequest) -> bool:
    """Return whether a request is so plain that its bytes say all that its response depends on."""
    return (
        request.raw.startswith(b"GET /")
        and len(request.raw) <= MAX_REQUEST_BYTES
        and request.version == "1.1"
        and request.keep_alive
        and b"%" not in request.target
        and sum(name == b"authorization" for name, _ in request.headers) == 1
        and not any(_is_special(name, value) for name, value in request.headers)
        and not any(_RECEIVERS)
    )


def _is_special(name: bytes, value: bytes) -> bool:
    """Return whether a header asks for more than the plain response on a connection that stays open.

    ``Connection: keep-alive``, which common clients send, does not: it says what HTTP/1.1 does anyway (RFC
    9112, 9.3). Any other value of Connection does.
    """
    if name == b"connection":
        return value.lower() != b"keep-alive"
    return name in _NOT_PLAIN or name.startswith(b"if-")


def has_only_own_hooks(app: Flask) -> bool:
    """Return whether only functions of fakekit's run in a request to this app."""
    hooks: list[list[Callable[..., Any]]] = [*app.before_request_funcs.values()]
    hooks += [*app.after_request_funcs.values(), *app.teardown_request_funcs.values()]
    hooks += [*app.url_value_preprocessors.values()]
    return not app.teardown_appcontext_funcs and all(
        str(hook.__module__).startswith("fakekit.") for group in hooks for hook in group
    )
