"""Faults on the way back: the request was carried out, and its answer is late, broken or lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NoReturn, Protocol

from fakekit.faults.fault import Fault
from fakekit.faults.settings import Count, Seconds

PIECES = 20
"""In how many pieces `Trickle` sends a body at most."""
GARBAGE = b"\x00\x16\x03\xff<!garbage>\xfe\xed\xfa\xce not HTTP\r\n\r\n"
"""What `Garbage` sends: always the same bytes, so that a client's test can be repeated."""


class Line(Protocol):
    """A response about to be sent, and the connection it goes out on.

    head: status line and headers, to the empty line.
    payload: the body; empty where there is none.
    """

    head: bytes
    payload: bytes

    def wait(self, seconds: float) -> None:
        """Let so many seconds pass without holding up other requests; less if the client is gone."""

    def write(self, data: bytes) -> None:
        """Send bytes to the client, past the server underneath."""

    def end(self, reset: bool = False) -> NoReturn:
        """Close the connection, by a reset (RST) or an orderly end (FIN). Raises, so it does not return."""


@dataclass(frozen=True)
class Sending(Fault):
    """Base of the faults that delay, break or lose a response on its way to the client."""

    waits: ClassVar[bool] = False
    """Whether it delays the request, which only so many may be at once (see `fakekit.api.waiting`)."""

    def send(self, line: Line) -> None:
        """Apply the fault to a response; when this returns, the response is sent as it would have been.

        A fault that ends the connection does so by `Line.end`, which raises.

        Raises NotImplementedError: each kind has its own.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class Slow(Sending):
    """The answer is late by a set time."""

    kind = "slow"
    main = "seconds"
    waits = True
    settings = {"seconds": Seconds(required=True, note="how late: `2s`, `300ms`, or a number of seconds")}

    seconds: float = 0

    def send(self, line: Line) -> None:
        """Wait for the set time; the response is then sent as usual."""
        line.wait(self.seconds)


@dataclass(frozen=True)
class Reset(Sending):
    """The connection is reset (RST) where the answer should come."""

    kind = "reset"
    exclusive_group = "wire"

    def send(self, line: Line) -> None:
        """Reset the connection before any byte of the response."""
        line.end(reset=True)


@dataclass(frozen=True)
class Close(Sending):
    """The connection is closed without an answer."""

    kind = "close"
    exclusive_group = "wire"

    def send(self, line: Line) -> None:
        """Close the connection in an orderly way (FIN) before any byte of the response."""
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
        """Send the head and a part of the body, at least one byte too little, then close the connection.

        A response without a body ends in the middle of its head.
        """
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
        """Send the head at once, then the body in at most `PIECES` pieces over the set time."""
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
        """Send `GARBAGE` instead of the response, and close the connection."""
        line.write(GARBAGE)
        line.end()
