"""Log lines to a stream, a batch at a time, from a thread of their own.

A write releases Python's global lock, and with 32 requests under way each one that does waits to get it
back: a line written in the request's own thread cost a quarter of the throughput (docs/performance.md).
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from typing import TextIO

from fakekit.serving.log import LOGGER

BATCH_SECONDS = 0.01
"""How long a line may wait for others. Warnings and errors do not wait."""


def log_to_stderr(batches: bool) -> None:
    """Let fakekit's log be lines on stderr, from INFO on, unless the program has said otherwise.

    batches: only for who sees to it that the last lines are written at the end.
    """
    if not LOGGER.handlers:
        handler = LineHandler(sys.stderr) if batches else logging.StreamHandler()
        handler.setFormatter(_Line())
        LOGGER.addHandler(handler)
        LOGGER.setLevel(logging.INFO)
        LOGGER.propagate = False


class _Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        return line if record.levelno <= logging.INFO else f"{record.levelname.lower()}: {line}"


class LineHandler(logging.Handler):
    """Writes formatted records to a stream in batches; `flush` writes what is waiting at once.

    May be made before a fork: the thread starts with the first line of each process.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self.stream = stream
        self._waiting: deque[str] = deque()
        self._any = threading.Event()
        self._writing = threading.Lock()  # not the handler's own, which every request takes
        self._process = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Queue one record."""
        self._waiting.append(self.format(record) + "\n")
        if record.levelno > logging.INFO:
            self.flush()
        elif not self._any.is_set():
            if self._process != os.getpid():
                self._process = os.getpid()
                threading.Thread(target=self._write_batches, name="fakekit-log", daemon=True).start()
            self._any.set()

    def flush(self) -> None:
        """Write what is waiting."""
        with self._writing:
            lines = []
            with suppress(IndexError):
                while True:
                    lines.append(self._waiting.popleft())
            with suppress(OSError, ValueError):  # whoever read the log is gone
                self.stream.write("".join(lines))
                self.stream.flush()

    def _write_batches(self) -> None:
        while True:
            self._any.wait()
            time.sleep(BATCH_SECONDS)
            self._any.clear()
            self.flush()
