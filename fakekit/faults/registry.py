"""The registry of all kinds of faults, made from the classes of the modules that declare them."""

from __future__ import annotations

from typing import Any

from fakekit.faults import altering, answering, sending
from fakekit.faults.fault import Fault, parse_fault

KINDS: dict[str, type[Fault]] = {
    member.kind: member
    for module in (answering, sending, altering)
    for member in vars(module).values()
    if isinstance(member, type) and issubclass(member, Fault) and "kind" in vars(member)
}
"""The class of each kind, by its name; docs and help list them in this order."""


def read_fault(value: Any, source: str) -> Fault:
    """Create a fault of any kind from its JSON or text, in the settings, a control request or an API key.

    value: ``{"fault": "fail", "status": 503}`` or ``fail=503,times=2``.
    source: where it was written, such as ``--faults``; the error message begins with it.

    Raises `fakekit.errors.FaultError` for an invalid fault.
    """
    return parse_fault(KINDS, value, source)
