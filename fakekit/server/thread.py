"""The server in a thread of this process: waitress, on a socket of our own.

Chosen over cheroot and werkzeug because it stops within a millisecond whatever clients are connected,
keeps connections alive, and reads requests in one loop, so that a half-sent one costs no thread.
What it would do otherwise, and why that is wrong here:

- it quotes a malformed header line in its answer: ours quotes nothing;
- it warns on a global logger whenever a request waits for a thread: that is no news.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from threading import Event, Lock, Thread
from types import SimpleNamespace
from typing import Any, NoReturn

import waitress.adjustments
import waitress.channel
import waitress.server
import waitress.task
import waitress.trigger
from flask import Flask
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher, WSGITask

from fakekit.api.failures import server_error
from fakekit.api.response import malformed, partial
from fakekit.api.wire import LINGER_NOT, LOOK_SECONDS, WIRE, is_disconnected
from fakekit.log import ServerLogger, log_failure
from fakekit.server.listening import Before, watch_parent, write_ready_file
from fakekit.server.log_writer import finish_log
from fakekit.unpatched import Socket, monotonic, wall_time

THREADS = 8
HEADER_BYTES = 128 * 1024 + 8192
"""All header lines together; the longest single one that gunicorn reads has 128 kB."""

PAUSE_SECONDS = 0.05
"""How long the loop rests after a turn that failed, so that one that fails for long does not fill a core."""

_VOICE = ServerLogger()


class _Time:
    """What waitress uses of the module `time`, whatever a test has put in its place.

    Else a test that replaces ``time.time`` would lose values of its mock to the server.
    """

    time = staticmethod(wall_time)


for _module in (waitress.channel, waitress.server, waitress.task):
    _module.time = _Time
for _module in (waitress.trigger, wasyncore):
    # Else the pipe that wakes the loop would be one of pyfakefs's, and each response would take a second.
    _module.os = SimpleNamespace(**vars(os))
waitress.adjustments.socket = SimpleNamespace(**{**vars(socket), "socket": Socket})


class _ErrorTask(ErrorTask):
    logger = _VOICE

    def execute(self) -> None:
        """Answer what HTTP forbids without quoting it, or, where the app raised, that fakekit failed."""
        code = int(self.request.error.code)
        if code == HTTPStatus.INTERNAL_SERVER_ERROR:
            service = self.channel.server.application.extensions["fakekit"]
            response = server_error(service.accounts.baseline.assumptions)
        else:
            response = malformed(HTTPStatus(code if 400 <= code < 500 else 400))
        self.status = f"{response.status} {HTTPStatus(response.status).phrase}"
        self.response_headers.extend(response.fields)
        self.set_close_on_finish()
        self.content_length = len(response.payload)
        self.write(response.payload)


class _Wire:
    """A waitress channel (see `fakekit.api.wire.Wire`)."""

    def __init__(self, channel: HTTPChannel) -> None:
        self._channel, self._server = channel, channel.server

    def wait(self, seconds: float) -> None:
        """Sleep, but not longer than the server runs and the client is there."""
        end, ending = monotonic() + seconds, self._server.ending
        while (left := end - monotonic()) > 0 and not is_disconnected(self._channel.socket):
            if ending.wait(min(left, LOOK_SECONDS)):
                return

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Let another thread serve requests while this one waits."""
        self._server.task_dispatcher.lend(1)
        try:
            yield
        finally:
            self._server.task_dispatcher.lend(-1)

    def write(self, data: bytes) -> None:
        """Queue bytes that the server's loop sends."""
        self._channel.write_soon(data)

    def end(self, reset: bool) -> NoReturn:
        """Let the loop close the channel. Raises what makes waitress give the task up."""
        if reset:
            with suppress(OSError):
                self._channel.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        raise ClientDisconnected


class _Task(WSGITask):
    logger = _VOICE  # waitress's own logger would write to stderr in the request's thread

    def get_environment(self) -> dict[str, Any]:
        """Return the WSGI environment with the connection in it."""
        environ: dict[str, Any] = super().get_environment()
        environ[WIRE] = _Wire(self.channel)
        return environ


class _Channel(HTTPChannel):
    task_class = _Task
    error_task_class = _ErrorTask
    logger = _VOICE

    def handle_close(self) -> None:
        """Answer a client that has ended its side in the middle of a body, as far as it still reads."""
        request = self.request
        if self.connected and request is not None and request.headers_finished and not request.completed:
            with suppress(OSError):
                self.socket.send(partial().to_http())
        super().handle_close()


