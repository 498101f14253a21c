"""Accounts of a pytest run in a store: only by the ini value, for workers and runs that share them."""

from __future__ import annotations

from pathlib import Path

import pytest

import fakekit
from tests.helpers.pytest_runs import run

pytestmark = pytest.mark.slow

SUITE = """
import pytest
import requests

@pytest.mark.parametrize("n", range(4))
def test_it(xtrakit, n):
    assert xtrakit.add_customer(customer_name="Ama")["id"] == 51
    answer = requests.get(xtrakit.url("customers/51"), headers=xtrakit.headers, timeout=40)
    assert answer.json()["data"]["customer"]["customer_name"] == "Ama"
    xtrakit.assert_requested("GET", "customers/51", times=1)
"""


@pytest.mark.parametrize("options", [(), ("-n", "2"), ("--fakekit-server", "process")])
def test_workers_and_runs_share_a_store_and_no_test_meets_another(
    pytester: pytest.Pytester, options: tuple[str, ...]
) -> None:
    pytester.makeini("[pytest]\nfakekit_state = run.db\n")
    pytester.makepyfile(SUITE)
    for _ in range(2):
        run(pytester, *options).assert_outcomes(passed=4)
    assert (pytester.path / "run.db").exists()
    server = fakekit.FakeServer(state=pytester.path / "run.db")
    with server:  # tests deleted their accounts
        assert [about["key"] for about in server.do("accounts")] == ["fk_demo"]


def test_what_a_developer_keeps_is_not_for_tests(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKEKIT_STATE", "mine.db")
    pytester.makepyprojecttoml('[tool.fakekit]\nstate = "mine.db"\n')
    pytester.makepyfile("def test_it(xtrakit):\n    assert xtrakit.add_customer()['id'] == 51\n")
    run(pytester).assert_outcomes(passed=1)
    assert not Path(pytester.path / "mine.db").exists()


def test_a_store_that_cannot_be_used_fails_each_test_with_what_to_do(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nfakekit_state = mysql://ama:geheim@db/fake\n")
    pytester.makepyfile("def test_it(xtrakit): pass\n")
    result = run(pytester)
    result.assert_outcomes(errors=1)
    text = "\n".join([*result.outlines, *result.errlines])
    assert "fakekit: fakekit_state: must be memory, the name of a file, or postgresql://" in text
    assert "geheim" not in text
