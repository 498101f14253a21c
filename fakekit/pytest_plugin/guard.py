"""The guard of a pytest session: it stops calls to the real service, or redirects those of marked tests.

`install` is called as early as a plugin can be, before any conftest is imported. Only small modules of
fakekit are imported until a test is marked with ``intercept``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, nullcontext

import pytest

from fakekit.documentation import page
from fakekit.intercept.guard import EXEC_PORT, AllowPolicy, Guard
from fakekit.intercept.patches import PATCHES
from fakekit.pytest_plugin.guard_report import (
    add_not_redirected,
    allowed_lines,
    fail_stopped,
    module_lines,
    session_lines,
)
from fakekit.pytest_plugin.hook_errors import HookErrors, errors_of
from fakekit.pytest_plugin.marks import (
    CALL_ARGUMENTS,
    find_call_argument,
    has_mark_argument,
    index_of_function_scope,
    is_allowed,
)
from fakekit.pytest_plugin.options import IS_ON, read_guard_option
from fakekit.pytest_plugin.session import SESSION

MARK = (
    "fakekit(intercept=..., allow_real=...): redirect this test's calls for the real service to the fake, or "
    f"let them through; see {page('intercept')}"
)

_FIXTURE = "_fakekit_redirect"

_GUARD = pytest.StashKey[Guard]()


def install(config: pytest.Config) -> None:
    """Make this session's `Guard` and patch the standard library for it, unless the guard is switched off.

    pytest's cleanup removes the patches. A second call does nothing. Call `read_guard_option` first.
    """
    if _GUARD in config.stash:
        return
    port = os.environ.get(EXEC_PORT, "")
    guard = config.stash[_GUARD] = Guard(int(port) if port.isdecimal() else None)
    if config.stash[IS_ON]:
        config.add_cleanup(lambda: PATCHES.remove(guard))
        PATCHES.install(guard)


def configure(config: pytest.Config) -> None:
    """Declare the mark's arguments, and register the hooks that report or redirect calls.

    Also installs the guard where `install` was not called before, as when the plugin was loaded late. Without
    a guard, which could not be made, the end of the run says so. Raises `pytest.UsageError` for a wrong
    option.
    """
    read_guard_option(config)
    with errors_of(config).catch("pytest_configure"):
        install(config)
    config.addinivalue_line("markers", MARK)
    if _GUARD in config.stash:
        plugin = _GuardPlugin(config.stash[_GUARD], errors_of(config))
        config.pluginmanager.register(plugin, "fakekit-guard")


def header_lines(config: pytest.Config) -> Iterator[str]:
    """Yield lines for pytest's header: that the guard is off, or what it cannot watch; else none."""
    if not config.stash[IS_ON]:
        yield "fakekit: the guard is off: calls to the real XtraKit service are not stopped"
        return
    PATCHES.apply(force=True)
    for path, reason in PATCHES.skip_reasons.items():
        yield f"fakekit: the guard does not watch {path}: {reason}"


