"""The verdict on each difference: which of page, assumption, fake and real service has to change."""

from __future__ import annotations

from collections.abc import Iterator

from fakekit.drift.comparison import Comparison
from fakekit.drift.findings import Difference, Finding, Severity, Verdict
from fakekit.drift.terms import DifferenceKind

_CRITICAL = (
    DifferenceKind.BODY,
    DifferenceKind.MISSING,
    DifferenceKind.NULL,
    DifferenceKind.RENAMED,
    DifferenceKind.STATUS,
    DifferenceKind.TYPE,
)
"""Differences that make most clients fail."""
_INFO = (DifferenceKind.HEADER, DifferenceKind.NEW, DifferenceKind.ORDER)
_ORDER = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)


def judge(real: Comparison, fake: Comparison) -> list[Finding]:
    """Return the findings of a run, the most severe first.

    A difference from the contract that the fake has as well is agreement, so it is none. What differs:

    - from a page: the vendor left its page;
    - from an assumption: our assumption was wrong, and the finding names it;
    - from a standard, or where nothing says anything: the page is silent, now known;
    - the fake from a page that the real service keeps: fakekit's bug.
    """
    real_differences, fake_differences = real.differences(), fake.differences()
    known = {(d.place, d.kind, d.seen) for d in fake_differences}
    findings = [_judge_real(d) for d in real_differences if (d.place, d.kind, d.seen) not in known]
    findings += _judge_fake(real, real_differences, fake_differences)
    return sorted(findings, key=lambda finding: _ORDER.index(finding.severity))


def _judge_real(difference: Difference) -> Finding:
    """Return the finding of a difference of the real service that the fake has not."""
    truth = difference.truth
    verdict = Verdict.NOW_KNOWN
    if truth is not None and truth.kind == "documented":
        verdict = Verdict.LEFT_PAGE
    elif truth is not None and truth.kind == "assumed":
        verdict = Verdict.WRONG_ASSUMPTION
    assumption = truth.source if truth is not None and verdict is Verdict.WRONG_ASSUMPTION else ""
    observed = difference.observed
    is_weak = observed.times == 1 and observed.unit == "record"
    return Finding(difference, verdict, _severity_of(difference), assumption, is_weak)


def _judge_fake(
    real: Comparison, real_differences: list[Difference], fake_differences: list[Difference]
) -> Iterator[Finding]:
    """Yield a finding for each difference of the fake from a page that the real service keeps."""
    in_real = {(d.place, d.kind) for d in real_differences}
    for difference in fake_differences:
        is_documented = difference.truth is not None and difference.truth.kind == "documented"
        place = difference.place._replace(path=difference.place.path[:-1])
        if is_documented and (difference.place, difference.kind) not in in_real and real.saw(place):
            yield Finding(difference, Verdict.OUR_BUG, _severity_of(difference))


def _severity_of(difference: Difference) -> Severity:
    """Return how much a difference affects a client, by its kind."""
    if difference.kind in _CRITICAL or difference.is_mostly_failures:
        return Severity.CRITICAL
    says_nothing = difference.kind is DifferenceKind.FORMAT and difference.truth is None
    return Severity.INFO if difference.kind in _INFO or says_nothing else Severity.WARNING
