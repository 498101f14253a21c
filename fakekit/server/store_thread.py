"""The one thread of a server that writes to a quick store, beside the event loop's."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from fakekit.log import log_failure
from fakekit.server.pool import Pool

if TYPE_CHECKING:
    from fakekit.server.http_server import HttpServer

CALLS_AT_ONCE = 8
"""How many calls to the loop's thread are gathered at most, while further functions wait."""
CALL_SECONDS = 0.005
"""How long one waits at most, as the next function may wait for another process."""


class StoreThread:
    """Runs what writes to a store in which only one transaction writes at a time: SQLite.

    Threads of their own would wait for each other. What its functions have for the loop's thread is handed
    over together: to change from one thread to the other and back takes longer than a write.

    server: whose loop's thread uses it.
    """

    def __init__(self, server: HttpServer) -> None:
        self._server, self._pool = server, Pool(1)
        self._calls: deque[Callable[[], object]] = deque()
        self._is_timed = False

    def run(self, function: Callable[[], object]) -> None:
        """Run a function after those that were given before; what it raises is logged."""
        if not self._is_timed:
            self._is_timed = True
            self._server.loop.call_later(CALL_SECONDS, self._look)
        self._pool.run(partial(self._run, function))

    def call_loop(self, function: Callable[..., object], *arguments: object) -> None:
        """Have the loop's thread call a function soon; for functions that `run` was given."""
        self._calls.append(partial(function, *arguments))

    def stop(self, seconds: float) -> None:
        """End the thread once it has done what was given to it; wait for that at most so long."""
        self._pool.stop(seconds)

    def _run(self, function: Callable[[], object]) -> None:
        """Run a function, and hand the gathered calls over if no other one waits or they are many."""
        try:
            function()
        finally:
            if self._calls and (len(self._calls) >= CALLS_AT_ONCE or not self._pool.has_waiting):
                self._server.call_from_thread(self._call_all)

    def _look(self) -> None:
        """Make the calls that were gathered, and look again later as long as functions run or wait."""
        self._is_timed = self._pool.is_busy
        if self._is_timed:
            self._server.loop.call_later(CALL_SECONDS, self._look)
        self._call_all()

    def _call_all(self) -> None:
        """Make the calls that were gathered; one that fails keeps no other from being made."""
        while self._calls:
            call = self._calls.popleft()
            try:
                call()
            except Exception as error:
                log_failure(error)
