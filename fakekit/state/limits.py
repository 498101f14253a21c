"""How much a store holds: counted roughly, and measured when the count says that a limit may be near."""

from __future__ import annotations

from collections.abc import Callable


class Limit:
    """An upper limit of what all processes store together.

    What this process adds is counted. When it has added a quarter of what was free at the last measurement,
    the store is measured anew, as other processes add to it as well. So a few processes can pass the limit by
    some percent, and one process cannot.

    most: the limit, in bytes or pieces.
    """

    def __init__(self, most: int) -> None:
        self.most, self._uncounted = most, 0

    def has_room(self, size: int, measure: Callable[[], int]) -> bool:
        """Count what is about to be stored, and return whether there is room for it.

        measure: returns how much is stored now; called only when it is needed.
        """
        self._uncounted -= size
        if self._uncounted >= 0:
            return True
        free = self.most - measure() - size
        self._uncounted = max(free // 4, min(free, self.most // 64))
        return free >= 0
