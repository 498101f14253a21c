"""The HTTP server in a thread of this process: for `fakekit.FakeServer` and where gunicorn does not run."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path
from threading import Event, Thread

from flask import Flask

from fakekit.log import log_failure
from fakekit.server.http_server import HttpServer
from fakekit.server.listening import Before, watch_parent, write_ready_file
from fakekit.server.log_writer import finish_log


class ThreadServer:
    """An app on a listening socket, served by daemon threads between `start` and `stop`."""

    def __init__(self, app: Flask, listener: socket.socket) -> None:
        self.listener = listener
        self._app = app
        self._running: tuple[HttpServer, Thread] | None = None

    def start(self) -> None:
        """Start to answer requests; connections that come before wait in the socket.

        Raises RuntimeError when no thread can be started.
        """
        server = HttpServer(self._app, self.listener)
        thread = Thread(target=_run, args=(server,), name="fakekit-loop", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            server.close()
            raise
        self._running = server, thread

    def stop(self) -> None:
        """Close every connection and the socket, and end every thread; nothing happens before `start`."""
        if self._running is not None:
            server, thread = self._running
            server.stop()
            thread.join()
        finish_log()


def _run(server: HttpServer) -> None:
    """Serve until the server is stopped; the body of its thread."""
    try:
        server.run()
    except Exception as error:
        log_failure(error)


def serve(
    app: Flask,
    listener: socket.socket,
    ready_file: Path | None = None,
    exit_with_parent: bool = False,
    before: Before | None = None,
) -> None:
    """Serve in this process until SIGTERM or Ctrl-C: what ``fakekit serve`` does without gunicorn."""
    ended = Event()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name) and signal.getsignal(getattr(signal, name)) is not signal.SIG_IGN:
            signal.signal(getattr(signal, name), lambda *_: ended.set())
    if exit_with_parent:
        watch_parent(os.getppid())
    server = ThreadServer(app, listener)
    server.start()
    write_ready_file(ready_file, listener, os.getpid(), before)
    while not ended.wait(0.2):  # without a limit, Windows would not see Ctrl-C
        pass
    server.stop()
