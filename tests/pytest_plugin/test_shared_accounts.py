"""Accounts that tests share: their keys, their assumptions, what they cost tests that do not use the fake."""

from __future__ import annotations

import os

import pytest

import fakekit
from tests.helpers.programs import program
from tests.helpers.pytest_runs import run

pytestmark = pytest.mark.slow

INI = "[pytest]\nfakekit_env =\n  XTRAKIT_BASE_URL\n  XTRAKIT_API_KEY\n"


def test_no_name_of_an_account_is_like_the_key_of_a_test(pytester: pytest.Pytester) -> None:
    pytester.makeini(INI)
    pytester.makepyfile(program("shared_keys.py"))
    run(pytester).assert_outcomes(passed=3)


def test_a_test_without_the_fake_costs_one_request_to_a_server_elsewhere_and_none_once_it_is_gone(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(conftest=program("counted_requests.py"), test_it=program("counted_suite.py"))
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
    requests.get(account.url("customers/999"), headers=account.headers, timeout=40)
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
            "fakekit: the run relies on 2 assumptions (fine: no page of the vendor says it, so fakekit chose): missing.error, missing.status",
        ]
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_with_a_process_for_each_test_only_those_that_use_the_handle_fail(pytester: pytest.Pytester) -> None:
    pytester.makeini(INI)
    pytester.makepyfile(conftest=program("forking.py"), test_it=program("forked_suite.py"))
    result = run(pytester, "-W", "ignore::DeprecationWarning")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["fakekit: this is a forked child, and the fake runs in its parent*"])
    assert not [line for line in result.outlines if line.startswith("fakekit: pytest_")]
