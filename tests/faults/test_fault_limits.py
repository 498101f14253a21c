"""Many faults, many delayed requests: bounds, and that nothing stays behind."""

from __future__ import annotations

import resource
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

import fakekit
from fakekit import FaultError, Handle
from tests.helpers.fault_requests import Delayed, asked, control, get, new_key, raw, wait_until_asked
from tests.helpers.processes import ALONE, PATIENCE, Server, drain, no_thread_left, serving, wait_until
from tests.helpers.raw_http import ask, port_of


def test_an_account_has_a_hundred_faults_at_most(xtrakit: Handle) -> None:
    for _ in range(100):
        xtrakit.fail(503, "GET", "nothing")
    with pytest.raises(FaultError, match=r"^an account may have 100 faults at once; write fewer of them$"):
        xtrakit.fail(500)
    refused = control(port_of(xtrakit.origin), "POST", f"/{xtrakit.api_key}/faults", {"fault": "reset"})
    assert refused.status == 503
    xtrakit.remove_fault(xtrakit.faults[0]["id"])
    xtrakit.fail(500)
    assert get(xtrakit, xtrakit.api_key).status == 500


def test_the_keys_of_an_account_carry_sixteen_sets_at_most(server: Server, key: str) -> None:
    for n in range(1, 17):
        assert get(server, f"{key}~fail=503,times={n}").status == 503
    reply = get(server, f"{key}~fail=503,times=17")
    assert (reply.status, reply.note) == (
        200,
        "a fault was not applied: the keys of one account may carry 16 different sets of faults",
    )
    assert get(server, f"{key}~fail=503,times=16").status == 503
    control(server.port, "DELETE", f"/{key}/faults")
    assert get(server, f"{key}~fail=503,times=17").status == 503


def test_forty_delayed_requests_hold_up_nobody(server: Server) -> None:
    key, other = new_key(), new_key()
    with Delayed(server.port, f"{key}~slow=50s", 40) as delayed:
        wait_until_asked(server.port, key, 40)
        for path, authorization in [
            ("/_fakekit/health", None),
            ("/api/v1/customers/1", f"Bearer {other}".encode()),
            ("/api/v1/customers/1", f"Bearer {key}".encode()),
        ]:
            assert ask(server.port, path, authorization).status == 200
        assert delayed.answered == 0


def test_many_delayed_requests_are_all_answered(server: Server) -> None:
    with Delayed(server.port, f"{new_key()}~slow=200ms", 20) as delayed:
        assert all(head.startswith(b"HTTP/1.1 200 OK") for head in delayed.heads())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gunicorn", ALONE])
def test_two_thousand_requests_are_delayed_at_once_and_keep_nobody_waiting(tmp_path: Path, name: str) -> None:
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, limit[1]), limit[1]))  # the server inherits it
    try:
        with serving(tmp_path, "--server", name) as running:
            key, other = new_key(), new_key()
            with (
                Delayed(running.port, f"{key}~slow=50s", 1000),
                Delayed(running.port, f"{other}~trickle=50s", 1000),
            ):
                for _ in range(3):  # a journal holds a thousand
                    wait_until_asked(running.port, key, 1000)
                    wait_until_asked(running.port, other, 1000)
                assert get(running, new_key()).note == ""
                waits = control(running.port, "GET", f"/{new_key()}/requests?count=1&timeout=0.1")
                assert waits.status == 200
                running.end()  # within `PATIENCE`, which is less than the delay
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limit)


def test_a_client_that_went_away_does_no_harm(server: Server, key: str) -> None:
    for fault in ("slow=150ms", "trickle=150ms", "slow=100ms~reset", "slow=100ms~truncate"):
        with Delayed(server.port, f"{key}~{fault}", 4):
            pass
    wait_until(lambda: len(asked(server.port, key)) == 16)
    time.sleep(0.2)
    replies = [get(server, key) for _ in range(3)]
    assert [(r.status, r.note) for r in replies] == [(200, "")] * 3


def test_stopping_while_requests_are_delayed_is_quick_and_leaves_nothing(key: str) -> None:
    server = fakekit.FakeServer()
    with ExitStack() as clients, no_thread_left():
        port = port_of(server.start().origin)
        for fault in ("slow", "trickle"):
            clients.enter_context(Delayed(port, f"{key}~{fault}=50s", 20))
        wait_until_asked(port, key, 40)
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < PATIENCE  # and not the delay


def test_delayed_requests_hold_no_thread(key: str) -> None:
    with fakekit.FakeServer() as xtrakit:
        get(xtrakit, f"{key}~slow=50ms")  # a thread of the pool imports the faults, and stays
        with no_thread_left():
            for _ in range(3):
                with Delayed(port_of(xtrakit.origin), f"{key}~slow=50ms", 30) as delayed:
                    delayed.heads()
        assert get(xtrakit, key).status == 200


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gunicorn", ALONE])
def test_wire_faults_by_the_hundred_leave_the_server_well(tmp_path: Path, name: str) -> None:
    with serving(tmp_path, "--server", name) as running:
        drain(running)
        files = Path(f"/proc/{running.process.pid}/fd")
        kinds = ["reset", "close", "garbage", "truncate", "trickle=10ms", "slow=10ms"]
        with ThreadPoolExecutor(16) as pool:
            ends = list(pool.map(lambda n: end_of(running.port, f"fk_w{n % 7}", kinds[n % 6]), range(600)))
        assert ends.count("reset") >= 100
        assert get(running, "fk_w").status == 200
        wait_until(lambda: len(list(files.iterdir())) < 60)  # it closes its ends a little later


def end_of(port: int, key: str, fault: str) -> str:
    """How the connection ended; one that was only slow is kept alive, and so is not waited for."""
    return raw(port, f"{key}~{fault}", wait=1 if fault.startswith("slow") else PATIENCE).end
