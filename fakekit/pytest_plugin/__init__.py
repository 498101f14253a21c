"""The pytest plugin: the fixture ``xtrakit``, its settings and its mark. See ``docs/pytest.md``.

A run in which no test uses the fixture imports only a few small modules. The modules that the fixture needs
are imported once the tests are collected: when it is first used, a test may have replaced files, time or
sockets.

No hook lets an exception out, since pytest would end the whole run. `HookErrors` collects them instead.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from typing import TYPE_CHECKING

import pytest

from fakekit.pytest_plugin import guard
from fakekit.pytest_plugin.attempt import Attempt
from fakekit.pytest_plugin.checks import Checks
from fakekit.pytest_plugin.files import add_operations, write_har, write_ledger_file
from fakekit.pytest_plugin.hook_errors import errors_of
from fakekit.pytest_plugin.marks import base_settings, has_mark_argument, settings_of, uses_fake
from fakekit.pytest_plugin.options import pytest_addoption as pytest_addoption
from fakekit.pytest_plugin.options import read_guard_option
from fakekit.pytest_plugin.own_frames import cut_own_frames
from fakekit.pytest_plugin.registration import pytest_plugin_registered as pytest_plugin_registered
from fakekit.pytest_plugin.registration import quiet_log
from fakekit.pytest_plugin.report import TITLE, request_section
from fakekit.pytest_plugin.run_settings import (
    describe_mark,
    describe_settings,
    fail_without_traceback,
    read_settings,
)
from fakekit.pytest_plugin.session import SESSION, Session
from fakekit.pytest_plugin.shared import SharedServer, WiderFixtures, explain_scope_error
from fakekit.pytest_plugin.summary import Summary, add_to_report

if TYPE_CHECKING:
    from fakekit import Handle, Settings

_ATTEMPT = pytest.StashKey[Attempt]()
_CHECKS = pytest.StashKey[Checks]()
_SUMMARY = pytest.StashKey[Summary]()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Install the guard and set the variables of ``fakekit_env`` before pytest imports any conftest.

    Raises `pytest.UsageError` for a wrong option or setting, or when the server does not start.
    """
    read_guard_option(early_config)
    with errors_of(early_config).catch("pytest_load_initial_conftests"):
        guard.install(early_config)
    _set_environment(early_config)
    return (yield)


def _set_environment(early_config: pytest.Config) -> None:
    """Start the server and set the environment variables that the ini value ``fakekit_env`` lists, if any.

    The variables lead the code under test to the account of the running test. They are restored, and the
    server is stopped, when the session ends. Raises `pytest.UsageError` when that fails.
    """
    lines = early_config.getini("fakekit_env")
    if lines:
        session = early_config.stash[SESSION] = Session(early_config)
        # Not only in pytest_unconfigure: a run with a wrong option is never configured.
        early_config.add_cleanup(session.stop)
        try:
            session.set_environment(lines, read_settings(early_config).with_(host="127.0.0.1", port=0))
        except Exception as error:
            raise pytest.UsageError(f"fakekit: {error}") from None


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark, for --strict-markers, and register the hooks of the guard and the summary.

    The guard is installed if it is not yet. Raises `pytest.UsageError` for a wrong value of --fakekit-guard
    or of its ini option.
    """
    config.addinivalue_line("markers", describe_mark(config))
    session = config.stash.setdefault(SESSION, Session(config))
    if session.uses_environment:
        config.pluginmanager.register(WiderFixtures(session.shared_environment), "fakekit-wider-fixtures")
    summary = config.stash[_SUMMARY] = Summary(errors_of(config), config.getoption("fakekit_max_assumed"))
    config.pluginmanager.register(summary, "fakekit-reports")
    config.stash[_CHECKS] = Checks(config)
    quiet_log(config)
    guard.configure(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server if it still runs, and restore the environment variables."""
    with errors_of(config).catch("pytest_unconfigure"):
        if SESSION in config.stash:
            config.stash[SESSION].stop()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Import what the fixture needs and start the server, if a collected test uses the fixture.

    Not under --collect-only.
    """
    config = session.config
    with errors_of(config).catch("pytest_collection_finish"):
        items = [item for item in session.items if uses_fake(item)]
        if items and not config.option.collectonly:
            with_redirect = any(has_mark_argument(item, "intercept") for item in items)
            config.stash[SESSION].prepare(lambda: read_settings(config), with_redirect=with_redirect)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the requests of a failed test to its report, and its assumptions and unused faults at teardown.

    Nothing is added for a test that uses no account of the fake. A ScopeMismatch about a fixture of ours says
    what to use instead. An error that the test's own line has caused ends at that line, unless pytest runs
    with --full-trace.
    """
    errors, session = errors_of(item.config), item.config.stash[SESSION]
    with errors.catch("pytest_runtest_makereport"):
        explain_scope_error(call.excinfo.value if call.excinfo else None)
        if call.excinfo and not item.config.getoption("fulltrace", False):
            cut_own_frames(call.excinfo.value)
    report = yield
    with errors.catch("pytest_runtest_makereport"):
        if session.shared and _ATTEMPT not in item.stash:
            # The first test that needs a shared account had no attempt yet when its setup started.
            _attempt_of(item).since = session.shared_since
        attempt = item.stash.get(_ATTEMPT, None)
        if attempt is not None and (attempt.handle is not None or session.shared):
            _extend_report(report, attempt, session, item.config.stash[_CHECKS])
            attempt.has_failed = attempt.has_failed or report.failed
            # At the end, when no fixture replaces the files any more, and before the account is deleted.
            if attempt.has_failed and report.when == "teardown":
                with errors.catch("--fakekit-har"):
                    write_har(item, session, attempt)
            if report.when == "teardown" and item.config.getoption("fakekit_ledger_file"):
                with errors.catch("--fakekit-ledger-file"):
                    add_operations(report, session, attempt)
    return report


