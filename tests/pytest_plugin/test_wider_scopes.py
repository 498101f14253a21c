"""Fixtures of a wider scope than function: what they use, what tests share, and what a failure shows of it."""

from __future__ import annotations

import pytest

from tests.helpers.programs import program
from tests.helpers.pytest_runs import run

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("where", ["thread", pytest.param("process", marks=pytest.mark.slow)])
def test_accounts_by_name_last_for_the_run(pytester: pytest.Pytester, where: str) -> None:
    pytester.makepyfile(program("shared_by_name.py"))
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
    pytester.makepyfile(program("shared_failing.py"))
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
        "as fk_test_b-2",
        "1. GET /api/v1/customers/998 -> 404",
        "as fk_run--crm",
        "1. GET /api/v1/customers/999 -> 404",
        "without a valid key: GET /api/v1/customers/1 -> 401",
    ]
    assert [line.split(" at ")[0] for line in third] == ["as fk_test_c-3"]
    result.stdout.fnmatch_lines(
        [
            "fakekit: *::test_b: missing.status, missing.error",
            "fakekit: the run relies on * assumptions (fine: *): *missing.error, missing.status*",
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
            "before its tests run can have them from fakekit_env. See https://fakekit.github.io/fakekit/pytest/#wider-scopes",
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


@pytest.mark.parametrize("where", ["thread", pytest.param("process", marks=pytest.mark.slow)])
def test_what_a_wider_fixture_adds_by_the_variables_is_in_no_tests_account(
    pytester: pytest.Pytester, where: str
) -> None:
    pytester.makeini("[pytest]\nfakekit_env =\n  XTRAKIT_BASE_URL\n  XTRAKIT_API_KEY\n")
    pytester.makepyfile(program("shared_by_variables.py"))
    run(pytester, "--fakekit-server", where).assert_outcomes(passed=4)


def test_the_report_goes_by_numbers_of_requests_not_by_the_clock(pytester: pytest.Pytester) -> None:
    """time-machine and `libfaketime` move the clock of the server as well."""
    pytester.makepyfile(program("moved_clock.py"))
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
