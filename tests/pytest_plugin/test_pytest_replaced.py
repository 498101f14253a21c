"""The plugin in suites that replace what it needs: functions, clocks, imports, the network."""

from __future__ import annotations

import pytest

from tests.helpers.programs import program
from tests.helpers.pytest_runs import A_FUNCTION, IN_A_PROCESS, run

REPLACED_DURING_REQUESTS = program("replaced_functions.py")


@pytest.mark.parametrize("where", ["thread", IN_A_PROCESS])
def test_the_fake_works_whatever_a_test_has_replaced(pytester: pytest.Pytester, where: str) -> None:
    pytester.makepyfile(REPLACED_DURING_REQUESTS)
    run(pytester, "--fakekit-server", where).assert_outcomes(passed=38)


def test_a_clock_that_stands_still_holds_nothing_up(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest, requests
        from unittest import mock

        @pytest.fixture(autouse=True)
        def frozen():
            with mock.patch("time.time", return_value=1e9), mock.patch("time.monotonic", return_value=5.0):
                yield

        def test_waiting_ends(xtrakit):
            with pytest.raises(AssertionError, match="requested 0 times, not 1 time"):
                xtrakit.wait_for("GET", "customers/1", timeout=0.2)

        def test_a_delay_ends(xtrakit):
            xtrakit.delay(0.1)
            assert requests.get(xtrakit.url("customers/1"), headers=xtrakit.headers, timeout=30).ok

        def test_a_trickle_ends(xtrakit):
            xtrakit.fail("trickle", seconds=0.1)
            assert requests.get(xtrakit.url("customers/1"), headers=xtrakit.headers, timeout=30).ok
        """
    )
    run(pytester).assert_outcomes(passed=3)


def test_every_attempt_of_a_test_has_an_account_of_its_own(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest
        from _pytest.runner import runtestprotocol

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_protocol(item, nextitem):
            '''As pytest-rerunfailures does: all attempts inside of one protocol.'''
            for attempt in range(3):
                item._initrequest()
                reports = runtestprotocol(item, nextitem=nextitem, log=False)
                if not any(report.failed for report in reports) or attempt == 2:
                    break
            for report in reports:
                item.ihook.pytest_runtest_logreport(report=report)
            return True
        """
    )
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
    pytester.makeconftest(
        """
        import sys, pytest

        OURS = ("fakekit", "faker", "flask", "marshmallow", "werkzeug", "httptools", "yaml", "apispec")
        ours = lambda: {name for name in sys.modules if name.partition(".")[0] in OURS}

        @pytest.hookimpl(trylast=True)
        def pytest_collection_finish(session):
            session.config.before = ours()

        @pytest.hookimpl(trylast=True)
        def pytest_runtest_logfinish(nodeid, location):
            pass

        def pytest_unconfigure(config):
            print("later:", sorted(ours() - config.before))
        """
    )
    pytester.makepyfile(program("many_things.py"))
    done = run(pytester, "-s")
    done.assert_outcomes(passed=1, failed=1)
    assert "later: []" in done.stdout.str()


@pytest.mark.parametrize("where", ["thread", IN_A_PROCESS])
def test_a_suite_without_a_network_has_the_fake_all_the_same(pytester: pytest.Pytester, where: str) -> None:
    """The classic conftest: no socket for the code under test, for the whole run."""
    pytester.makeconftest("import ssl\n" + A_FUNCTION)  # without ssl, nobody could import it any more
    pytester.makepyfile(
        """
        import _socket

        def test_answers(xtrakit):
            host, port = xtrakit.origin.removeprefix("http://").split(":")
            with_key = f"GET /api/v1/customers/1 HTTP/1.0\\r\\nAuthorization: Bearer {xtrakit.api_key}\\r\\n\\r\\n"
            client = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
            client.settimeout(10)
            client.connect((host, int(port)))
            client.sendall(with_key.encode())
            assert client.recv(12) == b"HTTP/1.0 200"
            client.close()
            xtrakit.wait_for("GET", "customers/1")
        """
    )
    run(pytester, "--fakekit-server", where).assert_outcomes(passed=1)


USED_BY_VALUE = """
import fakekit, pytest
from unittest import mock

@pytest.fixture
def fake(request):
    return request.getfixturevalue("xtrakit")

@pytest.fixture(params=["threading.Thread", "json.dumps", "socket.socket", "subprocess.Popen"])
def replaced(request):
    with mock.patch(request.param, side_effect=ZeroDivisionError("replaced")):
        yield

def test_first(replaced, fake):
    assert fake.add_customer()["id"] == 51

def test_then(fake):
    assert fake.customer(1)["customer_name"] == "Jane Doe"

def test_a_server_of_its_own(replaced):
    with fakekit.FakeServer() as server:
        assert server.customer(1)["customer_name"] == "Jane Doe"
"""


@pytest.mark.parametrize("where", ["thread", IN_A_PROCESS])
def test_a_fixture_that_is_asked_for_by_value_is_prepared_as_well(
    pytester: pytest.Pytester, where: str
) -> None:
    pytester.makepyfile(USED_BY_VALUE)
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
