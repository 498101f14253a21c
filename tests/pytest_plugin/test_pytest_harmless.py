"""Installed in somebody's project: whatever a suite replaces, its run goes on, and the fake answers."""

from __future__ import annotations

import pytest

from tests.helpers.pytest_runs import run

IN_A_PROCESS = pytest.param("process", marks=pytest.mark.slow)

NEVER_USES_IT = """
def test_1(): pass
def test_2(): pass
"""

A_FUNCTION = """
import socket

def no_sockets(*args, **kwargs):
    raise RuntimeError("no sockets in this suite")

socket.socket = no_sockets
"""

A_CLASS = """
import socket

class NoSockets:
    def __init__(self, *args, **kwargs):
        raise RuntimeError("no sockets in this suite")

socket.socket = NoSockets
"""

FOR_THE_SESSION = """
from unittest import mock
import pytest

@pytest.fixture(scope="session", autouse=True)
def replaced():
    with mock.patch("{}"):
        yield
"""


@pytest.mark.parametrize(
    "conftest",
    [
        pytest.param(A_FUNCTION, id="function"),
        pytest.param(A_CLASS, id="class", marks=pytest.mark.slow),
        pytest.param(FOR_THE_SESSION.format("subprocess.Popen"), id="Popen"),
        *(
            pytest.param(FOR_THE_SESSION.format(name), id=name, marks=pytest.mark.slow)
            for name in (
                "socket.socket",
                "ssl.SSLContext",
                "http.client.HTTPConnection",
                "os.path.relpath",
                "json.dumps",
            )
        ),
    ],
)
def test_a_run_that_never_uses_the_fixture_is_as_without_the_plugin(
    pytester: pytest.Pytester, conftest: str
) -> None:
    pytester.makeconftest(conftest)
    pytester.makepyfile(NEVER_USES_IT)
    done = run(pytester)
    done.assert_outcomes(passed=2)
    assert not [line for line in done.outlines if "fakekit" in line and "failed" in line]


