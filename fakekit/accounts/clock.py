"""The time of an account: the real time unless a test froze or moved it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """The time of one account: the real time, moved by an offset, or frozen.

    >>> from fakekit.unpatched import utc_now
    >>> clock = Clock(utc_now)
    >>> clock.freeze(datetime(2024, 8, 4, 8, 23, 45, tzinfo=UTC))
    >>> clock.advance(timedelta(hours=1))
    >>> clock.now()
    datetime.datetime(2024, 8, 4, 9, 23, 45, tzinfo=datetime.timezone.utc)

    real: returns the present time, with a zone.
    fixed_time: the time of a frozen clock, in UTC; None while the clock runs.
    offset: how far a running clock is from the real time; for a frozen one, how far it was before.

    `freeze`, `advance` and `move` raise OverflowError for a time before year 1 or after year 9999, and
    leave the clock as it was.
    """

    __slots__ = ("fixed_time", "offset", "real")

    def __init__(self, real: Callable[[], datetime]) -> None:
        self.real = real
        self.fixed_time: datetime | None = None
        self.offset = timedelta(0)

    def now(self) -> datetime:
        """Return the account's time in UTC. A moved clock stops at the ends of the years 1 and 9999."""
        if self.fixed_time is not None:
            return self.fixed_time
        try:
            return self.real().astimezone(UTC) + self.offset
        except OverflowError:
            return (datetime.max if self.offset > timedelta(0) else datetime.min).replace(tzinfo=UTC)

    def timestamp(self) -> str:
        """Return the account's time as records have it, in UTC: ``2024-08-04 08:23:45``."""
        return self.now().astimezone(UTC).isoformat(sep=" ", timespec="seconds")[:19]

    @property
    def is_changed(self) -> bool:
        """Whether the clock is frozen or moved."""
        return self.fixed_time is not None or bool(self.offset)

    def freeze(self, at: datetime | None = None) -> None:
        """Stop the clock at a time; `advance` still moves it.

        at: with a zone; None stops it at its present time. Raises OverflowError for a time that UTC cannot
            have.
        """
        self.fixed_time = (at or self.now()).astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Move the clock by a duration, which may be negative. A frozen clock stays frozen.

        Raises OverflowError outside of the years 1 to 9999.
        """
        if self.fixed_time is not None:
            self.fixed_time += by
        else:
            self.move(self.offset + by)

    def move(self, offset: timedelta) -> None:
        """Set the clock to run at an offset from the real time; a frozen clock runs again.

        Raises OverflowError outside of the years 1 to 9999.
        """
        _ = self.real().astimezone(UTC) + offset  # OverflowError before anything is changed
        self.fixed_time, self.offset = None, offset

    def reset(self) -> None:
        """Set the clock to the real time: neither frozen nor moved."""
        self.fixed_time, self.offset = None, timedelta(0)
