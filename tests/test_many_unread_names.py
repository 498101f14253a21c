"""More names that no endpoint reads than an account stores."""

from __future__ import annotations

import pytest
import requests

import fakekit
from tests.helpers.processes import PATIENCE
from tests.helpers.pytest_runs import run


def send_unread(xtrakit: fakekit.Handle, letters: str) -> None:
    """Send a request with ten unknown parameters for each letter."""
    for letter in letters:
        query = "&".join(f"{letter}{number}=1" for number in range(10))
        requests.get(xtrakit.url(f"customers?{query}"), headers=xtrakit.headers, timeout=PATIENCE)


def test_names_beyond_the_limit_are_one_further_line() -> None:
    with pytest.raises(AssertionError) as failure, fakekit.FakeServer(unread="fail") as xtrakit:
        send_unread(xtrakit, "abcdefghijkl")
    lines = str(failure.value).splitlines()
    assert len(lines) == 101
    assert lines[99] == "GET /api/v1/customers does not read j9"
    assert lines[100] == "GET /api/v1/customers does not read further names; the first 100 are listed"


def test_exactly_as_many_names_as_the_limit_have_no_further_line() -> None:
    with pytest.raises(AssertionError) as failure, fakekit.FakeServer(unread="fail") as xtrakit:
        send_unread(xtrakit, "abcdefghij" * 2)
    assert str(failure.value).count("does not read") == 100


SHARED_SUITE = """
import requests

def send(account, query):
    requests.get(account.url(f"sales?{query}"), headers=account.headers, timeout=40)

def test_many(xtrakit_server):
    for letter in "abcdefghij":
        send(xtrakit_server.account("crm"), "&".join(f"{letter}{number}=1" for number in range(10)))

def test_new_name(xtrakit_server):
    send(xtrakit_server.account("crm"), "colour=red")
"""


@pytest.mark.slow
def test_a_name_beyond_the_limit_fails_a_later_test_of_a_shared_account(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nfakekit_unread = fail\n")
    pytester.makepyfile(SHARED_SUITE)
    result = run(pytester)
    result.assert_outcomes(failed=2)
    assert "  GET /api/v1/sales does not read colour" in result.outlines
