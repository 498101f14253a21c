"""A child process that was forked from the one that the fake runs in: it has a copy, and says so."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

import pytest

import fakekit
from tests.helpers.processes import PATIENCE
from tests.helpers.programs import program
from tests.helpers.pytest_runs import run

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

REFUSED = (
    "this is a forked child, and the fake runs in its parent: the child has only a copy of the accounts. "
    "Use the handle in the parent, or a fake in a process of its own: pytest --fakekit-server process; outside "
    "of pytest, fakekit serve and fakekit.connect(url, api_key) in the child"
)


def message_in_child(action: Callable[[], object]) -> str:
    """The message of the RuntimeError that an action raises in a forked child; what happened, otherwise."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, f"returned {action()!r}".encode())
        except BaseException as error:
            os.write(writer, str(error).encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as stream:
        return stream.read()


ACTIONS: dict[str, Callable[[fakekit.FakeServer, fakekit.Handle], object]] = {
    "add": lambda server, handle: handle.add_customer(),
    "assert_requested": lambda server, handle: handle.assert_requested("GET", "customers/1"),
    "requests": lambda server, handle: handle.requests,
    "fail": lambda server, handle: handle.fail(503),
    "clock": lambda server, handle: handle.clock.now(),
    "account": lambda server, handle: server.account("fk_other"),
    "do": lambda server, handle: server.do("accounts"),
    "control": lambda server, handle: server.control.accounts(),
}


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="forking with threads warns there")
@pytest.mark.parametrize("action", list(ACTIONS))
def test_a_handle_in_a_forked_child_raises_and_says_what_to_do(action: str) -> None:
    with fakekit.FakeServer() as handle:
        server = fakekit.FakeServer()
        server.start()
        try:
            other = server.account("fk_mine")
            assert message_in_child(lambda: ACTIONS[action](server, other)) == REFUSED
            assert handle.customer(1)["id"] == 1
        finally:
            server.stop()


@pytest.mark.slow
def test_with_the_fake_in_a_process_the_handle_works_in_a_forked_child(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(program("forked_handle.py"))
    run(pytester, "--fakekit-server", "process").assert_outcomes(passed=1)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="forking with threads warns there")
def test_a_server_that_is_started_in_a_forked_child_works_there() -> None:
    server = fakekit.FakeServer()

    def name() -> object:
        with server as handle:
            return handle.customer(1)["customer_name"]

    assert message_in_child(name) == "returned 'Jane Doe'"


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="forking with threads warns there")
def test_an_account_is_closed_in_a_forked_child_without_waiting_for_a_server_that_is_not_there() -> None:
    server = fakekit.FakeServer()
    server.start()
    try:
        server.do("intercept", key="fk_mine")

        def close() -> object:
            signal.alarm(int(PATIENCE))  # ends a child that waits for ever
            return server.close_account("fk_mine")  # type: ignore[func-returns-value]

        assert message_in_child(close) == "returned None"
    finally:
        server.stop()


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="forking with threads warns there")
@pytest.mark.parametrize("unread", ["note", "warn", "fail"])
def test_a_forked_child_leaves_the_block_without_an_error(unread: str) -> None:
    with fakekit.FakeServer() as handle:
        server = fakekit.FakeServer(unread=unread)
        other = server.start()
        try:
            assert message_in_child(lambda: server.__exit__(None, None, None)) == "returned None"
            assert other.customer(1)["id"] == handle.customer(1)["id"] == 1
        finally:
            server.stop()
