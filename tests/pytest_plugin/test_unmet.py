"""The settings ``unread`` and ``unused``: names that no endpoint reads, and faults that were not used."""

from __future__ import annotations

import warnings

import pytest
import requests

import fakekit
from tests.helpers.processes import PATIENCE
from tests.helpers.programs import program
from tests.helpers.pytest_runs import run

UNREAD = "fakekit: requests of this test have parameters or fields that their endpoint does not read:"
UNUSED = "fakekit: faults of this test were not used as often as they might:"
AT_THE_END = [
    "fakekit: GET /api/v1/customers does not read page (sent in *::test_pages* and 1 more test)",
    "fakekit: GET /api/v1/customers does not read custmer_group_id; did you mean customer_group_id? (sent in"
    " test_unmet_suite.py::test_pages)",
    "fakekit: GET /api/v1/sales/{invoice_code} does not read colour (sent in accounts that tests share)",
    "fakekit: test_unmet_suite.py::test_pages_again: a fault was not used as often as it might:"
    " fail=503,times=2 (used 0 of 2 times)",
]


@pytest.mark.parametrize(
    "options",
    [(), pytest.param(("-n", "2", "--fakekit-server", "process"), marks=pytest.mark.slow)],
    ids=["thread", "xdist"],
)
def test_a_run_warns_by_default_and_a_mark_decides_for_a_test(
    pytester: pytest.Pytester, options: tuple[str, ...]
) -> None:
    pytester.makepyfile(test_unmet_suite=program("unmet_suite.py"))
    result = run(pytester, *options)
    result.assert_outcomes(passed=4, failed=2)
    lines = result.outlines
    at = lines.index(UNREAD)
    assert lines[at + 1 : at + 3] == [
        "  POST /api/v1/customers/add does not read custmer_name; did you mean customer_name?",
        "  POST /api/v1/sales/add does not read sales-item[0].quantty; did you mean quantity?",
    ]
    assert lines[lines.index(UNUSED) + 1] == (
        '  test_unmet_suite.py:39: xtrakit.respond( "GET", "customers/*", text="moved", times=2, ): '
        "respond=200,method=GET,path=customers/*,times=2 (used 1 of 2 times)"
    )
    for line in AT_THE_END:
        result.stdout.fnmatch_lines([line.replace("[", "[[]")])
    assert "limit" not in "".join(line for line in lines if "does not read" in line)


@pytest.mark.slow
@pytest.mark.parametrize("where", ["ini", "variable", "pyproject", "conftest"])
def test_the_whole_run_fails_where_it_is_set(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    pytester.makepyfile(test_unmet_suite=program("unmet_suite.py"))
    if where == "ini":
        pytester.makeini("[pytest]\nfakekit_unread = fail\nfakekit_unused = fail\n")
        monkeypatch.setenv("FAKEKIT_UNUSED", "note")
    elif where == "variable":
        monkeypatch.setenv("FAKEKIT_UNREAD", "fail")
    elif where == "pyproject":
        pytester.makepyprojecttoml('[tool.fakekit]\nunread = "fail"\n')
    else:
        pytester.makeini("[pytest]\nfakekit_unread = fail\n")
        pytester.makeconftest(
            "import pytest\n@pytest.fixture(scope='session')\ndef fakekit_settings(): return {'seed': 3}\n"
        )
    run(pytester).assert_outcomes(passed=1, failed=5)


@pytest.mark.slow
def test_a_value_that_is_none_is_told(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nfakekit_unread = warm\n")
    pytester.makepyfile("def test_x(xtrakit): pass\n")
    result = run(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["fakekit: fakekit_unread: must be one of note, warn, fail; found 'warm'"])


def use(xtrakit: fakekit.Handle) -> None:
    requests.get(xtrakit.url("customers?page=2"), headers=xtrakit.headers, timeout=PATIENCE)
    xtrakit.fail(503, "GET", "sales")


def test_a_server_of_ones_own_tells_it_when_its_block_ends() -> None:
    with warnings.catch_warnings(), fakekit.FakeServer() as xtrakit:
        warnings.simplefilter("error")
        use(xtrakit)
        assert xtrakit.last_request is not None
        assert xtrakit.last_request.unread == ("page",)
        assert xtrakit.about["unread"] == [
            {"endpoint": "GET /api/v1/customers", "name": "page", "nearest": ""}
        ]
    with (
        pytest.warns(UserWarning, match="a fault of fk_demo was not used"),
        pytest.raises(AssertionError) as told,
        fakekit.FakeServer(unread="fail", unused="warn") as xtrakit,
    ):
        use(xtrakit)
    assert str(told.value) == "GET /api/v1/customers does not read page"


def use_and_close(server: fakekit.FakeServer) -> None:
    mine = server.account("fk_mine")
    use(mine)
    mine.respond("GET", "customers/*", callback=lambda request: 1 / 0)
    requests.get(mine.url("customers/1"), headers=mine.headers, timeout=PATIENCE)
    server.close_account("fk_mine")


@pytest.mark.slow
def test_a_server_of_ones_own_tells_it_of_accounts_that_were_closed_too() -> None:
    server = fakekit.FakeServer(unread="fail", unused="fail")
    with pytest.raises(AssertionError) as told, server:
        use_and_close(server)
    *_, error, unread, unused = str(told.value).splitlines()
    assert error == "ZeroDivisionError: division by zero"
    assert unread == "GET /api/v1/customers does not read page"
    assert unused == (
        "a fault of fk_mine was not used as often as it might: fail=503,method=GET,path=sales (used 0 times)"
    )
    with server:
        pass  # tells nothing of what was before


@pytest.mark.slow
def test_a_test_answers_for_its_own_requests_and_callbacks_in_accounts_that_tests_share(
    pytester: pytest.Pytester,
) -> None:
    pytester.makeini("[pytest]\nfakekit_unread = fail\n")
    pytester.makepyfile(test_shared_suite=program("shared_unmet_suite.py"))
    result = run(pytester)
    result.assert_outcomes(passed=2, failed=4)
    unread = [line for line in result.outlines if line.startswith("  GET ")]
    assert unread == [
        "  GET /api/v1/customers does not read page",
        "  GET /api/v1/sales does not read page",
    ]
    assert result.outlines.count("fakekit: a callback of this test did not answer a request:") == 2
    assert result.outlines.count("ZeroDivisionError: division by zero") == 2
