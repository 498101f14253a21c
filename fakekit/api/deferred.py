"""What the server does for the application after it has answered, where the server can.

A server of ours puts a `Deferred` into the WSGI environment. The application then does not sleep, write to
the connection or wait for other requests itself: it says what is to be done, and the server's event loop does
it without holding a thread. Under any other server there is none, and the application does it all itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from fakekit.api.exchange import Exchange

if TYPE_CHECKING:
    from fakekit.accounts.account import Account
    from fakekit.accounts.journal import Journal, JournalEntry
    from fakekit.api.event_stream import EventStream
    from fakekit.api.request_log import LogLine
    from fakekit.api.response import ApiResponse
    from fakekit.faults.sending import ConnectionFault

DEFERRED = "fakekit.deferred"
"""Key of the WSGI environment: the request's `Deferred`, under a server of ours."""


class Reusable(NamedTuple):
    """That the response may be given again, for as long as the account's version is the same.

    key: the API key of the request, as it came; `account` may have another one, of which this is an alias.
    version: as it was before the response was computed.
    entry: the journal's entry of the request; the next one has another number and other times.
    """

    key: str
    account: Account
    version: int
    entry: JournalEntry


@dataclass(eq=False, repr=False)
class Deferred:
    """What the application leaves to the server, filled in while it answers.

    exchange: the request and its response, as the application's outermost layer has them.
    line: the request's line of the log, to be written once the response is sent.
    reusable: None for a response that holds for this request only.
    entry: where accounts are stored, the account (None without a valid key) and the entry of its journal
        that is to be stored before the response is sent.
    is_expired: set by the server: the request has waited as long as it may.
    waits_for: the journal to wait for, which had `seen` entries; the request is then handed over again when
        it has another one, or `seconds` after it came.
    stream: the events that are the body of the response; the server sends them as they come.
    release: ends the use of the account that is waited for; called when the request was handed over again,
        so that the account does not make room meanwhile.
    """

    exchange: Exchange = field(default_factory=Exchange)
    line: LogLine | None = None
    reusable: Reusable | None = None
    entry: tuple[Account | None, JournalEntry] | None = None
    is_expired: bool = False
    waits_for: Journal | None = None
    seen: int = 0
    seconds: float = 0.0
    stream: EventStream | None = None
    release: Callable[[], None] | None = None

    @property
    def faults(self) -> tuple[ConnectionFault, ...]:
        """The faults that are applied while the response is sent; for most responses none."""
        response = self.exchange.response
        return response.connection_faults if response is not None else ()


def reusable(exchange: Exchange, response: ApiResponse, entry: JournalEntry) -> Reusable | None:
    """Return what the server needs to give a response again; None where it may not.

    It may be given again, as long as the account's version is the same, for a GET with a valid key: it reads
    nothing but the account's records. Not where the account has faults, as they may count requests, and not
    for a failure of fakekit's own.
    """
    account = exchange.account
    if account is None or entry.method != "GET" or exchange.faults is not None:
        return None
    if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return None
    return Reusable(exchange.key, account, exchange.version, entry)
