"""What a run prints about the guard: stopped calls in a test's report, and lines at the end of the run."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence

import pytest

from fakekit.intercept.guard import StoppedCall
from fakekit.pytest_plugin.report import fail_report

MAX_LISTED = 10
"""How many stopped calls a report lists, and how many allowed tests; the rest are counted."""

_OUTSIDE_SUGGESTION = (
    "Make the call in a test, or in a function-scoped fixture of one, that is marked "
    "@pytest.mark.fakekit(intercept=True) or allow_real=True; or give that code a fakekit.FakeServer."
)


_UNWATCHED = {
    "pycurl": "it connects by itself",
    "uvloop": "it looks names up and connects by itself; HTTPS is stopped before TLS",
    "gevent.resolver.cares": "it asks the name servers by itself",
    "gevent.resolver.dnspython": "it asks the name servers by itself",
}
"""Modules whose calls for the vendor's hosts are not stopped, and why; see the page on intercept."""


def module_lines(modules: Container[str]) -> Iterator[str]:
    """Yield a line of the header for each module whose calls the guard does not see.

    modules: the names of the modules that are imported.
    """
    for name, reason in _UNWATCHED.items():
        if name in modules:
            yield f"fakekit: the guard does not watch {name}: {reason}"


def fail_stopped(report: pytest.TestReport, stopped: Sequence[StoppedCall]) -> None:
    """Turn a report into that of a failure whose message lists the stopped calls and what to do.

    A report that has failed already keeps its message, and gets the list as a section.

    report: it is changed.
    stopped: the calls of its test that were stopped; at least one.
    """
    suggestions = dict.fromkeys(call.suggestion for call in stopped)
    text = "\n".join([_format_counts([str(call) for call in stopped]), *suggestions])
    message = "this test called the real XtraKit service and was stopped"
    fail_report(report, "fakekit: stopped", message, text)


def add_not_redirected(report: pytest.TestReport, skip_reasons: Mapping[str, str]) -> None:
    """Add a section to the report of an intercepted test: whose calls were not redirected; none without.

    report: it is changed.
    skip_reasons: as `PatchSet.skip_reasons`.
    """
    lines = [f"what uses {path} is not redirected: {reason}" for path, reason in skip_reasons.items()]
    if lines:
        report.sections.append(("fakekit: intercept", "\n".join(lines)))


def allowed_lines(allowed: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield a line for each test with ``allow_real``, at most `MAX_LISTED` of them; the rest are counted.

    allowed: by the test's node id, the vendor's hosts that it called.
    """
    for test, hosts in list(allowed.items())[:MAX_LISTED]:
        called = f"called {', '.join(hosts)}" if hosts else "did not call it"
        yield f"fakekit: allow_real: {test} may call the real XtraKit service, and {called}"
    if len(allowed) > MAX_LISTED:
        yield f"fakekit: allow_real: ... and {len(allowed) - MAX_LISTED:,} more"


def session_lines(calls: Sequence[str]) -> Iterator[str]:
    """Yield the lines about calls that were stopped outside of tests, and what to do; none without calls.

    calls: each as a line: ``conftest.py:4: app.xtrakit.com, stopped before connecting``.
    """
    if calls:
        yield "fakekit: the real XtraKit service was called outside of any test; this was stopped:"
        yield _format_counts(calls)
        yield f"fakekit: so the run fails. {_OUTSIDE_SUGGESTION}"


def _format_counts(calls: Sequence[str]) -> str:
    """Return the calls as indented lines, equal ones once with their number.

    At most `MAX_LISTED` are listed, then a line says how many more there are; empty without calls.

    calls: a line for each stopped call.
    """
    counts = {line: calls.count(line) for line in calls}
    lines = [f"  {line}" + (f" ({count} times)" if count > 1 else "") for line, count in counts.items()]
    if len(lines) > MAX_LISTED:
        lines[MAX_LISTED:] = [f"  ... and {len(lines) - MAX_LISTED:,} more"]
    return "\n".join(lines)
