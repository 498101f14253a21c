"""A file that one process at a time may write, replaced in one step without losing its lock."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from fakekit.fixtures.whole_file import write_whole

try:
    from fcntl import LOCK_EX, LOCK_NB, flock
except ImportError:  # Windows, where an open file could not be replaced either
    flock = None  # type: ignore[assignment]


class LockedFile:
    """A regular file, locked by this process until it ends; a new empty one if there is none.

    It is locked by ``flock``, which leaves nothing behind when the process is killed. The lock is that of the
    file itself and not of one beside it: `replace` locks the new file before it takes the place of the old.

    file: its path, in which no link is left to follow.
    is_new: whether the constructor created it.

    Raises BlockingIOError when another process has locked the file, OSError when it cannot be opened. Where
    the system or the file system has no locks, nothing is locked.
    """

    def __init__(self, file: Path) -> None:
        self._file, self.is_new = file, False
        self._descriptor = self._open() if flock is not None else -1

    def replace(self, chunks: Iterable[str]) -> None:
        """Replace the file by one with this text, in one step.

        Raises OSError when it cannot be written; the old file then stays, and stays locked.
        """
        before = self._descriptor
        try:
            write_whole(self._file, chunks, self._lock_new if before >= 0 else None)
        except BaseException:
            if self._descriptor != before:
                os.close(self._descriptor)
            self._descriptor = before
            raise
        if self._descriptor != before:
            os.close(before)

    def _lock_new(self, out: TextIO) -> None:
        """Lock the file that is about to take the place of the old one."""
        self._descriptor = os.dup(out.fileno())  # the lock is that of both, and stays when `out` is closed
        _lock(self._descriptor)

    def _open(self) -> int:
        """Open and lock the file, and return its descriptor; create it if there is none.

        A file that was replaced between the two steps is opened anew.
        """
        while True:
            try:
                descriptor = os.open(self._file, os.O_RDONLY)
            except FileNotFoundError:
                descriptor = os.open(self._file, os.O_RDONLY | os.O_CREAT, 0o666)
                self.is_new = True
            try:
                _lock(descriptor)
                if os.path.samestat(os.fstat(descriptor), self._file.stat()):
                    return descriptor
            except FileNotFoundError:
                pass
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)


def _lock(descriptor: int) -> None:
    """Lock an open file, if its file system has locks. Raises BlockingIOError when it is locked already."""
    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:
        return
