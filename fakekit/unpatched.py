"""The functions of the standard library that fakekit needs, as they were when fakekit was imported.

A test may freeze time, put a file system of its own in place or mock ``json.dumps``; the fake that serves
the test must go on meanwhile. Names that are imported from a module survive ``mock.patch("json.dumps")``.
That is not enough for time and files: freezegun and pyfakefs also replace what they find as a global or a
default argument of any module. They do not look into classes and partials, so the functions are kept there.

The pytest plugin imports this before any conftest, which may replace ``socket.socket`` for good.

gevent and eventlet replace threads and locks as well. A server in a greenlet would stand still whenever the
code under test blocks its thread, and asyncio allows one running loop per thread, which the user's own
``asyncio.run`` needs. So fakekit's threads and locks are always those of the operating system.
"""

from __future__ import annotations

import errno
import io
import os
import stat
import subprocess
import sys
import threading
import time
from _socket import socket as _CSocket  # noqa: N812
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

T = TypeVar("T")


def _original(module: str, name: str) -> Any:
    """Return what a module had before gevent or eventlet replaced it, if one of them has."""
    gevent, eventlet = sys.modules.get("gevent.monkey"), sys.modules.get("eventlet.patcher")
    if gevent is not None and is_green():
        return gevent.get_original(module, name)
    if eventlet is not None and is_green():
        return getattr(eventlet.original(module), name)
    return getattr(import_module(module), name)


def is_green() -> bool:
    """Return whether gevent or eventlet has replaced threads by greenlets (``monkey.patch_all()``)."""
    gevent, eventlet = sys.modules.get("gevent.monkey"), sys.modules.get("eventlet.patcher")
    return bool(
        (gevent is not None and gevent.is_module_patched("threading"))
        or (eventlet is not None and eventlet.is_monkey_patched("thread"))
    )


def _original_selector() -> object:
    """Return the class that asyncio waits for sockets by.

    Where eventlet was there first it has taken all but ``select`` out of `selectors`, and replaced that.
    """
    selector = _original("selectors", "DefaultSelector")
    if "eventlet.patcher" in sys.modules and is_green():
        return type("Selector", (selector,), {"_select": staticmethod(_original("select", "select"))})
    return selector


if TYPE_CHECKING:
    from queue import SimpleQueue as SimpleQueue
    from selectors import DefaultSelector as DefaultSelector
    from socket import getaddrinfo as getaddrinfo
    from socket import socket as _PythonSocket  # noqa: N812
    from threading import Lock as Lock
    from threading import RLock as RLock

else:
    _PythonSocket = _original("socket", "socket")
    getaddrinfo = _original("socket", "getaddrinfo")
    Lock = _original("_thread", "allocate_lock")
    RLock = _original("_thread", "RLock")
    SimpleQueue = _original("_queue", "SimpleQueue")
    DefaultSelector = _original_selector()
Popen = subprocess.Popen


class Socket(_PythonSocket):
    """A `socket.socket` with the methods of the C module.

    Mocks, and plugins that block connections, replace those of `socket.socket`. What fakekit sends is no call
    of the code under test.
    """

    bind, connect, shutdown = _CSocket.bind, _CSocket.connect, _CSocket.shutdown
    recv, recv_into, send, sendall = _CSocket.recv, _CSocket.recv_into, _CSocket.send, _CSocket.sendall


GREEN_SECONDS = 0.002
"""How long a greenlet that waits for another thread sleeps between two looks."""
_start_new_thread = _original("_thread", "start_new_thread")


def process_class() -> type[subprocess.Popen[bytes]]:
    """Return the class that starts processes; gevent's, where it has replaced what Python's own calls."""
    return subprocess.Popen if is_green() else Popen


class Thread(threading.Thread):
    """A `threading.Thread`, daemon, that is one of the operating system also where greenlets replace threads.

    It runs from `start` on.
    """

    _over: Lock | None = None

    def __init__(self, target: Any, name: str, args: tuple[Any, ...] = ()) -> None:
        super().__init__(target=target, name=name, args=args, daemon=True)

    def start(self) -> None:
        """Start the thread. Raises RuntimeError when the system gives none."""
        if not is_green():
            super().start()
            return
        self._over = Lock()
        self._over.acquire()
        _start_new_thread(self._run_to_end, (self._over,))

    def is_alive(self) -> bool:
        """Return whether the thread was started and has not ended."""
        return super().is_alive() if self._over is None else self._over.locked()

    def join(self, timeout: float | None = None) -> None:
        """Block until the thread has ended, at most `timeout` seconds."""
        if self._over is None:
            super().join(timeout)
        elif self._over.acquire(timeout=-1 if timeout is None else timeout):
            self._over.release()

    def _run_to_end(self, over: Lock) -> None:
        """Run the target in a thread of the system; called where greenlets replace threads.

        At the end, release `over`, which `join` waits for.
        """
        try:
            self.run()
        finally:
            over.release()