class _GuardPlugin:
    """The guard's pytest hooks and fixture in one session.

    guard: stops the calls, and remembers them until these hooks read them.
    errors: collects what our hooks raise.
    session_calls: the calls that were stopped outside of any test, a line each.
    allowed: for each test with ``allow_real``, by its node id, the vendor's hosts that it called.
    """

    def __init__(self, guard: Guard, errors: HookErrors) -> None:
        self.guard, self.errors = guard, errors
        self.session_calls: list[str] = []
        self.allowed: dict[str, Sequence[str]] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Add the redirecting fixture, in place, to each test whose mark has ``intercept`` or ``allow_real``.

        It comes before the test's fixtures of function scope. An autouse fixture would cost every other test
        a little.
        """
        with self.errors.catch("pytest_collection_modifyitems"):
            for item in items:
                names: list[str] | None = getattr(item, "fixturenames", None)
                if names is not None and _FIXTURE not in names and has_mark_argument(item, *CALL_ARGUMENTS):
                    names.insert(index_of_function_scope(item, names), _FIXTURE)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Remember the library's functions for marked tests where no guard has patched them before.

        Mocks of their fixtures may stand in their place later. Called when the modules that marked tests need
        are imported.
        """
        with self.errors.catch("pytest_collection_finish"):
            if not PATCHES.policy and any(has_mark_argument(item, "intercept") for item in session.items):
                with PATCHES.installed(self.guard):
                    pass

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Tell the guard which test is running, around its setup, call and teardown."""
        hook = "pytest_runtest_protocol"
        with self.errors.catch(hook):
            self._begin(item)
        try:
            return (yield)
        finally:
            with self.errors.catch(hook):
                self._end(item)

    def _begin(self, item: pytest.Item) -> None:
        """Set the guard's running test, and let its calls through if it is marked with ``allow_real``.

        Also patches what was imported since, and keeps the calls that were stopped outside of tests. A mock
        of a fixture that many tests share stays as it is.
        """
        PATCHES.apply_again()
        self._add_session_calls(self.guard.pop_stopped(""))
        self.guard.test = item.nodeid
        if item.config.stash[IS_ON] and is_allowed(item):
            policy = item.stash[_ALLOWED] = AllowPolicy()
            PATCHES.install(policy)

    def _end(self, item: pytest.Item) -> None:
        """Tell the guard that no test is running; shut the connections of a test that was allowed to call.

        Called after a test's last report; calls are stopped again from now on. A call that a thread made
        after that counts as outside of tests.
        """
        if _ALLOWED in item.stash:
            policy = item.stash[_ALLOWED]
            PATCHES.remove(policy)
            policy.close()
        self.guard.test = ""
        self._add_session_calls(self.guard.pop_stopped(item.nodeid), item.nodeid)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Generator[None, object, object]:
        """Leave what a fixture of a wider scope has put over our patches: its mock is for many tests."""
        value = yield
        if fixturedef.scope != "function":
            with self.errors.catch("pytest_fixture_setup"):
                PATCHES.ignore_mocks()
        return value

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> None:
        """Patch again what a plugin that blocks connections has replaced in the setup of a marked test.

        Only where the mark asks for it: the mocks of every other test stay as its fixtures made them.
        """
        with self.errors.catch("pytest_runtest_call"):
            if has_mark_argument(item, *CALL_ARGUMENTS):
                PATCHES.apply(force=True)

    def pytest_report_collectionfinish(self) -> list[str]:
        """Return a line for each imported module whose calls the guard does not see; none when it is off."""
        return list(module_lines(sys.modules)) if PATCHES.policy else []

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Fail the report of a test whose call was stopped, even if its code has caught the exception.

        The report of an intercepted test that failed names what stands in the place of patched classes.
        The teardown report of an allowed test gets the hosts that it called, as `fakekit_allowed`.
        """
        report = yield
        with self.errors.catch("pytest_runtest_makereport"):
            stopped = self.guard.pop_stopped(item.nodeid)
            if stopped:
                fail_stopped(report, stopped)
            if report.failed and report.when == "call" and has_mark_argument(item, "intercept"):
                add_not_redirected(report, PATCHES.skip_reasons)
            if report.when == "teardown" and _ALLOWED in item.stash:
                report.fakekit_allowed = sorted(item.stash[_ALLOWED].hosts)  # type: ignore[attr-defined]
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect from a report which of the vendor's hosts a test with ``allow_real`` called, perhaps none.

        The reports of xdist's workers come here too.
        """
        if hasattr(report, "fakekit_allowed"):
            self.allowed[report.nodeid] = report.fakekit_allowed

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """Fail a run in which a call was stopped outside of any test; under xdist, hand the calls over.

        Runs after the hooks of conftests, which may make calls too, and before xdist's worker sends its
        `workeroutput` and the terminal reporter prints the summary.
        """
        result = yield
        with self.errors.catch("pytest_sessionfinish"):
            self._add_session_calls(self.guard.pop_stopped(""))
            output = getattr(session.config, "workeroutput", None)
            if output is not None:
                output["fakekit_outside"], output["fakekit_errors"] = self.session_calls, self.errors.lines
            if self.session_calls and session.exitstatus in (0, 5):
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
        return result

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object, error: object) -> None:
        """Add the calls that an xdist worker stopped outside of tests, and its hook failures, to our own.

        A hook of xdist, called in the controller when a worker has ended.

        node: the worker; one that crashed has no `workeroutput`.
        """
        output = getattr(node, "workeroutput", {})
        for line in output.get("fakekit_outside", ()):
            if line not in self.session_calls:
                self.session_calls.append(line)
        for line in output.get("fakekit_errors", ()):
            self.errors.add(line)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print which tests may call the real service, and which calls were stopped outside of tests."""
        with self.errors.catch("pytest_terminal_summary"):
            for line in allowed_lines(self.allowed):
                terminalreporter.write_line(line, yellow=True)
            for line in session_lines(self.session_calls):
                terminalreporter.write_line(line, red=True)

    @pytest.fixture
    def _fakekit_redirect(self, request: pytest.FixtureRequest) -> Iterator[None]:
        """Redirect the calls of a test marked with ``intercept`` to its account, for as long as it runs.

        Fails a test whose mark has wrong arguments. Does nothing for one marked with ``allow_real``.
        """
        try:
            argument, value = find_call_argument(request.node)
        except ValueError as error:
            pytest.fail(f"fakekit: {error}", pytrace=False)
        with self._redirect(request, value == "strict") if argument == "intercept" else nullcontext():
            yield

    @contextmanager
    def _redirect(self, request: pytest.FixtureRequest, strict: bool) -> Iterator[None]:
        """Redirect calls for the vendor's hosts to the account of the test's fixture `xtrakit`, in the block.

        strict: whether the fake checks the key that the client sent, instead of replacing it.
        """
        handle = request.getfixturevalue("xtrakit")
        from fakekit.intercept.gateway import serve_by_gateway
        from fakekit.intercept.redirect import redirect_calls

        session = request.config.stash[SESSION]
        intercepted = (
            serve_by_gateway(handle.origin, handle.api_key, strict)
            if session.url  # a server elsewhere, of which this process may reach no further port
            else session.running_server.intercepted(handle.api_key, strict)
        )
        with redirect_calls(handle.origin, handle.api_key, intercepted, self.guard):
            yield

    def _add_session_calls(self, stopped: Sequence[object], test: str = "") -> None:
        """Add stopped calls that no test can be failed for to `session_calls`, each line once.

        test: the node id of the test that ran just before; empty for none.
        """
        suffix = f" (after {test})" if test else ""
        for call in stopped:
            line = f"{call}{suffix}"
            if line not in self.session_calls:
                self.session_calls.append(line)


_ALLOWED = pytest.StashKey[AllowPolicy]()
