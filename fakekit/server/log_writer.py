"""Log lines to a stream, a batch at a time, from a thread of their own.

Only that thread touches the stream, because a write may never return: a pipe that nobody reads is full after
64 kB, and a request that waited for it would hold up all others. It is also faster: a write releases
Python's global lock, and with 32 requests under way each one that does waits to get it back (a line written
in the request's own thread cost a quarter of the throughput, docs/performance.md).
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from functools import partial
from os import getpid, write
from typing import TextIO

from fakekit.log import FORMATTERS, LOGGER, RequestHandler, RequestLine, format_request_json, format_warning
from fakekit.unpatched import Event, RLock, Thread, sleep, wall_time

BATCH_SECONDS = 0.01
"""How long lines wait after the last batch for others to be written with."""

MAX_WAITING = 4_000_000
"""How many characters of lines may wait for a stream that takes none; further lines are dropped.

That is most of a second of remembered responses, 40,000 in each. A quarter of it was a fifth of a second, for
which a busy machine holds a write up: in one run of benchmarks/run.py 0.7 % of the lines were missing.
"""

DROPPED = "{:,} lines of the log were dropped: nobody read them in time"
"""What is written, once that is possible, in the place of lines that could not wait any longer."""

END_SECONDS = 0.3
"""How long the end of the process waits for the last lines to be written."""


def log_to_stderr(log_format: str = "text") -> None:
    """Write fakekit's log to stderr, from INFO on, unless the program has configured a handler for it.

    log_format: a value of the setting of this name.

    Changes the logger ``fakekit``: its handlers, level and propagation.
    """
    if not _program_handlers():
        handler = LineHandler(sys.stderr, log_format=log_format)
        LOGGER.addHandler(handler)
        LOGGER.setLevel(logging.INFO)
        LOGGER.propagate = False


def has_log_handlers() -> bool:
    """Return whether the program has configured where fakekit's log goes.

    A handler on its logger counts, and one on the root logger if messages propagate to it.
    """
    return bool(_program_handlers() or (LOGGER.propagate and logging.getLogger().handlers))


def log_warnings_without_blocking() -> None:
    """Add a handler that writes warnings to stderr from a thread, for a program that configures no logging.

    Without it `logging.lastResort` would write them in the thread of the request. A second call does
    nothing.
    """
    if not any(isinstance(handler, _FallbackHandler) for handler in LOGGER.handlers):
        LOGGER.addHandler(_FallbackHandler(None))


def finish_log() -> None:
    """Block until the last log lines are written, or `END_SECONDS` have passed for a handler.

    Called when a server stops: a thread writes the lines, and the process may end.
    """
    for handler in LOGGER.handlers:
        if isinstance(handler, LineHandler):
            handler.flush()


def _program_handlers() -> list[logging.Handler]:
    """Return the handlers of fakekit's logger, without our own `_FallbackHandler`."""
    return [handler for handler in LOGGER.handlers if not isinstance(handler, _FallbackHandler)]


_Line = str | tuple[Callable[..., str], tuple[object, ...]]
"""A line as text, or the function that makes its text and what it is called with."""

FIELDS_SIZE = 120
"""How many characters a line is taken for whose text is not made yet."""


def _text(line: _Line) -> str:
    """Return the text of a log line, with its line feed; a line that is a function is called for it."""
    return line if isinstance(line, str) else line[0](*line[1]) + "\n"


class LineHandler(RequestHandler):
    """Writes formatted records to a stream from a thread of its own; never waits for the stream.

    stream: None means whatever `sys.stderr` is when a line is written.
    limit: how many characters may wait to be written. Lines beyond it are dropped and counted, and the
        count is written once the stream takes lines again.
    log_format: "text" or "json", a value of the setting of this name.

    May be created before a fork: each process has a queue and a thread of its own. The thread ends when
    there is nothing left to write.
    """

    def __init__(self, stream: TextIO | None, limit: int = MAX_WAITING, log_format: str = "text") -> None:
        super().__init__()
        self.setFormatter(FORMATTERS[log_format]())
        self._is_json = log_format == "json"
        self._stream, self._limit = stream, limit
        self._queue = self._new_queue()

    def emit(self, record: logging.LogRecord) -> None:
        """Format a record and queue it, without blocking.

        It is dropped, and counted, when too much waits already. A record that cannot be formatted becomes a
        line that says so.
        """
        try:
            line = self.format(record)
        except Exception:  # a template and its arguments that do not fit
            line = format_warning("a record of the log that cannot be formatted", self._is_json)
        self._own_queue().put(line + "\n", len(line) + 1)

    def put_request(self, line: RequestLine, number: int, seconds: float) -> None:
        """Queue the line of a request, which the thread makes.

        It is dropped, and counted, when too much waits already.
        """
        if self._is_json:
            made = (format_request_json, (line, number, seconds, wall_time()))
            self._own_queue().put(made, 3 * FIELDS_SIZE)
        else:
            self._own_queue().put((line.text, (number, seconds)), FIELDS_SIZE)

    def _new_queue(self) -> _Queue:
        """Return an empty queue for this process."""
        return _Queue(self._stream, self._limit, partial(format_warning, is_json=self._is_json))

    def _own_queue(self) -> _Queue:
        """Return the queue of this process: what waits in that of a parent, the parent writes."""
        if self._queue.process != getpid():
            self._queue = self._new_queue()
        return self._queue

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's name)
        """Do nothing: logging would print a traceback to stderr in the thread of the request."""

    def flush(self) -> None:
        """Block until all queued lines are written, or `END_SECONDS` have passed.

        Does nothing in a forked process that has not logged yet.
        """
        if self._queue.process == getpid():
            self._queue.finish(END_SECONDS)


