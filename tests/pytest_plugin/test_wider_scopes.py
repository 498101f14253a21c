"""Fixtures of a wider scope than function: what they use, what tests share, and what a failure shows of it."""

from __future__ import annotations

import pytest

from tests.helpers.pytest_runs import run

pytestmark = pytest.mark.slow

APP = """
import pytest, requests

@pytest.fixture(scope="session")
def crm(xtrakit_server):
    account = xtrakit_server.account("crm")
    account.add_customer(customer_name="Shared")
    return account

def name_of(account, key):
    answer = requests.get(account.url(f"customers/{key}"), headers=account.headers, timeout=5)
    return answer.json()["data"]["customer"]["customer_name"]

@pytest.mark.parametrize("turn", range(2))
def test_shared(crm, turn):
    assert (crm.api_key.startswith("fk_run--crm"), crm.customer(9)["id"], name_of(crm, 51)) == (True, 9, "Shared")

def test_the_same_handle_by_name(xtrakit_server, crm):
    assert xtrakit_server.account("crm") is crm
    assert xtrakit_server.account().api_key.startswith("fk_run--shared")

def test_an_account_of_its_own(xtrakit, crm):
    assert xtrakit.add_customer(customer_name="Own")["id"] == 51
    assert (name_of(xtrakit, 51), name_of(crm, 51)) == ("Own", "Shared")

@pytest.fixture(scope="class")
def rows(xtrakit_server):
    account = xtrakit_server.account("rows")
    account.remove("customers", 1)
    yield account
    account.reset()

class TestClass:
    def test_1(self, rows):
        assert rows.about["changed"]

def test_after_the_class(xtrakit_server):
    assert not xtrakit_server.account("rows").about["changed"]
"""


@pytest.mark.parametrize("where", ["thread", pytest.param("process", marks=pytest.mark.slow)])
def test_accounts_by_name_last_for_the_run(pytester: pytest.Pytester, where: str) -> None:
    pytester.makepyfile(APP)
    run(pytester, "--fakekit-server", where).assert_outcomes(passed=6)


def test_their_settings_come_from_the_same_places(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml("[tool.fakekit]\nseed = 3\ncustomers = 9\n")
    pytester.makepyfile(
        test_settings="""
        def test_x(xtrakit_server):
            about = xtrakit_server.account("crm").about
            assert (about["seed"], about["customers"]) == (3, 9)
        """
    )
    run(pytester).assert_outcomes(passed=1)
    pytester.makepyfile(
        conftest="""
        import pytest
        @pytest.fixture(scope="session")
        def fakekit_settings():
            return {"seed": 5, "customers": 4}
        """,
        test_settings="""
        def test_x(xtrakit_server):
            about = xtrakit_server.account("crm").about
            assert (about["seed"], about["customers"]) == (5, 4)
        """,
    )
    run(pytester).assert_outcomes(passed=1)


def test_a_failure_shows_the_requests_of_shared_accounts_that_came_during_the_test(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        """
        import pytest, requests

        @pytest.fixture(scope="session")
        def crm(xtrakit_server):
            return xtrakit_server.account("crm")

        def get(account, path):
            requests.get(account.url(path), headers=account.headers, timeout=5)

        def test_a(crm):
            get(crm, "stores/1")
            assert 0

        def test_b(crm, xtrakit):
            get(crm, "customers/999")
            get(xtrakit, "customers/998")
            requests.get(crm.url("customers/1"), timeout=5)
            assert 0

        def test_c(crm, xtrakit):
            assert 0
        """
    )
    result = run(pytester, "--fakekit-ledger")
    result.assert_outcomes(failed=3)
    text = "\n".join(line[:90] for line in result.outlines)
    parts = text.split("------------------------ fakekit: requests of this test ------------------------")
    first, second, third = (
        [line for line in part.splitlines() if line[:3] in ("as ", "1. ", "wit", "req")] for part in parts[1:]
    )
    assert [line.split(" in ")[0].split(" at ")[0] for line in first] == [
        "as fk_run--crm",
        "1. GET /api/v1/stores/1 -> 200",
    ]
    assert [line.split(" in ")[0].split(" at ")[0] for line in second] == [
        "as fk_test_b-1",
        "1. GET /api/v1/customers/998 -> 404",
        "as fk_run--crm",
        "1. GET /api/v1/customers/999 -> 404",
        "without a valid key: GET /api/v1/customers/1 -> 401",
    ]
    assert [line.split(" at ")[0] for line in third] == ["as fk_test_c-2"]
    result.stdout.fnmatch_lines(
        [
            "fakekit: *::test_b: missing.status, missing.error",
            "fakekit: the run relies on * assumptions: *missing.error, missing.status*",
        ]
    )


@pytest.mark.parametrize(
    "scope", ["session", *(pytest.param(scope, marks=pytest.mark.slow) for scope in ("class", "module"))]
)
def test_a_scope_mismatch_names_what_to_use_instead(pytester: pytest.Pytester, scope: str) -> None:
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.fixture(scope="{scope}")
        def app(xtrakit):
            return xtrakit

        def test_x(app): pass
        """
    )
    result = run(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            f"ScopeMismatch: You tried to access the function scoped fixture xtrakit with a {scope} scoped request object*",
            f"fakekit: xtrakit is new for every test, so a {scope}-scoped fixture cannot have it. Use the session-scoped fixture "
            'xtrakit_server: xtrakit_server.account("shared") is a handle that tests share. Code that only needs an address and a key '
            "before its tests run can have them from fakekit_env. See https://github.com/fakekit/fakekit/blob/main/docs/pytest.md#wider-scopes",
        ]
    )


def test_an_override_of_the_settings_that_is_too_narrow_is_named(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture
        def fakekit_settings():
            return {"seed": 7}

        def test_x(xtrakit_server): pass
        """
    )
    run(pytester).stdout.fnmatch_lines(
        ['fakekit: fakekit_settings was overridden; give the override scope="session". See *']
    )


