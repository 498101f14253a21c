"""The master process: it starts the workers, stops them, and with a store replaces those that have died."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any

import gunicorn.arbiter
from gunicorn.errors import HaltServer

from fakekit.log import LOGGER
from fakekit.server.http_server import STOP_SECONDS

LAST_WORD = signal.SIGUSR1
"""The signal by which the master ends its workers."""

LAST_WORDS_SECONDS = STOP_SECONDS + 1.0
"""How long the workers may take to end by themselves before they are killed."""

YOUNG_SECONDS = 0.2
"""A worker that dies sooner after its start is replaced only at the next look, a second later at most.

Something may kill each one at once; starting them as fast as they die would keep a core busy.
"""


class Master(gunicorn.arbiter.Arbiter):
    """Starts the worker processes and stops them.

    replaces: whether a worker that dies is replaced: its accounts are in a store. Without one, they are lost
        with the only worker, and the server ends with an error.
    nohup: whether a hangup is ignored.
    after_start: called once, when the first worker was started; None for nothing.
    """

    LISTENERS: list[Any]
    WORKERS: dict[int, Any]
    stopping = replaces = nohup = False
    after_start: Callable[[], None] | None = None
    _next_start = 0.0

    def spawn_worker(self) -> object:
        """Start a worker process, and call `after_start` behind the first one; return its process id."""
        pid = super().spawn_worker()
        if self.after_start:
            self.after_start()
            self.after_start = None
        return pid

    def manage_workers(self) -> None:
        """Start workers until there are as many as there should be; called after each signal and each second.

        Not while one that has just died was young; see `YOUNG_SECONDS`.
        """
        if time.monotonic() >= self._next_start:
            super().manage_workers()

    def reap_workers(self) -> None:
        """Wait for the workers that have died, which `manage_workers` then replaces, with a line in the log.

        Raises `HaltServer` where one is not replaced: without a store, or when it could not even start.

        Not gunicorn's own, which guesses in the log at why a worker died. As process 1 of a container, the
        master has orphans for children too; they are waited for and not counted.
        """
        with suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG)) != (0, 0):
                pid, status = found
                worker = self.WORKERS.pop(pid, None)
                if worker is not None and not self.stopping:
                    worker.tmp.close()
                    self._replace(worker, status)

    def _replace(self, worker: Any, status: int) -> None:
        """Log that a worker has died, by which signal, and that another one takes its place.

        status: as `os.waitpid` returns it. Raises `HaltServer` where it is not replaced.
        """
        cause = _cause_of_death(status)
        if not self.replaces:
            what = "the server's worker process died and its accounts with it%s; start it again"
        elif os.waitstatus_to_exitcode(status) in (self.WORKER_BOOT_ERROR, self.APP_LOAD_ERROR):
            what = "a worker process cannot start%s"
        else:
            LOGGER.warning("worker process %d died%s; another one takes its place", worker.pid, cause)
            if time.monotonic() - worker.started < YOUNG_SECONDS:
                self._next_start = time.monotonic() + YOUNG_SECONDS / 2
            return
        LOGGER.error(what, cause)
        raise HaltServer("a worker died", 1)

    def stop(self, graceful: bool = True) -> None:
        """Close the sockets and end the workers by `LAST_WORD`; after `LAST_WORDS_SECONDS` they are killed.

        graceful: ignored; gunicorn passes it.

        Called by gunicorn and by `halt`. Not gunicorn's own, which waits a tenth of a second at least, and
        whose older versions reap in a signal handler beside it.
        """
        self.stopping = True
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for listener in self.LISTENERS:
            listener.close()
        self.LISTENERS = []
        _end(self.WORKERS)
        self.WORKERS = {}

    def halt(self, reason: str | None = None, exit_status: int = 0) -> None:
        """Stop the workers and leave by SystemExit."""
        self.stop()
        sys.exit(exit_status)

    def handle_hup(self) -> None:
        """Stop as on SIGTERM, unless the server runs under nohup: a reload may lose every account."""
        if not self.nohup:
            self.handle_term()

    def _ignored(self) -> None:
        """Do nothing: the number of workers is a setting, and without a store there can be only one."""

    handle_ttin = handle_ttou = handle_usr1 = handle_usr2 = handle_winch = _ignored


def _cause_of_death(status: int) -> str:
    """Return by which signal a process was killed, as a part of a message; empty for none.

    status: as `os.waitpid` returns it.
    """
    if not os.WIFSIGNALED(status):
        return ""
    number = os.WTERMSIG(status)
    with suppress(ValueError):  # a real-time signal has no name
        name = signal.Signals(number).name
        return f" ({name}: the system may be out of memory)" if name == "SIGKILL" else f" ({name})"
    return f" (signal {number})"


def _end(pids: Collection[int]) -> None:
    """End workers by `LAST_WORD` and wait for them; kill those that run after `LAST_WORDS_SECONDS`.

    Nothing happens to one that has ended already.
    """
    deadline = time.monotonic() + LAST_WORDS_SECONDS
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, LAST_WORD)
    for pid in pids:
        with suppress(ProcessLookupError, ChildProcessError):
            while os.waitpid(pid, os.WNOHANG) == (0, 0):
                if time.monotonic() > deadline:
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
                    break
                time.sleep(0.005)
