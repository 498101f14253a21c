"""The server that ``fakekit serve`` is: gunicorn with one worker process, on a socket of our own.

One worker, because accounts live in its memory; many threads, because each half-sent request and later
each delayed answer holds one. What gunicorn would do otherwise, and why that is wrong here:

- a dead worker is replaced silently, with an empty world: end with an error instead;
- a taken port is retried for five seconds: the socket comes bound from `fakekit.server.listening`;
- a malformed request is answered and logged with its own text, which may hold a key.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import gunicorn.app.base
import gunicorn.arbiter
import gunicorn.glogging
from flask import Flask
from gunicorn.errors import HaltServer
from gunicorn.http import errors as http
from gunicorn.workers.gthread import ThreadWorker

from fakekit.api.response import malformed
from fakekit.errors import SettingsError
from fakekit.log import LOGGER, ServerLogger
from fakekit.server.listening import Before, watch_parent, write_ready_file

THREADS = 128
"""How many requests may be under way at once, half-sent ones included."""

HEADER_BYTES = 128 * 1024
"""The longest header line that is read; a longer one gets 431."""

LAST_WORD = signal.SIGUSR1
"""What the master ends its worker with."""

LAST_WORDS_SECONDS = 0.3
"""How long the worker may take to end by itself before it is killed."""

SHARED_MEMORY = "/dev/shm"  # noqa: S108 (gunicorn makes its heartbeat file there safely)

_STATUS: dict[type[Exception], HTTPStatus] = {
    http.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    http.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
}


def serve(
    app: Flask,
    listener: socket.socket,
    ready_file: Path | None = None,
    exit_with_parent: bool = False,
    before: Before | None = None,
) -> None:
    """Serve until SIGTERM, SIGINT or the worker's death; leaves by SystemExit.

    ready_file: written by rename, with one JSON object, once requests are answered.
    exit_with_parent: end when the process that started this one does.
    before: what stands before the server, in the worker's process.
    """
    _Gunicorn(app, listener, ready_file, exit_with_parent, before).run()


class _Worker(ThreadWorker):
    """A worker that ends when the master says so, and repeats nothing it was sent."""

    def init_signals(self) -> None:
        super().init_signals()
        # Terminals and supervisors send these to the whole group; only the master decides.
        for how in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT):
            signal.signal(how, signal.SIG_IGN)
        signal.signal(LAST_WORD, self.handle_exit)

    def handle_exit(self, sig: Any, frame: Any) -> None:
        """End now: threads that wait for half-sent requests would be joined for ever."""
        logging.shutdown()
        os._exit(0)

    def run(self) -> None:
        super().run()
        self.handle_exit(None, None)  # the master is gone

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer what HTTP forbids without quoting it; gunicorn's own answer and log would."""
        response = malformed(_STATUS.get(type(exc), HTTPStatus.BAD_REQUEST))
        with suppress(OSError):  # the client is gone
            client.sendall(response.to_http())


class _Log(ServerLogger, gunicorn.glogging.Logger):
    """gunicorn's own voice: only what went wrong, and only its words, never a client's."""

    def setup(self, cfg: Any) -> None:
        self.error_log.handlers = self.access_log.handlers = []

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """Write nothing: the edge logs requests."""


class _Arbiter(gunicorn.arbiter.Arbiter):
    """A master of exactly one worker, which it does not replace."""

    LISTENERS: list[Any]
    WORKERS: dict[int, Any]
    stopping = False
    nohup = False
    after_start: Callable[[], None] | None = None

    def spawn_worker(self) -> Any:
        pid = super().spawn_worker()
        if self.after_start:
            self.after_start()
        return pid

    def reap_workers(self) -> None:
        logging.disable(logging.CRITICAL)  # gunicorn's guess at why; ours follows
        try:
            super().reap_workers()
        finally:  # it raises when the worker could not start
            logging.disable(logging.NOTSET)
        if not self.WORKERS and not self.stopping:
            raise HaltServer("the worker died", 1)

    def stop(self, graceful: bool = True) -> None:
        """End the worker: it has a moment to write its last lines, then it is killed.

        Not gunicorn's own, which waits a tenth of a second at least, and whose older versions reap in a
        signal handler beside it.
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
        if exit_status:
            what = "the server's worker process died and its accounts with it; start it again"
            LOGGER.error("%s", what)
        self.stop()
        sys.exit(exit_status)

    def handle_hup(self) -> None:
        """Stop as on SIGTERM, unless the server runs under nohup: a reload would lose every account."""
        if not self.nohup:
            self.handle_term()

    def _ignored(self) -> None:
        """Do nothing: more workers, or other ones, would each have accounts of their own."""

    handle_ttin = handle_ttou = handle_usr1 = handle_usr2 = handle_winch = _ignored


def _end(pid: int) -> None:
    """End a child: by `LAST_WORD` if it listens, else by SIGKILL."""
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
        self,
        app: Flask,
        listener: socket.socket,
        ready_file: Path | None,
        exit_with_parent: bool,
        before: Before | None,
    ) -> None:
        self.app, self.listener, self.ready_file, self.before = app, listener, ready_file, before
        self.parent = os.getppid() if exit_with_parent else None
        super().__init__()

    def load_config(self) -> None:
        chosen = {
            "bind": f"fd://{os.dup(self.listener.fileno())}",
            "workers": 1,
            "worker_class": _Worker,
            "threads": THREADS,
            "timeout": 0,  # a laptop that slept is not a worker that hangs
            "graceful_timeout": 0,
            "keepalive": 30,
            "limit_request_field_size": HEADER_BYTES,
            "logger_class": _Log,
            "control_socket_disable": True,  # it would be written to the user's home
            "worker_tmp_dir": SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None,
            "post_worker_init": self._ready,
        }
        for name, value in chosen.items():
            if name in self.cfg.settings:  # older gunicorns have no control socket to disable
                self.cfg.set(name, value)

    def load(self) -> Any:
        return self.app

    def run(self) -> None:
        arbiter = _Arbiter(self)
        arbiter.nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        if self.parent is not None:
            arbiter.after_start = partial(watch_parent, self.parent)
        arbiter.run()

    def _ready(self, worker: Any) -> None:
        try:
            write_ready_file(self.ready_file, self.listener, worker.ppid, self.before)
        except SettingsError as error:
            LOGGER.error("%s", error)
            sys.exit(1)
