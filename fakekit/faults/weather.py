"""The faults of one account, and which of them are due: counted, never by chance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar

from fakekit.errors import FaultError, Problem
from fakekit.faults.altering import Altering
from fakekit.faults.answering import Answering
from fakekit.faults.fault import Fault
from fakekit.faults.kinds import read
from fakekit.faults.sending import Sending

MOST = 100
"""How many faults an account may have at once."""
MOST_CARRIED = 16
"""How many different sets of faults the keys of one account may carry."""

F = TypeVar("F", bound=Fault)


@dataclass
class Armed:
    """A fault in an account, and what has become of it.

    number: names it in its account; 0 for one that a key carries.
    seen: how many requests it concerned and might have had its way with.
    used: how often it had.
    """

    fault: Fault
    number: int = 0
    seen: int = 0
    used: int = 0

    @property
    def left(self) -> int | None:
        """How often it will be used yet; None is without end."""
        return None if self.fault.times is None else self.fault.times - self.used

    @property
    def counts(self) -> bool:
        """Whether how often it was seen decides what it will do."""
        fault = self.fault
        return bool(self.seen) and (fault.times is not None or bool(fault.after) or fault.every > 1)

    def shown(self) -> dict[str, Any]:
        """Its JSON and its counts."""
        return {"id": self.number, **self.fault.shown(), "seen": self.seen, "used": self.used}

    def takes_its_turn(self) -> bool:
        """Count a request that it concerns; whether it is due."""
        self.seen += 1
        behind = self.seen - self.fault.after
        if behind < 1 or behind % self.fault.every:
            return False
        self.used += 1
        return True


@dataclass
class Due:
    """The faults that have their way with one request."""

    armed: list[Armed] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """What could not be applied, and why."""
    lock: Lock = field(default_factory=Lock)
    """Held by who changes their counts."""

    def of(self, kind: type[F]) -> Iterator[F]:
        """Those of a family."""
        return (armed.fault for armed in self.armed if isinstance(armed.fault, kind))

    @property
    def answering(self) -> Answering | None:
        """The one that answers."""
        return next(self.of(Answering), None)

    @property
    def alters(self) -> bool:
        """Whether there is one that may change the body."""
        return any(True for _ in self.of(Altering))

    def alter(self, body: Any) -> tuple[Any, str]:
        """The body as it goes out, and the media type it is said to have; counts only what changed it."""
        media = ""
        for armed in list(self.armed):
            if isinstance(armed.fault, Altering):
                before, body = body, armed.fault.alter(body)
                told = armed.fault.media if body is not None else ""  # what has no body has no type
                media = told or media
                if before is body and not told:
                    with self.lock:
                        armed.used -= 1
                    self.armed.remove(armed)
        return body, media

    @property
    def sending(self) -> tuple[Sending, ...]:
        """Those on the way back: what waits comes first."""
        return tuple(sorted(self.of(Sending), key=lambda fault: bool(fault.alone)))

    def __str__(self) -> str:
        return "; ".join(str(armed.fault) for armed in self.armed)


class Weather:
    """The faults of one account. Every method may be called from any thread."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._lock = Lock()
        self._given = tuple(faults)
        self.reset()

    def reset(self) -> None:
        """Only the faults that were there from the start, none of them used."""
        with self._lock:
            self._armed = [Armed(fault, n) for n, fault in enumerate(self._given, 1)]
            self._carried: dict[str, list[Armed]] = {}
            self._last = len(self._armed)

    def arm(self, fault: Fault) -> Armed:
        """Add a fault. Raises `FaultError` when there are too many."""
        with self._lock:
            if len(self._armed) >= MOST:
                raise FaultError(
                    Problem("", f"an account may have {MOST} faults at once", "", "fewer of them")
                )
            self._last += 1
            self._armed.append(armed := Armed(fault, self._last))
            return armed

    def disarm(self, number: int | None = None) -> bool:
        """Take a fault away, or all of them; whether there was one."""
        with self._lock:
            kept = [a for a in self._armed if number is not None and a.number != number]
            found, self._armed = len(kept) < len(self._armed), kept
            if number is None:
                self._carried = {}
            return found

    def armed(self) -> list[Armed]:
        """Those there are, in the order they were given; then those that keys carried."""
        with self._lock:
            return [*self._armed, *(armed for several in self._carried.values() for armed in several)]

    def segments(self) -> list[str]:
        """What stands in their paths."""
        with self._lock:
            return [segment for armed in self._armed for segment in armed.fault.path.split("/")]

    def unused(self) -> list[Armed]:
        """Those that somebody added and that were not used, or not as often as they might have been."""
        start = len(self._given)
        added = [armed for armed in self.armed() if armed.number == 0 or armed.number > start]
        return [armed for armed in added if armed.used < (armed.fault.times or 1)]

    @property
    def touched(self) -> bool:
        """Whether it is not as it was at the start."""
        return (
            len(self._armed) != len(self._given)
            or bool(self._carried)
            or any(armed.number > len(self._given) or armed.counts for armed in self._armed)
        )

    def due(self, method: str, path: str, carried: str = "") -> Due:
        """Which have their way with a request.

        Of several that answer, the counted come first, in their order; then the one that was given last.

        carried: the faults behind the key, as they were written there.
        """
        due = Due(lock=self._lock)
        with self._lock:
            armed = [*self._armed, *self._of_key(carried, due)]
            counted = [a for a in armed if a.fault.times is not None]
            endless = [a for a in reversed(armed) if a.fault.times is None]
            taken: set[str] = set()
            for each in (*counted, *endless):
                if each.left == 0 or each.fault.alone in taken or not each.fault.concerns(method, path):
                    continue
                if each.takes_its_turn():
                    due.armed.append(each)
                    taken.update({each.fault.alone} - {""})
        return due

    def _of_key(self, carried: str, due: Due) -> list[Armed]:
        if not carried:
            return []
        if carried not in self._carried:
            if len(self._carried) >= MOST_CARRIED:
                due.refused.append(
                    f"the keys of one account may carry {MOST_CARRIED} different sets of faults"
                )
                return []
            self._carried[carried] = [Armed(fault) for fault in read_carried(carried)]
        return self._carried[carried]


def read_carried(text: str) -> list[Fault]:
    """The faults behind a key: ``slow=2s~fail=503,times=2``. Raises `FaultError`."""
    return [read(part, "the fault in the key") for part in text.split("~")]
