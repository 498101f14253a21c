"""The HTTP server: connections on an event loop, their requests answered from memory or by the Flask app.

Chosen over uvicorn with a protocol class of our own: the parser is the same (httptools), but uvicorn keeps
nothing of a connection's behaviour that is needed here (two Hosts, trailers, deadlines, half-closed
connections, faults), and a task and an ASGI scope per request cost more than the rest of the server.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Flask

from fakekit.api.deferred import Deferred
from fakekit.api.failures import server_error
from fakekit.api.middleware import NUMBER, STARTED, RequestMiddleware
from fakekit.log import log, log_failure
from fakekit.server.http_protocol import HttpProtocol
from fakekit.server.loop import ServerLoop
from fakekit.server.pool import Pool
from fakekit.server.remembered import RememberedResponses, has_only_own_hooks
from fakekit.server.request_reader import ReceivedRequest
from fakekit.server.wsgi import WsgiResult, call_app, make_environ
from fakekit.unpatched import monotonic

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from fakekit.accounts.journal import Journal

SWEEP_SECONDS = 1.0
"""How often deadlines are looked at."""
STOP_SECONDS = 2.0
"""How long requests that are being answered may take when the server stops."""
THREADS = 2
"""How many requests that take longer than a fetch are computed at once; more would only share the core."""
THREADS_OF_A_CHANGED_APP = 16
"""The same where functions of somebody else's run in a request, which may wait for anything."""
CLOSING_TURNS = 100
"""How many turns of the loop closing may take; a connection that was just accepted takes three."""
CLOSED_AT_ONCE = 64
"""How many idle connections are closed when no descriptors are left for new ones."""


