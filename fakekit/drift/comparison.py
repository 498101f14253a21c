"""All responses of one service, compared with the contract; only shapes and counts are kept of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from fakekit.contract.assumptions import Assumptions
from fakekit.contract.endpoint import Endpoint
from fakekit.contract.provenance import Truth, assumed, standard
from fakekit.drift.compare_values import compare_values
from fakekit.drift.expected import ExpectedValue
from fakekit.drift.expected_response import INTRODUCTION, ExpectedResponse, expect_response
from fakekit.drift.findings import Difference, NotObserved, Observed, Place, Situation
from fakekit.drift.responses import ObservedResponse, is_rate_limit
from fakekit.drift.shape import Shape
from fakekit.drift.terms import EACH, ContractText, Description, DifferenceKind, FieldName, Term, status_term
from fakekit.drift.unusual_json import UNUSUAL_JSON
from fakekit.resources import ENDPOINTS

SERVICE = Place("")
"""The place of what concerns the whole service, whatever the endpoint."""
_LIMITS, _COUNT = assumed("limits.none"), assumed("list.count")
_UTF8 = standard("RFC 8259, 8.1")
_NOTABLE_HEADERS: Mapping[str, Truth | None] = {
    "deprecation": None,
    "sunset": None,
    "link": None,
    "x-ratelimit-limit": _LIMITS,
    "ratelimit": _LIMITS,
    "ratelimit-limit": _LIMITS,
}
"""Headers that say something about the API though no page has them, each with the assumption against it."""
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(eq=False)
class _Seen:
    """What was seen of the responses to one kind of request of one endpoint.

    statuses: how many had each HTTP status.
    bodies: how many had a body that is not JSON, or unusual JSON, by what is wrong with it.
    counts: how many lists had another length than their message says, and how many were compared.
    shape: of the bodies that are JSON.
    """

    expected: ExpectedResponse
    statuses: Counter[int] = field(default_factory=Counter)
    bodies: Counter[Description] = field(default_factory=Counter)
    counts: Counter[bool] = field(default_factory=Counter)
    shape: Shape = field(default_factory=Shape)


class Comparison:
    """Compares the responses of a service with the contract, as they come.

    assumptions: the values in force, which decide what the contract expects where no page says it.
    """

    def __init__(self, assumptions: Assumptions) -> None:
        self.assumptions = assumptions
        self._seen: dict[Place, _Seen] = {}
        self._service: Counter[tuple[DifferenceKind, str, tuple[Term, ...], tuple[Term, ...], Truth | None]]
        self._service = Counter()
        self._totals: Counter[tuple[DifferenceKind, str]] = Counter()
        self._failed: dict[Place, str] = {}

    @cached_property
    def endpoints(self) -> Mapping[str, Endpoint]:
        """The endpoints that there are under these assumptions, by operation."""
        found = [endpoint.under(self.assumptions) for endpoint in ENDPOINTS]
        return {endpoint.operation: endpoint for endpoint in found if endpoint is not None}

    @property
    def compared(self) -> int:
        """How many responses were compared: without those that were too long."""
        return self._totals[DifferenceKind.AVAILABILITY, ""]

    def add(self, response: ObservedResponse) -> None:
        """Compare a response, and keep only the shape of its body.

        One to a request that only observes an assumption is not compared, nor is one that is too long.

        response: its place names the endpoint and the kind of request, and has no path.
        """
        if response.place.situation is Situation.TO_OBSERVE:
            return
        if response.problem is Description.TOO_LONG:
            self._failed.setdefault(response.place, f"{response.problem} came, which is too long to compare")
            return
        self._totals[DifferenceKind.AVAILABILITY, ""] += 1
        if failure := _describe_failure(response, self.assumptions):
            seen, truth = failure
            contract = Description.NO_LIMIT if truth is _LIMITS else Description.ANSWER
            self._count(DifferenceKind.AVAILABILITY, "", (contract,), seen, truth)
            self._failed.setdefault(response.place, f"{' '.join(map(str, seen))} came")
            return
        place = response.place
        if place not in self._seen:
            endpoint = self.endpoints[place.operation]
            self._seen[place] = _Seen(expect_response(endpoint, place.situation, self.assumptions))
        seen_here = self._seen[place]
        seen_here.statuses[response.status] += 1
        if response.status // 100 != seen_here.expected.status // 100:
            return
        if seen_here.expected.body is not None:
            self._add_body(response, seen_here, seen_here.expected.body)

    def _add_body(self, response: ObservedResponse, seen: _Seen, expected: ExpectedValue) -> None:
        """Compare headers and body of a response whose status is of the expected class."""
        self._add_headers(response, seen.expected)
        seen.bodies.update(response.unusual)
        if response.problem is not None:
            seen.bodies[response.problem] += 1
            return
        seen.shape.add(response.value, expected)
        count = _count_of_message(response.value, seen.expected.list_key)
        if count is not None:
            seen.counts[count] += 1

    def _add_headers(self, response: ObservedResponse, expected: ExpectedResponse) -> None:
        """Compare the headers that matter: those that the contract has, and a few that say something."""
        headers = response.headers
        self._totals[DifferenceKind.CHARSET, "content-type"] += 1
        if response.charset_problem:
            sides = (Description.UTF8,), (Description.OTHER_CHARSET,)
            self._count(DifferenceKind.CHARSET, "content-type", *sides, _UTF8)
        self._totals[DifferenceKind.MEDIA_TYPE, "content-type"] += 1
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        if response.problem is None and media_type != "application/json":
            contract = (ContractText("application/json"),)
            other = (Description.OTHER_MEDIA_TYPE if media_type else Description.ABSENT,)
            self._count(DifferenceKind.MEDIA_TYPE, "content-type", contract, other, INTRODUCTION)
        present, absent = (Description.PRESENT,), (Description.ABSENT,)
        for name, truth in expected.headers.items():
            self._totals[DifferenceKind.HEADER, name] += 1
            if name not in headers:
                self._count(DifferenceKind.HEADER, name, present, absent, truth)
        for name, assumption in _NOTABLE_HEADERS.items():
            self._totals[DifferenceKind.HEADER, name] += 1
            if name in headers:
                self._count(DifferenceKind.HEADER, name, absent, present, assumption)

    def _count(
        self,
        kind: DifferenceKind,
        name: str,
        contract: tuple[Term, ...],
        seen: tuple[Term, ...],
        truth: Truth | None,
    ) -> None:
        """Count a difference that is reported once for the whole service."""
        self._service[kind, name, contract, seen, truth] += 1

    def differences(self) -> list[Difference]:
        """Return the differences of all responses so far."""
        found = [
            Difference(
                SERVICE._replace(path=(FieldName(name, {name}),) if name else ()),
                kind,
                contract,
                seen,
                Observed(times, self._totals[kind, name]),
                truth,
            )
            for (kind, name, contract, seen, truth), times in self._service.items()
        ]
        for place, seen_here in self._seen.items():
            found += _compare_seen(place, seen_here)
        return found

    def not_observed(self) -> list[NotObserved]:
        """Return what no response showed: lists that were empty, and requests that all failed."""
        found = [NotObserved(p, why) for p, why in self._failed.items() if p not in self._seen]
        for place, seen in self._seen.items():
            data = seen.shape.fields.get("data", Shape())
            for key, shape in data.fields.items():
                if shape.total and shape.item is None and not shape.fields:
                    path = (FieldName("data"), FieldName(key, {key}))
                    expected = seen.expected.body.fields["data"].fields if seen.expected.body else {}
                    if key in expected and expected[key].item is not None:
                        found.append(NotObserved(place._replace(path=path), "the list was empty"))
        return found

    def saw(self, place: Place) -> bool:
        """Return whether a value was seen at a place of a body."""
        seen = self._seen.get(place._replace(path=()))
        shape: Shape | None = seen.shape if seen is not None else None
        for name in place.path:
            if shape is None:
                return False
            shape = shape.item if name == EACH else shape.fields.get(name)
        return shape is not None and shape.total > 0


def _describe_failure(
    response: ObservedResponse, assumptions: Assumptions
) -> tuple[tuple[Term, ...], Truth | None] | None:
    """Return what came instead of an answer, and the assumption against it; None for an answer.

    assumptions: the values in force.
    """
    if response.status == 0:
        return (response.problem or Description.BROKEN,), None
    if is_rate_limit(response, assumptions):
        return (Description.RATE_LIMIT,), _LIMITS
    return ((status_term(response.status),), None) if response.status >= 500 else None


def _count_of_message(value: object, list_key: str) -> bool | None:
    """Return whether the number in a message is the length of the list; None without both."""
    document = value if isinstance(value, dict) else {}
    message, data = document.get("message"), document.get("data")
    digits = "".join(filter(str.isdecimal, message)) if isinstance(message, str) else ""
    records = data.get(list_key) if isinstance(data, dict) else None
    return int(digits) == len(records) if isinstance(records, list) and 0 < len(digits) < 10 else None


def _compare_seen(place: Place, seen: _Seen) -> Iterator[Difference]:
    """Yield the differences of the responses to one kind of request of one endpoint."""
    expected, total = seen.expected, seen.statuses.total()
    other_statuses = {status for status in seen.statuses if status != expected.status}
    for status in sorted(other_statuses):
        redirect = (Description.REDIRECT,) if status in _REDIRECTS else ()
        yield Difference(
            place,
            DifferenceKind.STATUS,
            (status_term(expected.status),),
            (*redirect, status_term(status)),
            Observed(seen.statuses[status], total),
            expected.status_truth,
        )
    for problem, times in seen.bodies.items():
        is_json = problem in UNUSUAL_JSON
        yield Difference(
            place,
            DifferenceKind.UNUSUAL_JSON if is_json else DifferenceKind.BODY,
            (Description.USUAL_JSON if is_json else Description.JSON,),
            (problem,),
            Observed(times, total),
            UNUSUAL_JSON[problem] if is_json else _truth_of_body(place, expected),
        )
    if expected.body is not None and seen.shape.total:
        for difference in compare_values(expected.body, seen.shape, place):
            # A body that repeats another HTTP status says nothing new.
            repeats = difference.kind is DifferenceKind.STATUS and difference.seen[0] in other_statuses
            if not repeats:
                yield difference
    if times := seen.counts[False]:
        message = place._replace(path=(FieldName("message"),))
        contract, other = (Description.RECORD_COUNT,), (Description.OTHER_NUMBER,)
        observed = Observed(times, seen.counts.total())
        yield Difference(message, DifferenceKind.COUNT, contract, other, observed, _COUNT)


def _truth_of_body(place: Place, expected: ExpectedResponse) -> Truth:
    """Return the provenance of a body being JSON.

    It is the page that says so of every response; of an error that no page shows, the assumption on it.
    """
    truth = expected.body.truth if expected.body is not None else None
    if truth is None or truth.kind != "assumed" or place.situation is Situation.WITH_KEY:
        return INTRODUCTION
    return truth
