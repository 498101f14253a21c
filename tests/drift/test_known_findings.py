"""Which findings of a run an earlier report and an accept list take out."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from fakekit.drift.findings import Difference, Finding, Observed, Place, Report, Severity, Verdict
from fakekit.drift.known_findings import NOTHING_USED, AcceptedFinding, find_unused, read_baseline, set_aside
from fakekit.drift.rendering import as_json
from fakekit.drift.terms import Description, DifferenceKind, Term, status_term

TODAY = date(2026, 11, 27)


def finding(kind: DifferenceKind, contract: Term, seen: Term, times: int) -> Finding:
    """A finding on the list of customers, seen in some of 25 responses."""
    difference = Difference(Place("list_customers"), kind, (contract,), (seen,), Observed(times, 25))
    return Finding(difference, Verdict.LEFT_PAGE, Severity.CRITICAL)


def failures(times: int) -> Finding:
    """Responses with a 503."""
    return finding(DifferenceKind.AVAILABILITY, Description.ANSWER, status_term(503), times)


def status(seen: int) -> Finding:
    """A response with another status than 200."""
    return finding(DifferenceKind.STATUS, status_term(200), status_term(seen), 1)


def new_since(baseline: Finding, now: Finding, file: Path) -> tuple[Finding, ...]:
    """The findings that count in a run, with the report of an earlier one as its baseline."""
    file.write_text(as_json(Report("127.0.0.1", 25, (baseline,)), NOTHING_USED))
    assert len(json.loads(file.read_text())["findings"]) == 1
    return set_aside(Report("127.0.0.1", 25, (now,)), (), read_baseline(file), TODAY).findings


def test_what_a_baseline_did_not_see_there_is_new(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    assert new_since(status(201), status(201), file) == ()
    assert new_since(status(201), status(302), file) == (status(302),)


def test_an_entry_accepts_what_it_was_written_for_and_is_unused_without_it() -> None:
    report = Report("127.0.0.1", 25, (status(201), status(302)))
    entry = AcceptedFinding("list_customers: status: 201", "ticket 4711", TODAY)
    for text in ("list_customers: status", "list_customers: status: 204"):
        other = entry._replace(finding=text)
        assert set_aside(report, [other], (), TODAY).findings == (status(201), status(302))
        assert list(find_unused(report, [other], TODAY)) == [other]
    counted = set_aside(report, [entry], (), TODAY)
    assert (counted.findings, counted.accepted) == ((status(302),), (status(201),))
    assert list(find_unused(counted, [entry], TODAY)) == []


def test_failures_of_most_responses_always_count(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    assert new_since(failures(1), failures(12), file) == ()
    assert new_since(failures(1), failures(24), file) == (failures(24),)
    accepted = [AcceptedFinding("list_customers: availability: 503", "it is slow today", TODAY)]
    report = Report("127.0.0.1", 25, (failures(24),))
    assert set_aside(report, accepted, (), TODAY).findings == (failures(24),)
