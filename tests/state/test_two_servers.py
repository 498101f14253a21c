"""What goes wrong when two servers, or a server and a command, have one store between them; and one after another."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import fakekit
from tests.helpers.commands import cli, cli_process
from tests.helpers.control_api import AMA, Fake, Key, running
from tests.helpers.processes import started

PROGRAM = """
import sys, fakekit, requests
with fakekit.FakeServer(state=sys.argv[1]) as xtrakit:
    with fakekit.FakeServer(state=sys.argv[1]):
        pass
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(20):
        assert requests.get(xtrakit.url("customers/1"), headers={"Authorization": "Bearer fk_x"}).ok
    print("answered", flush=True)
    sys.stdin.readline()
"""


def numbers(key: Key) -> list[int]:
    return [request["number"] for request in key.control("GET", "/requests").json()["requests"]]


@pytest.mark.slow
def test_a_second_server_in_one_process_does_not_end_the_locks_of_the_first(tmp_path: Path) -> None:
    """Closing a file ends all locks that a process has on it; SQLite then deletes the log of a running one."""
    state = str(tmp_path / "state.db")
    command = [sys.executable, "-c", PROGRAM, state]
    with started(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        assert cli_process("state", "list", "--state", state).returncode == 0
        process.stdin.write(b"\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"answered\n"
        process.kill()
    with running(state=state) as fake:
        assert numbers(fake.key("fk_x")) == list(range(1, 21))


def test_an_account_that_a_command_deletes_has_a_new_journal(tmp_path: Path) -> None:
    state = str(tmp_path / "state.db")
    with running(state=state) as fake:
        key = fake.key("fk_a")
        for _ in range(3):
            assert key.ask("customers/1").ok
        assert numbers(key) == [1, 2, 3]
        assert cli("state", "drop", "fk_a", "--state", state).returncode == 0
        assert key.ask("customers/1", method="HEAD").ok
        for _ in range(2):
            assert key.ask("customers/1").ok
        assert numbers(key) == [4, 5, 6]
        assert key.control("GET", "/requests").json()["truncated"] is False


def test_an_account_that_another_server_opens_anew(tmp_path: Path) -> None:
    state = str(tmp_path / "state.db")
    with running(state=state) as fake, running(state=state) as other:
        key, same = fake.key("fk_a"), other.key("fk_a")
        assert key.ask("customers/1").ok
        assert numbers(key) == [1]
        clock = {"freeze": "2020-01-01 00:00:00"}
        assert other.control("POST", "", {"key": "fk_a", "seed": 5, "clock": clock}).status_code == 201
        assert numbers(key) == numbers(same) == []
        about = key.control("GET").json()
        assert (about["seed"], about["clock"]["frozen"]) == (5, True)


def test_a_handle_whose_account_is_deleted_has_an_empty_one_everywhere(tmp_path: Path) -> None:
    state = str(tmp_path / "state.db")
    with fakekit.FakeServer(state=state) as first, fakekit.FakeServer(state=state) as second:
        first.add_customer()
        first.snapshot()
        with running(state=state) as fake:
            assert fake.control("DELETE", "/fk_demo").ok
        for handle in (first, second):
            fake = Fake(handle.origin)
            with fake.session:
                about = fake.key("fk_demo").control("GET").json()
            assert (about["snapshots"], about["changed"], about["requests"]) == ([], False, 0)


def test_a_server_that_starts_again_has_its_earlier_requests(tmp_path: Path) -> None:
    server = fakekit.FakeServer(state=str(tmp_path / "state.db"))
    for expected in ([1, 2], [1, 2, 3, 4]):
        with server as xtrakit:
            fake = Fake(xtrakit.origin)
            with fake.session:
                for number in (1, 2):
                    assert fake.key("fk_demo").ask(f"customers/{number}").ok
            assert [request.number for request in xtrakit.requests] == expected


def test_an_account_whose_files_are_gone_is_left_out_and_can_be_deleted(tmp_path: Path) -> None:
    state, file = str(tmp_path / "state.db"), tmp_path / "groups.yaml"
    file.write_text("removed: {customers: [2]}\n", encoding="utf-8")
    server = fakekit.FakeServer(state=state)
    with server:
        server.account("fk_files", fakekit.Settings.of(state=state, fixtures=[file]))
    file.unlink()
    with running(state=state) as fake:
        answer = fake.key("fk_files").ask("customers/1")
        assert (answer.status_code, str(file) in answer.headers["Fakekit-Note"]) == (503, True)
        assert [each["key"] for each in fake.control("GET").json()] == ["fk_demo"]
        assert fake.key("fk_files").control("DELETE").ok
        assert fake.key("fk_files").ask("customers/1").ok


def test_undoing_cleared_changes_keeps_what_another_server_added_since(tmp_path: Path) -> None:
    state = str(tmp_path / "state.db")
    with running(state=state) as fake, running(state=state) as other:
        key, same = fake.key("fk_a"), other.key("fk_a")
        added = key.ask("customers/add", AMA).json()["data"]["customer"]["id"]
        assert key.control("DELETE", "/changes").ok
        same.control("POST", "/faults", {"fault": "fail", "status": 503, "path": "sales"})
        same.control("POST", "/snapshots")
        assert key.control("DELETE", "/reset").ok
        about = same.control("GET").json()
        assert (about["snapshots"], len(same.control("GET", "/faults").json())) == (["s1"], 1)
        assert same.customer(added)["customer_name"] == "Ama"


def test_an_alias_that_ends_leaves_no_account(tmp_path: Path) -> None:
    with running(state=str(tmp_path / "state.db")) as fake:
        assert fake.key("fk_a").control("PUT", "/alias", {"alias": "fk_b"}).ok
        assert fake.key("fk_b").control("DELETE", "/alias").ok
        assert "fk_b" not in [each["key"] for each in fake.control("GET").json()]


@pytest.mark.slow
def test_a_journal_says_that_older_entries_are_missing(tmp_path: Path) -> None:
    state = str(tmp_path / "state.db")
    with running(state=state) as fake:
        key = fake.key("fk_a")
        for _ in range(1001):
            assert key.ask("customers/1").ok
        listed = key.control("GET", "/requests?limit=1000").json()
        assert (len(listed["requests"]), listed["truncated"]) == (1000, True)
