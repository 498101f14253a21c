"""What forked children tell the guard of the process that they were forked from."""

from __future__ import annotations

import os

import pytest

from fakekit.intercept.guard import Guard
from tests.helpers.pytest_runs import run

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

NO_MEMORY = """
import errno
import fakekit.intercept.fork_mailbox

def no_memory(*args):
    raise OSError(errno.ENOMEM, "no memory")

fakekit.intercept.fork_mailbox.mmap = no_memory
"""

NO_GUARD = """
import fakekit.pytest_plugin.guard

def no_guard(port):
    raise MemoryError

fakekit.pytest_plugin.guard.Guard = no_guard
"""

CALLS = """
import contextlib, os, socket
import pytest

def call():
    with contextlib.suppress(OSError):
        socket.getaddrinfo("app.xtrakit.com", 443)

def test_plain():
    pass

def test_stopped():
    call()
"""


def test_without_memory_to_share_only_the_calls_of_children_are_missing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(broken=NO_MEMORY, test_it=CALLS)
    result = run(pytester, "-p", "broken")
    result.assert_outcomes(passed=1, failed=1)
    assert not [line for line in result.outlines if line.startswith("fakekit: pytest_")]


def test_without_a_guard_the_run_goes_on_and_says_so(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(broken=NO_GUARD, test_it="def test_plain(): pass\n")
    result = run(pytester, "-p", "broken")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["fakekit: pytest_configure failed: MemoryError*"])


LONG = """
@pytest.mark.parametrize("text", ["x" * 5000], ids=["x" * 5000])
def test_in_a_child(text):
    child = os.fork()
    if child == 0:
        call()
        os._exit(0)
    os.waitpid(child, 0)
"""


def test_a_call_of_a_test_with_a_long_name_fails_that_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=CALLS + LONG)
    result = run(pytester, "-k", "in_a_child", "-W", "ignore::DeprecationWarning")
    result.assert_outcomes(failed=1, deselected=2)
    result.stdout.fnmatch_lines(
        ["  test_it.py:6 in call, in a forked child: app.xtrakit.com, stopped before its name was looked up"]
    )


def test_a_broken_message_fails_the_test_without_details() -> None:
    guard = Guard()
    guard.test = "test_it.py::test_x"
    memory = guard._forked._memory
    assert memory is not None
    guard._forked.add({"host": "app.xtrakit.com"})
    guard._forked.add({"host": "app.xtrakit.com", "when": "before connecting", "where": "x", "test": ""})
    memory[memory.rfind(b"{")] = 0
    stopped = guard.pop_stopped("test_it.py::test_x")
    line = "an unknown line in a forked child: one of its hosts, stopped before connecting"
    assert list(map(str, stopped)) == [line, line]
    assert guard.pop_stopped("") == []
