"""The server that ``fakekit serve`` is: gunicorn with one worker process, on a socket of our own.

One worker, because accounts live in its memory; it serves by an event loop, `fakekit.server.http_server`.
What gunicorn would do otherwise, and why that is wrong here:

- a dead worker is replaced silently, with an empty world: end with an error instead;
- a taken port is retried for five seconds: the socket comes bound from `fakekit.server.listening`.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import gunicorn.app.base
import gunicorn.arbiter
import gunicorn.glogging
from flask import Flask
from gunicorn.errors import HaltServer
from gunicorn.workers.base import Worker

from fakekit.errors import SettingsError
from fakekit.log import LOGGER, ServerLogger
from fakekit.server.descriptors import raise_limit
from fakekit.server.http_server import STOP_SECONDS, HttpServer
from fakekit.server.listening import Listener, watch_parent, write_ready_file

LAST_WORD = signal.SIGUSR1
"""The signal by which the master ends its worker."""

LAST_WORDS_SECONDS = STOP_SECONDS + 1.0
"""How long the worker may take to end by itself before it is killed."""

PARENT_SECONDS = 1.0
"""How often the worker looks whether its master is still there."""

SHARED_MEMORY = "/dev/shm"  # noqa: S108 (gunicorn makes its heartbeat file there safely)


def serve(
    app: Flask,
    listener: Listener,
    ready_file: Path | None = None,
    exit_with_parent: bool = False,
) -> None:
    """Serve until SIGTERM, SIGINT or the worker's death; leaves by SystemExit.

    ready_file: written by rename, with one JSON object, once requests are answered.
    exit_with_parent: end when the process that started this one does.
    """
    raise_limit()
    _Gunicorn(app, listener, ready_file, exit_with_parent).run()


class _Worker(Worker):
    """A worker that serves by `HttpServer`, and ends when the master says so or is gone."""

    def init_signals(self) -> None:
        """Ignore the signals that terminals send to the whole group, and end on `LAST_WORD`."""
        # Terminals and supervisors send these to the whole group; only the master decides.
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT):
            signal.signal(number, signal.SIG_IGN)
        signal.signal(LAST_WORD, self.handle_exit)

    def handle_exit(self, sig: Any, frame: Any) -> None:
        """End the process at once, with status 0, once the log is written.

        Called for a `LAST_WORD` that comes before the server is up, and by `run` when the server has ended.
        """
        logging.shutdown()
        os._exit(0)

    def run(self) -> None:
        """Serve until the master sends the signal `LAST_WORD`, then end the process; it does not return.

        gunicorn calls it once, in the only worker. What is being answered is answered first, for
        `STOP_SECONDS` at most. When the master has died, every connection is closed at once instead.
        """
        server = HttpServer(self.app.load(), self.app.listener)
        server.loop.add_signal_handler(LAST_WORD, server.stop, True)
        server.loop.call_later(PARENT_SECONDS, self._watch_master, server)
        server.run(self.app.when_ready)
        self.handle_exit(None, None)

    def _watch_master(self, server: HttpServer) -> None:
        """Stop the server, with every connection, if the master has died.

        Looks again every `PARENT_SECONDS`.
        """
        if os.getppid() != self.ppid:
            server.stop()
        server.loop.call_later(PARENT_SECONDS, self._watch_master, server)


class _Log(ServerLogger, gunicorn.glogging.Logger):
    """gunicorn's own voice: only what went wrong, and only its words, never a client's."""

    def setup(self, cfg: Any) -> None:
        """Take away the handlers that gunicorn's logger would write by."""
        self.error_log.handlers = self.access_log.handlers = []

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """Write nothing: the middleware logs requests."""


