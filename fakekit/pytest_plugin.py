"""The pytest plugin: the fixture ``xtrakit``, its settings and its mark. See ``docs/pytest.md``.

Nothing but pytest is imported until a test asks for the fixture.
"""

from __future__ import annotations

import itertools
import os
import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fakekit._version import WORLD_VERSION, __version__

if TYPE_CHECKING:
    from fakekit import FakeServer, Handle, Settings

KEPT = 8
"""How many servers a session keeps running, each with other settings."""

MARK = (
    "fakekit(seed=..., customers=..., fixtures=..., strict=...): what the fake serves to this test; "
    "see fakekit's docs/settings.md"
)


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known, so that --strict-markers admits it."""
    config.addinivalue_line("markers", MARK)


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
    for name in ("customers", "fixtures", "strict"):
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
        values = _app_settings(mark.kwargs, "@pytest.mark.fakekit")
        if "fixtures" in values:
            values["fixtures"] = _beside(request.node.path.parent, values["fixtures"])
        base = base.with_(**values)
    return base


def _app_settings(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Only what concerns the app: the fixture's server has a free port of its own."""
    from fakekit.errors import Problem, SettingsError, suggest
    from fakekit.settings import TABLE

    known = [setting.name for setting in TABLE if not setting.serving]
    for name in values:
        if name not in known:
            what = "is not a setting of the fake's"
            raise SettingsError(Problem(f"{where}: {name}", what, "", suggest(name, known)))
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
