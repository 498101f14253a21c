"""Files that are whole whenever they are there: written beside, then renamed."""

from __future__ import annotations

from collections.abc import Iterable
from os import getpid
from pathlib import Path


def unfinished_name(file: Path) -> Path:
    """Where a file is written before it is renamed into place."""
    return file.with_name(f".{file.name}.{getpid()}")


def is_replaceable(file: Path) -> bool:
    """Whether a file may be renamed into this place: not that of a device, a pipe or a link to one.

    As root, a rename would make an ordinary file of ``/dev/null``.
    """
    return file.is_file() or not file.exists()


def write_whole(file: Path, chunks: Iterable[str]) -> None:
    """Write text so that nobody ever reads half of it. Raises OSError, and then leaves nothing behind.

    A device or a pipe is written to as it is.
    """
    if not is_replaceable(file):
        with file.open("w", encoding="utf-8") as out:
            out.writelines(chunks)
        return
    unfinished = unfinished_name(file)
    try:
        with unfinished.open("w", encoding="utf-8") as out:
            out.writelines(chunks)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
