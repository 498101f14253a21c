"""What keeps a pytest session from the real service, and leads a marked test's calls to the fake.

`install` is called as early as a plugin can be, before any conftest is imported. Nothing but small modules of
fakekit's own is imported until a test is marked with ``intercept``.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest

from fakekit.intercept.guard import EXEC_PORT, Allow, Guard
from fakekit.intercept.seam import SEAM
from fakekit.pytest_session import OTHER_WORDS

MARK = (
    "fakekit(intercept=..., allow_real=...): what becomes of this test's calls for the real service: led to "
    "the fake, or let through; see fakekit's docs/intercept.md"
)

WORDS = OTHER_WORDS

_FIXTURE = "_fakekit_intercept"

_GUARD = pytest.StashKey[Guard]()

WAYS_OUTSIDE = (
    "Make the call in a test, or in a function-scoped fixture of one, that is marked "
    "@pytest.mark.fakekit(intercept=True) or allow_real=True; or give that code a fakekit.FakeServer."
)

LISTED = 10
"""How many stopped calls a report lists, and how many allowed tests; the rest are counted."""


def install(config: pytest.Config) -> None:
    """Guard this session from now on; again does nothing more."""
    if _GUARD not in config.stash:
        port = os.environ.get(EXEC_PORT, "")
        guard = config.stash[_GUARD] = Guard(int(port) if port.isdecimal() else None)
        SEAM.install(guard)
        config.add_cleanup(lambda: SEAM.remove(guard))


def configure(config: pytest.Config) -> None:
    """Make the mark's words known, and register what reports and leads."""
    install(config)
    config.addinivalue_line("markers", MARK)
    config.pluginmanager.register(_GuardPlugin(config.stash[_GUARD]), "fakekit-guard")


def way_of(item: pytest.Item) -> tuple[str, Any]:
    """Which of `WORDS` the closest mark that has one says, and its value: ("", None) where none does.

    Raises ValueError for what cannot be meant.
    """
    for mark in item.iter_markers("fakekit"):
        said = {word: mark.kwargs[word] for word in WORDS if word in mark.kwargs}
        _check(said)
        for word, value in said.items():
            if value:
                return word, value
        if said:
            break
    return "", None


def _is_marked(item: pytest.Item) -> bool:
    return any(word in mark.kwargs for mark in item.iter_markers("fakekit") for word in WORDS)


def _wider(item: pytest.Item, names: Sequence[str]) -> int:
    """How many fixtures of a test come before those of the function's scope: they belong to no one test."""
    known = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    for place, name in enumerate(names):
        if name not in known or known[name][-1].scope == "function":
            return place
    return len(names)


def _check(said: Mapping[str, Any]) -> None:
    where = "@pytest.mark.fakekit"
    if not isinstance(said.get("intercept", False), bool) and said["intercept"] != "strict":
        raise ValueError(f"{where}: intercept: must be True, False or 'strict'; found {said['intercept']!r}")
    if not isinstance(said.get("allow_real", False), bool):
        raise ValueError(f"{where}: allow_real: must be True or False; found {said['allow_real']!r}")
    if len([value for value in said.values() if value]) > 1:
        raise ValueError(f"{where}: intercept and allow_real exclude each other; write one of them")


