"""The history of the shop: its opening hours, and when the record with an id was created.

Records become more and more frequent, as in a shop that grows: their times are a logarithm of their ids. So
fifty customers come in weeks, a million in little more than a year, and the time of a record follows from
its id alone. All is computed with whole numbers: a floating-point logarithm may differ between machines.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from fakekit.world.random_values import RandomSource

FIRST_DAY = datetime(2024, 8, 5, 8)
"""Eight o'clock on the Monday after the day of the vendor's samples: the documented records are the first."""

DAY = 10 * 60 * 60
"""How many seconds the shop is open each day, from eight in the morning; Monday to Saturday."""

FRACTION_BITS, _PRECISION = 20, 40


def shop_time(seconds: int) -> datetime:
    """Return the time at which the shop has been open for so many seconds since `FIRST_DAY`.

    It is always within the opening hours, and later for a larger number. A negative number gives a time
    before that day.

    >>> str(shop_time(DAY * 6))
    '2024-08-12 08:00:00'
    """
    days, rest = divmod(seconds, DAY)
    weeks, weekday = divmod(days, 6)
    return FIRST_DAY + timedelta(7 * weeks + weekday, rest)


class History:
    """When the records of one resource were created: times that ascend with the id, without an end.

    Times are in seconds of opening hours since `FIRST_DAY`; `shop_time` makes dates of them.

    head_start: how many records there seem to be before id 0: the larger, the faster come the first ones.
        Their number is doubled, once and again, in `DOUBLING` each.
    origin: the head start at which the time is `start`; a power of two.
    start: the time of a record with the head start `origin`.
    """

    DOUBLING = 24 * DAY

    def __init__(self, head_start: int, origin: int, start: int = 0) -> None:
        self._head_start, self._start = head_start, start
        self._origin = (origin.bit_length() - 1 + FRACTION_BITS) << _PRECISION

    def created(self, random: RandomSource) -> int:
        """Return when the record of `random` was created: after the one before it, and before the next."""
        return self.created_by_id(random.key, random.integer("created_at", 1 << FRACTION_BITS))

    def created_by_id(self, key: int, offset: int = 0) -> int:
        """Return the earliest time at which the record with this id can have been created.

        offset: how much later it is, from 0 to 2**FRACTION_BITS, which is the earliest time of the next id.
        """
        position = ((self._head_start + key) << FRACTION_BITS) + offset
        power = position.bit_length() - 1
        # The logarithm is linear between two powers of two.
        value = (power << _PRECISION) + ((position - (1 << power)) << _PRECISION >> power)
        return self._start + ((value - self._origin) * self.DOUBLING >> _PRECISION)

    def last_id(self, seconds: int) -> int:
        """Return an id whose record was certainly created by then, with all those before it; 0 for none.

        At most one record more than these can have been there.
        """
        value = ((seconds - self._start) << _PRECISION) // self.DOUBLING + self._origin
        power, rest = divmod(value, 1 << _PRECISION)
        position = (1 << power) + (rest << power >> _PRECISION)
        return max((position >> FRACTION_BITS) - self._head_start - 1, 0)


COMMON_HISTORY = History(head_start=31, origin=32)
"""Two records on three days at first."""


def created_and_updated(random: RandomSource, history: History = COMMON_HISTORY) -> tuple[str, str]:
    """Return a record's ``created_at`` and ``updated_at``: ``2024-10-04 08:23:45``.

    Both are within the opening hours; the second is at most 50 working days later, and never earlier.

    history: that of the record's resource.
    """
    offset, changed, wait = random.integers("times", 1 << FRACTION_BITS, 10, 50 * DAY)
    created = history.created_by_id(random.key, offset)
    created_at = str(shop_time(created))
    return created_at, str(shop_time(created + wait)) if changed < 6 else created_at
