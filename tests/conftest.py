from __future__ import annotations

import gc
import os
import signal
import uuid
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings

import fakekit
from tests.helpers.control_api import Fake, Key, asking
from tests.helpers.postgresql import Postgresql, postgresql
from tests.helpers.processes import ALONE, PATIENCE, Server, drain, serving
from tests.helpers.vendor_api import Api

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest_plugins = ["pytester"]
collect_ignore = ["matrix"]  # a suite of its own, see tests/matrix/run.py
if find_spec("playwright") is None:  # the quick tests need none, so their environment has none
    collect_ignore += ["console/browser", "test_site.py"]

settings.register_profile(
    "fakekit",
    deadline=None,
    derandomize=True,
    # How long it takes to make examples says how busy the machine is.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.register_profile("random", settings.get_profile("fakekit"), derandomize=False)
settings.load_profile(
    "fakekit"
)  # the same examples in each run; --hypothesis-profile random looks for others


@pytest.fixture(scope="session", autouse=True)
def _answers_are_held_against_the_contract() -> Iterator[None]:
    """Of every server in this process; those in processes of their own are told by `serving`."""
    with mock.patch("fakekit.api.service.Service.checks_responses", True):
        yield


@pytest.fixture(scope="session", params=["gunicorn", ALONE])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One default server on each thing that serves, for all tests that only ask."""
    with serving(tmp_path_factory.mktemp("server"), "--server", request.param) as running:
        drain(running)
        yield running


@pytest.fixture(scope="module")
def fake() -> Iterator[fakekit.FakeServer]:
    """A server in this process, for the tests of a module."""
    server = fakekit.FakeServer(seed=1)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def xtrakit(fake: fakekit.FakeServer) -> Iterator[fakekit.Handle]:
    """A key of the test's own on that server."""
    key = f"fk_{uuid.uuid4().hex}"
    yield fake.account(key)
    fake.close_account(key)


@pytest.fixture(scope="module")
def over_http(fake: fakekit.FakeServer) -> Iterator[Fake]:
    """That server, asked by HTTP: the vendor's API and the control API."""
    with asking(fake.account("fk_demo").origin) as asked:
        yield asked


@pytest.fixture
def key(over_http: Fake) -> Key:
    """A key of it that nobody used before."""
    return over_http.key()


@pytest.fixture
def api(xtrakit: fakekit.Handle) -> Iterator[Api]:
    """The vendor's API, asked with that key."""
    with Api(xtrakit.origin, xtrakit.api_key) as asking:
        yield asking


@pytest.fixture(scope="session")
def database_server() -> Iterator[Postgresql]:
    """A PostgreSQL of this run."""
    with postgresql() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def state_location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where accounts can be stored, for `--state`: nothing is there yet."""
    if request.param == "sqlite":
        return str(tmp_path / "state.db")
    server: Postgresql = request.getfixturevalue("database_server")
    return server.new_database()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The Chromium of the system, which `make programs` installs."""
    from playwright.sync_api import expect, sync_playwright

    from tests.helpers.screenshots import ARGUMENTS, CHROMIUM

    expect.set_options(timeout=PATIENCE * 1000)  # its own 5 seconds are too few on a busy machine
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


def pytest_configure() -> None:
    """Let processes that tests start take all signals, also where this one was started to ignore some.

    A shell lets what it leaves in the background ignore SIGINT and SIGQUIT, and nohup SIGHUP. What is ignored
    is so in each process that is started, and one that a test ends by such a signal would go on. What a
    function handles is not: this process goes on ignoring them.
    """
    for name in ("SIGHUP", "SIGINT", "SIGQUIT"):
        number = getattr(signal, name, None)  # Windows has SIGINT only
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


def pytest_collection_finish() -> None:
    """Take the quarter of a million objects of the tests out of all later collections of garbage.

    pytest asks for five full ones at the end of each run, so of each that a test makes in this process.
    """
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped and os.environ.get("CI"):
        terminalreporter.write_line("A skipped test is a failure in CI.", red=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A test skipped in CI is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
