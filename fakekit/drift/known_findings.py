"""Findings that do not count, by an accept list or an earlier report, and the order of the others."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from json import loads
from pathlib import Path
from typing import Any, NamedTuple

from fakekit.drift.findings import Finding, Report
from fakekit.errors import Problem, SettingsError, show


class AcceptedFinding(NamedTuple):
    """An entry of an accept list.

    finding: the `Finding.identity`; another finding at the same place counts.
    reason: why it does not count.
    until: the last day on which it does not count.
    """

    finding: str
    reason: str
    until: date


def read_accept_list(file: Path) -> list[AcceptedFinding]:
    """Read an accept list, a TOML file with a table ``[[accept]]`` for each finding.

    Raises `SettingsError` for a file that cannot be read, and for an entry without finding, reason or until.
    """
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(Problem(str(file), f"cannot be read: {error}")) from None
    entries = content.get("accept", [])
    if list(content) != ["accept"] or not isinstance(entries, list):
        description = "is no accept list, which has a table for each finding"
        raise SettingsError(Problem(str(file), description, "", "[[accept]]"))
    return [_read_entry(entry, f"{file}: accept[{n}]") for n, entry in enumerate(entries)]


def _read_entry(entry: Any, where: str) -> AcceptedFinding:
    """Return an entry of an accept list. Raises `SettingsError`. where: the entry, for the error."""
    keys = set(entry) if isinstance(entry, dict) else set()
    if keys != set(AcceptedFinding._fields):
        found = ", ".join(sorted(keys)) or "nothing"
        raise SettingsError(Problem(where, "must have finding, reason and until, and nothing else", found))
    accepted = AcceptedFinding(**entry)
    for name in ("finding", "reason"):
        if not isinstance(entry[name], str) or not entry[name].strip():
            raise SettingsError(Problem(f"{where}: {name}", "must be text", show(entry[name])))
    if type(accepted.until) is not date:
        problem = Problem(
            f"{where}: until", "must be a date without quotes", show(str(accepted.until)), "2027-01-31"
        )
        raise SettingsError(problem)
    return accepted


def read_baseline(file: Path) -> frozenset[str]:
    """Return the `Finding.identity` of each finding in a report that ``fakekit drift --format json`` wrote.

    Raises `SettingsError` for any other file.
    """
    try:
        content = loads(file.read_text("utf-8"))
        return frozenset(str(finding["identity"]) for finding in content["findings"])
    except OSError as error:
        raise SettingsError(Problem(str(file), f"cannot be read: {error.strerror}")) from None
    except (ValueError, KeyError, TypeError):
        description = "is no report of fakekit drift"
        cure = "fakekit drift BASE_URL --format json > FILE"
        raise SettingsError(Problem(str(file), description, "", cure)) from None


class UsedContract(NamedTuple):
    """What a suite of tests used: the file of ``pytest --fakekit-ledger-file``.

    operations: the names of endpoints. assumptions: the names of assumptions.
    """

    operations: frozenset[str]
    assumptions: frozenset[str]

    def uses(self, finding: Finding) -> bool:
        """Return whether a finding concerns what the suite used."""
        return finding.difference.place.operation in self.operations or finding.assumption in self.assumptions


NOTHING_USED = UsedContract(frozenset(), frozenset())


def read_used(file: Path) -> UsedContract:
    """Return what a suite used. Raises `SettingsError` for a file that pytest did not write."""
    try:
        content: Mapping[str, Any] = loads(file.read_text("utf-8"))
        return UsedContract(frozenset(content["operations"]), frozenset(content["assumptions"]))
    except OSError as error:
        raise SettingsError(Problem(str(file), f"cannot be read: {error.strerror}")) from None
    except (ValueError, KeyError, TypeError):
        cure = "pytest --fakekit-ledger-file FILE"
        raise SettingsError(Problem(str(file), "is no ledger file of pytest", "", cure)) from None


def set_aside(
    report: Report, accepted: Collection[AcceptedFinding], baseline: Collection[str], today: date
) -> Report:
    """Return the report with the findings that do not count in `Report.accepted`.

    Failures of most responses always count, since little else was compared then.

    accepted: the entries of the accept list; one whose last day is over has no effect.
    baseline: the `Finding.identity` of each finding that was there before.
    """
    known = {*baseline, *(entry.finding for entry in accepted if today <= entry.until)}

    def is_known(finding: Finding) -> bool:
        """Return whether a finding does not count."""
        return finding.identity in known and not finding.difference.is_mostly_failures

    counted = tuple(finding for finding in report.findings if not is_known(finding))
    others = tuple(finding for finding in report.findings if is_known(finding))
    return report._replace(findings=counted, accepted=(*report.accepted, *others))


def find_unused(
    report: Report, accepted: Collection[AcceptedFinding], today: date
) -> Iterator[AcceptedFinding]:
    """Yield the entries of an accept list without a finding in this run, and whose last day is not over."""
    found = {finding.identity for finding in (*report.findings, *report.accepted)}
    yield from (entry for entry in accepted if today <= entry.until and entry.finding not in found)


def put_used_first(report: Report, used: UsedContract) -> Report:
    """Return the report with the findings first that concern what a suite used."""
    findings = sorted(report.findings, key=lambda finding: not used.uses(finding))
    return report._replace(findings=tuple(findings))
