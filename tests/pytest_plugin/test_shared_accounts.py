"""Accounts that tests share: their keys, their assumptions, what they cost tests that do not use the fake."""

from __future__ import annotations

import os

import pytest

import fakekit
from tests.helpers.pytest_runs import run

pytestmark = pytest.mark.slow

INI = "[pytest]\nfakekit_env =\n  XTRAKIT_BASE_URL\n  XTRAKIT_API_KEY\n"

KEYS = """
import os, requests

def name_of(key):
    url, headers = os.environ["XTRAKIT_BASE_URL"], {"Authorization": f"Bearer {key}"}
    answer = requests.get(f"{url}/customers/51", headers=headers, timeout=5)
    return answer.json()["data"]["customer"]["customer_name"]

def test_the_alias(xtrakit, xtrakit_server):
    xtrakit.add_customer(customer_name="Own")
    xtrakit_server.account("running_test").add_customer(customer_name="Shared")
    assert name_of(os.environ["XTRAKIT_API_KEY"]) == "Own"

def test_open(xtrakit_server):
    xtrakit_server.account("test_closed-3").add_customer(customer_name="Shared")

def test_closed(xtrakit, xtrakit_server):
    assert xtrakit.api_key == "fk_test_closed-3"
    assert name_of(xtrakit_server.account("test_closed-3").api_key) == "Shared"
"""


def test_no_name_of_an_account_is_like_the_key_of_a_test(pytester: pytest.Pytester) -> None:
    pytester.makeini(INI)
    pytester.makepyfile(KEYS)
    run(pytester).assert_outcomes(passed=3)


COUNTING = """
import fakekit.testing.remote, pytest

COUNTS, FAILS, REAL = [0], [], fakekit.testing.remote.send_request

def count(*args, **options):
    COUNTS[0] += 1
    if FAILS:
        raise ConnectionRefusedError
    return REAL(*args, **options)

fakekit.testing.remote.send_request = count

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    COUNTS[0] = 0
    yield
    print(item.name, "sent", COUNTS[0])
    return True
"""

COUNTED = """
import conftest

def test_open(xtrakit_server):
    for name in ("a", "b", "c"):
        xtrakit_server.account(name)

def test_plain(): pass

def test_gone(): conftest.FAILS.append(1)

def test_first_after(): pass

def test_second_after(): pass
"""


def test_a_test_without_the_fake_costs_one_request_to_a_server_elsewhere_and_none_once_it_is_gone(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(conftest=COUNTING, test_it=COUNTED)
    with fakekit.FakeServer() as handle:
        result = run(pytester, "-s", "--fakekit-url", handle.origin)
    result.assert_outcomes(passed=5)
    lines = [line.lstrip(".") for line in result.outlines if " sent " in line]
    assert lines[1:] == [
        "test_plain sent 1",
        "test_gone sent 1",
        "test_first_after sent 1",
        "test_second_after sent 0",
    ]


ASSUMED = """
import requests

def test_x(xtrakit_server):
    account = xtrakit_server.account("crm")
    requests.get(account.url("customers/999"), headers=account.headers, timeout=5)
"""


@pytest.mark.parametrize("options", [(), pytest.param(("-n", "1"), marks=pytest.mark.slow)])
def test_their_assumptions_are_in_the_summary_once(
    pytester: pytest.Pytester, options: tuple[str, ...]
) -> None:
    pytester.makepyfile(ASSUMED)
    result = run(pytester, "--fakekit-ledger", "--fakekit-max-assumed", "1", *options)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        [
            "fakekit: accounts that tests share: missing.*",
            "fakekit: the run relies on 2 assumptions: missing.error, missing.status",
        ]
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED


FORKING = """
import json, os, pytest
from _pytest.runner import runtestprotocol

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    '''As pytest-forked does: each test in a child.'''
    hook, config = item.config.hook, item.config
    reader, writer = os.pipe()
    if os.fork() == 0:
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
        data = [hook.pytest_report_to_serializable(config=config, report=report) for report in reports]
        os.write(writer, json.dumps(data).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        for data in json.load(stream):
            report = hook.pytest_report_from_serializable(config=config, data=data)
            item.ihook.pytest_runtest_logreport(report=report)
    os.wait()
    return True
"""

FORKED = """
import os, pytest, requests

@pytest.fixture(scope="module")
def wide():
    return 1

def test_plain(wide): assert 1

def test_by_the_variables():
    headers = {"Authorization": "Bearer " + os.environ["XTRAKIT_API_KEY"]}
    url = os.environ["XTRAKIT_BASE_URL"]
    assert requests.get(f"{url}/customers/1", headers=headers, timeout=5).status_code == 200

def test_by_the_handle(xtrakit): pass
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_with_a_process_for_each_test_only_those_that_use_the_handle_fail(pytester: pytest.Pytester) -> None:
    pytester.makeini(INI)
    pytester.makepyfile(conftest=FORKING, test_it=FORKED)
    result = run(pytester, "-W", "ignore::DeprecationWarning")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(
        ["E * RuntimeError: this is a forked child, and the fake runs in its parent*"]
    )
    assert not [line for line in result.outlines if line.startswith("fakekit: pytest_")]
