"""The faults of one account, and which of them apply to a request: decided by counting, never at random."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar

from fakekit.errors import FaultError, Problem, redact_texts
from fakekit.faults.altering import BodyFault
from fakekit.faults.answering import ResponseFault
from fakekit.faults.content import RequestContent
from fakekit.faults.fault import Fault
from fakekit.faults.registry import read_fault
from fakekit.faults.sending import ConnectionFault
from fakekit.unpatched import Lock

MAX_FAULTS = 100
"""Upper limit of faults that an account may have at the same time."""
MAX_KEY_FAULTS = 16
"""Upper limit of different fault texts in an account's keys (``fk_demo~fail=503``); each keeps its counts."""

F = TypeVar("F", bound=Fault)


@dataclass
class ActiveFault:
    """A fault of an account, with its counts.

    number: identifies the fault in its account, from 1; 0 for a fault that a key carries.
    seen_count: the number of requests with its method and path.
    use_count: the number of those to which it applied.
    """

    fault: Fault
    number: int = 0
    seen_count: int = 0
    use_count: int = 0

    @property
    def remaining_uses(self) -> int | None:
        """The number of requests to which the fault may still apply; None without a limit (`times`)."""
        return None if self.fault.times is None else self.fault.times - self.use_count

    @property
    def has_request_count(self) -> bool:
        """Whether earlier requests decide if the fault applies to the next one (`times`, `after`, `every`).

        False as long as it has seen no request. An account with such a fault is not closed to make room,
        since the count would be lost.
        """
        fault = self.fault
        return bool(self.seen_count) and (fault.times is not None or bool(fault.after) or fault.every > 1)

    def as_json(self) -> dict[str, Any]:
        """Return the fault's JSON with its number (`id`), text (`text_form`) and counts (`seen`, `used`).

        In a fault that a key carries, what looks like a credential is ``...``, also deep in a stub's JSON.
        """
        document = self.fault.as_json()
        if not self.number:
            document = {name: redact_texts(value) for name, value in document.items()}
        counts = {"seen": self.seen_count, "used": self.use_count}
        return {"id": self.number, **document, "text_form": str(self.fault), **counts}

    def count_request(self) -> bool:
        """Count a request that has the fault's method and path, and return whether the fault applies to it.

        It applies to every `every`-th request after the first `after`; `use_count` is then increased too. The
        caller has checked `remaining_uses` and holds the account's fault lock.
        """
        self.seen_count += 1
        position = self.seen_count - self.fault.after
        if position < 1 or position % self.fault.every:
            return False
        self.use_count += 1
        return True


@dataclass
class MatchedFaults:
    """The faults that apply to one request."""

    active: list[ActiveFault] = field(default_factory=list)
    """The faults, in the order in which they were matched."""
    rejected: list[str] = field(default_factory=list)
    """A sentence for each fault that could not be applied, for the log and the note on the response."""
    lock: Lock = field(default_factory=Lock)
    """The lock to hold while the counts of the faults are changed; that of the account's `ActiveFaults`."""

    def of_kind(self, kind: type[F]) -> Iterator[F]:
        """Yield the matched faults of a class such as `Fail`, or of a base class such as `BodyFault`."""
        return (active.fault for active in self.active if isinstance(active.fault, kind))

    @property
    def response_fault(self) -> ResponseFault | None:
        """The fault that gives the response instead of the API, or None if the API handles the request."""
        return next(self.of_kind(ResponseFault), None)

    @property
    def can_change_body(self) -> bool:
        """Whether one of the faults may change the response's body, which then has to be parsed."""
        return any(True for _ in self.of_kind(BodyFault))

    def alter(self, body: Any) -> tuple[Any, str]:
        """Apply the faults that change the body, and return the new body and its media type.

        body: the response's parsed JSON; it is not changed in place. None for a response without a body.

        The media type is empty if no fault replaces it. A fault that changed nothing is removed from
        `active`, and its `use_count` is decreased again.
        """
        media = ""
        for active in list(self.active):
            if isinstance(active.fault, BodyFault):
                before, body = body, active.fault.alter(body)
                # A response without a body has no Content-Type to change.
                changed_media = active.fault.media if body is not None else ""
                media = changed_media or media
                if before is body and not changed_media:
                    with self.lock:
                        active.use_count -= 1
                    self.active.remove(active)
        return body, media

    @property
    def connection_faults(self) -> tuple[ConnectionFault, ...]:
        """The faults that apply while the response is sent; those that end the connection come last."""
        return tuple(sorted(self.of_kind(ConnectionFault), key=lambda fault: bool(fault.conflict_group)))

    def __str__(self) -> str:
        """Return the faults as text, for headers and the log: ``slow=2s; fail=503``."""
        return "; ".join(str(active.fault) for active in self.active)


