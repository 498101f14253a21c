"""What keeps a pytest session from the real service, and leads a marked test's calls to the fake.

`install` is called as early as a plugin can be, before any conftest is imported. Nothing but small modules of
fakekit's own is imported until a test is marked with ``intercept``.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest

from fakekit.documentation import page
from fakekit.intercept.guard import EXEC_PORT, AllowPolicy, Guard, StoppedCall
from fakekit.intercept.patches import PATCHES
from fakekit.pytest_plugin.hook_errors import HookErrors, errors_of
from fakekit.pytest_plugin.marks import WORDS, find_mark_word, has_mark_word

MARK = (
    "fakekit(intercept=..., allow_real=...): what becomes of this test's calls for the real service: led to "
    f"the fake, or let through; see {page('intercept')}"
)

_FIXTURE = "_fakekit_intercept"

_GUARD = pytest.StashKey[Guard]()
IS_ON = pytest.StashKey[bool]()
"""Whether calls to the real service are stopped in this run."""

SWITCH = ("on", "off")

WAYS_OUTSIDE = (
    "Make the call in a test, or in a function-scoped fixture of one, that is marked "
    "@pytest.mark.fakekit(intercept=True) or allow_real=True; or give that code a fakekit.FakeServer."
)

LISTED = 10
"""How many stopped calls a report lists, and how many allowed tests; the rest are counted."""


def add_options(parser: pytest.Parser) -> None:
    """Declare the command-line option and the ini value that switch the guard off."""
    group = parser.getgroup("fakekit")
    group.addoption(
        "--fakekit-guard",
        choices=SWITCH,
        help="off: calls to the real XtraKit service are not stopped, nor is anything replaced to see them",
    )
    parser.addini(
        "fakekit_guard", "on, or off: calls to the real XtraKit service are not stopped", default="on"
    )


def read_switch(config: pytest.Config) -> None:
    """Read whether this run is guarded, and store it as `IS_ON`. Raises `pytest.UsageError`."""
    early_value = getattr(config.known_args_namespace, "fakekit_guard", None)
    switch = getattr(config.option, "fakekit_guard", None) or early_value or config.getini("fakekit_guard")
    if switch not in SWITCH:
        raise pytest.UsageError(f"fakekit_guard: must be on or off; found {switch!r}")
    config.stash[IS_ON] = switch == "on"


def install(config: pytest.Config) -> None:
    """Guard this session from now on, unless that is switched off; a second call does nothing."""
    if _GUARD in config.stash:
        return
    port = os.environ.get(EXEC_PORT, "")
    guard = config.stash[_GUARD] = Guard(int(port) if port.isdecimal() else None)
    if config.stash[IS_ON]:
        config.add_cleanup(lambda: PATCHES.remove(guard))
        PATCHES.install(guard)


def configure(config: pytest.Config) -> None:
    """Declare the mark's words, and register the hooks that report stopped calls and lead marked tests.

    Raises `pytest.UsageError`.
    """
    read_switch(config)
    with errors_of(config).catching("pytest_configure"):
        install(config)
    config.addinivalue_line("markers", MARK)
    plugin = _GuardPlugin(config.stash[_GUARD], errors_of(config))
    config.pluginmanager.register(plugin, "fakekit-guard")


def header_lines(config: pytest.Config) -> Iterator[str]:
    """Yield the header's lines: that the guard is off, or what it cannot watch; none when all is well."""
    if not config.stash[IS_ON]:
        yield "fakekit: the guard is off: calls to the real XtraKit service are not stopped"
        return
    PATCHES.replace_imported(again=True)
    for path, reason in PATCHES.skipped.items():
        yield f"fakekit: the guard does not watch {path}: {reason}"


def _position_of_function_scope(item: pytest.Item, names: Sequence[str]) -> int:
    """Return how many fixtures of a test, in order, have a wider scope than the function's."""
    definitions = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    for position, name in enumerate(names):
        if name not in definitions or definitions[name][-1].scope == "function":
            return position
    return len(names)


