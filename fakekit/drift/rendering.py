"""A report as text for a terminal, as JSON, Markdown or JUnit's XML."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from json import dumps
from xml.etree import ElementTree

from fakekit.drift.findings import AssumptionResult, Finding, NotObserved, Outcome, Report
from fakekit.drift.known_findings import UsedContract
from fakekit.drift.terms import ContractText, Description, Term

COLUMNS = 80
_MOST_TERMS = 5


def describe_terms(terms: Sequence[Term]) -> str:
    """Return one side of a difference in words: ``"paid", "partial" or "draft"``, ``a redirect, 302``."""
    if terms[:1] == (Description.REDIRECT,):
        return ", ".join(map(str, terms))
    words = [f'"{term}"' if isinstance(term, ContractText) else str(term) for term in terms]
    if len(words) > _MOST_TERMS:
        words = [*words[:_MOST_TERMS], f"{len(words) - _MOST_TERMS} more"]
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def describe_difference(finding: Finding) -> str:
    """Return what differs in a sentence: ``the contract says text; seen null in 40 of 40 records``."""
    difference = finding.difference
    weak = "; weak: only one record shows it" if finding.is_weak else ""
    says, seen = describe_terms(difference.contract), describe_terms(difference.seen)
    return f"the contract says {says}; seen {seen} in {difference.observed}{weak}"


def describe_verdict(finding: Finding) -> str:
    """Return the verdict of a finding, with the assumption or the page that it concerns."""
    truth = finding.difference.truth
    source = finding.assumption or (truth.source if truth is not None else "")
    return f"{finding.verdict} ({source})" if source else str(finding.verdict)


def _describe_results(results: Sequence[AssumptionResult]) -> Iterator[str]:
    """Yield what a run says about assumptions, a line for each outcome; then what would show the others.

    For example ``refuted: missing.status (found 400)``. Nothing where none was observed.
    """
    if all(result.outcome is Outcome.NOT_OBSERVED for result in results):
        return
    for outcome in (Outcome.REFUTED, Outcome.CONFIRMED, Outcome.NOT_OBSERVED):
        names = [f"{r.name}{_describe_found(r)}" for r in results if r.outcome is outcome and not r.needs]
        if names:
            yield f"{outcome}: {', '.join(names)}"
    for needs in dict.fromkeys(result.needs for result in results if result.needs):
        names = [result.name for result in results if result.needs == needs]
        yield f"{Outcome.NOT_OBSERVED}: {', '.join(names)}; needs {needs}"


def _describe_found(result: AssumptionResult) -> str:
    """Return the value that refutes an assumption, in parentheses; empty where there is none to show."""
    value = str(result.shown).lower() if isinstance(result.shown, bool) else result.shown
    return f" (found {value})" if result.outcome is Outcome.REFUTED and value is not None else ""


def _describe_not_observed(item: NotObserved) -> str:
    """Return what a run could not look at, and why."""
    where = " ".join(filter(None, [item.place.operation, item.place.path_text]))
    return f"{where} ({item.place.situation}): {item.reason}"


def _summary(report: Report) -> str:
    """Return the first line of a report: ``127.0.0.1: 25 requests, no finding``."""
    count = len(report.findings)
    findings = f"{count} finding{'' if count == 1 else 's'}" if count else "no finding"
    known = f", {len(report.accepted)} known" if report.accepted else ""
    return f"{report.host}: {report.requests} request{'' if report.requests == 1 else 's'}, {findings}{known}"


def as_text(report: Report, used: UsedContract) -> str:
    """Return a report for a terminal of 80 columns; findings with the same verdict stand together."""
    lines = [_summary(report)]
    groups: dict[str, list[Finding]] = {}
    for finding in report.findings:
        mark = " (used by your tests)" if used.uses(finding) else ""
        title = f"{finding.severity}: {describe_verdict(finding)}{mark}"
        groups.setdefault(title, []).append(finding)
    for title, findings in groups.items():
        lines += ["", *_wrap(title, "", "    ")]
        for finding in findings:
            lines += _wrap(finding.title, "    ", "      ")
            lines += _wrap(describe_difference(finding), "      ", "      ")
    for title, items in _lists(report):
        lines += ["", f"{title}:"]
        for item in items:
            lines += _wrap(item, "    ", "      ")
    return "\n".join(lines) + "\n"


def _wrap(text: str, first: str, rest: str) -> list[str]:
    """Return a text in lines of at most 80 columns; first, rest: what they begin with."""
    return textwrap.wrap(text, COLUMNS, initial_indent=first, subsequent_indent=rest)


def _lists(report: Report) -> Iterator[tuple[str, list[str]]]:
    """Yield the title and the items of each further list of a report that is not empty."""
    yield from (
        (title, items)
        for title, items in (
            ("known findings, which do not count", [f.identity for f in report.accepted]),
            ("not observed", [_describe_not_observed(item) for item in report.not_observed]),
            ("assumptions", list(_describe_results(report.assumptions))),
        )
        if items
    )


def as_json(report: Report, used: UsedContract) -> str:
    """Return a report as JSON, with the identities that accept lists and ``--baseline`` use."""
    content = {
        "host": report.host,
        "requests": report.requests,
        "findings": [_finding_as_json(finding, used) for finding in report.findings],
        "accepted": [_finding_as_json(finding, used) for finding in report.accepted],
        "assumptions": [r._asdict() | {"found": r.shown} for r in report.assumptions],
        "not_observed": [
            {
                "operation": item.place.operation,
                "situation": item.place.situation,
                "path": item.place.path_text,
                "reason": item.reason,
            }
            for item in report.not_observed
        ],
    }
    return dumps(content, indent=2) + "\n"


def _finding_as_json(finding: Finding, used: UsedContract) -> dict[str, object]:
    """Return a finding as a JSON object."""
    difference = finding.difference
    return {
        "identity": finding.identity,
        "severity": finding.severity,
        "verdict": finding.verdict,
        "assumption": finding.assumption or None,
        "operation": difference.place.operation,
        "situation": difference.place.situation,
        "path": difference.place.path_text,
        "kind": difference.kind,
        "contract": list(difference.contract),
        "seen": list(difference.seen),
        "source": str(difference.truth) if difference.truth is not None else None,
        "times": difference.observed.times,
        "total": difference.observed.total,
        "unit": difference.observed.unit,
        "weak": finding.is_weak,
        "used": used.uses(finding),
    }


def as_markdown(report: Report, used: UsedContract) -> str:
    """Return a report in Markdown, for an issue or the summary of a CI job."""
    lines = [f"**{_summary(report)}**", ""]
    if report.findings:
        lines += ["| severity | finding | what | verdict |", "| --- | --- | --- | --- |"]
        for finding in report.findings:
            mark = " **used**" if used.uses(finding) else ""
            cells = finding.title, describe_difference(finding), describe_verdict(finding)
            lines.append(f"| {finding.severity}{mark} | `{cells[0]}` | {cells[1]} | {cells[2]} |")
        lines += ["", *_accept_list(report.findings)]
    for title, items in _lists(report):
        lines += [f"{title[0].upper()}{title[1:]}:", "", *[f"- {item}" for item in items], ""]
    return "\n".join(lines)


def _accept_list(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield the lines of an accept list with these findings, folded, without a reason and a last day."""
    yield from ("<details><summary>Entries for --accept</summary>", "", "```toml")
    for finding in findings:
        yield from ("[[accept]]", f"finding = {dumps(finding.identity)}", 'reason = ""', 'until = ""', "")
    yield from ("```", "", "</details>", "")


