"""The HTTP server: connections on an event loop, their requests answered from memory or by the Flask app.

Chosen over uvicorn with a protocol class of our own: the parser is the same (httptools), but uvicorn keeps
nothing of a connection's behaviour that is needed here (two Hosts, trailers, deadlines, half-closed
connections, faults), and a task and an ASGI scope per request cost more than the rest of the server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Flask

from fakekit.api.deferred import Deferred
from fakekit.api.exchange import EXCHANGE
from fakekit.api.middleware import RequestMiddleware
from fakekit.api.response import refuse
from fakekit.contract.refusals import SERVER_ERROR
from fakekit.import_lock import IMPORT_LOCK
from fakekit.log import log_failure
from fakekit.server.connections import ACCEPTED_AT_ONCE, Connections
from fakekit.server.listening import Listener
from fakekit.server.loop import ServerLoop
from fakekit.server.pool import Pool
from fakekit.server.quick import QuickRequests, may_write
from fakekit.server.received_request import ReceivedRequest
from fakekit.server.remembered import RememberedResponses, has_only_own_hooks
from fakekit.server.streaming import StreamingProtocol
from fakekit.server.tls import TlsConnection
from fakekit.server.waits import Waits
from fakekit.server.wsgi import WsgiResult, call_app, make_environ
from fakekit.unpatched import Event, monotonic

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from fakekit.accounts.stored_registry import StoredAccounts
    from fakekit.server.http_protocol import HttpProtocol
    from fakekit.server.intercepted_hosts import InterceptedHosts
    from fakekit.server.outbox import Outbox

STOP_SECONDS = 2.0
"""How long requests that are being answered may take when the server stops."""
THREADS = 2
"""How many requests that take longer than a fetch are computed at once; more would only share the core."""
THREADS_THAT_WAIT = 16
"""The same where a request may wait: for a slow store, or in a function of somebody else's."""
WAIT_SECONDS = 0.05
"""How often a thread that waits for the loop looks whether the loop is still there."""


