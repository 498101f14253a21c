"""The clock of an account, as a test holds it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Protocol

__tracebackhide__ = True


class AccountControl(Protocol):
    """The way to an account's controls, wherever its server is (see `fakekit.control.operations`)."""

    def __call__(self, operation: str, /, **values: Any) -> Any:
        """Do an operation. Raises `fakekit.errors.FakekitError`."""


class HandleClock:
    """The clock of an account. Raises `fakekit.ClockError`."""

    def __init__(self, control: AccountControl) -> None:
        self._control = control

    def now(self) -> datetime:
        """What time it is for the account, in UTC, to the second."""
        return datetime.fromisoformat(self._control("clock")["now"])

    def freeze(self, at: datetime | str = "now") -> None:
        """Let it stand still: now, or at a time (``"2024-08-04 08:23:45"``; UTC where no zone is said)."""
        self._control("set_clock", how={"freeze": at.isoformat() if isinstance(at, datetime) else at})

    def advance(self, by: timedelta | float) -> None:
        """Move it, frozen or running; a number is of seconds."""
        self._control("set_clock", how={"advance": _in_seconds(by)})

    def offset(self, by: timedelta | float) -> None:
        """Let it run, so far from the real time; a number is of seconds."""
        self._control("set_clock", how={"offset": _in_seconds(by)})

    def reset(self) -> None:
        """The real time again."""
        self._control("set_clock", how={})


def _in_seconds(by: timedelta | float) -> float:
    return by.total_seconds() if isinstance(by, timedelta) else by
