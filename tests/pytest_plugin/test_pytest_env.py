"""`fakekit_env`, and code under test that is asynchronous: pytester runs suites in processes of their own."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from unittest import mock

import pytest

from tests.helpers.processes import serving
from tests.helpers.programs import program
from tests.helpers.project import ROOT
from tests.helpers.pytest_runs import PLAIN, run

INI = """
[pytest]
fakekit_env =
    XTRAKIT_BASE_URL
    XTRAKIT_API_KEY

    CRM_TOKEN
    CRM = {origin}/x?key={api_key}
    XTRAKIT_OLD = new
"""

APP = """
import os
import requests

BASE_URL, API_KEY = os.environ["XTRAKIT_BASE_URL"], os.environ["XTRAKIT_API_KEY"]

def ask(path, method="GET", **more):
    headers = {"Authorization": f"Bearer {API_KEY}"}
    return requests.request(method, f"{BASE_URL}/{path}", headers=headers, timeout=40, **more)
"""

CONFTEST = """
import app  # reads the environment
import pytest

@pytest.fixture(scope="session", autouse=True)
def warm_up():
    assert app.ask("customers/1").status_code == 200

@pytest.fixture(autouse=True)
def log_in():
    app.ask("customers/7")
    yield
    assert app.ask("customers/8").status_code == 200
"""

SUITE = program("env_suite.py")

FAILED = re.compile(
    r"as fk_test_fails-\S+ at http://127\.0\.0\.1:\d+/api/v1\n1\. GET /api/v1/customers/7 -> 200 .*"
    r"\n2\. GET /api/v1/customers/999 -> 404 ",
    re.S,
)


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    for name in ("XTRAKIT_BASE_URL", "XTRAKIT_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    pytester.makepyfile(app=APP, test_suite=SUITE)
    pytester.makeconftest(CONFTEST)
    pytester.makeini(INI)
    return pytester


def test_variables_lead_to_the_running_test_and_are_as_they_were_afterwards(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        run_it="""
        import os, sys, threading
        import pytest
        for options in (["--version"], ["--no-such-option"], []):
            pytest.main([*sys.argv[1:], *options])
            sys.modules.pop("app", None)
            left = [n for n in ("XTRAKIT_BASE_URL", "XTRAKIT_API_KEY", "CRM_TOKEN", "CRM") if n in os.environ]
            for thread in threading.enumerate():
                if thread is not threading.main_thread():
                    thread.join(20)  # that of the log ends a moment after the last line
            print("AFTER", options, left, os.environ["XTRAKIT_OLD"], threading.active_count())
        """
    )
    with mock.patch.dict(os.environ, {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "XTRAKIT_OLD": "old"}):
        result = suite.run(sys.executable, "run_it.py", "-p", "fakekit.pytest_plugin", *PLAIN)
    result.assert_outcomes(passed=11, failed=1)
    assert [line for line in result.outlines if line.startswith("AFTER")] == [
        "AFTER ['--version'] [] old 1",
        "AFTER ['--no-such-option'] [] old 1",
        "AFTER [] [] old 1",
    ]
    assert FAILED.search(result.stdout.str())


@pytest.mark.slow
def test_in_parallel(suite: pytest.Pytester) -> None:
    result = run(suite, "-n", "2")
    result.assert_outcomes(passed=11, failed=1)
    assert FAILED.search(result.stdout.str())
    assert (
        result.outlines.count(
            "------------------------ fakekit: requests of this test ------------------------"
        )
        == 1
    )


@pytest.mark.slow
def test_on_a_running_server(suite: pytest.Pytester, tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        result = run(suite, "-n", "2", "--fakekit-url", running.origin)
    result.assert_outcomes(passed=11, failed=1)
    assert FAILED.search(result.stdout.str())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "CRM_URL = {url}/x",
            "CRM_URL: names an unknown value; found {url}/x; write one of {base_url}, {origin}, {api_key}",
        ),
        (
            "CRM_URL = {base_url.x}",
            "CRM_URL: names an unknown value; found {base_url.x}; write one of {base_url}, {origin}, {api_key}",
        ),
        ("1BAD", "is not the name of an environment variable; found 1BAD; write CRM_URL = {base_url}"),
        (
            "http://x",
            "is not the name of an environment variable; found http://x; write CRM_URL = {base_url}",
        ),
        ("CRM_URL=", "CRM_URL: has no value; write CRM_URL = {base_url}"),
    ],
)
def test_a_wrong_line_is_told_before_anything_runs(
    pytester: pytest.Pytester, line: str, message: str
) -> None:
    pytester.makepyfile("def test_x(): pass")
    pytester.makeini(f"[pytest]\nfakekit_env = {line}\n")
    result = run(pytester)
    assert result.ret == 4
    assert f"ERROR: fakekit: fakekit_env: {message}" in result.stderr.lines
    assert "Traceback" not in result.stderr.str()


ASYNC = program("async_suite.py")


SCOPE = "asyncio_default_fixture_loop_scope=function"


@pytest.mark.slow
def test_asyncio_with_httpx_and_aiohttp_and_the_example_of_the_docs(pytester: pytest.Pytester) -> None:
    page = (ROOT / "docs" / "pytest.md").read_text("utf-8")
    config, env = blocks(page, "## Environment variables\n")
    pytester.makepyprojecttoml(config)
    pytester.makepyfile(test_env=env, test_async=ASYNC)
    options = ("-p", "pytest_asyncio.plugin", "-o", "asyncio_mode=auto", "-o", SCOPE)
    run(pytester, *options).assert_outcomes(passed=3)


def blocks(page: str, heading: str) -> list[str]:
    section = page.partition(heading)[2].partition("\n## ")[0]
    return re.findall(r"^```(?:toml|python)\n(.*?)^```$", section, re.S | re.M)
