"""Threads for what would hold up the event loop: lists, writes and the control API."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from fakekit.log import log_failure
from fakekit.unpatched import Lock, SimpleQueue, Thread, monotonic


class Pool:
    """A few daemon threads that run functions, started as they are needed.

    Not `concurrent.futures.ThreadPoolExecutor`, whose threads the interpreter waits for when it ends: a
    function that never returns would keep a test run from ending.

    size: how many threads there may be.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._threads: list[Thread] = []
        self._idle = 0  # threads that wait for a function, less the functions in the queue
        self._is_stopped = False
        self._lock = Lock()

    def run(self, function: Callable[[], None]) -> None:
        """Run a function in one of the threads, later if all are busy; what it raises is logged.

        Where no thread can be started at all, it is run here: late is better than never.
        """
        with self._lock:
            if self._idle <= 0 and len(self._threads) < self._size:
                self._start_thread()
            if self._threads:
                self._idle -= 1  # here, not in the thread, which another call may see before it has begun
                self._queue.put(function)
                return
        _run(function)

    @property
    def has_waiting(self) -> bool:
        """Whether functions wait for a thread."""
        return self._idle < 0

    @property
    def is_busy(self) -> bool:
        """Whether functions run or wait."""
        return self._idle < len(self._threads)

    def stop(self, seconds: float) -> None:
        """End the threads once they have done what was given to them; wait for that at most so long.

        What none has begun until then is not done.
        """
        for _ in self._threads:
            self._queue.put(None)
        deadline = monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - monotonic()))
        self._is_stopped = True

    def _start_thread(self) -> None:
        """Start a further thread, if the system allows it. The caller holds the lock."""
        thread = Thread(target=self._run_queue, name=f"fakekit-{len(self._threads)}")
        with suppress(RuntimeError):
            thread.start()
            self._threads.append(thread)
            self._idle += 1

    def _run_queue(self) -> None:
        """Run functions of the queue until one of them is None; the body of each thread.

        What a function raises is logged.
        """
        while True:
            function = self._queue.get()
            if function is None or self._is_stopped:
                return
            _run(function)
            with self._lock:
                self._idle += 1


def _run(function: Callable[[], None]) -> None:
    """Run a function, and log what it raises."""
    try:
        function()
    except Exception as error:
        log_failure(error)
