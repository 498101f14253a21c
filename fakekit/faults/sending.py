"""Faults of the connection: the request was handled, and its response is late, broken or lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NoReturn, Protocol

from fakekit.contract.value_type import whole_number
from fakekit.faults.fault import Fault, setting
from fakekit.faults.settings import SECONDS

MAX_CHUNKS = 20
"""The number of chunks in which `Trickle` sends a body at most."""
GARBAGE = b"\x00\x16\x03\xff<!garbage>\xfe\xed\xfa\xce not HTTP\r\n\r\n"
"""The bytes that `Garbage` sends: always the same, so that a client's test can be repeated."""


class OutgoingResponse(Protocol):
    """A response that is about to be sent, and its connection, as faults use them.

    The effects come in the order of the calls: at once or, on fakekit's own server, when the fault has
    returned.

    head: status line, headers and the empty line behind them.
    payload: the body; empty if there is none.
    """

    head: bytes
    payload: bytes

    def wait(self, seconds: float) -> None:
        """Let so many seconds pass before anything else is sent; less if the client or server goes away.

        fakekit's own server waits without a thread, when the fault has returned. Under another server this
        thread blocks.
        """

    def write(self, data: bytes) -> None:
        """Send bytes to the client directly, not as a WSGI response.

        Raises an error under a WSGI server that does not give access to the connection.
        """

    def end(self, reset: bool = False) -> NoReturn:
        """Close the connection with a TCP reset (RST) or, by default, in an orderly way (FIN).

        It raises an exception, which ends the handling of the request, so it does not return. Under a WSGI
        server that does not give access to the connection, the exception says that.
        """


@dataclass(frozen=True)
class ConnectionFault(Fault):
    """Base of the faults that delay, break or lose a response on its way to the client."""

    sends_response: ClassVar[bool] = True
    """Whether the client gets the response, or a part of it; the journal says so."""

    def send(self, response: OutgoingResponse) -> None:
        """Apply the fault to a response just before it is sent; each kind of fault overrides this.

        On fakekit's own server it is called on the event loop, and must not block. If it returns, the
        response is sent as usual. A fault that replaces the response ends the connection by
        `OutgoingResponse.end`, which raises.

        Raises NotImplementedError in this base class.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class Slow(ConnectionFault):
    """The response is late by a set time."""

    kind = "slow"
    main_setting = "seconds"

    seconds: float = setting(SECONDS, 0, "how late: `2s`, `300ms`, or a number of seconds", required=True)

    def send(self, response: OutgoingResponse) -> None:
        """Let `seconds` pass before anything else is sent; the response is then sent as usual.

        Blocks only under a server that is not fakekit's own (`OutgoingResponse.wait`).
        """
        response.wait(self.seconds)


@dataclass(frozen=True)
class Reset(ConnectionFault):
    """The connection is reset (RST) instead of a response."""

    kind = "reset"
    conflict_group = "wire"
    sends_response = False

    def send(self, response: OutgoingResponse) -> None:
        """Reset the connection (RST) before any byte of the response is sent; does not return."""
        response.end(reset=True)


@dataclass(frozen=True)
class Close(ConnectionFault):
    """The connection is closed without a response."""

    kind = "close"
    conflict_group = "wire"
    sends_response = False

    def send(self, response: OutgoingResponse) -> None:
        """Close the connection in an orderly way (FIN) before any byte is sent; does not return."""
        response.end()


@dataclass(frozen=True)
class Truncate(ConnectionFault):
    """The connection is closed in the middle of the response's body or, without a body, of its head."""

    kind = "truncate"
    main_setting = "bytes"
    conflict_group = "wire"

    bytes: int | None = setting(
        whole_number(0, 1_000_000), None, "how many bytes of the body are sent; half of it by default"
    )

    def send(self, response: OutgoingResponse) -> None:
        """Send the head and the first `bytes` of the body, then close the connection; does not return.

        At least one byte of the body is missing. Of a response without a body, half of the head is sent.
        """
        if response.payload:
            size = (
                len(response.payload) // 2
                if self.bytes is None
                else min(self.bytes, len(response.payload) - 1)
            )
            response.write(response.head + response.payload[:size])
        else:
            response.write(response.head[: len(response.head) // 2])
        response.end()


@dataclass(frozen=True)
class Trickle(ConnectionFault):
    """The whole response is sent, a little at a time."""

    kind = "trickle"
    main_setting = "seconds"
    conflict_group = "wire"

    seconds: float = setting(SECONDS, 0, "how long the whole response takes", required=True)

    def send(self, response: OutgoingResponse) -> None:
        """Send the head, then the body in at most `MAX_CHUNKS` chunks over `seconds`; close the connection.

        Under another server than fakekit's own, the thread blocks for the whole time. Does not return.
        """
        response.write(response.head)
        size = max(1, -(-len(response.payload) // MAX_CHUNKS))  # rounded up
        chunks = [response.payload[at : at + size] for at in range(0, len(response.payload), size)] or [b""]
        for chunk in chunks:
            response.wait(self.seconds / len(chunks))
            response.write(chunk)
        response.end()


@dataclass(frozen=True)
class Garbage(ConnectionFault):
    """Bytes that are not HTTP are sent instead of the response."""

    kind = "garbage"
    conflict_group = "wire"
    sends_response = False

    def send(self, response: OutgoingResponse) -> None:
        """Send the bytes of `GARBAGE` instead of the response, and close the connection; does not return."""
        response.write(GARBAGE)
        response.end()
