"""Faults on the way back: the request was carried out, and its answer is late, broken or lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NoReturn, Protocol

from fakekit.faults.fault import Fault
from fakekit.faults.settings import Count, Seconds

PIECES = 20
"""In how many pieces an answer trickles, at most."""
GARBAGE = b"\x00\x16\x03\xff<!garbage>\xfe\xed\xfa\xce not HTTP\r\n\r\n"
"""What comes instead of an answer; always the same."""


class Line(Protocol):
    """The way to the client: what would go out on it, and what can be done instead.

    head: status line and headers, to the empty line.
    payload: the body; empty where there is none.
    """

    head: bytes
    payload: bytes

    def wait(self, seconds: float) -> None:
        """Let time pass, without holding up other requests."""

    def write(self, data: bytes) -> None:
        """Send bytes."""

    def end(self, reset: bool = False) -> NoReturn:
        """Close the connection, by a reset (RST) or as usual (FIN)."""


@dataclass(frozen=True)
class Sending(Fault):
    """Base of those."""

    waits: ClassVar[bool] = False
    """Whether it takes time, of which there is only so much (see `fakekit.api.waiting`)."""

    def send(self, line: Line) -> None:
        """Do it; what returns lets the answer go out as it would have."""
        raise NotImplementedError


@dataclass(frozen=True)
class Slow(Sending):
    """The answer is late."""

    kind = "slow"
    main = "seconds"
    waits = True
    settings = {"seconds": Seconds(required=True, note="how late: `2s`, `300ms`, or a number of seconds")}

    seconds: float = 0

    def send(self, line: Line) -> None:
        """Wait."""
        line.wait(self.seconds)


@dataclass(frozen=True)
class Reset(Sending):
    """The connection is reset (RST) where the answer should come."""

    kind = "reset"
    exclusive_group = "wire"

    def send(self, line: Line) -> None:
        """SO_LINGER 0."""
        line.end(reset=True)


@dataclass(frozen=True)
class Close(Sending):
    """The connection is closed without an answer."""

    kind = "close"
    exclusive_group = "wire"

    def send(self, line: Line) -> None:
        """Close."""
        line.end()


@dataclass(frozen=True)
class Truncate(Sending):
    """The connection is closed in the middle of the answer's body; one without a body ends in its head."""

    kind = "truncate"
    main = "bytes"
    exclusive_group = "wire"
    settings = {"bytes": Count(0, 1_000_000, note="how much of the body comes; half of it by default")}

    bytes: int | None = None

    def send(self, line: Line) -> None:
        """A part of it."""
        if line.payload:
            size = len(line.payload) // 2 if self.bytes is None else min(self.bytes, len(line.payload) - 1)
            line.write(line.head + line.payload[:size])
        else:
            line.write(line.head[: len(line.head) // 2])
        line.end()


@dataclass(frozen=True)
class Trickle(Sending):
    """The whole answer comes, a little at a time."""

    kind = "trickle"
    main = "seconds"
    exclusive_group = "wire"
    waits = True
    settings = {"seconds": Seconds(required=True, note="how long it takes in all")}

    seconds: float = 0

    def send(self, line: Line) -> None:
        """Head, then the body in pieces."""
        line.write(line.head)
        size = max(1, -(-len(line.payload) // PIECES))
        pieces = [line.payload[at : at + size] for at in range(0, len(line.payload), size)] or [b""]
        for piece in pieces:
            line.wait(self.seconds / len(pieces))
            line.write(piece)
        line.end()


@dataclass(frozen=True)
class Garbage(Sending):
    """Bytes that are no HTTP come instead of the answer."""

    kind = "garbage"
    exclusive_group = "wire"

    def send(self, line: Line) -> None:
        """Always the same bytes."""
        line.write(GARBAGE)
        line.end()