class _GuardPlugin:
    """The hooks of one session."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        self.outside: list[str] = []
        self.allowed: dict[str, Sequence[str]] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Give the marked tests the fixture; an autouse one would cost every other test a little."""
        for item in items:
            names: list[str] | None = getattr(item, "fixturenames", None)
            if names is not None and _FIXTURE not in names and _is_marked(item):
                names.insert(_wider(item, names), _FIXTURE)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Know which test is running; let it through where it is marked so."""
        SEAM.reach(anew=True)
        self._keep(self.guard.taken(""))
        self.guard.test = item.nodeid
        try:
            with self._allowing(item):
                return (yield)
        finally:
            self.guard.test = ""
            self._keep(self.guard.taken(item.nodeid), item.nodeid)  # by a thread, after the last report

    @contextmanager
    def _allowing(self, item: pytest.Item) -> Iterator[None]:
        try:
            allowed = way_of(item)[0] == "allow_real"
        except ValueError:  # the fixture tells it
            allowed = False
        if not allowed:
            yield
            return
        rule = item.stash[_ALLOWED] = Allow()
        try:
            with SEAM.installed(rule):
                yield
        finally:
            rule.close()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Fail the test whose code was stopped, whatever became of the exception."""
        report = yield
        stopped = self.guard.taken(item.nodeid)
        if stopped:
            cures = dict.fromkeys(one.cure for one in stopped)
            text = "\n".join([_told([str(one) for one in stopped]), *cures])
            if report.failed:
                report.sections.append(("fakekit: stopped", text))
            else:
                report.outcome = "failed"
                report.longrepr = (
                    f"fakekit: this test called the real XtraKit service and was stopped:\n{text}"
                )
                if hasattr(report, "wasxfail"):
                    del report.wasxfail
        if report.when == "teardown" and _ALLOWED in item.stash:
            report.fakekit_allowed = sorted(item.stash[_ALLOWED].hosts)  # type: ignore[attr-defined]
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect from every report, also those of xdist's workers, who was allowed what."""
        if hasattr(report, "fakekit_allowed"):
            self.allowed[report.nodeid] = report.fakekit_allowed

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """Fail a run in which a call was stopped outside of any test.

        After every conftest's own hook of this kind, and before xdist's worker and the terminal report.
        """
        ended = yield
        self._keep(self.guard.taken(""))
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["fakekit_outside"] = self.outside
        if self.outside and session.exitstatus in (0, 5):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        return ended

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """One of xdist's workers is done: what it stopped."""
        for line in getattr(node, "workeroutput", {}).get("fakekit_outside", ()):
            if line not in self.outside:
                self.outside.append(line)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Who was allowed what, and what was stopped outside of tests."""
        write = terminalreporter.write_line
        for test, hosts in list(self.allowed.items())[:LISTED]:
            called = f"called {', '.join(hosts)}" if hosts else "did not call it"
            write(f"fakekit: allow_real: {test} may call the real XtraKit service, and {called}", yellow=True)
        if len(self.allowed) > LISTED:
            write(f"fakekit: allow_real: ... and {len(self.allowed) - LISTED:,} more", yellow=True)
        if self.outside:
            write(
                "fakekit: the real XtraKit service was called outside of any test; this was stopped:",
                red=True,
            )
            write(_told(self.outside), red=True)
            write(f"fakekit: so the run fails. {WAYS_OUTSIDE}", red=True)

    @pytest.fixture
    def _fakekit_intercept(self, request: pytest.FixtureRequest) -> Iterator[None]:
        """Lead what a marked test calls to its account."""
        try:
            word, value = way_of(request.node)
        except ValueError as error:
            pytest.fail(f"fakekit: {error}", pytrace=False)
        with self._led(request, value == "strict") if word == "intercept" else nullcontext():
            yield

    @contextmanager
    def _led(self, request: pytest.FixtureRequest, strict: bool) -> Iterator[None]:
        handle = request.getfixturevalue("xtrakit")
        from fakekit.intercept.leading import leading

        with leading(handle.origin, handle.api_key, strict=strict, guard=self.guard):
            yield

    def _keep(self, stopped: Sequence[object], test: str = "") -> None:
        after = f" (after {test})" if test else ""
        for one in stopped:
            line = f"{one}{after}"
            if line not in self.outside:
                self.outside.append(line)


_ALLOWED = pytest.StashKey[Allow]()


def _told(stopped: Sequence[str]) -> str:
    """One line for each, with how often; at most `LISTED` of them."""
    counted = {line: stopped.count(line) for line in stopped}
    lines = [f"  {line}" + (f" ({times} times)" if times > 1 else "") for line, times in counted.items()]
    if len(lines) > LISTED:
        lines[LISTED:] = [f"  ... and {len(lines) - LISTED:,} more"]
    return "\n".join(lines)
