"""The guard beside tests that have nothing to do with the fake: their mocks, their servers, their sockets."""

from __future__ import annotations

import pytest

from tests.helpers.programs import program
from tests.helpers.pytest_runs import run


def test_the_mocks_of_fixtures_stay_as_they_are(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(program("guard_mocks.py"))
    run(pytester).assert_outcomes(passed=3)


GUARDED_AFTERWARDS = """
import socket

import pytest

def test_a_call_is_stopped():
    with pytest.raises(OSError, match="fakekit stopped a call"):
        socket.getaddrinfo("app.xtrakit.com", 443)
"""


@pytest.mark.slow
def test_the_mocks_of_a_module_stay_as_they_are_and_the_guard_comes_back(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_1=program("lasting_mocks.py"), test_2=GUARDED_AFTERWARDS)
    result = run(pytester)
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["FAILED test_2.py::test_a_call_is_stopped*"])


@pytest.mark.slow
@pytest.mark.parametrize("guard", ["on", "off"])
def test_in_intercepted_tests_the_mocks_of_a_module_get_all_calls_but_those_of_the_vendor(
    pytester: pytest.Pytester, guard: str
) -> None:
    pytester.makepyfile(program("intercept_mocks.py"))
    run(pytester, "--fakekit-guard", guard).assert_outcomes(passed=5)


@pytest.mark.slow
def test_an_intercepted_test_without_a_socket_names_what_stands_in_its_place(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        """
        import socket
        import urllib.request

        import pytest

        def no_sockets(*args):
            raise RuntimeError("no sockets in this class")

        @pytest.fixture(scope="class")
        def replaced():
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(socket, "socket", no_sockets)
                yield

        @pytest.mark.fakekit(intercept=True)
        class TestIt:
            def test_1(self, xtrakit, replaced):
                urllib.request.urlopen("https://app.xtrakit.com/api/v1/customers/1")

        @pytest.mark.fakekit(intercept=True)
        def test_2(xtrakit):
            assert not xtrakit.customer(1)
        """
    )
    result = run(pytester)
    result.assert_outcomes(failed=2)
    lines = [line for line in result.outlines if "is not redirected" in line]
    assert lines == ["what uses socket.socket is not redirected: it is a function here and no class"]
