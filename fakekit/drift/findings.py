"""What a comparison results in: differences, findings with a verdict, and the report of a run.

No value of a record can be part of them: see `fakekit.drift.terms`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from fakekit.contract.assumptions import TEXT
from fakekit.contract.positions import DEFAULTS
from fakekit.contract.provenance import Truth
from fakekit.drift.terms import EACH, Description, DifferenceKind, FieldName, Term


class Situation(StrEnum):
    """The kind of request that a response answered."""

    WITH_KEY = "with the key"
    NO_KEY = "without a key"
    MADE_UP_KEY = "with a made-up key"
    NO_RECORD = "for a record that does not exist"
    NO_PATH = "for a path that does not exist"
    TO_OBSERVE = "to observe an assumption"
    INVALID = "with values that are refused"


class Verdict(StrEnum):
    """Who has to change: the vendor's page, our assumption, fakekit, or what we know."""

    LEFT_PAGE = "the vendor left its page"
    WRONG_ASSUMPTION = "our assumption was wrong"
    OUR_BUG = "fakekit's bug"
    NOW_KNOWN = "the page is silent, now known"


class Severity(StrEnum):
    """How much a client of the API is affected."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Place(NamedTuple):
    """Where a response differs.

    operation: the endpoint's name: ``list_customers``; empty for what concerns the whole service.
    situation: the kind of request.
    path: the keys to the value in the body, with ``[]`` for each record of a list, or the name of a
        header; empty for the body or the response itself.
    """

    operation: str
    situation: Situation = Situation.WITH_KEY
    path: tuple[FieldName, ...] = ()

    @property
    def path_text(self) -> str:
        """The path as text, ``data.customers[].id``; empty where there is none."""
        return ".".join(self.path).replace(f".{EACH}", EACH)


class Observed(NamedTuple):
    """How much was seen of a difference: ``40 of 40 records``.

    times: in how many records or responses it was seen.
    total: how many were looked at.
    unit: what they are, in the singular: ``record`` or ``response``.
    """

    times: int
    total: int
    unit: str = "response"

    def __str__(self) -> str:
        """Return the count in words."""
        return f"{self.times:,} of {self.total:,} {self.unit}{'' if self.total == 1 else 's'}"


class Difference(NamedTuple):
    """One way in which responses of a service differ from the contract.

    place: where.
    kind: what differs.
    contract: what the contract says there, one term or several alternatives.
    seen: what came instead.
    observed: how often.
    truth: the provenance of what the contract says; None where neither a page nor an assumption says it.
    """

    place: Place
    kind: DifferenceKind
    contract: tuple[Term, ...]
    seen: tuple[Term, ...]
    observed: Observed
    truth: Truth | None = None

    @property
    def is_mostly_failures(self) -> bool:
        """Whether most responses of the service were failures, so that little could be compared."""
        return self.kind is DifferenceKind.AVAILABILITY and self.observed.times * 2 > self.observed.total


class Finding(NamedTuple):
    """A difference, and what follows from it.

    assumption: the name of the assumption that it concerns; empty for none.
    is_weak: whether only one record or response shows it.
    """

    difference: Difference
    verdict: Verdict
    severity: Severity
    assumption: str = ""
    is_weak: bool = False

    @property
    def identity(self) -> str:
        """What an accept list and a baseline have: the place, what differs there, and what was seen.

        How often it was seen, and what the contract says, is not part of it.
        """
        return f"{self.title}: {', '.join(map(str, self.difference.seen))}"

    @property
    def title(self) -> str:
        """Where the finding is, and what differs there: ``list_customers: data.customers[].id: type``."""
        place = self.difference.place
        situation = "" if place.situation is Situation.WITH_KEY else f" {place.situation}"
        parts = [f"{place.operation or 'service'}{situation}", place.path_text, self.difference.kind]
        return ": ".join(part for part in parts if part)


class Outcome(StrEnum):
    """What a run says about an assumption."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    NOT_OBSERVED = "not observed"


class AssumptionResult(NamedTuple):
    """What a run says about one assumption.

    name: of the assumption: ``missing.status``.
    outcome: whether the service does what fakekit assumed.
    found: the value that the service has, one of those that the assumption allows; None for a rule, and where
        it is none of them, or was not observed. It may be a text of the service: reports have `shown`.
    """

    name: str
    outcome: Outcome
    found: int | str | None = None
    needs: str = ""

    @property
    def shown(self) -> int | str | None:
        """What reports have in the place of the value that was found: no text that the service made up."""
        if self.found is not None and DEFAULTS.table[self.name].allowed is TEXT:
            is_known = self.found == DEFAULTS[self.name]
            return self.found if is_known else Description.OTHER_TEXT
        return self.found


class NotObserved(NamedTuple):
    """Something that a run could not look at.

    place: the operation and the kind of request.
    reason: why, in our own words: ``the list was empty``.
    """

    place: Place
    reason: str


class Report(NamedTuple):
    """The result of a run.

    host: of the service.
    requests: how many requests were made.
    findings: the most important first.
    accepted: findings that the accept list or the baseline has, and which do not count.
    assumptions: a result for each assumption that the run could have observed.
    not_observed: what the run could not look at.
    """

    host: str
    requests: int
    findings: tuple[Finding, ...] = ()
    accepted: tuple[Finding, ...] = ()
    assumptions: tuple[AssumptionResult, ...] = ()
    not_observed: tuple[NotObserved, ...] = ()