class _GuardPlugin:
    """The guard's hooks in one session.

    outside_tests: the calls that were stopped outside of any test, a line each.
    allowed: by the id of each test with ``allow_real`` the hosts that it called.
    """

    def __init__(self, guard: Guard, errors: HookErrors) -> None:
        self.guard, self.errors = guard, errors
        self.outside_tests: list[str] = []
        self.allowed: dict[str, Sequence[str]] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Give the marked tests the fixture; an autouse one would cost every other test a little."""
        with self.errors.catching("pytest_collection_modifyitems"):
            for item in items:
                names: list[str] | None = getattr(item, "fixturenames", None)
                if names is not None and _FIXTURE not in names and has_mark_word(item, *WORDS):
                    names.insert(_position_of_function_scope(item, names), _FIXTURE)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Tell the guard which test is running, and let its calls through if it is marked so."""
        hook = "pytest_runtest_protocol"
        with self.errors.catching(hook):
            self._begin(item)
        try:
            return (yield)
        finally:
            with self.errors.catching(hook):
                self._end(item)

    def _begin(self, item: pytest.Item) -> None:
        """Set the running test, let its calls through if it is marked so, and look for new imports."""
        PATCHES.replace_imported(again=True)
        self._remember(self.guard.take_stopped(""))
        self.guard.test = item.nodeid
        if item.config.stash[IS_ON] and _is_allowed(item):
            policy = item.stash[_ALLOWED] = AllowPolicy()
            PATCHES.install(policy)

    def _end(self, item: pytest.Item) -> None:
        """Undo `_begin`; a call that was stopped since the last report counts as outside of tests."""
        if _ALLOWED in item.stash:
            policy = item.stash[_ALLOWED]
            PATCHES.remove(policy)
            policy.close()
        self.guard.test = ""
        # Stopped by a thread, after the last report.
        self._remember(self.guard.take_stopped(item.nodeid), item.nodeid)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Fail the test whose call was stopped, even if its code has caught the exception."""
        report = yield
        with self.errors.catching("pytest_runtest_makereport"):
            stopped = self.guard.take_stopped(item.nodeid)
            if stopped:
                _fail(report, stopped)
            if report.when == "teardown" and _ALLOWED in item.stash:
                report.fakekit_allowed = sorted(item.stash[_ALLOWED].hosts)  # type: ignore[attr-defined]
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect which tests were allowed to call which hosts, also from xdist's workers."""
        if hasattr(report, "fakekit_allowed"):
            self.allowed[report.nodeid] = report.fakekit_allowed

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """Fail a run in which a call was stopped outside of any test.

        After every conftest's own hook of this kind, and before xdist's worker and the terminal report.
        """
        result = yield
        with self.errors.catching("pytest_sessionfinish"):
            self._remember(self.guard.take_stopped(""))
            output = getattr(session.config, "workeroutput", None)
            if output is not None:
                output["fakekit_outside"], output["fakekit_errors"] = self.outside_tests, self.errors.lines
            if self.outside_tests and session.exitstatus in (0, 5):
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
        return result

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Take over what an xdist worker stopped outside of tests, and what failed in its hooks."""
        output = getattr(node, "workeroutput", {})
        for line in output.get("fakekit_outside", ()):
            if line not in self.outside_tests:
                self.outside_tests.append(line)
        for line in output.get("fakekit_errors", ()):
            self.errors.add(line)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print which tests may call the real service, and what was stopped outside of tests."""
        with self.errors.catching("pytest_terminal_summary"):
            self._summarize(terminalreporter)

    def _summarize(self, terminalreporter: pytest.TerminalReporter) -> None:
        write = terminalreporter.write_line
        for test, hosts in list(self.allowed.items())[:LISTED]:
            called = f"called {', '.join(hosts)}" if hosts else "did not call it"
            write(f"fakekit: allow_real: {test} may call the real XtraKit service, and {called}", yellow=True)
        if len(self.allowed) > LISTED:
            write(f"fakekit: allow_real: ... and {len(self.allowed) - LISTED:,} more", yellow=True)
        if self.outside_tests:
            write(
                "fakekit: the real XtraKit service was called outside of any test; this was stopped:",
                red=True,
            )
            write(_counted_lines(self.outside_tests), red=True)
            write(f"fakekit: so the run fails. {WAYS_OUTSIDE}", red=True)

    @pytest.fixture
    def _fakekit_intercept(self, request: pytest.FixtureRequest) -> Iterator[None]:
        """Lead the calls of a test marked with ``intercept`` to its account, for as long as it runs."""
        try:
            word, value = find_mark_word(request.node)
        except ValueError as error:
            pytest.fail(f"fakekit: {error}", pytrace=False)
        with self._redirected(request, value == "strict") if word == "intercept" else nullcontext():
            yield

    @contextmanager
    def _redirected(self, request: pytest.FixtureRequest, strict: bool) -> Iterator[None]:
        """Lead calls to the account of the test's fixture during the block."""
        handle = request.getfixturevalue("xtrakit")
        from fakekit.intercept.redirect import redirect_calls

        with redirect_calls(handle.origin, handle.api_key, strict=strict, guard=self.guard):
            yield

    def _remember(self, stopped: Sequence[object], test: str = "") -> None:
        """Remember stopped calls that no test can be failed for; `test` is the one that ran just before."""
        suffix = f" (after {test})" if test else ""
        for call in stopped:
            line = f"{call}{suffix}"
            if line not in self.outside_tests:
                self.outside_tests.append(line)


_ALLOWED = pytest.StashKey[AllowPolicy]()


def _is_allowed(item: pytest.Item) -> bool:
    """Return whether a test's mark lets its calls through.

    False for a mark that means nothing; the fixture then fails the test.
    """
    try:
        return find_mark_word(item)[0] == "allow_real"
    except ValueError:
        return False


def _fail(report: pytest.TestReport, stopped: Sequence[StoppedCall]) -> None:
    """Make a report that of a failure because calls were stopped; one that failed anyway gets a section."""
    remedies = dict.fromkeys(call.remedy for call in stopped)
    text = "\n".join([_counted_lines([str(call) for call in stopped]), *remedies])
    if report.failed:
        report.sections.append(("fakekit: stopped", text))
        return
    report.outcome = "failed"
    report.longrepr = f"fakekit: this test called the real XtraKit service and was stopped:\n{text}"
    if hasattr(report, "wasxfail"):
        del report.wasxfail


def _counted_lines(stopped: Sequence[str]) -> str:
    """Return the lines with how often each came, at most `LISTED` of them."""
    counts = {line: stopped.count(line) for line in stopped}
    lines = [f"  {line}" + (f" ({times} times)" if times > 1 else "") for line, times in counts.items()]
    if len(lines) > LISTED:
        lines[LISTED:] = [f"  ... and {len(lines) - LISTED:,} more"]
    return "\n".join(lines)
