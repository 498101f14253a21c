"""The faults of one account, and which of them apply to a request: decided by counting, never at random."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus

from fakekit.errors import FaultError, Problem
from fakekit.faults.content import RequestContent
from fakekit.faults.fault import Fault
from fakekit.faults.key_faults import read_key_faults
from fakekit.faults.matched import ActiveFault, MatchedFaults
from fakekit.unpatched import Lock

MAX_FAULTS = 100
"""Upper limit of faults that an account may have at the same time."""
MAX_KEY_FAULTS = 16
"""Upper limit of different fault texts in an account's keys (``fk_demo~fail=503``); each keeps its counts."""


class ActiveFaults:
    """The faults of one account. Every method may be called from any thread.

    faults: those that the settings give to every account.
    initial_count: how many these are.
    last_number: the number of the fault that was added last; `initial_count` before the first.
    """

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._lock = Lock()
        self._active = [ActiveFault(fault, n) for n, fault in enumerate(faults, 1)]
        self._in_keys: dict[str, list[ActiveFault]] = {}
        self.initial_count = self.last_number = len(self._active)

    @property
    def in_keys(self) -> dict[str, list[ActiveFault]]:
        """The faults that keys carried, by their text: ``fail=503``."""
        return dict(self._in_keys)

    def set(
        self,
        numbered: Mapping[int, tuple[Fault, tuple[int, int]]],
        in_keys: Mapping[str, Iterable[tuple[int, int]]],
        last_number: int,
    ) -> None:
        """Replace all faults, those that keys carry too, by ones that were stored.

        numbered: by number the fault, how many requests it has seen, and to how many it applied.
        in_keys: both counts of each fault, by the text of those that a key carries.
        """
        active = [ActiveFault(fault, number, *counts) for number, (fault, counts) in sorted(numbered.items())]
        of_keys = {
            text: [ActiveFault(fault, 0, *c) for fault, c in zip(read_key_faults(text), counts, strict=True)]
            for text, counts in in_keys.items()
        }
        with self._lock:
            self._active, self._in_keys, self.last_number = active, of_keys, last_number

    def keep_own(self, before: ActiveFaults) -> None:
        """Mark the faults that this process added or used before the store was read again.

        before: the faults of the account until then. After a reset by another process, one with the number of
            an own fault may be there that is not the same.
        """
        own = {active.number: active.fault for active in before.all() if active.is_own}
        for active in self._active:
            active.is_own = own.get(active.number) == active.fault
        for text, of_key in before.in_keys.items():
            for active in self._in_keys.get(text, ()):
                active.is_own = any(a.is_own for a in of_key)

    def uncount(self, unused: Iterable[ActiveFault]) -> None:
        """Count a request less for faults that applied to it and changed nothing.

        unused: of this account, maybe as they were before they were read from the store again.
        """
        with self._lock:
            known = [*self._active, *(active for of_key in self._in_keys.values() for active in of_key)]
            for fault in unused:
                same = (a for a in known if a.number == fault.number and a.fault == fault.fault)
                active = next((a for a in known if a is fault), None) or next(same, None)
                if active is not None:
                    active.use_count -= 1

    def add(self, fault: Fault) -> ActiveFault:
        """Add a fault and return it with its number and counts.

        Raises `FaultError` (503) if the account has `MAX_FAULTS` already.
        """
        with self._lock:
            if len(self._active) >= MAX_FAULTS:
                message = f"an account may have {MAX_FAULTS} faults at once"
                raise FaultError(Problem("", message, "", "fewer of them"), HTTPStatus.SERVICE_UNAVAILABLE)
            self.last_number += 1
            self._active.append(active := ActiveFault(fault, self.last_number, is_own=True))
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
        start = self.initial_count
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
            self.was_changed
            or bool(self._in_keys)
            or any(active.has_request_count for active in self._active)
        )

    @property
    def was_changed(self) -> bool:
        """Whether a fault was added or removed; those that keys carry, and counts, are left out."""
        return len(self._active) != self.initial_count or any(
            active.number > self.initial_count for active in self._active
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
        matched = MatchedFaults()
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

    def read_content(self, method: str, path: str, content: RequestContent) -> None:
        """Have all of a request's content parsed that `match` will ask for."""
        for active in self.all():
            if active.fault.matches(method, path):
                active.fault.matches_content(content)

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
        for active in self._in_keys[key_faults]:
            active.is_own = True
        return self._in_keys[key_faults]