class _Arbiter(gunicorn.arbiter.Arbiter):
    """A master of exactly one worker, which it does not replace.

    cause: by which signal the worker was killed, as a part of a message; empty as long as it was not.
    """

    LISTENERS: list[Any]
    WORKERS: dict[int, Any]
    stopping = False
    nohup = False
    after_start: Callable[[], None] | None = None
    cause = ""

    def spawn_worker(self) -> Any:
        """Start the worker process, then call `after_start` in the master; return the worker's process id."""
        pid = super().spawn_worker()
        if self.after_start:
            self.after_start()
        return pid

    def reap_workers(self) -> None:
        """End the server, with HaltServer, when its worker has died; gunicorn would start another one."""
        self.cause = self.cause or _cause_of_death(self.WORKERS)
        logging.disable(logging.CRITICAL)  # gunicorn's guess at why; ours follows
        try:
            super().reap_workers()
        finally:  # it raises when the worker could not start
            logging.disable(logging.NOTSET)
        if not self.WORKERS and not self.stopping:
            raise HaltServer("the worker died", 1)

    def stop(self, graceful: bool = True) -> None:
        """Close the sockets and end the worker by `LAST_WORD`; after `LAST_WORDS_SECONDS` it is killed.

        graceful: ignored; gunicorn passes it.

        Called by gunicorn and by `halt`. Not gunicorn's own, which waits a tenth of a second at least, and
        whose older versions reap in a signal handler beside it.
        """
        self.stopping = True
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for listener in self.LISTENERS:
            listener.close()
        self.LISTENERS = []
        for pid in list(self.WORKERS):
            _end(pid)
        self.WORKERS = {}

    def halt(self, reason: str | None = None, exit_status: int = 0) -> None:
        """Stop the worker and leave by SystemExit; a status other than 0 is logged as the worker's death."""
        if exit_status:
            what = "the server's worker process died and its accounts with it%s; start it again"
            LOGGER.error(what, self.cause)
        self.stop()
        sys.exit(exit_status)

    def handle_hup(self) -> None:
        """Stop as on SIGTERM, unless the server runs under nohup: a reload would lose every account."""
        if not self.nohup:
            self.handle_term()

    def _ignored(self) -> None:
        """Do nothing: more workers, or other ones, would each have accounts of their own."""

    handle_ttin = handle_ttou = handle_usr1 = handle_usr2 = handle_winch = _ignored


def _cause_of_death(pids: Iterable[int]) -> str:
    """Return by which signal a child process was killed, as a part of a message; empty for none of them.

    pids: of children that nobody has waited for yet, which this does not do either.
    """
    for pid in pids:
        with suppress(ChildProcessError):
            state = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if state is not None and state.si_code == os.CLD_KILLED:
                name = signal.Signals(state.si_status).name
                return f" ({name}: the system may be out of memory)" if name == "SIGKILL" else f" ({name})"
    return ""


def _end(pid: int) -> None:
    """End the worker by `LAST_WORD` and wait for it; kill it after `LAST_WORDS_SECONDS`.

    Does nothing when it has ended already.
    """
    deadline = time.monotonic() + LAST_WORDS_SECONDS
    with suppress(ProcessLookupError, ChildProcessError):
        os.kill(pid, LAST_WORD)
        while os.waitpid(pid, os.WNOHANG) == (0, 0):
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                return
            time.sleep(0.005)


class _Gunicorn(gunicorn.app.base.BaseApplication):
    def __init__(
        self, app: Flask, listener: Listener, ready_file: Path | None, exit_with_parent: bool
    ) -> None:
        self.app, self.listener, self.ready_file = app, listener, ready_file
        self.parent = os.getppid() if exit_with_parent else None
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's settings; called by its constructor."""
        chosen = {
            "bind": f"fd://{os.dup(self.listener.sock.fileno())}",
            "workers": 1,
            "worker_class": _Worker,
            "timeout": 0,  # a laptop that slept is not a worker that hangs
            "graceful_timeout": 0,
            "logger_class": _Log,
            "control_socket_disable": True,  # it would be written to the user's home
            "worker_tmp_dir": SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None,
        }
        for name, value in chosen.items():
            if name in self.cfg.settings:  # older gunicorns have no control socket to disable
                self.cfg.set(name, value)

    def load(self) -> Any:
        """Return the app that the worker serves."""
        return self.app

    def run(self) -> None:
        """Run the master until the server ends; leaves by SystemExit."""
        arbiter = _Arbiter(self)
        arbiter.nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        if self.parent is not None:
            arbiter.after_start = partial(watch_parent, self.parent)
        arbiter.run()

    def when_ready(self) -> None:
        """Write the ready file, in the worker; SystemExit when it cannot be written."""
        try:
            write_ready_file(self.ready_file, self.listener, os.getppid())
        except SettingsError as error:
            LOGGER.error("%s", error)
            sys.exit(1)