def test_a_class_that_is_patched_for_a_class_of_tests(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import subprocess
        import unittest
        from unittest import mock

        class TestMocked(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                cls.patch = mock.patch("subprocess.Popen")
                cls.patch.start()

            @classmethod
            def tearDownClass(cls):
                cls.patch.stop()

            def test_1(self): import urllib.request
            def test_2(self): pass

        class TestReplaced(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                def no_children(*args, **kwargs): raise AssertionError("no child processes here")
                cls.before, subprocess.Popen = subprocess.Popen, no_children

            @classmethod
            def tearDownClass(cls):
                subprocess.Popen = cls.before

            def test_3(self):
                with self.assertRaises(AssertionError):
                    subprocess.run(["true"])
        """
    )
    run(pytester).assert_outcomes(passed=3)


def test_the_header_names_what_the_guard_does_not_watch(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(A_FUNCTION)
    pytester.makepyfile(NEVER_USES_IT)
    named = "fakekit: the guard does not watch socket.socket: it is a function here and no class"
    assert run(pytester).outlines.count(named) == 1


UNTOUCHED = """
import socket, subprocess

def test_nothing_is_replaced():
    assert "fakekit" not in socket.getaddrinfo.__code__.co_filename
    assert "fakekit" not in socket.gethostbyname.__class__.__name__
    assert "connect" not in vars(socket.socket)
    assert "fakekit" not in subprocess.Popen.__init__.__code__.co_filename
"""


@pytest.mark.parametrize("how", ["option", "ini"])
def test_the_guard_can_be_switched_off(pytester: pytest.Pytester, how: str) -> None:
    pytester.makepyfile(UNTOUCHED)
    run(pytester).assert_outcomes(failed=1)  # it looks at what the guard does replace
    if how == "ini":
        pytester.makeini("[pytest]\nfakekit_guard = off\n")
    done = run(pytester, *(["--fakekit-guard", "off"] if how == "option" else []))
    done.assert_outcomes(passed=1)
    assert "fakekit: the guard is off: calls to the real XtraKit service are not stopped" in done.outlines


@pytest.mark.slow
def test_the_option_wins_over_the_ini_value_and_marked_tests_are_led_all_the_same(
    pytester: pytest.Pytester,
) -> None:
    pytester.makeini("[pytest]\nfakekit_guard = off\n")
    pytester.makepyfile(
        """
        import pytest, requests

        @pytest.mark.fakekit(intercept=True)
        def test_led(xtrakit):
            headers = {"Authorization": "Bearer sk_made_up"}
            answer = requests.get("https://app.xtrakit.com/api/v1/customers/1", headers=headers, timeout=5)
            assert answer.json()["status"] == 200
            xtrakit.assert_requested("GET", "customers/1")
        """
    )
    done = run(pytester)
    done.assert_outcomes(passed=1)
    assert any("guard is off" in line for line in done.outlines)
    done = run(pytester, "--fakekit-guard", "on")
    done.assert_outcomes(passed=1)
    assert not any("guard is off" in line for line in done.outlines)


def test_a_switch_that_is_neither_is_told(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nfakekit_guard = maybe\n")
    pytester.makepyfile(NEVER_USES_IT)
    done = run(pytester)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["*fakekit_guard: must be on or off; found 'maybe'"])


@pytest.mark.parametrize(
    "options", [(), pytest.param(("-n", "1"), marks=pytest.mark.slow)], ids=["alone", "xdist"]
)
def test_a_hook_that_fails_is_named_and_the_run_goes_on(
    pytester: pytest.Pytester, options: tuple[str, ...]
) -> None:
    pytester.makepyfile(
        """
        import fakekit.pytest_plugin.report
        from unittest import mock

        def test_1(xtrakit):
            mock.patch("fakekit.pytest_plugin.report.format_section", side_effect=TypeError("sk" + "_live_1")).start()
            mock.patch("fakekit.testing.handle.Handle._fetch_requests", side_effect=OSError).start()
            assert 0

        def test_2(xtrakit):
            assert xtrakit.customer(1)["customer_name"] == "Jane Doe"
        """
    )
    done = run(pytester, *options)
    done.assert_outcomes(failed=1, passed=1)
    assert "fakekit: pytest_runtest_makereport failed: TypeError at session.py" in done.stdout.str()
    assert "please report it" in done.stdout.str()
    assert "sk_live_1" not in done.stdout.str()


@pytest.mark.parametrize("where", ["thread", IN_A_PROCESS])
def test_a_report_is_written_under_a_json_module_that_is_replaced(
    pytester: pytest.Pytester, where: str
) -> None:
    pytester.makepyfile(
        """
        import requests
        from unittest import mock

        def test_1(xtrakit):
            group = {"group_name": "a"}
            requests.post(xtrakit.url("customer-groups/add"), json=group, headers=xtrakit.headers, timeout=5)
            mock.patch("json.dumps", side_effect=TypeError("not serialisable")).start()
            mock.patch("json.loads", side_effect=TypeError("no")).start()
            assert 0

        def test_2(xtrakit):
            mock.patch.stopall()
        """
    )
    done = run(pytester, "--fakekit-server", where)
    done.assert_outcomes(failed=1, passed=1)
    done.stdout.fnmatch_lines(
        ["1. POST /api/v1/customer-groups/add -> 200 *", '   sent      {"group_name": "a"}']
    )
    assert "the run went on without" not in done.stdout.str()


REPLACED_DURING_REQUESTS = """
import http.client, json, socket, threading, time, pytest
from contextlib import ExitStack
from unittest import mock

Socket, loads = socket.socket, json.loads

def ask(xtrakit, path="customers/1"):
    '''A client that uses nothing which is replaced.'''
    host, port = xtrakit.origin.removeprefix("http://").split(":")
    head = f"GET /api/v1/{path} HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n"
    with Socket(socket.AF_INET, socket.SOCK_STREAM) as client:
        client.settimeout(5)
        client.connect((host, int(port)))
        client.sendall(f"{head}Authorization: Bearer {xtrakit.api_key}\\r\\n\\r\\n".encode())
        answer = b""
        while data := client.recv(65536):
            answer += data
    return int(answer.split()[1])

def no_more(*args, **kwargs):
    raise RuntimeError("replaced")

@pytest.mark.parametrize("name", [
    "time.time", "time.monotonic", "time.perf_counter", "time.sleep", "json.dumps", "json.loads",
    "socket.socket", "socket.getaddrinfo", "threading.Thread", "threading.Event", "os.getpid", "os.stat",
    "builtins.open", "logging.Logger.handle", "logging.Logger.makeRecord", "http.client.HTTPConnection",
    "subprocess.Popen", "http.client.HTTPConnection.request", "socket.socket.connect",
])
@pytest.mark.parametrize("replacement", [mock.MagicMock(), no_more], ids=["mock", "raises"])
def test_it_answers_meanwhile_and_afterwards(xtrakit, name, replacement):
    if name == "socket.socket.connect":  # it is the client's too
        with mock.patch(name, replacement):
            assert xtrakit.customer(1)
    else:
        with mock.patch(name, replacement):
            answered = ask(xtrakit)
            xtrakit.add_fault("slow=10ms,times=1")
            found = xtrakit.requests
            xtrakit.clear_faults()
        assert answered == 200
        assert len(found) == 1
    assert ask(xtrakit) == 200
    xtrakit.assert_requested("GET", "customers/1")
"""


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
    pytester.makepyfile(
        """
        import pytest, requests

        def ask(xtrakit, method, path, **options):
            return requests.request(method, xtrakit.url(path), headers=xtrakit.headers, timeout=5, **options)

        def test_many_things(xtrakit):
            assert ask(xtrakit, "GET", "customers/7").ok
            assert ask(xtrakit, "GET", "customers").ok
            assert ask(xtrakit, "GET", "nonsense").status_code == 404
            assert ask(xtrakit, "POST", "customer-groups/add", json={"group_name": "a"}).ok
            assert ask(xtrakit, "POST", "customer-groups/add", data={"group_name": "b"}).ok
            xtrakit.fail(503, times=1)
            xtrakit.respond("GET", "stores/1", json={})
            xtrakit.clock.freeze("2024-08-04 08:23:45")
            xtrakit.restore(xtrakit.snapshot())
            xtrakit.export()
            xtrakit.export("world", "json")
            xtrakit.wait_for("GET", "customers")
            with pytest.raises(AssertionError):
                xtrakit.assert_requested("GET", "sales")
            for path in ("openapi.json", "health", "accounts", "control-openapi.json"):
                requests.get(f"{xtrakit.origin}/_fakekit/{path}", headers={"Fakekit-Control": "1"}, timeout=5)

        @pytest.mark.fakekit(seed=7, faults=["fail=503,times=1"], assumptions={"missing.status": 400})
        def test_fails(xtrakit):
            assert ask(xtrakit, "GET", "customers/1").ok
        """
    )
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
