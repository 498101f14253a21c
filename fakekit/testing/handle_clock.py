"""The clock of an account, as a test holds it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Protocol

__tracebackhide__ = True


class AccountControl(Protocol):
    """Calls an account's control operations by name, wherever its server is.

    The operations are those of `fakekit.control.operations`.
    """

    def __call__(self, operation: str, /, **values: Any) -> Any:
        """Do an operation and return its result. Raises `fakekit.errors.FakekitError`."""


class HandleClock:
    """The clock of an account, for a test to freeze and move. Its methods raise `fakekit.ClockError`."""

    def __init__(self, control: AccountControl) -> None:
        self._control = control

    def now(self) -> datetime:
        """Return the account's time in UTC, to the second."""
        return datetime.fromisoformat(self._control("clock")["now"])

    def freeze(self, at: datetime | str = "now") -> None:
        """Stop the clock now, or at a time: ``"2024-08-04 08:23:45"``, in UTC unless it has a zone."""
        self._control("set_clock", settings={"freeze": at.isoformat() if isinstance(at, datetime) else at})

    def advance(self, by: timedelta | float) -> None:
        """Move the clock, frozen or running; a number is of seconds, and may be negative."""
        self._control("set_clock", settings={"advance": _in_seconds(by)})

    def offset(self, by: timedelta | float) -> None:
        """Let the clock run at this distance from the real time; a number is of seconds."""
        self._control("set_clock", settings={"offset": _in_seconds(by)})

    def reset(self) -> None:
        """Let the clock show the real time again: neither frozen nor moved."""
        self._control("set_clock", settings={})


def _in_seconds(by: timedelta | float) -> float:
    return by.total_seconds() if isinstance(by, timedelta) else by