class HttpServer:
    """Serves an app on a listening socket: `run` blocks, `stop` may be called from any thread.

    connections: those that are open.
    is_stopping: whether connections end behind their next response.
    """

    def __init__(self, app: Flask, listener: socket.socket) -> None:
        self._app, self._listener = app, listener
        self._service = app.extensions["fakekit"]
        edge = (
            app.wsgi_app if has_only_own_hooks(app) and isinstance(app.wsgi_app, RequestMiddleware) else None
        )
        self._memory = RememberedResponses(edge, self._service.accounts)
        self._pool = Pool(THREADS_OF_A_CHANGED_APP if edge is None else THREADS)
        self._answers_inline = edge is not None
        self.repeat = self._memory.repeat
        self.connections: set[HttpProtocol] = set()
        self.is_stopping = False
        self._acceptor: asyncio.Server | None = None
        self.loop = ServerLoop()
        self.loop.set_exception_handler(self._log_loop_error)

    def run(self, on_start: Callable[[], None] | None = None) -> None:
        """Serve until `stop`; blocks. Everything is closed when it returns, the listening socket too.

        on_start: called once connections are accepted.
        """
        starting = self.loop.create_task(self._start(on_start))
        try:
            self.loop.run_forever()
            if starting.done():
                starting.result()
        finally:
            if starting.done():
                starting.exception()  # else the loop logs it once more when it is collected
            self.close()

    def stop(self, gracefully: bool = False) -> None:
        """Let `run` return; does nothing when it has.

        gracefully: answer first what is being answered, for `STOP_SECONDS` at most; else every connection is
            closed at once.
        """
        self._from_thread(self._stop, STOP_SECONDS if gracefully else 0.0)

    def close(self) -> None:
        """Close every connection, the listening socket and the loop, and end the threads."""
        self.is_stopping = True
        try:
            if self._acceptor is not None:
                self._acceptor.close()
            for _ in range(CLOSING_TURNS):
                for connection in list(self.connections):
                    connection.abort()
                self.loop.call_soon(self.loop.stop)
                self.loop.run_forever()  # callbacks close the connections, tasks make those just accepted
                if not self.connections and not asyncio.all_tasks(self.loop):
                    break
        finally:
            self._pool.stop(STOP_SECONDS)
            self.loop.close()
            self._listener.close()

    async def _start(self, on_start: Callable[[], None] | None) -> None:
        """Accept connections, and say so; a server that was stopped meanwhile closes the socket again."""
        try:
            self._acceptor = await self.loop.create_server(
                lambda: HttpProtocol(self), sock=self._listener, backlog=1024
            )
            if self.is_stopping:
                self._acceptor.close()
                return
            self.loop.call_later(SWEEP_SECONDS, self._sweep)
            if on_start is not None:
                on_start()
        except Exception:
            self.loop.stop()  # `run` raises it
            raise

    def _stop(self, seconds: float) -> None:
        """Begin no further request, and end the loop when none is being answered, or after so long."""
        self.is_stopping = True
        if self._acceptor is not None:
            self._acceptor.close()
        self._stop_when_idle(self.loop.time() + seconds)

    def _stop_when_idle(self, deadline: float) -> None:
        for connection in [c for c in self.connections if not c.is_busy]:
            connection.close()
        if self.loop.time() < deadline and any(c.is_busy for c in self.connections):
            self.loop.call_later(0.01, self._stop_when_idle, deadline)
        else:
            self.loop.stop()

    def _from_thread(self, function: Callable[..., None], *arguments: object) -> None:
        """Have the loop's thread call a function; nothing happens once the loop is closed."""
        try:
            self.loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:
            return

    # One request.

    def handle(self, connection: HttpProtocol, request: ReceivedRequest) -> None:
        """Answer a request: at once in this thread if it is quick, else by a thread of the pool."""
        environ = make_environ(request, connection.local, connection.peer, connection.scheme)
        if self._answers_inline and self._service.is_quick(request.method, environ["PATH_INFO"]):
            self._respond(connection, request, self._call(environ, Deferred()))
        else:
            self._hand_over(connection, request, environ, Deferred())

    def _hand_over(
        self, connection: HttpProtocol, request: ReceivedRequest, environ: WSGIEnvironment, deferred: Deferred
    ) -> None:
        """Have a request answered by a thread of the pool; one that waits for others comes here again."""

        def run() -> None:
            result = self._call(dict(environ), deferred)
            if deferred.waits_for is not None:
                environ[NUMBER], environ[STARTED] = deferred.number, deferred.started
                self._from_thread(self._wait, connection, request, environ, deferred.waits_for, deferred)
            else:
                self._from_thread(self._respond, connection, request, result)

        self._pool.run(run)

    def _call(self, environ: WSGIEnvironment, deferred: Deferred) -> WsgiResult:
        """Return the app's response; never raises."""
        assumptions = self._service.accounts.baseline.assumptions
        return call_app(self._app, environ, deferred, lambda: server_error(assumptions))

    def _respond(self, connection: HttpProtocol, request: ReceivedRequest, result: WsgiResult) -> None:
        """Send a response, and remember it if it may be given again."""
        self._memory.remember(request, result)
        connection.respond(request, result)

    def _wait(
        self,
        connection: HttpProtocol,
        request: ReceivedRequest,
        environ: WSGIEnvironment,
        journal: Journal,
        deferred: Deferred,
    ) -> None:
        """Hand a request over again when the journal has another entry, or its time is up."""

        def again(is_expired: bool) -> None:
            if not timer.cancelled():
                timer.cancel()
                journal.remove_listener(wake)
                self._hand_over(connection, request, environ, Deferred(is_expired=is_expired))

        def wake() -> None:
            self._from_thread(again, False)

        remaining = deferred.started + deferred.seconds - monotonic()
        timer = self.loop.call_later(max(0.0, remaining), again, True)
        journal.add_listener(wake)
        if journal.written != deferred.seen:  # between the look and the listener
            again(False)

    def log(self, deferred: Deferred) -> None:
        """Write the log's line of a request that was answered."""
        if deferred.line is not None:
            deferred.line.write(deferred.number, monotonic() - deferred.started)

    # The loop.

    def _sweep(self) -> None:
        """Close the connections whose time is up."""
        now = self.loop.time()
        for connection in [c for c in self.connections if c.deadline < now]:
            connection.expire()
        self.loop.call_later(SWEEP_SECONDS, self._sweep)

    def _log_loop_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Log what a callback raised; where descriptors have run out, close what is idle for longest."""
        error = context.get("exception")
        if str(context.get("message", "")).startswith("socket.accept() out of"):
            log(logging.WARNING, "no descriptors are left for new connections; idle ones are closed")
            idle = sorted((c for c in self.connections if not c.is_busy), key=lambda c: c.deadline)
            for connection in idle[:CLOSED_AT_ONCE]:
                connection.abort()
        elif error is not None and not isinstance(error, OSError):
            log_failure(error)