def as_junit(report: Report, used: UsedContract) -> str:
    """Return a report as JUnit's XML: a failed test for each finding, a skipped one for what was not seen.

    A report with none of these has one test that passed, as most readers take an empty file for an error.
    """
    suite = ElementTree.Element("testsuite", name="fakekit drift", errors="0")
    for finding in report.findings:
        case = _add_case(suite, finding)
        text = f"{describe_difference(finding)}; {describe_verdict(finding)}"
        failure = ElementTree.SubElement(case, "failure", type=str(finding.severity), message=text)
        failure.text = "used by your tests" if used.uses(finding) else None
    for item in report.not_observed:
        name = _describe_not_observed(item)
        case = ElementTree.SubElement(suite, "testcase", classname="fakekit.drift", name=name)
        ElementTree.SubElement(case, "skipped", message=item.reason)
    for finding in report.accepted:
        _add_case(suite, finding)
    if not report.findings:
        ElementTree.SubElement(suite, "testcase", classname="fakekit.drift", name="the contract")
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(report.findings)))
    suite.set("skipped", str(len(report.not_observed)))
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _add_case(suite: ElementTree.Element, finding: Finding) -> ElementTree.Element:
    """Add the test of a finding to a suite, and return it."""
    operation = finding.difference.place.operation or "service"
    return ElementTree.SubElement(
        suite, "testcase", classname=f"fakekit.drift.{operation}", name=finding.identity
    )


RENDERINGS: Mapping[str, Callable[[Report, UsedContract], str]] = {
    "text": as_text,
    "json": as_json,
    "markdown": as_markdown,
    "junit": as_junit,
}
"""The functions that render a report, by the value of ``--format``."""
