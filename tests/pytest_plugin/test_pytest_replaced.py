"""The plugin in suites that replace what it needs: functions, clocks, imports, the network."""

from __future__ import annotations

import pytest

from tests.helpers.programs import program
from tests.helpers.pytest_runs import A_FUNCTION, IN_A_PROCESS, run

REPLACED_DURING_REQUESTS = program("replaced_functions.py")


@pytest.mark.parametrize("where", ["thread", IN_A_PROCESS])
def test_the_fake_works_whatever_a_test_has_replaced(pytester: pytest.Pytester, where: str) -> None:
    pytester.makepyfile(REPLACED_DURING_REQUESTS)
    run(pytester, "--fakekit-server", where).assert_outcomes(passed=40)


@pytest.mark.slow
def test_a_clock_that_stands_still_holds_nothing_up(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(program("frozen_clock.py"))
    run(pytester).assert_outcomes(passed=3)


@pytest.mark.slow
def test_every_attempt_of_a_test_has_an_account_of_its_own(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(program("reruns.py"))
    pytester.makepyfile(
        """
        import os
        KEYS = []

        def test_state(xtrakit):
            assert os.environ["XTRAKIT_API_KEY"].startswith("fk_running_test")
            KEYS.append(xtrakit.api_key)
            assert xtrakit.add_customer()["id"] == 51
            assert len(set(KEYS)) == 3
        """
    )
    pytester.makeini("[pytest]\nfakekit_env = XTRAKIT_API_KEY\n")
    run(pytester).assert_outcomes(passed=1)


def test_nothing_is_imported_once_tests_run(pytester: pytest.Pytester) -> None:
    """What is imported while pyfakefs is active sees its file system, and is removed again afterwards."""
    pytester.makeconftest(program("imported_later.py"))
    pytester.makepyfile(program("many_things.py"))
    done = run(pytester, "-s")
    done.assert_outcomes(passed=1, failed=1)
    assert "later: []" in done.stdout.str()


@pytest.mark.parametrize("where", ["thread", IN_A_PROCESS])
def test_a_suite_without_a_network_has_the_fake_all_the_same(pytester: pytest.Pytester, where: str) -> None:
    """The classic conftest: no socket for the code under test, for the whole run."""
    pytester.makeconftest("import ssl\n" + A_FUNCTION)  # without ssl, nobody could import it any more
    pytester.makepyfile(program("without_network.py"))
    run(pytester, "--fakekit-server", where).assert_outcomes(passed=1)


@pytest.mark.parametrize("where", ["thread", IN_A_PROCESS])
def test_a_fixture_that_is_asked_for_by_value_is_prepared_as_well(
    pytester: pytest.Pytester, where: str
) -> None:
    pytester.makepyfile(program("used_by_value.py"))
    run(pytester, "--fakekit-server", where).assert_outcomes(passed=9)


@pytest.mark.slow
def test_the_handle_of_a_process_survives_replaced_methods(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        from unittest import mock

        @pytest.mark.parametrize("name", [
            "socket.socket.close", "socket.socket.sendall", "socket.socket.makefile", "socket.socket.__init__",
            "http.client.HTTPResponse.read", "http.client.HTTPConnection._send_request", "email.parser.Parser.parse",
            "builtins.__import__", "re.compile",
        ])
        def test_it(xtrakit, name):
            with mock.patch(name, side_effect=ZeroDivisionError("replaced")):
                assert xtrakit.add_customer()["id"] == 51
        """
    )
    run(pytester, "--fakekit-server", "process").assert_outcomes(passed=9)
