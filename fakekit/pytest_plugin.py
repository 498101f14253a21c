"""The pytest plugin: the fixture ``xtrakit``, its settings and its mark. See ``docs/pytest.md``.

Nothing but pytest is imported until a test asks for the fixture.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from fakekit import pytest_guard
from fakekit._version import WORLD_VERSION, __version__
from fakekit.pytest_report import TITLE, spelled
from fakekit.pytest_session import Session, Test, wanted

if TYPE_CHECKING:
    from fakekit import Handle, Settings

_SESSION = pytest.StashKey[Session]()
_TEST = pytest.StashKey[Test]()
_LEANT = pytest.StashKey[dict[str, tuple[str, ...]]]()
"""What the answers to each test leaned on, by its id; those that leaned on nothing are not there."""
_UNUSED = pytest.StashKey[dict[str, tuple[str, ...]]]()
"""The faults that each test asked for and that were not used, likewise."""

MARK = (
    "fakekit(seed=..., customers=..., fixtures=..., strict=..., assumptions=..., faults=...): what the fake "
    "serves to this test; see fakekit's docs/settings.md"
)


def _limit(text: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise ValueError(text)
    return int(text)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options."""
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


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Guard the real service, and set the variables of ``fakekit_env``, before any conftest is imported."""
    pytest_guard.install(early_config)
    _set_environment(early_config)
    return (yield)


def _set_environment(early_config: pytest.Config) -> None:
    lines = early_config.getini("fakekit_env")
    if lines:
        session = early_config.stash[_SESSION] = Session(early_config)
        # Not only in pytest_unconfigure: a run with a wrong option is never configured.
        early_config.add_cleanup(session.stop)
        try:
            session.set_environment(lines, _configured(early_config).with_(host="127.0.0.1", port=0))
        except Exception as error:
            raise pytest.UsageError(f"fakekit: {error}") from None


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known, so that --strict-markers admits it."""
    pytest_guard.configure(config)
    config.addinivalue_line("markers", MARK)
    config.stash.setdefault(_SESSION, Session(config))
    config.stash[_LEANT], config.stash[_UNUSED] = {}, {}
    reports = _Reports(config.stash[_LEANT], config.stash[_UNUSED])
    config.pluginmanager.register(reports, "fakekit-reports")


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what still runs."""
    if _SESSION in config.stash:
        config.stash[_SESSION].stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put what is known of a test into its report, which is what reaches xdist's controller."""
    report = yield
    test = item.stash.get(_TEST, None)
    if test is None or test.handle is None:
        return report
    if report.failed and (text := item.config.stash[_SESSION].report(test)):
        report.sections.append((TITLE, text))
    if report.when == "teardown":
        report.fakekit_assumed = tuple(test.about.get("assumed", ()))  # type: ignore[attr-defined]
        report.fakekit_unused = tuple(map(spelled, test.about.get("unused", ())))  # type: ignore[attr-defined]
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Look once more at the account of a test that did not ask for it."""
    if _TEST in item.stash:
        item.stash[_TEST].look()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """End the server, unless variables lead to it, and fail a run that leaned on more than it may."""
    if not session.config.stash[_SESSION].leads_here:  # not with the last fixture: its failure has a section
        session.config.stash[_SESSION].stop()
    most = session.config.getoption("fakekit_max_assumed")
    if most is not None and len(_leant(session.config)) > most and session.exitstatus in (0, 5):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """One line of what was leaned on; nothing where everything was documented."""
    names, write = _leant(config), terminalreporter.write_line
    if config.getoption("fakekit_ledger"):
        for test, leant in config.stash[_LEANT].items():
            write(f"fakekit: {test}: {', '.join(leant)}")
    for test, unused in config.stash[_UNUSED].items():
        for fault in unused:
            write(f"fakekit: {test}: a fault was not used as often as it might: {fault}", yellow=True)
    if names:
        several = "s" if len(names) > 1 else ""
        write(f"fakekit: leaned on {len(names)} assumption{several}: {', '.join(names)}")
    most = config.getoption("fakekit_max_assumed")
    if most is not None and len(names) > most:
        write(f"fakekit: that is more than the {most} of --fakekit-max-assumed", red=True)


class _Reports:
    """Collects from every report, also those that xdist's workers send, what is known of its test."""

    def __init__(self, leant: dict[str, tuple[str, ...]], unused: dict[str, tuple[str, ...]]) -> None:
        self.leant, self.unused = leant, unused

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One report."""
        for name, collected in (("fakekit_assumed", self.leant), ("fakekit_unused", self.unused)):
            found = getattr(report, name, ())
            if found:
                collected[report.nodeid] = tuple(found)


def _leant(config: pytest.Config) -> list[str]:
    """The assumptions of the whole run, each once, in the order of their names."""
    return sorted({name for leant in config.stash[_LEANT].values() for name in leant})


def pytest_report_header(config: pytest.Config) -> str:
    """Say which world the fixture will serve, and who said so."""
    from fakekit.errors import FakekitError

    try:
        settings = _configured(config)
    except FakekitError as error:
        return f"fakekit: {error}"
    said = f"seed {settings.seed} ({settings.sources['seed']})"
    where = config.getoption("fakekit_url")
    if where:
        return f"fakekit: at {where} (fakekit {__version__} here)"
    world = f"world {WORLD_VERSION} (fakekit {__version__})"
    told = [f"fakekit: {said}, {world}"]
    for name in ("customers", "fixtures", "strict", "assumptions"):
        if settings.sources[name] != "default":
            told.append(f"{name} ({settings.sources[name]})")
    warnings = "".join(f"\nfakekit: warning: {warning}" for warning in settings.warnings)
    return ", ".join(told) + warnings


@pytest.fixture(scope="session")
def fakekit_settings(pytestconfig: pytest.Config) -> Settings | Mapping[str, Any]:
    """What the fake serves: by default what the environment and ``[tool.fakekit]`` say.

    Override it in a conftest, a module or a class, and return a dict of settings: ``{"seed": 7}``.
    """
    settings: Settings = _told(lambda: _configured(pytestconfig))
    return settings


@pytest.fixture
def xtrakit(
    request: pytest.FixtureRequest, fakekit_settings: Settings | Mapping[str, Any]
) -> Iterator[Handle]:
    """A running fake with an account of this test's own: a `fakekit.Handle`.

    The server is started once per session; the account is new for every test and forgotten afterwards.
    """
    session, test = request.config.stash[_SESSION], _test_of(request.node)
    handle: Handle = _told(lambda: session.open(test, wanted(request.node, fakekit_settings)))
    yield handle
    test.look()


def _test_of(item: Any) -> Test:
    if _TEST not in item.stash:
        item.stash[_TEST] = item.config.stash[_SESSION].begin(item.name)
    test: Test = item.stash[_TEST]
    return test


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Close a test's account when its last report was made."""
    session = item.config.stash[_SESSION]
    try:
        return (yield)
    finally:
        if _TEST in item.stash:
            session.close(item.stash[_TEST])
            del item.stash[_TEST]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Where variables lead the code under test here, every test has an account."""
    session = item.config.stash[_SESSION]
    if session.leads_here:
        base = _told(lambda: _configured(item.config))
        _told(lambda: session.open(_test_of(item), wanted(item, base)))


def _configured(config: pytest.Config) -> Settings:
    """The settings of the environment and of ``pyproject.toml`` in pytest's root folder."""
    from fakekit.settings import Settings

    return Settings.read({}, os.environ, config.rootpath)


def _told(make: Any) -> Any:
    """The result, or a failure that says what to do instead of a traceback through fakekit."""
    from fakekit.errors import FakekitError

    try:
        return make()
    except FakekitError as error:
        text = str(error)
    pytest.fail(f"fakekit: {text}", pytrace=False)
