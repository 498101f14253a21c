"""Files that are whole whenever they are there: written beside, then renamed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def unfinished_name(file: Path) -> Path:
    """Where a file is written before it is renamed into place."""
    return file.with_name(f".{file.name}.{os.getpid()}")


def write_whole(file: Path, chunks: Iterable[str]) -> None:
    """Write text so that nobody ever reads half of it. Raises OSError, and then leaves nothing behind."""
    unfinished = unfinished_name(file)
    try:
        with unfinished.open("w", encoding="utf-8") as out:
            out.writelines(chunks)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
