"""Responses that wait until the journal's entries of their requests are stored.

An entry is stored before the bytes of its response are sent, so whoever has a response finds its request in
the journal, whichever process he asks, and also when this one is killed in the next moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from fakekit.accounts.pending_entries import PendingEntries
from fakekit.accounts.state_store import NewEntry, Source, StoreBusyError
from fakekit.accounts.stored_registry import StoredAccounts, no_room_error
from fakekit.api.deferred import Deferred
from fakekit.api.rendering import render_response
from fakekit.api.response import ApiResponse, refuse
from fakekit.contract.refusals import ACCOUNTS_FULL, SERVER_ERROR, STATE_UNAVAILABLE
from fakekit.errors import AccountsFullError, StateError
from fakekit.log import log_failure
from fakekit.server.holding import HoldingProtocol
from fakekit.server.received_request import ReceivedRequest
from fakekit.server.remembered import RememberedResponse, RememberedResponses
from fakekit.server.store_thread import StoreThread
from fakekit.server.wsgi import WsgiResult
from fakekit.unpatched import wall_time

if TYPE_CHECKING:
    from fakekit.accounts.account import Account
    from fakekit.accounts.journal import JournalEntry
    from fakekit.server.http_protocol import HttpProtocol
    from fakekit.server.http_server import HttpServer
    from fakekit.server.listening import Listener


SAME_TIME_SECONDS = 0.001
"""Requests of a key to which remembered responses are given have the same time in the journal within so long.