class _Dispatcher(ThreadedTaskDispatcher):
    logger = queue_logger = _VOICE

    def __init__(self) -> None:
        super().__init__()
        self.started: list[Thread] = []
        self._asked, self._ended = 0, False
        self._counting = Lock()

    def lend(self, more: int) -> None:
        """Add so many threads to the pool; a negative number takes them away again."""
        with self._counting:
            self._asked += more
            if not self._ended:
                self.set_thread_count(self._asked)

    def shutdown(self, cancel_pending: bool = True, timeout: int = 2) -> bool:
        """End all threads, and cancel what is queued.

        Not waitress's own, which measures its time by ``time.time()``.
        """
        with self._counting:
            self._ended = True
            self.set_thread_count(0)
        deadline = monotonic() + timeout
        for thread in self.started:
            thread.join(max(0.0, deadline - monotonic()))
        with self.lock:
            pending = list(self.queue)
            self.queue.clear()
        for task in pending:
            task.cancel()
        return True

    def start_new_thread(self, target: Any, thread_no: int) -> None:
        def run() -> None:
            while True:
                try:
                    target(thread_no)
                    return
                except Exception as error:  # waitress's own handler failed, as in logging
                    log_failure(error)

        thread = Thread(target=run, name=f"fakekit-{thread_no}", daemon=True)
        self.started = [*(t for t in self.started if t.is_alive()), thread]
        thread.start()


class _Server(TcpWSGIServer):
    channel_class = _Channel
    logger = _VOICE

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.ending = Event()
        super().__init__(*args, **kwargs)

    def handle_error(self) -> None:
        """Go on listening. waitress would close the listening socket, for the rest of the process."""
        error = sys.exc_info()[1]
        if error is not None:
            log_failure(error)


class ThreadServer:
    """An app on a listening socket, served by daemon threads between `start` and `stop`."""

    def __init__(self, app: Flask, listener: socket.socket, threads: int = THREADS) -> None:
        self.listener = listener
        self._map: dict[int, Any] = {}
        self._dispatcher = _Dispatcher()
        self._dispatcher.lend(threads)
        adjustments = Adjustments(
            sockets=[listener],
            ident="fakekit",
            max_request_header_size=HEADER_BYTES,
            connection_limit=10_000,
            clear_untrusted_proxy_headers=False,
        )
        self._server = _Server(
            app,
            self._map,
            _sock=listener,
            dispatcher=self._dispatcher,
            adj=adjustments,
            sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
            bind_socket=False,
        )
        self._ending = self._server.ending
        self._loop = Thread(target=self._run, name="fakekit-loop", daemon=True)

    def start(self) -> None:
        """Start to answer requests, in threads of its own."""
        self._loop.start()

    def stop(self) -> None:
        """Close every connection and end every thread.

        In this order: nothing is closed while a thread may still use it, and with it a descriptor that
        has become somebody else's.
        """
        self._ending.set()
        with suppress(OSError):  # the loop ends by itself within a second
            self._server.pull_trigger()
        self._loop.join()
        for channel in list(self._server.active_channels.values()):
            _hang_up(channel)
        self._dispatcher.shutdown(timeout=2)
        wasyncore.close_all(self._map, ignore_all=True)
        finish_log()

    def _run(self) -> None:
        """Serve until `stop`, whatever a turn of the loop raises: a test may have replaced what it uses."""
        while not self._ending.is_set():
            try:
                # poll, not select, which ends at descriptor 1024
                wasyncore.loop(timeout=1, map=self._map, use_poll=True, count=1)
            except Exception as error:
                log_failure(error)
                self._ending.wait(PAUSE_SECONDS)


def _hang_up(channel: HTTPChannel) -> None:
    """End a connection from outside the loop, so that a task that writes to it gives up."""
    with suppress(OSError):
        channel.socket.shutdown(socket.SHUT_RDWR)
    with channel.outbuf_lock:
        channel.connected = False
        channel.outbuf_lock.notify_all()


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
    server = ThreadServer(app, listener, threads=32)
    server.start()
    write_ready_file(ready_file, listener, os.getpid(), before)
    while not ended.wait(0.2):  # without a limit, Windows would not see Ctrl-C
        pass
    server.stop()