class _FallbackHandler(LineHandler):
    """Writes warnings to a stream as long as the program has configured no logging.

    stream: None means whatever `sys.stderr` is when a line is written.
    """

    def __init__(self, stream: TextIO | None) -> None:
        super().__init__(stream)
        self.setLevel(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        """Queue a record without blocking, unless the program has configured its logging by now."""
        if not has_log_handlers():
            super().emit(record)


class _Queue:
    """The log lines that wait in one process, and the thread that writes them while there are any.

    stream: None means whatever `sys.stderr` is when a line is written.
    limit: how many characters may wait.
    format_warning: makes a line of a warning's text.
    process: the id of the process that created the queue.
    """

    def __init__(self, stream: TextIO | None, limit: int, format_warning: Callable[[str], str]) -> None:
        self.process, self._format_warning = getpid(), format_warning
        self._stream, self._limit = stream, limit
        self._lines: list[_Line] = []
        self._size = self._dropped = 0
        self._running = False
        self._lock = RLock()  # a signal's handler may log while its thread does
        self._finish_event = Event()
        self._thread: Thread | None = None

    def put(self, line: _Line, size: int) -> None:
        """Add a line of about `size` characters, and start the thread if it is not running.

        The line is dropped, and counted, when the queue is full.
        """
        if sys.is_finalizing():  # no thread starts any more: to start one would be to wait for ever
            return
        with self._lock:
            if self._size + size > self._limit:
                self._dropped += 1
            else:
                self._lines.append(line)
                self._size += size
            if self._running:
                return
            self._running = True
        thread = Thread(target=self._write_lines, name="fakekit-log")
        try:
            thread.start()
            self._thread = thread
        except RuntimeError:  # no thread can be started now; the next line tries again
            self._running = False

    def finish(self, seconds: float) -> None:
        """Block until the thread has written everything and ended, or so many seconds have passed."""
        thread = self._thread
        if thread is not None and thread.is_alive():
            self._finish_event.set()
            thread.join(seconds)

    def _write_lines(self) -> None:
        """Write queued lines until there are none; the target of the thread.

        When a write fails, the lines are counted as dropped and the thread ends; the next `put` tries
        again.
        """
        while True:
            lines, dropped = self._pop_lines()
            if not lines and not dropped:
                return
            if dropped:
                lines.append(self._format_warning(DROPPED.format(dropped)) + "\n")
            try:
                _write(self._stream if self._stream is not None else sys.stderr, "".join(map(_text, lines)))
            except Exception:  # it is closed, or whoever read it is gone: the next line tries again
                self._drop_lines(dropped + len(lines) - bool(dropped))
                return
            self._finish_event.wait(BATCH_SECONDS)

    def _pop_lines(self) -> tuple[list[_Line], int]:
        """Remove and return all queued lines, and the count of dropped ones.

        With neither, the thread is marked as finished: a `put` after that starts a new one.
        """
        with self._lock:
            lines, dropped = self._lines, self._dropped
            self._lines, self._size, self._dropped = [], 0, 0
            if not lines and not dropped:
                self._set_finished()
            return lines, dropped

    def _drop_lines(self, dropped: int) -> None:
        """Count lines that could not be written as dropped, and mark the thread as finished."""
        with self._lock:
            self._dropped += dropped
            self._set_finished()

    def _set_finished(self) -> None:
        """Mark the thread as finished. The caller holds the lock."""
        self._running = False
        self._finish_event.clear()


def _write(stream: TextIO | None, text: str) -> None:
    """Write to the stream's file descriptor; blocks until the reader has taken everything.

    Raises what the stream raises. Its own buffer is not used: a thread that waits in it when the process
    ends makes the interpreter abort, as it wants to flush the buffer. Does nothing for None.
    """
    if stream is None:  # the process was started without a stderr
        return
    try:
        descriptor = stream.fileno()
    except (AttributeError, OSError):  # an object of the program's own, without one
        stream.write(text)
        stream.flush()
        return
    data = text.encode(getattr(stream, "encoding", None) or "utf-8", "backslashreplace")
    while data:
        try:
            data = data[write(descriptor, data) :]
        except BlockingIOError:  # others have made the pipe non-blocking
            sleep(BATCH_SECONDS)
