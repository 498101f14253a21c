"""`fakekit_env`, and code under test that is asynchronous: pytester runs suites in processes of their own."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from unittest import mock

import pytest

from tests.helpers.processes import serving
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
    return requests.request(method, f"{BASE_URL}/{path}", headers=headers, timeout=5, **more)
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

SUITE = """
import os
import app, pytest

def asked(xtrakit):
    paths = [str(request).partition("/v1/")[2] for request in xtrakit.requests]
    return [path for path in paths if not path.startswith("customers/1 ")]  # the session's, in its first test

def test_all_of_them(xtrakit):
    assert os.environ["XTRAKIT_BASE_URL"] == xtrakit.base_url
    key = os.environ["XTRAKIT_API_KEY"]
    assert key.startswith("fk_running_test") and key != xtrakit.api_key
    assert os.environ["CRM_TOKEN"] == key
    assert os.environ["CRM"] == f"{xtrakit.origin}/x?key={key}"
    assert os.environ["XTRAKIT_OLD"] == "new"

@pytest.mark.parametrize("turn", range(3))
def test_the_key_leads_to_this_tests_account(xtrakit, turn):
    assert xtrakit.add_customer(customer_name=f"Ama {turn}")["id"] == 51
    assert app.ask("customers/51").json()["data"]["customer"]["customer_name"] == f"Ama {turn}"
    assert asked(xtrakit) == ["customers/7 -> 200", "customers/51 -> 200"]

@pytest.mark.parametrize("turn", range(3))
def test_also_of_one_that_does_not_ask_for_it(turn):
    group = {"group_name": "G", "group_description": "d"}
    assert app.ask("customer-groups/add", "POST", json=group).json()["data"]["group"]["id"] == 6

def test_or_asks_late(request):
    app.ask("customers/2", "DELETE")
    assert asked(request.getfixturevalue("xtrakit")) == ["customers/7 -> 200", "customers/2 -> 204"]

@pytest.mark.fakekit(customers=8)
def test_marked():
    assert app.ask("customers/9").status_code == 404

@pytest.mark.fakekit(customers=9)
def test_marked_and_asked_for(xtrakit):
    assert app.ask("customers/9").status_code == 200
    assert app.ask("customers/10").status_code == 404
    assert asked(xtrakit)[0] == "customers/7 -> 200"

class TestSettings:
    @pytest.fixture
    def fakekit_settings(self):
        return {"customers": 20}

    def test_fixture(self, xtrakit):
        assert app.ask("customers/21").status_code == 404
        assert app.ask("customers/20").status_code == 200

def test_fails():
    app.ask("customers/999")
    assert 0
"""

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


def test_a_wrong_placeholder_is_told_before_anything_runs(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_x(): pass")
    pytester.makeini("[pytest]\nfakekit_env = CRM_URL = {url}/x\n")
    result = run(pytester)
    assert result.ret == 4
    told = "ERROR: fakekit: fakekit_env: CRM_URL: names an unknown value; found {url}/x; write {base_url} or {api_key}"
    assert told in result.stderr.lines
    assert "Traceback" not in result.stderr.str()


ASYNC = """
import asyncio
import httpx, pytest

@pytest.fixture
async def client(xtrakit):
    async with httpx.AsyncClient(base_url=xtrakit.base_url, headers=xtrakit.headers) as client:
        yield client

async def test_many_at_once(xtrakit, client):
    held = xtrakit.delay(50, "GET", "customers/1")
    late = asyncio.create_task(client.get("/customers/1"))
    answers = await asyncio.gather(*(client.get(f"/customers/{n}") for n in range(2, 12)))
    assert {answer.status_code for answer in answers} == {200}
    assert not late.done()
    late.cancel()
    xtrakit.remove_fault(held)
    assert (await client.get("/customers/1")).status_code == 200
    await asyncio.to_thread(xtrakit.wait_for, "GET", "customers/*", times=11)

async def test_a_late_answer_is_a_timeout(xtrakit, client):
    xtrakit.delay(5)
    with pytest.raises(httpx.ReadTimeout):
        await client.get("/customers/1", timeout=httpx.Timeout(20, read=0.1))
"""


SCOPE = "asyncio_default_fixture_loop_scope=function"


@pytest.mark.slow
def test_asyncio_with_httpx_and_aiohttp_and_the_examples_of_the_docs(pytester: pytest.Pytester) -> None:
    page = (ROOT / "docs" / "pytest.md").read_text("utf-8")
    config, env = blocks(page, "## Environment variables\n")
    (code,) = blocks(page, "## With asyncio\n")
    pytester.makepyprojecttoml(config)
    pytester.makepyfile(test_docs=code, test_env=env, test_async=ASYNC)
    options = ("-p", "pytest_asyncio.plugin", "-o", "asyncio_mode=auto", "-o", SCOPE)
    run(pytester, *options).assert_outcomes(passed=5)


def blocks(page: str, heading: str) -> list[str]:
    section = page.partition(heading)[2].partition("\n## ")[0]
    return re.findall(r"^```(?:toml|python)\n(.*?)^```$", section, re.S | re.M)
