"""Control requests that wait until a journal has further entries, without a thread."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from fakekit.api.deferred import Deferred
from fakekit.errors import FakekitError
from fakekit.unpatched import monotonic

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from fakekit.accounts.journal import Journal
    from fakekit.accounts.stored_registry import StoredAccounts
    from fakekit.server.http_protocol import HttpProtocol
    from fakekit.server.http_server import HttpServer
    from fakekit.server.received_request import ReceivedRequest

POLL_SECONDS = 0.05
"""How often the store is asked for the requests that other processes answered, while somebody waits."""


class Waits:
    """The requests that wait for others. Used by the event loop's thread only.

    stored: the accounts, if they are in a store that other processes may write; else None.
    is_store_quick: whether the loop's thread may read from it.
    """

    def __init__(self, server: HttpServer, stored: StoredAccounts | None, is_store_quick: bool) -> None:
        self._server, self._stored, self._is_store_quick = server, stored, is_store_quick
        self._count, self._is_polling = 0, False

    def wait(
        self,
        connection: HttpProtocol,
        request: ReceivedRequest,
        environ: WSGIEnvironment,
        journal: Journal,
        deferred: Deferred,
    ) -> None:
        """Hand a request over again when the journal has another entry, or its time is up.

        deferred: says how many entries the journal had, and how long to wait.
        """

        def again(is_expired: bool) -> None:
            if not timer.cancelled():
                timer.cancel()
                self._count -= 1
                journal.remove_listener(call_again)
                next_deferred = Deferred(is_expired=is_expired)
                self._server.respond_in_pool(connection, request, environ, next_deferred, deferred.release)

        def call_again() -> None:
            self._server.call_from_thread(again, False)

        remaining = deferred.exchange.started + deferred.seconds - monotonic()
        timer = self._server.loop.call_later(max(0.0, remaining), again, True)
        self._count += 1
        journal.add_listener(call_again)
        self.poll()
        if journal.written != deferred.seen:  # between the look and the listener
            again(False)

    def poll(self) -> None:
        """Have what other processes write into journals read as long as somebody waits for it.

        Called when a request begins to wait and when a stream begins. Nothing happens without a store.
        """
        if self._stored is not None and not self._is_polling:
            self._is_polling = True
            self._server.loop.call_later(POLL_SECONDS, self._poll)

    def _poll(self) -> None:
        """Read the new entries, in a thread if the store is slow, and have this called again."""
        self._is_polling = False
        if not (self._count or self._server.streaming):
            return
        if self._is_store_quick:
            self._read()
            self.poll()
        else:
            self._is_polling = True
            self._server.run_in_pool(self._read_and_poll)

    def _read_and_poll(self) -> None:
        """Read the new entries, and have `_poll` called again; runs in a thread."""
        self._read()
        self._server.call_from_thread(self._server.loop.call_later, POLL_SECONDS, self._poll)

    def _read(self) -> None:
        """Read the new entries; where the store does not answer, the next call may."""
        with suppress(FakekitError):
            if self._stored is not None:
                self._stored.poll()
