"""The one thread of a server that writes to a quick store, beside the event loop's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from fakekit.server.pool import Pool

CALLS_AT_ONCE = 8
"""How many calls to the loop's thread are gathered at most, while further functions wait."""


class StoreThread:
    """Runs what writes to a store in which only one transaction writes at a time: SQLite.

    Threads of their own would wait for each other. What its functions have for the loop's thread is handed
    over together: to change from one thread to the other and back takes longer than a write.

    call_from_thread: has the loop's thread call a function.
    """

    def __init__(self, call_from_thread: Callable[[Callable[[], object]], object]) -> None:
        self._call_from_thread, self._pool = call_from_thread, Pool(1)
        self._calls: list[Callable[[], object]] = []

    def run(self, function: Callable[[], object]) -> None:
        """Run a function after those that were given before; what it raises is logged."""
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
                calls, self._calls = self._calls, []
                self._call_from_thread(partial(_call_all, calls))


def _call_all(functions: list[Callable[[], object]]) -> None:
    """Call functions, one after the other; none of them raises."""
    for function in functions:
        function()
