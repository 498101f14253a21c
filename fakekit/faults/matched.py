"""A fault of an account with its counts, and the faults that apply to one request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from fakekit.errors import redact_texts
from fakekit.faults.altering import BodyFault
from fakekit.faults.answering import ResponseFault
from fakekit.faults.fault import Fault
from fakekit.faults.sending import ConnectionFault

F = TypeVar("F", bound=Fault)


@dataclass
class ActiveFault:
    """A fault of an account, with its counts.

    number: identifies the fault in its account, from 1; 0 for a fault that a key carries.
    seen_count: the number of requests with its method and path.
    use_count: the number of those to which it applied.
    is_own: whether this process added it, or had a request whose key carried it. A store may have others, of
        earlier runs and of other processes. Not known any more after another process has reset the account.
    """

    fault: Fault
    number: int = 0
    seen_count: int = 0
    use_count: int = 0
    is_own: bool = False

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

    def as_json(self) -> dict[str, object]:
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
    unused: list[ActiveFault] = field(default_factory=list)
    """Those that had nothing to change in the response; the account counts the request less for them."""

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

    def alter(self, body: object) -> tuple[object, str]:
        """Apply the faults that change the body, and return the new body and its media type.

        body: the response's parsed JSON; it is not changed in place. None for a response without a body.

        The media type is empty if no fault replaces it. A fault that changed nothing is moved from `active`
        to `unused`.
        """
        media = ""
        for active in list(self.active):
            if isinstance(active.fault, BodyFault):
                before, body = body, active.fault.alter(body)
                # A response without a body has no Content-Type to change.
                changed_media = active.fault.media if body is not None else ""
                media = changed_media or media
                if before is body and not changed_media:
                    self.active.remove(active)
                    self.unused.append(active)
        return body, media

    @property
    def connection_faults(self) -> tuple[ConnectionFault, ...]:
        """The faults that apply while the response is sent; those that end the connection come last."""
        return tuple(sorted(self.of_kind(ConnectionFault), key=lambda fault: bool(fault.conflict_group)))

    def __str__(self) -> str:
        """Return the faults as text, for headers and the log: ``slow=2s; fail=503``."""
        return "; ".join(str(active.fault) for active in self.active)
