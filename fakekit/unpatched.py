"""What fakekit needs of the standard library, as it was when fakekit was imported.

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
    """The functions, where nobody replaces them."""

    perf_counter = staticmethod(time.perf_counter)
    wall = staticmethod(time.time)
    sleep = staticmethod(time.sleep)
    datetime = datetime
    file = io.FileIO
    stat = staticmethod(os.stat)
    listdir = staticmethod(os.listdir)


def monotonic() -> float:
    """Return seconds that only grow, for waits and durations.

    It is ``time.perf_counter``, the clock that neither freezegun nor time-machine can hold still here.
    """
    return _Original.perf_counter()


def wall_time() -> float:
    """Return the seconds since 1970. time-machine, which works below Python, moves it all the same."""
    return _Original.wall()


def utc_now() -> datetime:
    """Return the time in UTC, as `wall_time` has it."""
    return _Original.datetime.fromtimestamp(_Original.wall(), UTC)


def sleep(seconds: float) -> None:
    """Block for so many seconds of real time."""
    _Original.sleep(seconds)


def read_bytes(path: os.PathLike[str] | str) -> bytes:
    """Return what a file of the real file system holds. Raises OSError."""
    with _Original.file(str(path)) as file:
        return file.readall()


def list_folder(path: os.PathLike[str] | str) -> list[str]:
    """Return the names in a folder of the real file system, sorted. Raises OSError."""
    return sorted(_Original.listdir(str(path)))


def stat_of(path: os.PathLike[str] | str, *, follow: bool = True) -> os.stat_result | None:
    """Return what the real file system knows of a path; None where there is nothing.

    follow: of a link, what it leads to.

    Raises OSError for what cannot be looked at, such as a name that is too long.
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
    known = stat_of(path)
    return known is not None and stat.S_ISDIR(known.st_mode)


def is_file(path: os.PathLike[str] | str) -> bool:
    """Return whether a path is a regular file of the real file system, or a link to one."""
    known = stat_of(path)
    return known is not None and stat.S_ISREG(known.st_mode)