class ActiveFaults:
    """The faults of one account. Every method may be called from any thread.

    faults: those that the settings give to every account.
    """

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._lock = Lock()
        self._initial = tuple(faults)
        self._active = [ActiveFault(fault, n) for n, fault in enumerate(self._initial, 1)]
        self._in_keys: dict[str, list[ActiveFault]] = {}
        self._last = len(self._active)

    def add(self, fault: Fault) -> ActiveFault:
        """Add a fault and return it with its number and counts.

        Raises `FaultError` (503) if the account has `MAX_FAULTS` already.
        """
        with self._lock:
            if len(self._active) >= MAX_FAULTS:
                message = f"an account may have {MAX_FAULTS} faults at once"
                raise FaultError(Problem("", message, "", "fewer of them"), HTTPStatus.SERVICE_UNAVAILABLE)
            self._last += 1
            self._active.append(active := ActiveFault(fault, self._last))
            return active

    def remove(self, number: int | None = None) -> bool:
        """Remove the fault with a number, or all faults; return whether there was one.

        number: None removes all faults and forgets the counts of the faults that keys carry.
        """
        with self._lock:
            remaining = [a for a in self._active if number is not None and a.number != number]
            removed, self._active = len(remaining) < len(self._active), remaining
            if number is None:
                self._in_keys = {}
            return removed

    def all(self) -> list[ActiveFault]:
        """Return the faults in the order in which they were added, then those that keys carried."""
        with self._lock:
            return [*self._active, *(active for of_key in self._in_keys.values() for active in of_key)]

    @property
    def size_in_bytes(self) -> int:
        """About how much memory the faults take, for the limit of all accounts together."""
        return sum(active.fault.size_in_bytes for active in self.all())

    def may_block(self, method: str, path: str) -> bool:
        """Return whether a function of a test may answer a request; see `Account.may_block`."""
        faults = [active.fault for active in self._active if active.fault.may_block]
        return any(not path or fault.matches(method, path) for fault in faults)

    def has_key_faults(self, key_faults: str) -> bool:
        """Return whether the account has the faults of this text, which a key carried before."""
        return key_faults in self._in_keys

    def path_segments(self) -> list[str]:
        """Return the segments of the faults' paths, which the journal need not hide.

        A test or the settings wrote them. The faults that keys carry are left out.
        """
        with self._lock:
            return [segment for active in self._active for segment in active.fault.path.split("/")]

    def unused(self) -> list[ActiveFault]:
        """Return the faults of tests and keys that applied to no request, or to fewer than their `times`.

        They are in the account's summary, from which the pytest plugin reports them. Faults that the settings
        gave to every account are left out.
        """
        start = len(self._initial)
        added = [active for active in self.all() if active.number == 0 or active.number > start]
        return [active for active in added if active.use_count < (active.fault.times or 1)]

    @property
    def has_any(self) -> bool:
        """Whether the account has a fault, used up or not, or its keys carried one."""
        return bool(self._active or self._in_keys)

    @property
    def has_changes(self) -> bool:
        """Whether the faults differ from those of a new account; if so, the account is not closed for room.

        They differ if one was added, removed or carried by a key, or has counted requests that decide when it
        applies next (`ActiveFault.has_request_count`).
        """
        return (
            self.was_edited or bool(self._in_keys) or any(active.has_request_count for active in self._active)
        )

    @property
    def was_edited(self) -> bool:
        """Whether a fault was added or removed; those that keys carry, and counts, are left out."""
        return len(self._active) != len(self._initial) or any(
            active.number > len(self._initial) for active in self._active
        )

    def match(self, method: str, path: str, content: RequestContent, key_faults: str = "") -> MatchedFaults:
        """Return the faults that apply to a request, and count the request for each with its method and path.

        Called once for each request of the account. Faults with `times` are tried first, in order; then those
        without, the latest first. Of faults that exclude each other (`Fault.conflict_group`) only the first
        applies, and the others do not count the request.

        path: ``/api/v1/customers/1``.
        content: query, headers and body, for stubs that ask for them.
        key_faults: the text of the faults behind the key, ``fail=503~slow=2s``; empty for a plain key.

        Raises `FaultError` when `key_faults` is invalid. When the account's keys carry too many different
        texts, these faults do not apply, and `MatchedFaults.rejected` says so.
        """
        matched = MatchedFaults(lock=self._lock)
        with self._lock:
            active = [*self._active, *self._faults_of_key(key_faults, matched)]
        # Without the lock: a body that is parsed takes a while, and the event loop waits for the lock too.
        active = [a for a in active if a.fault.matches(method, path) and a.fault.matches_content(content)]
        limited = [a for a in active if a.fault.times is not None]
        without_limit = [a for a in reversed(active) if a.fault.times is None]
        seen: set[str] = set()  # the groups of the faults that apply
        with self._lock:
            for candidate in (*limited, *without_limit):
                if candidate.remaining_uses == 0 or candidate.fault.conflict_group in seen:
                    continue
                if candidate.count_request():
                    matched.active.append(candidate)
                    seen.update({candidate.fault.conflict_group} - {""})
        return matched

    def _faults_of_key(self, key_faults: str, matched: MatchedFaults) -> list[ActiveFault]:
        """Return the faults that a key carries; the same text gets the same objects, with their counts.

        key_faults: their text, ``fail=503``; an empty one returns an empty list. So does one text too many,
            which is noted in `matched`. The caller holds the lock. Raises `FaultError` for invalid text.
        """
        if not key_faults:
            return []
        if key_faults not in self._in_keys:
            if len(self._in_keys) >= MAX_KEY_FAULTS:
                matched.rejected.append(
                    f"the keys of one account may carry {MAX_KEY_FAULTS} different sets of faults"
                )
                return []
            self._in_keys[key_faults] = [ActiveFault(fault) for fault in read_key_faults(key_faults)]
        return self._in_keys[key_faults]


def read_key_faults(text: str) -> list[Fault]:
    """Parse the faults behind a key, ``slow=2s~fail=503,times=2``, and return them in that order.

    Raises `FaultError` for an invalid one.
    """
    return [read_fault(part, "the fault in the key") for part in text.split("~")]