ENVIRONMENT = """
import os, pytest, requests, unittest

def add(name):
    headers = {"Authorization": "Bearer " + os.environ["XTRAKIT_API_KEY"]}
    base_url = os.environ["XTRAKIT_BASE_URL"]
    body = {"group_name": name, "group_description": "d"}
    requests.post(f"{base_url}/customer-groups/add", json=body, headers=headers, timeout=5).raise_for_status()

@pytest.fixture(scope="session", autouse=True)
def seeded():
    add("by the session")
    yield
    add("by its teardown")

@pytest.mark.parametrize("turn", range(2))
def test_a_group(xtrakit, turn):
    assert xtrakit.requests == []
    add("by the test")
    assert xtrakit.group(6)["group_name"] == "by the test"

class TestClass(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        add("by the class")

    def test_x(self):
        add("by a test of the class")

def test_what_they_added(xtrakit_server):
    account = xtrakit_server.account("session")
    assert [account.group(key)["group_name"] for key in (6, 7)] == ["by the session", "by the class"]
    account.assert_requested("POST", "customer-groups/add", times=2)
"""


@pytest.mark.parametrize("where", ["thread", pytest.param("process", marks=pytest.mark.slow)])
def test_what_a_wider_fixture_adds_by_the_variables_is_in_no_tests_account(
    pytester: pytest.Pytester, where: str
) -> None:
    pytester.makeini("[pytest]\nfakekit_env =\n  XTRAKIT_BASE_URL\n  XTRAKIT_API_KEY\n")
    pytester.makepyfile(ENVIRONMENT)
    run(pytester, "--fakekit-server", where).assert_outcomes(passed=4)


def test_the_report_goes_by_numbers_of_requests_not_by_the_clock(pytester: pytest.Pytester) -> None:
    """time-machine and `libfaketime` move the clock of the server as well."""
    pytester.makepyfile(
        """
        import pytest, requests, fakekit.accounts.journal, fakekit.api.exchange
        from unittest import mock

        def get(xtrakit, path, key):
            requests.get(xtrakit.url(path), headers={"Authorization": f"Bearer {key}"}, timeout=5)

        @pytest.mark.parametrize("year", [2040, 2020])
        def test_in(xtrakit, year):
            with mock.patch("fakekit.api.exchange.wall_time", lambda: (year - 1970) * 31556952.0):
                get(xtrakit, "customers/1", "fk_demo")
                get(xtrakit, "customers/2", "API_KEY")
            assert 0

        def test_later(xtrakit): assert 0
        """
    )
    result = run(pytester)
    lines = [line for line in result.outlines if line.startswith(("as ", "without", "requests came"))]
    assert [line.split(" at ")[0].split(";")[0] for line in lines] == [
        "as fk_test_in-2040-1",
        "without a valid key: GET /api/v1/customers/2 -> 401",
        "requests came with the key fk_demo meanwhile (1 in total)",
        "as fk_test_in-2020-2",
        "without a valid key: GET /api/v1/customers/2 -> 401",
        "requests came with the key fk_demo meanwhile (2 in total)",
        "as fk_test_later-3",
    ]
