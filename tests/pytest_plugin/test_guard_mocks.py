"""The guard beside tests that have nothing to do with the fake: their mocks, their servers, their sockets."""

from __future__ import annotations

import pytest

from tests.helpers.programs import program
from tests.helpers.pytest_runs import run


def test_the_mocks_of_fixtures_stay_as_they_are(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(program("guard_mocks.py"))
    run(pytester).assert_outcomes(passed=3)


LASTING_MOCKS = """
import socket
import ssl
from unittest import mock

import pytest

def fake(host, port):
    return host, port

class Mocked(socket.socket):
    def connect(self, address):
        self.asked = address

connect = Mocked.connect

@pytest.fixture(scope="module", autouse=True)
def lasting():
    with pytest.MonkeyPatch.context() as patch, mock.patch("socket.socket.connect") as connect:
        patch.setattr(socket, "getaddrinfo", fake)
        patch.setattr(socket, "socket", Mocked)
        patch.setattr(ssl.SSLContext, "wrap_bio", connect)
        yield connect

@pytest.mark.parametrize("turn", [1, 2])
def test_they_stay_as_they_are(turn, lasting):
    assert socket.getaddrinfo is fake
    assert socket.socket is Mocked
    assert Mocked.connect is connect
    assert socket.socket.__base__.connect is lasting
    assert ssl.SSLContext.wrap_bio is lasting
"""

GUARDED_AFTERWARDS = """
import socket

import pytest

def test_a_call_is_stopped():
    with pytest.raises(OSError, match="fakekit stopped a call"):
        socket.getaddrinfo("app.xtrakit.com", 443)
"""


def test_the_mocks_of_a_module_stay_as_they_are_and_the_guard_comes_back(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_1=LASTING_MOCKS, test_2=GUARDED_AFTERWARDS)
    result = run(pytester)
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["FAILED test_2.py::test_a_call_is_stopped*"])
