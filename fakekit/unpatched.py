"""The functions of the standard library that fakekit needs, as they were when fakekit was imported.

A test may freeze time, put a file system of its own in place or mock ``json.dumps``; the fake that serves
the test must go on meanwhile. Names that are imported from a module survive ``mock.patch("json.dumps")``.
That is not enough for time and files: freezegun and pyfakefs also replace what they find as a global or a
default argument of any module. They do not look into classes, so the functions are kept in one.

The pytest plugin imports this before any conftest, which may replace ``socket.socket`` for good.
"""

from __future__ import annotations

import errno
import io
import os
import socket
import stat
import subprocess
import time
from datetime import UTC, datetime

Socket = socket.socket
getaddrinfo = socket.getaddrinfo
Popen = subprocess.Popen


class _Original:
    """The original functions, as attributes of a class: freezegun and pyfakefs do not replace these."""

    perf_counter = staticmethod(time.perf_counter)
    wall = staticmethod(time.time)
    sleep = staticmethod(time.sleep)
    datetime = datetime
    file = io.FileIO
    stat = staticmethod(os.stat)
    listdir = staticmethod(os.listdir)


def monotonic() -> float:
    """Return seconds that only grow, for waits and durations.

    It is ``time.perf_counter``: freezegun and time-machine cannot freeze this one here.
    """
    return _Original.perf_counter()


def wall_time() -> float:
    """Return the seconds since 1970, also while freezegun has frozen time.

    time-machine, which replaces the clock in C, changes it all the same.
    """
    return _Original.wall()


def utc_now() -> datetime:
    """Return the time of `wall_time` as a datetime in UTC."""
    return _Original.datetime.fromtimestamp(_Original.wall(), UTC)


def sleep(seconds: float) -> None:
    """Block for so many seconds of real time."""
    _Original.sleep(seconds)


def read_bytes(path: os.PathLike[str] | str) -> bytes:
    """Return the content of a file of the real file system. Raises OSError."""
    with _Original.file(str(path)) as file:
        return file.readall()


def list_folder(path: os.PathLike[str] | str) -> list[str]:
    """Return the names in a folder of the real file system, sorted. Raises OSError."""
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
    """Return whether a path is a folder of the real file system, or a link to one."""
    status = stat_of(path)
    return status is not None and stat.S_ISDIR(status.st_mode)


def is_file(path: os.PathLike[str] | str) -> bool:
    """Return whether a path is a regular file of the real file system, or a link to one."""
    status = stat_of(path)
    return status is not None and stat.S_ISREG(status.st_mode)