class Event:
    """A flag that a thread of the operating system waits for; as `threading.Event`, for one thread."""

    def __init__(self) -> None:
        self._unset, self._guard = Lock(), Lock()
        self._unset.acquire()

    def set(self) -> None:
        """Set the flag and wake up who waits for it."""
        with self._guard:
            if self._unset.locked():
                self._unset.release()

    def clear(self) -> None:
        """Take the flag back."""
        with self._guard:
            self._unset.acquire(blocking=False)

    def wait(self, seconds: float) -> bool:
        """Block until the flag is set, at most so long; return whether it is."""
        is_set = self._unset.acquire(timeout=seconds)
        if is_set:
            self.set()  # it stays set for the next look
        return is_set


def call_blocking(function: Callable[[], T]) -> T:
    """Return what a function returns that blocks its thread; where there are greenlets, the others go on.

    Raises what the function raises.
    """
    if not is_green():
        return function()
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(function())
        except BaseException as error:  # it is raised below
            errors.append(error)

    thread = Thread(run, "fakekit-call")
    thread.start()
    while thread.is_alive():
        _let_others_run(GREEN_SECONDS)
    if errors:
        raise errors[0]
    return results[0]


def wait_for_change(condition: threading.Condition, seconds: float) -> None:
    """Wait as `threading.Condition.wait` does; in a greenlet only a moment, in which the others run."""
    if not is_green():
        condition.wait(seconds)
        return
    condition.release()
    try:
        _let_others_run(min(seconds, GREEN_SECONDS))
    finally:
        condition.acquire()


def _let_others_run(seconds: float) -> None:
    """Let other greenlets run for so long."""
    (sys.modules.get("gevent") or sys.modules["eventlet"]).sleep(seconds)


class _Original:
    """The original functions for files, as attributes of a class: pyfakefs does not replace these."""

    file = io.FileIO
    stat = staticmethod(os.stat)
    listdir = staticmethod(os.listdir)


# A partial costs less than a function, and freezegun does not know it as one that it replaces.
monotonic = partial(time.perf_counter)
"""Returns seconds that only grow, for waits and durations. freezegun and time-machine cannot freeze it."""
wall_time = partial(time.time)
"""Returns the seconds since 1970, also while freezegun has frozen time.

time-machine, which replaces the clock in C, changes it all the same.
"""
utc_now = partial(datetime.now, UTC)
"""Returns the real time as a datetime in UTC, also while freezegun has frozen time (see `wall_time`)."""
sleep = partial(time.sleep)
"""Blocks for so many seconds of real time, also while a test has replaced `time.sleep`."""


def read_bytes(path: os.PathLike[str] | str) -> bytes:
    """Return the content of a file of the real file system, also under pyfakefs. Raises OSError."""
    with _Original.file(str(path)) as file:
        return file.readall()


def list_folder(path: os.PathLike[str] | str) -> list[str]:
    """Return the names in a folder of the real file system, sorted, also under pyfakefs. Raises OSError."""
    return sorted(_Original.listdir(str(path)))


def stat_of(path: os.PathLike[str] | str, *, follow: bool = True) -> os.stat_result | None:
    """Return the status of a path of the real file system; None where there is nothing.

    follow: whether a link stands for its target.

    Raises OSError for a path that cannot be looked up, such as a name that is too long.
    """
    try:
        return _Original.stat(str(path), follow_symlinks=follow)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a path with a null character
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:  # links that lead to each other
            return None
        raise


def is_folder(path: os.PathLike[str] | str) -> bool:
    """Return whether a path is a folder of the real file system, or a link to one.

    False where there is nothing. Raises OSError for a path that cannot be looked up.
    """
    status = stat_of(path)
    return status is not None and stat.S_ISDIR(status.st_mode)


def is_file(path: os.PathLike[str] | str) -> bool:
    """Return whether a path is a regular file of the real file system, or a link to one.

    False where there is nothing. Raises OSError for a path that cannot be looked up.
    """
    status = stat_of(path)
    return status is not None and stat.S_ISREG(status.st_mode)
