"""Messages from forked child processes to the process that they were forked from, in shared memory.

Memory and no pipe: a child may close all descriptors, and open files of its own under their numbers.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from json import dumps, loads
from mmap import mmap
from os import getpid

SLOTS = 64
"""How many parts the memory has; a process writes to one of them, by its number."""
SLOT_BYTES = 4096
"""How many bytes of messages a part holds until they are read; later messages are dropped."""

LONGEST_TEXT = 300
"""How many characters of each text of a message are kept; a node id may be longer than `SLOT_BYTES`."""

_LENGTH = 4
"""How many bytes at the start of a part hold the length of the messages in it."""


class ForkMailbox:
    """Takes messages in forked children, and gives them to the process that made it.

    Two children may write to the same part at the same time; their messages may be lost or broken then. Where
    there is no memory to share, all messages are dropped.
    """

    def __init__(self) -> None:
        # The first byte says whether there is a message. The system gives memory to what is written to only.
        self._memory: mmap | None = None
        with suppress(OSError):
            self._memory = mmap(-1, 1 + SLOTS * SLOT_BYTES) if hasattr(os, "fork") else None

    def add(self, message: Mapping[str, str]) -> None:
        """Leave a message for the parent, from a forked child; it is dropped when there is no room.

        Each text of it is cut to `LONGEST_TEXT`.
        """
        if self._memory is None:
            return
        short = {name: value[:LONGEST_TEXT] for name, value in message.items()}
        text = dumps(short, ensure_ascii=False).encode(errors="backslashreplace") + b"\n"
        start = 1 + getpid() % SLOTS * SLOT_BYTES
        length = self._read_length(start)
        if _LENGTH + length + len(text) > SLOT_BYTES:
            return
        begin = start + _LENGTH + length
        self._memory[begin : begin + len(text)] = text
        self._memory[start : start + _LENGTH] = (length + len(text)).to_bytes(_LENGTH)
        self._memory[0] = 1

    def pop(self) -> Iterator[dict[str, str]]:
        """Yield the messages that are there, and forget them; none most of the time.

        A broken message is an empty dict.
        """
        if self._memory is None or not self._memory[0]:
            return
        self._memory[0] = 0
        for start in range(1, len(self._memory), SLOT_BYTES):
            begin = start + _LENGTH
            text = self._memory[begin : begin + self._read_length(start)]
            self._memory[start:begin] = bytes(_LENGTH)
            yield from map(_read_message, text.splitlines())

    def _read_length(self, start: int) -> int:
        """Return how many bytes of messages are in the part of the memory that begins at `start`."""
        return int.from_bytes(self._memory[start : start + _LENGTH]) if self._memory is not None else 0


def _read_message(line: bytes) -> dict[str, str]:
    """Return the message in a line of the memory; an empty dict for what is none."""
    try:
        message = loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}
