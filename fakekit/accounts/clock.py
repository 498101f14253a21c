"""The time of an account: real unless somebody froze or moved it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from fakekit.unpatched import utc_now


def real_time() -> datetime:
    """What time it is, in UTC, whatever a test has made of the process's clock."""
    return utc_now()


class Clock:
    """What time it is for one account: as `real` says, moved by an offset, or frozen.

    >>> clock = Clock(real_time)
    >>> clock.freeze(datetime(2024, 8, 4, 8, 23, 45, tzinfo=UTC))
    >>> clock.advance(timedelta(hours=1))
    >>> clock.now()
    datetime.datetime(2024, 8, 4, 9, 23, 45, tzinfo=datetime.timezone.utc)

    Raises OverflowError for a time before year 1 or after year 9999, and is then as it was.
    """

    __slots__ = ("_offset", "frozen", "real")

    def __init__(self, real: Callable[[], datetime]) -> None:
        self.real = real
        self.frozen: datetime | None = None
        self._offset = timedelta(0)

    def now(self) -> datetime:
        """What time it is, in UTC. A moved clock stops at the ends of the calendar."""
        if self.frozen is not None:
            return self.frozen
        try:
            return self.real().astimezone(UTC) + self._offset
        except OverflowError:
            return (datetime.max if self._offset > timedelta(0) else datetime.min).replace(tzinfo=UTC)

    @property
    def offset(self) -> timedelta:
        """How far it is from the real time; of a frozen clock, how far it was."""
        return self._offset

    @property
    def changed(self) -> bool:
        """Whether it is not the real time."""
        return self.frozen is not None or bool(self._offset)

    def freeze(self, at: datetime | None = None) -> None:
        """Let it stand still, from now on or at a time."""
        self.frozen = (at or self.now()).astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Move it, frozen or running."""
        if self.frozen is not None:
            self.frozen += by
        else:
            self.move(self._offset + by)

    def move(self, offset: timedelta) -> None:
        """Let it run, so far from the real time."""
        _ = self.real().astimezone(UTC) + offset  # OverflowError before anything is changed
        self.frozen, self._offset = None, offset

    def reset(self) -> None:
        """The real time again."""
        self.frozen, self._offset = None, timedelta(0)
