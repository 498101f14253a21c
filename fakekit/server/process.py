"""The server that ``fakekit serve`` is: gunicorn with worker processes, on a socket of our own.

Each worker serves by an event loop, `fakekit.server.http_server`. Without a store there is one, because
accounts live in its memory. Several share a store, and what one has answered all others know.
What gunicorn would do otherwise, and why that is wrong here:

- a dead worker is replaced silently: without a store, its accounts are lost, so the server ends with an
  error; with one, the log has a line (`fakekit.server.master`);
- a taken port is retried for five seconds: the socket comes bound from `fakekit.server.listening`.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from functools import partial

import gunicorn.app.base
import gunicorn.glogging
from flask import Flask
from gunicorn.workers.base import Worker

from fakekit.errors import SettingsError
from fakekit.log import LOGGER, ServerLogger
from fakekit.server.descriptors import raise_limit
from fakekit.server.http_server import HttpServer
from fakekit.server.listening import Listener, ReadyFile, watch_parent
from fakekit.server.master import LAST_WORD, Master

PARENT_SECONDS = 1.0
"""How often the worker looks whether its master is still there."""

SHARED_MEMORY = "/dev/shm"  # noqa: S108 (gunicorn makes its heartbeat file there safely)


def serve(
    app: Flask,
    listener: Listener,
    ready_file: ReadyFile | None = None,
    parent: int | None = None,
    workers: int = 1,
) -> None:
    """Serve until SIGTERM, SIGINT or, without a store, the worker's death; leaves by SystemExit.

    ready_file: written by rename, with one JSON object, once requests are answered, and deleted at the end.
    parent: the process id of the parent process with which it ends; None to go on without it.
    workers: how many worker processes; more than one needs a store.
    """
    raise_limit()
    if (state := app.extensions["fakekit"].accounts.state) is not None:
        state.close()  # no connection outlives a fork; each worker opens its own
    _Gunicorn(app, listener, ready_file, parent, workers).run()


class _Worker(Worker):
    """A worker that serves by `HttpServer`, and ends when the master says so or is gone.

    started: when it was started, by the monotonic clock.
    """

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)
        self.started = time.monotonic()

    def init_signals(self) -> None:
        """Ignore the signals that terminals send to the whole group, and end on `LAST_WORD`."""
        # Terminals and supervisors send these to the whole group; only the master decides.
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT):
            signal.signal(number, signal.SIG_IGN)
        signal.signal(LAST_WORD, self.handle_exit)

    def handle_exit(self, sig: object, frame: object) -> None:
        """End the process at once, with status 0, once the log is written.

        Called for a `LAST_WORD` that comes before the server is up, and by `run` when the server has ended.
        """
        logging.shutdown()
        os._exit(0)

    def run(self) -> None:
        """Serve until the master sends the signal `LAST_WORD`, then end the process; it does not return.

        gunicorn calls it once, in the process of the worker. What is being answered is answered first, for
        `STOP_SECONDS` at most. When the master has died, every connection is closed at once instead.
        """
        server = HttpServer(self.app.load(), self.app.listener, self.app.workers)
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

    def setup(self, cfg: object) -> None:
        """Take away the handlers that gunicorn's logger would write by."""
        self.error_log.handlers = self.access_log.handlers = []

    def access(self, resp: object, req: object, environ: object, request_time: object) -> None:
        """Write nothing: the middleware logs requests."""


class _Gunicorn(gunicorn.app.base.BaseApplication):
    """gunicorn's settings, and what it calls for the app; see `serve` for the parameters."""

    def __init__(
        self, app: Flask, listener: Listener, ready_file: ReadyFile | None, parent: int | None, workers: int
    ) -> None:
        self.app, self.listener, self.ready_file, self.parent = app, listener, ready_file, parent
        self.workers = workers
        # One byte, for the worker that is ready first. Whoever comes later, also in the place of one that has
        # died, finds the end.
        self._first, first = os.pipe()
        os.write(first, b"1")
        os.close(first)
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's settings; called by its constructor."""
        chosen = {
            "bind": f"fd://{os.dup(self.listener.sock.fileno())}",
            "workers": self.workers,
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

    def load(self) -> object:
        """Return the app that the workers serve."""
        return self.app

    def run(self) -> None:
        """Run the master until the server ends; leaves by SystemExit."""
        master = Master(self)
        master.replaces = self.app.extensions["fakekit"].accounts.state is not None
        master.nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        if self.parent is not None:
            master.after_start = partial(watch_parent, self.parent)
        origin = self.listener.origin  # later its socket may be closed
        try:
            master.run()
        finally:
            if self.ready_file is not None:
                self.ready_file.delete(origin)

    def when_ready(self) -> None:
        """Write the ready file, in the worker that is ready first.

        SystemExit, with the status that ends the server, when it cannot be written.
        """
        try:
            if os.read(self._first, 1) and self.ready_file is not None:
                self.ready_file.write(self.listener, os.getppid())
        except SettingsError as error:
            LOGGER.error("%s", error)
            sys.exit(Master.WORKER_BOOT_ERROR)
