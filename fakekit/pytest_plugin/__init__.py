"""The pytest plugin: the fixture ``xtrakit``, its settings and its mark. See ``docs/pytest.md``.

Nothing but pytest is imported for a run in which no test uses the fixture. What the fixture needs is imported
when the tests are collected: by the time it is first used, a test may have replaced files, time or sockets.

No hook lets an exception out, since pytest would end the whole run. `HookErrors` remembers it for the end.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from fakekit._version import WORLD_VERSION, __version__
from fakekit.documentation import page
from fakekit.pytest_plugin import guard
from fakekit.pytest_plugin.hook_errors import errors_of
from fakekit.pytest_plugin.marks import has_mark_word, may_use_the_fake, settings_of
from fakekit.pytest_plugin.report import TITLE
from fakekit.pytest_plugin.session import Session, Test
from fakekit.pytest_plugin.summary import Summary, add_to_report

if TYPE_CHECKING:
    from fakekit import Handle, Settings

_SESSION = pytest.StashKey[Session]()
_TEST = pytest.StashKey[Test]()
_SUMMARY = pytest.StashKey[Summary]()

MARK = (
    "fakekit(seed=..., customers=..., fixtures=..., strict=..., assumptions=..., faults=...): what the fake "
    f"serves to this test; see {page('settings')}"
)


def _limit(text: str) -> int:
    """Return the number of an option's text. Raises ValueError, which argparse words."""
    if not text.isascii() or not text.isdecimal():
        raise ValueError(text)
    return int(text)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the plugin's command-line options and ini values. Called by pytest before any conftest."""
    group = parser.getgroup("fakekit")
    parser.addini(
        "fakekit_env",
        "variables that lead the code under test to the fake: XTRAKIT_BASE_URL, or NAME = {api_key}",
        type="linelist",
        default=[],
    )
    group.addoption(
        "--fakekit-url",
        metavar="URL",
        help="use the fakekit that runs there; its control token, if it has one, from FAKEKIT_CONTROL_TOKEN",
    )
    group.addoption(
        "--fakekit-server",
        choices=("thread", "process"),
        help="where the fake runs: in a thread of this process, or in a process of its own",
    )
    group.addoption(
        "--fakekit-ledger",
        action="store_true",
        help="list the assumptions that each test's answers leaned on",
    )
    group.addoption(
        "--fakekit-max-assumed",
        type=_limit,
        metavar="N",
        help="fail the run when its answers leaned on more than N assumptions",
    )
    guard.add_options(parser)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Guard the real service, and set the variables of ``fakekit_env``, before any conftest is imported."""
    guard.read_switch(early_config)
    with errors_of(early_config).catching("pytest_load_initial_conftests"):
        guard.install(early_config)
    _set_environment(early_config)
    return (yield)


def _set_environment(early_config: pytest.Config) -> None:
    """Start the server and set the variables that lead to it, if ``fakekit_env`` names some.

    Raises `pytest.UsageError`.
    """
    lines = early_config.getini("fakekit_env")
    if lines:
        session = early_config.stash[_SESSION] = Session(early_config)
        # Not only in pytest_unconfigure: a run with a wrong option is never configured.
        early_config.add_cleanup(session.stop)
        try:
            session.set_environment(lines, _read_settings(early_config).with_(host="127.0.0.1", port=0))
        except Exception as error:
            raise pytest.UsageError(f"fakekit: {error}") from None


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark, so that --strict-markers accepts it, and register what reports and guards."""
    config.addinivalue_line("markers", MARK)
    config.stash.setdefault(_SESSION, Session(config))
    summary = config.stash[_SUMMARY] = Summary(errors_of(config), config.getoption("fakekit_max_assumed"))
    config.pluginmanager.register(summary, "fakekit-reports")
    guard.configure(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server if it still runs, and restore the environment variables."""
    with errors_of(config).catching("pytest_unconfigure"):
        if _SESSION in config.stash:
            config.stash[_SESSION].stop()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Import what the fixture needs and start the server, if a collected test uses the fixture."""
    config = session.config
    with errors_of(config).catching("pytest_collection_finish"):
        uses = [item for item in session.items if may_use_the_fake(item)]
        if uses and not config.option.collectonly:
            is_intercepting = any(has_mark_word(item, "intercept") for item in uses)
            config.stash[_SESSION].prepare(lambda: _read_settings(config), intercepts=is_intercepting)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a test's report what is known of its account; the report is what reaches xdist's controller."""
    report = yield
    with errors_of(item.config).catching("pytest_runtest_makereport"):
        test = item.stash.get(_TEST, None)
        if test is not None and test.handle is not None:
            _add_sections(report, test, item.config.stash[_SESSION])
    return report


def _add_sections(report: pytest.TestReport, test: Test, session: Session) -> None:
    """Add the requests to a failed report, and the account's summary to the last one."""
    if report.failed and (text := session.report(test)):
        report.sections.append((TITLE, text))
    if report.when == "teardown":
        add_to_report(report, test.about, session.warning)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Read the account's summary for a test that used it through variables, without the fixture."""
    with errors_of(item.config).catching("pytest_runtest_teardown"):
        if _TEST in item.stash:
            item.stash[_TEST].update_about()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop the server, unless variables lead to it, and fail a run that relied on too many assumptions."""
    with errors_of(session.config).catching("pytest_sessionfinish"):
        # Not with the last fixture: a failure of the last test has a section, too.
        if not session.config.stash[_SESSION].sets_environment:
            session.config.stash[_SESSION].stop()
    if session.config.stash[_SUMMARY].exceeds_limit and session.exitstatus in (0, 5):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Return the header's lines: the world that the fixture will serve, and what the guard cannot watch."""
    lines: list[str] = []
    with errors_of(config).catching("pytest_report_header"):
        lines += _world_line(config).splitlines()
        lines += guard.header_lines(config)
    return lines


def _world_line(config: pytest.Config) -> str:
    """Return the header's line on the server or the world, and who set what is not the default."""
    from fakekit.errors import FakekitError

    try:
        settings = _read_settings(config)
    except FakekitError as error:
        return f"fakekit: {error}"
    seed_text = f"seed {settings.seed} ({settings.sources['seed']})"
    url = config.getoption("fakekit_url")
    if url:
        return f"fakekit: at {url} (fakekit {__version__} here)"
    world = f"world {WORLD_VERSION} (fakekit {__version__})"
    parts = [f"fakekit: {seed_text}, {world}"]
    for name in ("customers", "fixtures", "strict", "assumptions"):
        if settings.sources[name] != "default":
            parts.append(f"{name} ({settings.sources[name]})")
    warnings = "".join(f"\nfakekit: warning: {warning}" for warning in settings.warnings)
    return ", ".join(parts) + warnings


@pytest.fixture(scope="session")
def fakekit_settings(pytestconfig: pytest.Config) -> Settings | Mapping[str, Any]:
    """The settings of what the fake serves; by default those of the environment and ``[tool.fakekit]``.

    Override it in a conftest, a module or a class, and return a dict of settings: ``{"seed": 7}``.
    """
    settings: Settings = _fail_without_traceback(lambda: _read_settings(pytestconfig))
    return settings


@pytest.fixture
def xtrakit(
    request: pytest.FixtureRequest, fakekit_settings: Settings | Mapping[str, Any]
) -> Iterator[Handle]:
    """A running fake with an account of this test's own: a `fakekit.Handle`.

    The server is started once per session; the account is new for every test and forgotten afterwards.
    """
    session, test = request.config.stash[_SESSION], _test_of(request.node)
    handle: Handle = _fail_without_traceback(
        lambda: session.open(test, settings_of(request.node, fakekit_settings))
    )
    yield handle
    test.update_about()


def _test_of(item: Any) -> Test:
    """Return the record of a test, made on first use in each attempt."""
    if _TEST not in item.stash:
        item.stash[_TEST] = item.config.stash[_SESSION].begin(item.name)
    test: Test = item.stash[_TEST]
    return test


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Forget a test's account after its last report was made."""
    try:
        return (yield)
    finally:
        with errors_of(item.config).catching("pytest_runtest_protocol"):
            _close_account(item)


def _close_account(item: pytest.Item) -> None:
    """Forget the account of a test; nothing happens when it has none."""
    test = item.stash.get(_TEST, None)
    if test is not None:
        del item.stash[_TEST]
        item.config.stash[_SESSION].close(test)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin an attempt of a test with a new account, opened at once where variables lead to it.

    pytest-rerunfailures and flaky set a test up again for each attempt, inside of one protocol.
    """
    session = item.config.stash[_SESSION]
    with errors_of(item.config).catching("pytest_runtest_setup"):
        _close_account(item)
    if session.sets_environment:
        base = _fail_without_traceback(lambda: _read_settings(item.config))
        _fail_without_traceback(lambda: session.open(_test_of(item), settings_of(item, base)))


def _read_settings(config: pytest.Config) -> Settings:
    """Return the settings of the environment and of ``pyproject.toml`` in pytest's root folder.

    Raises `fakekit.errors.SettingsError`.
    """
    from fakekit.settings import Settings
    from fakekit.settings.table import WORLD_SETTINGS

    return Settings.read({}, os.environ, config.rootpath, WORLD_SETTINGS)


def _fail_without_traceback(make: Any) -> Any:
    """Return what `make` returns; fail the test with the message alone if it raises an error of ours."""
    from fakekit.errors import FakekitError

    try:
        return make()
    except FakekitError as error:
        text = str(error)
    pytest.fail(f"fakekit: {text}", pytrace=False)
