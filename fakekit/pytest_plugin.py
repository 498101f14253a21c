"""The pytest plugin: the fixture ``xtrakit``, its settings and its mark. See ``docs/pytest.md``.

Nothing but pytest is imported until a test asks for the fixture.
"""

from __future__ import annotations

import itertools
import os
import re
from collections import OrderedDict
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fakekit import pytest_guard
from fakekit._version import WORLD_VERSION, __version__

if TYPE_CHECKING:
    from fakekit import FakeServer, Handle, Settings

KEPT = 8
"""How many servers a session keeps running, each with other settings."""

_ASSUMED = pytest.StashKey[tuple[str, ...]]()
"""What the answers to a test leaned on."""
_LEANT = pytest.StashKey[dict[str, tuple[str, ...]]]()
"""The same of every test of the run, by its id; those that leaned on nothing are not there."""

MARK = (
    "fakekit(seed=..., customers=..., fixtures=..., strict=..., assumptions=...): what the fake serves to "
    "this test; see fakekit's docs/settings.md"
)


def _limit(text: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise ValueError(text)
    return int(text)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the ledger."""
    group = parser.getgroup("fakekit")
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
    """Guard the real service before any conftest is imported."""
    pytest_guard.install(early_config)
    return (yield)


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known, so that --strict-markers admits it."""
    pytest_guard.configure(config)
    config.addinivalue_line("markers", MARK)
    config.stash[_LEANT] = {}
    config.pluginmanager.register(_Reports(config.stash[_LEANT]), "fakekit-ledger")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put what a test leaned on into its report, which is what reaches xdist's controller."""
    report = yield
    if report.when == "teardown":
        report.fakekit_assumed = item.stash.get(_ASSUMED, ())  # type: ignore[attr-defined]
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that leaned on more than it may."""
    most = session.config.getoption("fakekit_max_assumed")
    if most is not None and len(_leant(session.config)) > most and session.exitstatus in (0, 5):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """One line of what was leaned on; nothing where everything was documented."""
    names, write = _leant(config), terminalreporter.write_line
    if config.getoption("fakekit_ledger"):
        for test, leant in config.stash[_LEANT].items():
            write(f"fakekit: {test}: {', '.join(leant)}")
    if names:
        several = "s" if len(names) > 1 else ""
        write(f"fakekit: leaned on {len(names)} assumption{several}: {', '.join(names)}")
    most = config.getoption("fakekit_max_assumed")
    if most is not None and len(names) > most:
        write(f"fakekit: that is more than the {most} of --fakekit-max-assumed", red=True)


class _Reports:
    """Collects from every report, also those that xdist's workers send, what its test leaned on."""

    def __init__(self, leant: dict[str, tuple[str, ...]]) -> None:
        self.leant = leant

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One report."""
        names = getattr(report, "fakekit_assumed", ())
        if names:
            self.leant[report.nodeid] = tuple(names)


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
    request: pytest.FixtureRequest,
    fakekit_settings: Settings | Mapping[str, Any],
    _fakekit_servers: _Servers,
) -> Iterator[Handle]:
    """A running fake with an account of this test's own: a `fakekit.Handle`.

    The server is started once per session (and once for each other set of settings); the account is new
    for every test and forgotten afterwards.
    """
    settings = _told(lambda: _wanted(request, fakekit_settings))
    server = _told(lambda: _fakekit_servers.serving(settings))
    key = _fakekit_servers.key_for(request.node.name)
    handle: Handle = _told(lambda: server.account(key))
    yield handle
    request.node.stash[_ASSUMED] = handle.assumptions
    server.close_account(key)


@pytest.fixture(scope="session")
def _fakekit_servers() -> Iterator[_Servers]:
    servers = _Servers()
    yield servers
    servers.stop()


class _Servers:
    """The servers of this session, one per set of settings: the last `KEPT` that were used."""

    def __init__(self) -> None:
        self._running: OrderedDict[Any, FakeServer] = OrderedDict()
        self._numbers = itertools.count(1)

    def serving(self, settings: Settings) -> FakeServer:
        """A running server. A fixture file that has changed since makes another one."""
        from fakekit.server import FakeServer

        wanted = (settings, tuple(_stamp(path) for path in settings.fixtures))
        if wanted not in self._running:
            server = FakeServer(settings)
            server.start()
            self._running[wanted] = server
            if len(self._running) > KEPT:
                self._running.popitem(last=False)[1].stop()
        self._running.move_to_end(wanted)
        return self._running[wanted]

    def key_for(self, test: str) -> str:
        """A key that nobody had before, readable in the log: ``fk_test_add_customer-12``."""
        name = re.sub(r"[^A-Za-z0-9_]+", "-", test)[:48].strip("-")
        return f"fk_{name}-{next(self._numbers)}"

    def stop(self) -> None:
        for server in self._running.values():
            server.stop()


def _stamp(path: Path) -> tuple[tuple[str, int, int], ...]:
    """What tells a file, or the files of a folder, from an earlier state of it."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    stats = [(file.name, file.stat()) for file in files if file.exists()]
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


def _configured(config: pytest.Config) -> Settings:
    """The settings of the environment and of ``pyproject.toml`` in pytest's root folder."""
    from fakekit.settings import Settings

    return Settings.read({}, os.environ, config.rootpath)


def _wanted(request: pytest.FixtureRequest, base: Settings | Mapping[str, Any]) -> Settings:
    """The settings of one test: its marks, the closest first, over the fixture's."""
    from fakekit.errors import Problem, SettingsError
    from fakekit.settings import Settings

    if not isinstance(base, Settings):
        if not isinstance(base, Mapping):
            problem = Problem("fakekit_settings", "must return settings", repr(base), 'a dict: {"seed": 7}')
            raise SettingsError(problem)
        values = _app_settings(base, "fakekit_settings")
        if "fixtures" in values:
            values["fixtures"] = _beside(request.config.rootpath, values["fixtures"])
        base = Settings.of(**values)
    base = base.with_(host="127.0.0.1", port=0)
    for mark in reversed(list(request.node.iter_markers("fakekit"))):
        if mark.args:
            problem = Problem("@pytest.mark.fakekit", "takes keyword arguments only", "", "seed=7")
            raise SettingsError(problem)
        of_the_fake = {name: mark.kwargs[name] for name in mark.kwargs if name not in pytest_guard.WORDS}
        values = _app_settings(of_the_fake, "@pytest.mark.fakekit", pytest_guard.WORDS)
        if "fixtures" in values:
            values["fixtures"] = _beside(request.node.path.parent, values["fixtures"])
        base = base.with_(**values)
    return base


def _app_settings(values: Mapping[str, Any], where: str, others: Sequence[str] = ()) -> dict[str, Any]:
    """Only what concerns the app: the fixture's server has a free port of its own.

    others: what may stand there too, to suggest it.
    """
    from fakekit.errors import Problem, SettingsError, suggest
    from fakekit.settings import TABLE

    known = [setting.name for setting in TABLE if not setting.serving]
    for name in values:
        if name not in known:
            what = "is not a setting of the fake's"
            raise SettingsError(Problem(f"{where}: {name}", what, "", suggest(name, [*known, *others])))
    return dict(values)


def _beside(folder: Any, paths: Any) -> Any:
    """Paths in a mark are meant from the test's own folder, in ``fakekit_settings`` from pytest's root."""
    if isinstance(paths, str | os.PathLike):
        paths = [paths]
    return [folder / path for path in paths] if isinstance(paths, list | tuple) else paths


def _told(make: Any) -> Any:
    """The result, or a failure that says what to do instead of a traceback through fakekit."""
    from fakekit.errors import FakekitError

    try:
        return make()
    except FakekitError as error:
        text = str(error)
    pytest.fail(f"fakekit: {text}", pytrace=False)
