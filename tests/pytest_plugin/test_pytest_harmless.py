"""Installed in somebody's project: whatever a suite replaces, its run goes on, and the fake answers."""

from __future__ import annotations

import pytest

from tests.helpers.programs import program
from tests.helpers.pytest_runs import A_FUNCTION, IN_A_PROCESS, run

NEVER_USES_IT = """
def test_1(): pass
def test_2(): pass
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
    pytester.makepyfile(program("patched_class.py"))
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


@pytest.mark.parametrize("how", ["option", pytest.param("ini", marks=pytest.mark.slow)])
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
            answer = requests.get("https://app.xtrakit.com/api/v1/customers/1", headers=headers, timeout=40)
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
    assert "fakekit: pytest_runtest_makereport failed: TypeError at report.py" in done.stdout.str()
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
            requests.post(xtrakit.url("customer-groups/add"), json=group, headers=xtrakit.headers, timeout=40)
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
