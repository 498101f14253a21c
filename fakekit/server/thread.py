"""The HTTP server in a thread of this process: for `fakekit.FakeServer` and where gunicorn does not run."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from flask import Flask

from fakekit.log import log_failure
from fakekit.server.descriptors import raise_limit
from fakekit.server.http_server import HttpServer
from fakekit.server.listening import Listener, ReadyFile, watch_parent
from fakekit.server.log_writer import finish_log
from fakekit.unpatched import Thread


class ThreadServer:
    """An app on a listening socket, served by daemon threads between `start` and `stop`."""

    def __init__(self, app: Flask, listener: Listener) -> None:
        self.listener = listener
        self._app = app
        self._running: tuple[HttpServer, Thread] | None = None

    def start(self) -> None:
        """Start to answer requests; connections that come before wait in the socket.

        Raises RuntimeError when no thread can be started.
        """
        server = HttpServer(self._app, self.listener)
        thread = Thread(target=_run, args=(server,), name="fakekit-loop")
        try:
            thread.start()
        except RuntimeError:
            server.close()
            raise
        self._running = server, thread

    @contextmanager
    def listening(self, listener: Listener) -> Iterator[None]:
        """Serve a further socket during the block; it is closed afterwards, with the connections on it.

        The server may be stopped in the block. Raises RuntimeError, and closes the socket, before `start`.
        """
        if self._running is None:
            listener.sock.close()
            raise RuntimeError("the server does not run")
        server, _ = self._running
        server.listen(listener)
        try:
            yield
        finally:
            server.close_listener(listener)

    def stop(self, graceful: bool = False) -> None:
        """Close every connection and the socket, and end every thread; nothing happens before `start`.

        graceful: answer first what is being answered, for two seconds at most.
        """
        if self._running is not None:
            server, thread = self._running
            server.stop(graceful)
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
    listener: Listener,
    ready_file: ReadyFile | None = None,
    parent: int | None = None,
) -> None:
    """Serve in this process until SIGTERM, SIGHUP or Ctrl-C: what ``fakekit serve`` does without gunicorn.

    parent: the process id of the parent process with which it ends; None to go on without it.

    Raises `SettingsError` when the ready file cannot be written, RuntimeError when no thread can be started.
    """
    ended = Event()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name) and signal.getsignal(getattr(signal, name)) is not signal.SIG_IGN:
            signal.signal(getattr(signal, name), lambda *_: ended.set())
    if parent is not None:
        watch_parent(parent)
    raise_limit()
    server, origin = ThreadServer(app, listener), listener.origin
    server.start()
    if ready_file is not None:
        ready_file.write(listener, os.getpid())
    while not ended.wait(0.2):  # without a limit, Windows would not see Ctrl-C
        pass
    server.stop(graceful=True)
    if ready_file is not None:
        ready_file.delete(origin)
