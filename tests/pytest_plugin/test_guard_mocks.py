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
