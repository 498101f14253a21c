"""The registry of all kinds of faults."""

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
    """Create a fault of any kind from its JSON or text, in the settings, a control request or an API key.

    value: ``{"fault": "fail", "status": 503}`` or ``fail=503,times=2``.
    source: where it was written, such as ``--faults``; the error message begins with it.

    Raises `fakekit.errors.FaultError` for an invalid fault.
    """
    return parse_fault(KINDS, value, source)