class HttpServer:
    """Serves an app: `run` blocks; `stop`, `listen` and `close_listener` may be called from any thread.

    listener: the socket that is served from the start to the end.
    workers: how many processes serve it, each with an `HttpServer`.
    connections: those that are open, and the sockets that they come by.
    streaming: those on which a stream of events is sent.
    waits: the requests that wait for others.
    is_stopping: whether connections end behind their next response.
    """

    def __init__(self, app: Flask, listener: Listener, workers: int = 1) -> None:
        self._app, self._listener, self.workers = app, listener, workers
        app.extensions["fakekit-workers"] = workers
        self._service = app.extensions["fakekit"]
        middleware = (
            app.wsgi_app if has_only_own_hooks(app) and isinstance(app.wsgi_app, RequestMiddleware) else None
        )
        self._memory = RememberedResponses(middleware, self._service.accounts)
        state = self._service.accounts.state
        stored: StoredAccounts | None = None if state is None else self._service.accounts
        self._is_store_quick = state is None or state.is_quick
        self._pool = Pool(THREADS_THAT_WAIT if middleware is None or not self._is_store_quick else THREADS)
        self._is_app_changed = middleware is None
        self._with_callbacks = self._service.accounts.with_callbacks
        self._callback_pool = Pool(THREADS_THAT_WAIT)
        self._quick = QuickRequests(
            self._service.endpoints.values(),
            app.extensions["fakekit-quick"],
            self._with_callbacks,
            self._is_store_quick,
            None if stored is None else stored.is_free,
        )
        self.repeat = self._memory.repeat
        self.is_stopping = False
        self._stop_deadline: float | None = None
        self.loop = ServerLoop()
        self.loop.set_exception_handler(_log_loop_error)
        self.connections = Connections(
            self.loop, self._make_protocol, accepted_at_once=ACCEPTED_AT_ONCE if workers == 1 else 1
        )
        self.streaming: set[StreamingProtocol] = set()
        self.waits = Waits(self, stored, self._is_store_quick)
        self._outbox = None if stored is None else self._make_outbox(stored)
        self._intercepted: InterceptedHosts = app.extensions["fakekit-intercepted"]
        self._intercepted.server = self

    def _make_outbox(self, stored: StoredAccounts) -> Outbox:
        """Return what holds responses back until their entries are in the store; it is imported only here."""
        with IMPORT_LOCK:
            from fakekit.server.outbox import Outbox

        return Outbox(self, stored, self._memory, self._is_store_quick)

    def _make_protocol(self, listener: Listener) -> asyncio.Protocol:
        """Return what answers a new connection."""
        make = StreamingProtocol if self._outbox is None else self._outbox.make_protocol
        protocol = make(self, listener)
        return protocol if listener.tls is None else TlsConnection(protocol, listener.tls, self.loop)

    def run(self, on_start: Callable[[], None] | None = None) -> None:
        """Serve until `stop`; blocks. Everything is closed when it returns, the listening sockets too.

        on_start: called once connections are accepted; what it raises ends the server and is raised here.
        """
        try:
            self.connections.accept_on(self._listener)
            self.connections.close_expired()
            if on_start is not None:
                on_start()
            self.loop.run_forever()  # a stop that has come already is the first thing that it does
        finally:
            self.close()

    def stop(self, graceful: bool = False) -> None:
        """Let `run` return; returns at once itself, and does nothing when `run` has.

        graceful: answer first what is being answered, for `STOP_SECONDS` at most; else every connection is
            closed at once.
        """
        self.call_from_thread(self._stop, STOP_SECONDS if graceful else 0.0)

    def listen(self, listener: Listener) -> None:
        """Serve a further socket, from when this returns until `close_listener` or the end of the server.

        The socket is closed when the server has ended already.
        """
        self._call_and_wait(self.connections.accept_on, listener)
        if self.loop.is_closed():
            listener.sock.close()

    def close_listener(self, listener: Listener) -> None:
        """Close a socket of `listen` and the connections on it; blocks until they are closed."""
        self._call_and_wait(self.connections.close_listener, listener)

    def close(self) -> None:
        """Close every connection, the listening sockets and the loop, and end the threads.

        `run` calls it when it ends; call it yourself only if `run` was never called.
        """
        self.is_stopping = True
        self._intercepted.end()
        deadline = self._stop_deadline or self.loop.time() + STOP_SECONDS
        try:
            self.connections.close_all()
        finally:
            self._pool.stop(deadline - self.loop.time())
            self._callback_pool.stop(deadline - self.loop.time())
            if self._outbox is not None:
                self._outbox.thread.stop(deadline - self.loop.time())
            self.loop.close()
            self._listener.sock.close()
            if self._service.accounts.state is not None:
                self._service.accounts.state.close()

    def _stop(self, seconds: float) -> None:
        """Begin no further request, and end the loop when every response is sent, or after so long."""
        self.is_stopping = True
        self._stop_deadline = self._stop_deadline or self.loop.time() + STOP_SECONDS
        self.connections.close_listeners()
        for connection in list(self.streaming):
            self.loop.call_soon(connection.end_stream)  # it raises where the client has gone
        self._stop_when_idle(self.loop.time() + seconds)

    def _stop_when_idle(self, deadline: float) -> None:
        """End the loop once no request is being answered, or at `deadline`, by the loop's clock."""
        if self.connections.close_idle() and self.loop.time() < deadline:
            self.loop.call_later(0.01, self._stop_when_idle, deadline)
        else:
            self.loop.stop()

    def call_from_thread(self, function: Callable[..., object], *arguments: object) -> None:
        """Have the loop's thread call a function, and return at once; for callers in any thread.

        Nothing happens once the loop is closed.
        """
        try:
            self.loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:
            return

    def _call_and_wait(self, function: Callable[[Listener], None], listener: Listener) -> None:
        """Have the loop's thread do something with a socket, and wait until it is done.

        Nothing happens once the loop is closed.
        """
        done = Event()

        def run() -> None:
            try:
                function(listener)
            finally:
                self.loop.call_soon(done.set)  # behind the callbacks that close connections

        self.call_from_thread(run)
        while not done.wait(WAIT_SECONDS) and not self.loop.is_closed():
            pass

    # One request.

    def handle(self, connection: HttpProtocol, request: ReceivedRequest) -> None:
        """Answer a request: at once in this thread if it is quick, else by a thread of the pool."""
        if connection.listener.key_for is not None:
            request.exchange_key(connection.listener.key_for)
        environ = make_environ(request, connection.local, connection.peer, connection.scheme)
        if not self._is_app_changed and self._quick.has(environ):
            self._respond(connection, request, self._call(environ, Deferred()))
        else:
            self.respond_in_pool(connection, request, environ, Deferred())

    def respond_in_pool(
        self,
        connection: HttpProtocol,
        request: ReceivedRequest,
        environ: WSGIEnvironment,
        deferred: Deferred,
        release: Callable[[], None] | None = None,
    ) -> None:
        """Have a request answered by another thread; one that waits for others comes here again.

        release: what the request has held while it waited; called when it has been computed again.
        """

        def run() -> None:
            result = self._call(dict(environ), deferred)
            if release is not None:
                release()
            if deferred.waits_for is not None:
                environ[EXCHANGE] = deferred.exchange
                call_loop(self.waits.wait, connection, request, environ, deferred.waits_for, deferred)
            else:
                call_loop(self._respond, connection, request, result)

        call_loop: Callable[..., object] = self.call_from_thread
        if self._with_callbacks and self._may_block(environ):
            self._callback_pool.run(run)
        elif self._outbox is not None and self._is_quick_write(environ):
            call_loop = self._outbox.thread.call_loop
            self._outbox.thread.run(run)
        else:
            self._pool.run(run)

    def _is_quick_write(self, environ: WSGIEnvironment) -> bool:
        """Return whether a request writes records to a quick store, and nothing else that may take time."""
        return self._is_store_quick and not self._is_app_changed and may_write(environ)

    def run_in_pool(self, function: Callable[[], None]) -> None:
        """Run a function in a thread of the pool; what it raises is logged."""
        self._pool.run(function)

    def _may_block(self, environ: WSGIEnvironment) -> bool:
        """Return whether a function of a test may answer a request, going by its method and path.

        Other requests have threads of their own: such a function may send some, and wait for the answers.
        """
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        return any(account.may_block(method, path) for account in list(self._with_callbacks))

    def _call(self, environ: WSGIEnvironment, deferred: Deferred) -> WsgiResult:
        """Return the app's response; never raises."""
        return call_app(self._app, environ, deferred, lambda: refuse(SERVER_ERROR))

    def _respond(self, connection: HttpProtocol, request: ReceivedRequest, result: WsgiResult) -> None:
        """Send a response, and remember it if it may be given again.

        With a store, the outbox does this once the entry of the request is stored.
        """
        outbox, deferred = self._outbox, result.deferred
        if outbox is None or deferred is None or not outbox.add(connection, request, result, deferred):
            self._memory.remember(request, result)
            connection.respond(request, result)

    def log(self, deferred: Deferred) -> None:
        """Write the log's line of a request that was answered, if it has one; `HttpProtocol` calls it."""
        if deferred.line is not None:
            exchange = deferred.exchange
            deferred.line.write(exchange.number, monotonic() - exchange.started)


def _log_loop_error(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what a callback of the loop raised; not that a client went away."""
    error = context.get("exception")
    if error is not None and not isinstance(error, OSError):
        log_failure(error)
