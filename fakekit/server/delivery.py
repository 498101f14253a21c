"""A response on its way out: what faults make of it, step by step, on the event loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple, NoReturn

if TYPE_CHECKING:  # the kinds of faults take a while to import, and few servers apply any
    from fakekit.faults.sending import ConnectionFault


class Wait(NamedTuple):
    """Let so many seconds pass."""

    seconds: float


class Write(NamedTuple):
    """Send bytes."""

    data: bytes


class End(NamedTuple):
    """Close the connection; by a reset (RST) or an orderly end (FIN)."""

    is_reset: bool


Step = Wait | Write | End


class _EndedError(Exception):
    """A fault has ended the connection, so no further one applies."""


class _Recorder:
    """Records what a fault does to a response, as steps: an `OutgoingResponse` that sends nothing itself."""

    def __init__(self, head: bytes, payload: bytes) -> None:
        self.head, self.payload = head, payload
        self.steps: list[Step] = []

    def wait(self, seconds: float) -> None:
        """Record a delay as a step, which `HttpProtocol` takes later; returns at once."""
        self.steps.append(Wait(seconds))

    def write(self, data: bytes) -> None:
        """Record bytes as a step, which sends them later."""
        self.steps.append(Write(data))

    def end(self, reset: bool = False) -> NoReturn:
        """Record the end of the connection, and raise `_EndedError`, so that the fault does nothing more."""
        self.steps.append(End(reset))
        raise _EndedError


def steps_of(
    faults: Iterable[ConnectionFault], head: bytes, payload: bytes, whole: Callable[[], bytes]
) -> Iterator[Step]:
    """Yield the steps by which fakekit's own server sends a response to which faults apply.

    The last one is that which ends the connection or, if no fault does, the whole response.

    head: status line and headers of a response that ends the connection, for a fault that sends it itself.
    payload: the bytes of the body.
    whole: returns the response as it is sent when no fault does; called when no fault has ended the
        connection.
    """
    for fault in faults:
        recorder = _Recorder(head, payload)
        try:
            fault.send(recorder)
        except _EndedError:
            yield from recorder.steps
            return
        yield from recorder.steps
    yield Write(whole())
