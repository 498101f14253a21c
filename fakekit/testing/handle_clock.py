"""The clock of an account, for a test to read and set."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from fakekit.testing.wrong_names import check_arguments

if TYPE_CHECKING:
    from fakekit.control.controls import Controls


@check_arguments
class HandleClock:
    """The clock of an account, for a test to freeze and move; other accounts have clocks of their own.

    control: has the account's control operations as methods.
    """

    def __init__(self, control: Controls) -> None:
        self._control = control

    def now(self) -> datetime:
        """Return the account's time in UTC, in whole seconds."""
        return datetime.fromisoformat(self._control.clock()["now"])

    def freeze(self, at: datetime | str = "now") -> None:
        """Stop the clock: `now` and the times in responses stay the same. Raises `fakekit.ClockError`.

        at: the time that it shows: ``"2024-08-04 08:23:45"`` or a datetime, in UTC unless it has a time zone.
        """
        self._control.set_clock(settings={"freeze": at.isoformat() if isinstance(at, datetime) else at})

    def advance(self, by: timedelta | float) -> None:
        """Move the clock, frozen or running, from its present time.

        Raises `fakekit.ClockError` for a time that a clock cannot have, and for what is no number.

        by: a timedelta or seconds; negative moves it back.
        """
        self._control.set_clock(settings={"advance": _in_seconds(by)})

    def offset(self, by: timedelta | float) -> None:
        """Let the clock run, at a fixed distance from the real time. Raises `fakekit.ClockError`.

        by: the distance as a timedelta or in seconds; negative for a clock that is behind.
        """
        self._control.set_clock(settings={"offset": _in_seconds(by)})

    def reset(self) -> None:
        """Let the clock show the real time again, neither frozen nor moved."""
        self._control.set_clock(settings={})


def _in_seconds(by: timedelta | float) -> float:
    """Return a timedelta in seconds; a number is returned unchanged."""
    return by.total_seconds() if isinstance(by, timedelta) else by
