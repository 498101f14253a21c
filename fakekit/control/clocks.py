"""How the clock of an account is set, by JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from marshmallow import ValidationError

from fakekit.accounts.clock import Clock
from fakekit.control.values import TimeField
from fakekit.errors import ClockError, Problem, show


def set_clock(clock: Clock, value: Any) -> None:
    """Set a clock as the JSON of a request says; an empty object resets it to the real time.

    value: an object with one of ``freeze``, ``advance`` and ``offset``.

    Raises `ClockError` for anything else, and for a time outside of the years 1 to 9999; the clock is then as
    it was.
    """
    settings = _read_settings(value)
    if len(settings) > 1:
        raise ClockError(Problem("clock", "takes one of freeze, advance, offset", "", "one of them"))
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
        raise ClockError(Problem("clock", "would leave the calendar, years 1 to 9999")) from None


def _read_settings(value: Any) -> dict[str, Any]:
    """Check the JSON of a clock, and return it with ``freeze`` as a time (None for now).

    Raises `ClockError`.
    """
    if not isinstance(value, Mapping):
        raise ClockError(
            Problem("clock", "must be an object", show(value), '{"freeze": "2024-08-04 08:23:45"}')
        )
    settings = dict(value)
    try:
        if "freeze" in settings:
            settings["freeze"] = TimeField().read(settings["freeze"])
    except ValidationError as error:
        raise ClockError(Problem("clock: freeze", str(error.messages[0]), show(value["freeze"]))) from None
    for name in settings:
        if name not in ("freeze", "advance", "offset"):
            raise ClockError(
                Problem(f"clock: {name}", "is not a setting of it", "", "freeze, advance or offset")
            )
    return settings


def _seconds(name: str, value: Any) -> timedelta:
    """Return a number of seconds as a duration. Raises `ClockError` for what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise ClockError(Problem(f"clock: {name}", "must be a number of seconds", show(value), "3600"))
    return timedelta(seconds=value)
