"""Whether what clients saw of one record can have happened in some order, one call after the other.

The search of Wing and Gong ("Testing and verifying concurrent objects", 1993) with Lowe's memo of the states that
led nowhere. Records do not depend on each other here, so each is checked alone (Herlihy and Wing, 1990: locality).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

NEVER = float("inf")
"""When a call ended whose answer never came: it may have happened at any time after its start, or not at all."""


class RecordCall(NamedTuple):
    """A call of a client on one record.

    start, end: when it was sent and when its answer came.
    written: the value that it writes; None for a read.
    seen: what a read saw; None for no record.
    """

    start: float
    end: float
    written: str | None = None
    seen: str | None = None


def is_linearizable(calls: Sequence[RecordCall], value: str | None) -> bool:
    """Whether there is an order of the calls in which each read sees what was written last, and no call happens
    before one that ended before its start.

    value: of the record before the first call.
    """
    ordered = sorted(calls)
    needed = sum(1 << index for index, call in enumerate(ordered) if call.end != NEVER)
    seen: set[tuple[int, str | None]] = set()
    states = [(0, value)]
    while states:
        state = states.pop()
        if state in seen:
            continue
        seen.add(state)
        done, current = state
        if done & needed == needed:
            return True
        states += _next_states(ordered, done, current)
    return False


def _next_states(calls: Sequence[RecordCall], done: int, value: str | None) -> list[tuple[int, str | None]]:
    """What one more call makes of a state: of those that began before the first end of all that are left."""
    states, first_end = [], NEVER
    for index, call in enumerate(calls):
        if done >> index & 1:
            continue
        if call.start > first_end:
            break
        first_end = min(first_end, call.end)
        if call.written is not None or call.seen == value:
            states.append((done | 1 << index, value if call.written is None else call.written))
    return states