def _extend_report(report: pytest.TestReport, attempt: Attempt, session: Session, checks: Checks) -> None:
    """Add the test's requests to a failed report as a section, and its account's summary to a teardown's.

    The checks may fail the report first.
    """
    if report.when == "call":
        attempt.update_about()
    checks.apply(report, attempt, session.shared, with_callbacks=session.is_in_process)
    if report.failed and (text := request_section(session, attempt)):
        report.sections.append((TITLE, text))
    if report.when == "teardown":
        add_to_report(report, attempt, checks, session.warning)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Store the account's summary while the account exists, for a test whose setup failed."""
    with errors_of(item.config).catch("pytest_runtest_teardown"):
        if _ATTEMPT in item.stash and item.stash[_ATTEMPT].about is None:
            item.stash[_ATTEMPT].update_about()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop the server, and fail a run that relied on more assumptions than --fakekit-max-assumed allows.

    With ``fakekit_env`` the server stops later, in `pytest_unconfigure`, where the variables are restored.
    """
    config = session.config
    with errors_of(config).catch("pytest_sessionfinish"):
        if accounts := config.stash[SESSION].shared_accounts():  # a run without any reads no settings
            is_listed = config.stash[_CHECKS].action(Attempt(""), "unread") == "warn"
            config.stash[_SUMMARY].add_accounts(config, accounts, is_listed)
        # Not when the last fixture ends: the report of the last test needs the server.
        if not config.stash[SESSION].uses_environment:
            config.stash[SESSION].stop()
        write_ledger_file(config, config.stash[_SUMMARY])
    # 5 is "no tests were collected".
    if config.stash[_SUMMARY].is_limit_exceeded and session.exitstatus in (0, 5):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Return lines for pytest's header: the settings of the fake, and what the guard cannot watch."""
    lines: list[str] = []
    with errors_of(config).catch("pytest_report_header"):
        lines += describe_settings(config).splitlines()
        lines += guard.header_lines(config)
    return lines


@pytest.fixture(scope="session")
def fakekit_settings(pytestconfig: pytest.Config) -> Settings | Mapping[str, object]:
    """The settings of the fake: of the environment, else of ``[tool.fakekit]``, unless overridden.

    Override this fixture in a conftest, a module or a class, and return a dict of settings: ``{"seed": 7}``.
    """
    return fail_without_traceback(lambda: read_settings(pytestconfig))


@pytest.fixture
def xtrakit(
    request: pytest.FixtureRequest, fakekit_settings: Settings | Mapping[str, object]
) -> Iterator[Handle]:
    """A running fake with an account of this test's own: a `fakekit.Handle`.

    The server is started once per session. The account is new for every test, and deleted afterwards. Fails
    the test when its settings are wrong or the server does not start.
    """
    session, attempt = request.config.stash[SESSION], _attempt_of(request.node)
    yield fail_without_traceback(lambda: session.open(attempt, settings_of(request.node, fakekit_settings)))
    attempt.update_about()


@pytest.fixture(scope="session")
def xtrakit_server(
    pytestconfig: pytest.Config, fakekit_settings: Settings | Mapping[str, object]
) -> SharedServer:
    """The fake of this run for fixtures of a wider scope: `account("crm")` is a handle that tests share.

    The accounts last until the end of the run, and have the settings that `fakekit_settings` returns. Fails
    the test when the settings are wrong.
    """
    session = pytestconfig.stash[SESSION]
    settings = fail_without_traceback(lambda: base_settings(fakekit_settings, pytestconfig.rootpath))
    return SharedServer(lambda name: session.shared_account(name, settings))


def _attempt_of(item: pytest.Item) -> Attempt:
    """Return the current attempt of a test (its key and its account), stashed in `item` on first use."""
    if _ATTEMPT not in item.stash:
        item.stash[_ATTEMPT] = item.config.stash[SESSION].new_attempt(item.name)
    return item.stash[_ATTEMPT]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Delete a test's account after setup, call and teardown, when its last report was made."""
    try:
        return (yield)
    finally:
        with errors_of(item.config).catch("pytest_runtest_protocol"):
            _close_account(item)


def _close_account(item: pytest.Item) -> None:
    """Delete the account of a test, and forget its attempt; nothing happens when it has none."""
    attempt = item.stash.get(_ATTEMPT, None)
    if attempt is not None:
        del item.stash[_ATTEMPT]
        item.config.stash[SESSION].close(attempt)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Delete the account of an earlier attempt of this test; with ``fakekit_env``, open a new one at once.

    pytest-rerunfailures and flaky set a test up again for each attempt, within one `pytest_runtest_protocol`.
    Opens none in a forked child that has only a copy of the server. Fails the test when its settings are
    wrong.
    """
    session = item.config.stash[SESSION]
    with errors_of(item.config).catch("pytest_runtest_setup"):
        _close_account(item)
    if session.shared:
        _attempt_of(item)
    if session.uses_environment and not session.is_in_parent:
        base = fail_without_traceback(lambda: read_settings(item.config))
        fail_without_traceback(lambda: session.open(_attempt_of(item), settings_of(item, base)))