It shows milliseconds."""


class _HeldResponse(NamedTuple):
    """A response that was computed, and the entry of its request."""

    entry: PendingEntries
    connection: HttpProtocol
    request: ReceivedRequest
    result: WsgiResult
    deferred: Deferred

    def send(self, numbers: Sequence[int], outbox: Outbox) -> None:
        """Send the response, and remember it if it may be given again.

        numbers: that of its entry; 0 where it was left out, as other new keys have taken the room for its
            account. The response is a 503 then.
        """
        (number,) = numbers
        if not number:
            self.refuse(refuse(ACCOUNTS_FULL, note=str(no_room_error())))
            return
        deferred = self.deferred
        deferred.exchange.number = number
        if deferred.reusable is not None:
            reusable = deferred.reusable
            version = outbox.accounts.version_to_remember(reusable.account, reusable.version)
            entry = reusable.entry._replace(number=number)
            deferred.reusable = reusable._replace(entry=entry, version=version)
            outbox.memory.remember(self.request, self.result)
        self.connection.respond(self.request, self.result)

    def refuse(self, response: ApiResponse) -> None:
        """Send another response instead, as the entry could not be stored. No fault applies to it."""
        exchange, line = self.deferred.exchange, self.deferred.line
        exchange.response, exchange.number = response, 0
        deferred = Deferred(exchange, line and line.refused(response.status, response.truth, response.note))
        result = WsgiResult(response.status_line, list(response.fields), response.payload, deferred)
        self.connection.respond(self.request, result)


class _HeldRepeats:
    """Remembered responses to requests of one key that came within a millisecond; their entries are one row.

    account: that of the key. known: the first of the responses, before it is added. time: when its request
        arrived.
    """

    def __init__(self, account: Account, known: RememberedResponse, time: float) -> None:
        self._held: list[tuple[HoldingProtocol, bytes, RememberedResponse]] = []
        self._entries: list[JournalEntry] = []
        self._sources: list[Source] = []
        self._account, self._known, self._began, self._time = account, known, time, time

    def takes(self, account: Account, known: RememberedResponse, time: float) -> bool:
        """Return whether a response to a request that came at a time may be added to these."""
        is_same = account is self._account and known.version == self._known.version
        return is_same and 0 <= time - self._began < SAME_TIME_SECONDS

    def add(
        self, connection: HoldingProtocol, request: bytes, known: RememberedResponse, time: float
    ) -> None:
        """Hold a response to a request on a connection, which came at a time."""
        self._held.append((connection, request, known))
        self._entries.append(known.entry)
        self._sources.append(known.source)
        self._time = time  # of the last one: none has a time before it came

    @property
    def entry(self) -> PendingEntries:
        """The entries of the requests."""
        known = self._known
        stored = NewEntry(self._account.key, self._time, "", self._sources, known.version, known.key)
        return PendingEntries(self._account, self._entries, stored)

    def send(self, numbers: Sequence[int], outbox: Outbox) -> None:
        """Send the responses, and have those computed that did not hold any more.

        numbers: of their entries; 0 for one that does not hold.
        """
        for (connection, request, known), number in zip(self._held, numbers, strict=True):
            if not number:
                outbox.memory.forget(request)
                outbox.loop.call_soon(connection.compute)  # not within the call that has received it
                continue
            try:
                connection.send_held(request, known.render(self._time))
                known.line.write(number, 0.0)
            except Exception as error:  # the others are still to be sent
                log_failure(error)

    def refuse(self, response: ApiResponse) -> None:
        """Send another response instead of each, as the entries could not be stored."""
        rendered = render_response(response.status_line, response.fields, response.payload, closes=False)
        for connection, request, known in self._held:
            try:
                connection.send_held(request, rendered.head + rendered.body)
                known.line.refused(response.status, response.truth, response.note).write(0, 0.0)
            except Exception as error:  # as in `send`
                log_failure(error)


_Held = _HeldResponse | _HeldRepeats


class Outbox:
    """Holds responses back until the entries of their requests are stored; for a server with a store.

    The entries of one turn of the event loop and the next are stored together: in its thread where the store
    is quick, else in another one, while further ones gather. Used by the loop's thread only.

    accounts: those of the server.
    memory: the responses that are given again.
    is_store_quick: whether the loop's thread may write to the store.
    thread: the one that does where the loop's must not.
    """

    def __init__(
        self,
        server: HttpServer,
        accounts: StoredAccounts,
        memory: RememberedResponses,
        is_store_quick: bool,
    ) -> None:
        self.loop, self.memory, self.accounts = server.loop, memory, accounts
        self._is_store_quick, self.thread = is_store_quick, StoreThread(server)
        self._held: list[_Held] = []
        self._repeats: dict[str, _HeldRepeats] = {}  # the last of these by key
        self._is_scheduled = self._is_storing = False

    def make_protocol(self, server: HttpServer, listener: Listener) -> HoldingProtocol:
        """Return what answers a new connection."""
        return HoldingProtocol(server, listener, self)

    def repeat(self, connection: HoldingProtocol, request: bytes, scheme: str) -> bool:
        """Hold the response to exactly these bytes, if it is remembered and seems to hold.

        It is given only if it holds when its entry is stored, whichever process has changed the account.

        Returns whether it is held. scheme: see `RememberedResponses.find`.
        """
        found = self.memory.find(request, scheme)
        if found is None:
            return False
        known, account = found
        if known.assumed:
            account.assumed.update(known.assumed)
        connection.hold(request)
        now, repeats = wall_time(), self._repeats.get(known.key)
        if repeats is not None and repeats.takes(account, known, now):
            repeats.add(connection, request, known, now)
        else:
            self._repeats[known.key] = repeats = _HeldRepeats(account, known, now)
            repeats.add(connection, request, known, now)
            self._add(repeats)
        return True

    def add(
        self, connection: HttpProtocol, request: ReceivedRequest, result: WsgiResult, deferred: Deferred
    ) -> bool:
        """Hold a response that was computed until its entry is stored; return False for one without."""
        if deferred.entry is None:
            return False
        entry = PendingEntries.of(*deferred.entry)
        self._add(_HeldResponse(entry, connection, request, result, deferred))
        return True

    def _add(self, held: _Held) -> None:
        """Hold a response, and have its entry stored: now, if nothing else is to be done in this turn."""
        self._held.append(held)
        if self._is_scheduled or self._is_storing:
            return
        if self.loop.has_more_callbacks:
            self._is_scheduled = True
            self.loop.call_soon(self._store_after_reading)
        else:
            self._store()

    def _store_after_reading(self) -> None:
        """Have what is held stored when the requests are read, too, that came during the last turn.

        Called before they are. With 32 clients, twice as many are stored together by that.
        """
        self.loop.call_soon(self._store)

    def _store(self) -> None:
        """Store the entries of all that is held, and send it.

        By a thread of its own if the store is slow, or somebody else is writing to it.
        """
        held, self._held, self._repeats, self._is_scheduled = self._held, [], {}, False
        if not held:
            return
        self._is_storing = True
        if self._is_store_quick and not self.accounts.writes:
            try:
                results = self._try_to_store(held, waits=False)
            except StoreBusyError:
                pass
            else:
                self._send(held, results)
                return
        self.thread.run(partial(self._store_in_thread, held))

    def _store_in_thread(self, held: Sequence[_Held]) -> None:
        """Store the entries of all that is held, and have the loop's thread send it."""
        self.thread.call_loop(self._send, held, self._try_to_store(held))

    def _try_to_store(self, held: Sequence[_Held], waits: bool = True) -> list[list[int] | ApiResponse]:
        """Store entries; return for each its numbers or, where it could not be stored, what to send instead.

        Called by the thread that stores. Raises nothing but, for one that must not wait, `StoreBusyError`.
        """
        try:
            return [*self.accounts.commit([each.entry for each in held], waits)]
        except StoreBusyError:
            raise
        except AccountsFullError as error:
            if len(held) > 1:  # only some of them may need room
                return [result for each in held for result in self._try_to_store([each])]
            return [refuse(ACCOUNTS_FULL, note=str(error))]
        except StateError as error:
            return [refuse(STATE_UNAVAILABLE, note=str(error))] * len(held)
        except Exception as error:
            log_failure(error)
            return [refuse(SERVER_ERROR)] * len(held)

    def _send(self, held: Sequence[_Held], results: Sequence[list[int] | ApiResponse]) -> None:
        """Send what was held, after its entries were stored; then store what has come meanwhile."""
        for each, result in zip(held, results, strict=True):
            try:
                if isinstance(result, ApiResponse):
                    each.refuse(result)
                else:
                    each.send(result, self)
            except Exception as error:  # the others are still to be sent
                log_failure(error)
        self._is_storing = False
        if self._held and not self._is_scheduled:
            self._is_scheduled = True
            self.loop.call_soon(self._store)
