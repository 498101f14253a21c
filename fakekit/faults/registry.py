"""The kinds of faults, listed once."""

from __future__ import annotations

from typing import Any

from fakekit.faults.altering import ContentType, Drop, Mistype, Null
from fakekit.faults.answering import Fail, Respond
from fakekit.faults.fault import Fault, parse_fault
from fakekit.faults.sending import Close, Garbage, Reset, Slow, Trickle, Truncate

KINDS: dict[str, type[Fault]] = {
    kind.kind: kind
    for kind in (
        Fail,
        Respond,
        Slow,
        Reset,
        Close,
        Truncate,
        Trickle,
        Garbage,
        ContentType,
        Drop,
        Null,
        Mistype,
    )
}


def read_fault(value: Any, source: str) -> Fault:
    """Return a fault of any kind from its JSON or text (see `fakekit.faults.fault.read_fault`).

    Raises `fakekit.errors.FaultError`, which names `source` as the place where it was written.
    """
    return parse_fault(KINDS, value, source)
