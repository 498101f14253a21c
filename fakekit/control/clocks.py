"""Setting the clock of an account from the JSON of a control request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from fakekit.accounts.clock import Clock
from fakekit.control.values import TIME
from fakekit.errors import ClockError, Problem, show


def set_clock(clock: Clock, value: Mapping[str, object]) -> None:
    """Freeze or move an account's clock, or reset it, for the operations `set_clock` and `open`.

    value: ``{"freeze": "now"}``, ``{"advance": 3600}`` or ``{"offset": -60}``, the numbers in seconds; ``{}``
        resets it to the real time. It comes from a control request or a handle, and is not checked yet.

    Raises `ClockError` for any other value and for a time outside of the years 1 to 9999; the clock is then
    not changed.
    """
    settings = _read_settings(value)
    if len(settings) > 1:
        raise ClockError(Problem("clock", "must have only one of freeze, advance, offset"))
    try:
        if "freeze" in settings:
            clock.freeze(settings["freeze"])
        elif "advance" in settings:
            clock.advance(_seconds("advance", settings["advance"]))
        elif "offset" in settings:
            clock.move(_seconds("offset", settings["offset"]))
        else:
            clock.reset()
    except OverflowError:
        raise ClockError(Problem("clock", "would be outside of the years 1 to 9999")) from None


def _read_settings(value: Mapping[str, object]) -> dict[str, Any]:
    """Check the clock settings of a control request; return them with ``freeze`` as a UTC datetime.

    ``{"freeze": "now"}`` gives None for ``freeze``; ``advance`` and ``offset`` are not checked yet. Raises
    `ClockError` for an unknown name, and a ``freeze`` that is no time.
    """
    settings = dict(value)
    for name in settings:
        if name not in ("freeze", "advance", "offset"):
            message = "is not a setting of the clock"
            raise ClockError(Problem(f"clock: {name}", message, "", "freeze, advance or offset"))
    try:
        return settings | ({"freeze": TIME.parse(value["freeze"])} if "freeze" in value else {})
    except ValueError:
        problem = Problem("clock: freeze", f"must be {TIME.expected}", show(value["freeze"]))
        raise ClockError(problem) from None


def _seconds(name: str, value: object) -> timedelta:
    """Convert a number of seconds to a timedelta.

    name: the setting that has the number, ``advance``, for the error message.

    Raises `ClockError` for a value that is not a number, OverflowError for one that is too large.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise ClockError(Problem(f"clock: {name}", "must be a number of seconds", show(value), "3600"))
    return timedelta(seconds=value)
