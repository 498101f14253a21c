"""The faults of one account, and which of them apply to a request: counted, never by chance."""

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
"""How many different texts of faults the keys of one account may carry; each keeps its counts."""

F = TypeVar("F", bound=Fault)


@dataclass
class ActiveFault:
    """A fault of an account, and how often it has been used.

    number: identifies it in its account, from 1; 0 for one that a key carries.
    seen: how many requests it was considered for.
    used: how many of these it was applied to.
    """

    fault: Fault
    number: int = 0
    seen: int = 0
    used: int = 0

    @property
    def remaining_uses(self) -> int | None:
        """How many more requests it will apply to; None is without end."""
        return None if self.fault.times is None else self.fault.times - self.used

    @property
    def depends_on_count(self) -> bool:
        """Whether it has counted requests that decide whether it applies to the next one."""
        fault = self.fault
        return bool(self.seen) and (fault.times is not None or bool(fault.after) or fault.every > 1)

    def as_json(self) -> dict[str, Any]:
        """Return the fault as JSON, with its number and its counts."""
        return {"id": self.number, **self.fault.as_json(), "seen": self.seen, "used": self.used}

    def count_request(self) -> bool:
        """Count a request that it concerns, and return whether it applies to it (`after`, `every`).

        The caller has checked `left`, and holds the lock.
        """
        self.seen += 1
        position = self.seen - self.fault.after
        if position < 1 or position % self.fault.every:
            return False
        self.used += 1
        return True


@dataclass
class MatchedFaults:
    """The faults that apply to one request, in the order in which they were matched."""

    active: list[ActiveFault] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """What could not be applied, and why."""
    lock: Lock = field(default_factory=Lock)
    """Held by who changes their counts."""

    def of_kind(self, kind: type[F]) -> Iterator[F]:
        """Yield the matched faults of a kind or of a family of kinds."""
        return (active.fault for active in self.active if isinstance(active.fault, kind))

    @property
    def answering(self) -> Answering | None:
        """The fault that answers the request, or None when the request is to be carried out."""
        return next(self.of_kind(Answering), None)

    @property
    def may_alter_body(self) -> bool:
        """Whether a fault among them may change the body, so that it has to be parsed."""
        return any(True for _ in self.of_kind(Altering))

    def alter(self, body: Any) -> tuple[Any, str]:
        """Return the body as the faults leave it, and the media type it claims (empty for its own).

        Faults that changed nothing are taken out of `active`, and their use is not counted.
        """
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
        """The faults to apply while the response is sent; those that end the connection come last."""
        return tuple(sorted(self.of_kind(Sending), key=lambda fault: bool(fault.exclusive_group)))

    def __str__(self) -> str:
        return "; ".join(str(active.fault) for active in self.active)


class ActiveFaults:
    """The faults of one account. Every method may be called from any thread.

    faults: those it has from the start, and again after `reset`.
    """

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._lock = Lock()
        self._initial = tuple(faults)
        self.reset()

    def reset(self) -> None:
        """Go back to the faults that were there from the start, none of them used."""
        with self._lock:
            self._active = [ActiveFault(fault, n) for n, fault in enumerate(self._initial, 1)]
            self._in_keys: dict[str, list[ActiveFault]] = {}
            self._last = len(self._active)

    def add(self, fault: Fault) -> ActiveFault:
        """Add a fault, and return it with its number. Raises `FaultError` when there are `MOST` already."""
        with self._lock:
            if len(self._active) >= MOST:
                raise FaultError(
                    Problem("", f"an account may have {MOST} faults at once", "", "fewer of them")
                )
            self._last += 1
            self._active.append(active := ActiveFault(fault, self._last))
            return active

    def remove(self, number: int | None = None) -> bool:
        """Remove a fault by its number, or (None) all of them; return whether there was one.

        All of them includes those that keys carried; their counts begin anew.
        """
        with self._lock:
            remaining = [a for a in self._active if number is not None and a.number != number]
            removed, self._active = len(remaining) < len(self._active), remaining
            if number is None:
                self._in_keys = {}
            return removed

    def all(self) -> list[ActiveFault]:
        """Return the faults in the order in which they were added; then those that keys carried."""
        with self._lock:
            return [*self._active, *(active for several in self._in_keys.values() for active in several)]

    def path_segments(self) -> list[str]:
        """Return the path segments written in the faults; the journal may show them."""
        with self._lock:
            return [segment for active in self._active for segment in active.fault.path.split("/")]

    def unused(self) -> list[ActiveFault]:
        """Return the added faults that applied to no request, or to fewer than their `times`.

        Those from the start are not among them: the settings gave them to every account.
        """
        start = len(self._initial)
        added = [active for active in self.all() if active.number == 0 or active.number > start]
        return [active for active in added if active.used < (active.fault.times or 1)]

    @property
    def has_changes(self) -> bool:
        """Whether faults were added, removed or carried, or one from the start has counted requests."""
        return (
            len(self._active) != len(self._initial)
            or bool(self._in_keys)
            or any(active.number > len(self._initial) or active.depends_on_count for active in self._active)
        )

    def match(self, method: str, path: str, key_faults: str = "") -> MatchedFaults:
        """Return the faults that apply to a request, counting it for each that concerns it.

        Those with `times` are tried first, in order; then those without, the latest first. Of faults that
        exclude each other (`Fault.exclusive_group`) the first one applies; the others do not count it.

        key_faults: the faults behind the key, as they were written there; empty for a plain key.

        Raises `FaultError` when `key_faults` cannot be read. Too many different ones are noted in the
        result's `refused`.
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
        """Return the faults that a key carries, kept by their text so that their counts go on."""
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
    """Return the faults written behind a key: ``slow=2s~fail=503,times=2``. Raises `FaultError`."""
    return [read_fault(part, "the fault in the key") for part in text.split("~")]
