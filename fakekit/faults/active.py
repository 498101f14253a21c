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
from fakekit.faults.registry import read_fault
from fakekit.faults.sending import Sending

MOST = 100
"""How many faults an account may have at once."""
MOST_IN_KEYS = 16
"""How many different sets of faults the keys of one account may carry."""

F = TypeVar("F", bound=Fault)


@dataclass
class ActiveFault:
    """A fault in an account, and what has become of it.

    number: names it in its account; 0 for one that a key carries.
    seen: how many requests it concerned and might have applied to.
    used: how often it was applied.
    """

    fault: Fault
    number: int = 0
    seen: int = 0
    used: int = 0

    @property
    def remaining_uses(self) -> int | None:
        """How often it will be used yet; None is without end."""
        return None if self.fault.times is None else self.fault.times - self.used

    @property
    def depends_on_count(self) -> bool:
        """Whether how often it was seen decides what it will do."""
        fault = self.fault
        return bool(self.seen) and (fault.times is not None or bool(fault.after) or fault.every > 1)

    def as_json(self) -> dict[str, Any]:
        """Its JSON and its counts."""
        return {"id": self.number, **self.fault.as_json(), "seen": self.seen, "used": self.used}

    def count_request(self) -> bool:
        """Count a request that it concerns; whether it is due."""
        self.seen += 1
        position = self.seen - self.fault.after
        if position < 1 or position % self.fault.every:
            return False
        self.used += 1
        return True


@dataclass
class MatchedFaults:
    """The faults that apply to one request."""

    active: list[ActiveFault] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """What could not be applied, and why."""
    lock: Lock = field(default_factory=Lock)
    """Held by who changes their counts."""

    def of_kind(self, kind: type[F]) -> Iterator[F]:
        """Those of a family."""
        return (active.fault for active in self.active if isinstance(active.fault, kind))

    @property
    def answering(self) -> Answering | None:
        """The one that answers."""
        return next(self.of_kind(Answering), None)

    @property
    def may_alter_body(self) -> bool:
        """Whether there is one that may change the body."""
        return any(True for _ in self.of_kind(Altering))

    def alter(self, body: Any) -> tuple[Any, str]:
        """The body as it goes out, and the media type it is said to have; counts only what changed it."""
        media = ""
        for active in list(self.active):
            if isinstance(active.fault, Altering):
                before, body = body, active.fault.alter(body)
                changed_media = active.fault.media if body is not None else ""  # what has no body has no type
                media = changed_media or media
                if before is body and not changed_media:
                    with self.lock:
                        active.used -= 1
                    self.active.remove(active)
        return body, media

    @property
    def sending(self) -> tuple[Sending, ...]:
        """Those on the way back: what waits comes first."""
        return tuple(sorted(self.of_kind(Sending), key=lambda fault: bool(fault.exclusive_group)))

    def __str__(self) -> str:
        return "; ".join(str(active.fault) for active in self.active)


class ActiveFaults:
    """The faults of one account. Every method may be called from any thread."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._lock = Lock()
        self._initial = tuple(faults)
        self.reset()

    def reset(self) -> None:
        """Only the faults that were there from the start, none of them used."""
        with self._lock:
            self._active = [ActiveFault(fault, n) for n, fault in enumerate(self._initial, 1)]
            self._in_keys: dict[str, list[ActiveFault]] = {}
            self._last = len(self._active)

    def add(self, fault: Fault) -> ActiveFault:
        """Add a fault. Raises `FaultError` when there are too many."""
        with self._lock:
            if len(self._active) >= MOST:
                raise FaultError(
                    Problem("", f"an account may have {MOST} faults at once", "", "fewer of them")
                )
            self._last += 1
            self._active.append(active := ActiveFault(fault, self._last))
            return active

    def remove(self, number: int | None = None) -> bool:
        """Take a fault away, or all of them; whether there was one."""
        with self._lock:
            remaining = [a for a in self._active if number is not None and a.number != number]
            removed, self._active = len(remaining) < len(self._active), remaining
            if number is None:
                self._in_keys = {}
            return removed

    def all(self) -> list[ActiveFault]:
        """Those there are, in the order they were given; then those that keys carry."""
        with self._lock:
            return [*self._active, *(active for several in self._in_keys.values() for active in several)]

    def path_segments(self) -> list[str]:
        """What stands in their paths."""
        with self._lock:
            return [segment for active in self._active for segment in active.fault.path.split("/")]

    def unused(self) -> list[ActiveFault]:
        """Those that somebody added and that were not used, or not as often as they might have been."""
        start = len(self._initial)
        added = [active for active in self.all() if active.number == 0 or active.number > start]
        return [active for active in added if active.used < (active.fault.times or 1)]

    @property
    def has_changes(self) -> bool:
        """Whether it is not as it was at the start."""
        return (
            len(self._active) != len(self._initial)
            or bool(self._in_keys)
            or any(active.number > len(self._initial) or active.depends_on_count for active in self._active)
        )

    def match(self, method: str, path: str, key_faults: str = "") -> MatchedFaults:
        """Return the faults that apply to a request, and count it for each that concerns it.

        Of several that answer, the counted come first, in their order; then the one that was given last.

        key_faults: the faults behind the key, as they were written there.
        """
        matched = MatchedFaults(lock=self._lock)
        with self._lock:
            active = [*self._active, *self._faults_of_key(key_faults, matched)]
            limited = [a for a in active if a.fault.times is not None]
            unlimited = [a for a in reversed(active) if a.fault.times is None]
            exclusive: set[str] = set()
            for candidate in (*limited, *unlimited):
                if (
                    candidate.remaining_uses == 0
                    or candidate.fault.exclusive_group in exclusive
                    or not candidate.fault.concerns(method, path)
                ):
                    continue
                if candidate.count_request():
                    matched.active.append(candidate)
                    exclusive.update({candidate.fault.exclusive_group} - {""})
        return matched

    def _faults_of_key(self, key_faults: str, matched: MatchedFaults) -> list[ActiveFault]:
        if not key_faults:
            return []
        if key_faults not in self._in_keys:
            if len(self._in_keys) >= MOST_IN_KEYS:
                matched.refused.append(
                    f"the keys of one account may carry {MOST_IN_KEYS} different sets of faults"
                )
                return []
            self._in_keys[key_faults] = [ActiveFault(fault) for fault in read_key_faults(key_faults)]
        return self._in_keys[key_faults]


def read_key_faults(text: str) -> list[Fault]:
    """The faults behind a key: ``slow=2s~fail=503,times=2``. Raises `FaultError`."""
    return [read_fault(part, "the fault in the key") for part in text.split("~")]
