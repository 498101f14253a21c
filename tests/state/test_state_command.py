"""`fakekit state`: what is stored, without a server and beside one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import fakekit
from fakekit.accounts.state_store import Item, NewEntry
from fakekit.state.sql_store import SqlStore
from tests.helpers.commands import Done, cli


def state(location: str, *arguments: str) -> Done:
    return cli("state", *arguments, env={"FAKEKIT_STATE": location})


@pytest.fixture
def filled(store: SqlStore, state_location: str) -> str:
    with store.writing("fk_a") as write:
        items = [
            Item("record", "customers/51", '{"id":51}'),
            Item("fault", "1", "{}"),
            Item("clock", "", "[1]"),
        ]
        write.replace([*items, Item("fault", "2", None)], '{"seed":7}')
    with store.writing("fk_alias") as write:
        write.set_alias("fk_a")
    store.write_entries([NewEntry("fk_a", 1.0, "x" * 1200), NewEntry("", 1_800_000_000.25, "y")])
    return state_location


def test_a_table_of_the_stored_accounts(filled: str) -> None:
    listed = state(filled, "list")
    assert (listed.returncode, listed.stderr) == (0, "")
    lines = [re.sub(" {2,}", "  ", line) for line in listed.stdout.splitlines()]
    assert lines[:3] == [
        "key  version  records  faults  requests  size  last request",
        "fk_alias = fk_a  2  0  0  0  0",
        "fk_a  1  1  1  1  1,214  " + lines[2].rpartition("  ")[2],
    ]
    assert re.fullmatch(r"-  0  0  0  1  1  2027-01-1\d \d\d:\d\d:00", lines[3])


@pytest.mark.slow
def test_the_same_as_json(filled: str) -> None:
    lines = [json.loads(line) for line in state(filled, "list", "--json").stdout.splitlines()]
    assert [line["key"] for line in lines] == ["fk_alias", "fk_a", "-"]
    assert lines[1] == {
        "key": "fk_a",
        "version": 1,
        "alias_of": None,
        "records": 1,
        "faults": 1,
        "requests": 1,
        "size": 1214,
        "last_request": 1.0,
    }


@pytest.mark.slow
def test_all_that_an_account_has(filled: str) -> None:
    assert json.loads(state(filled, "show", "fk_a").stdout) == {
        "key": "fk_a",
        "version": 1,
        "replaced": 1,
        "alias_of": "",
        "settings": {"seed": 7},
        "dropped_up_to": 0,
        "truncated": False,
        "items": {"record": {"customers/51": {"id": 51}}, "fault": {"1": {}}, "clock": {"": [1]}},
    }
    assert json.loads(state(filled, "show", "-").stdout)["key"] == "-"


def test_an_account_is_deleted_or_all(filled: str) -> None:
    assert state(filled, "drop", "fk_a") == Done(0, "", "")
    assert "fk_a " not in state(filled, "list").stdout.replace("= fk_a", "")
    assert state(filled, "drop", "--all") == Done(0, "", "")
    assert state(filled, "list") == Done(0, "", "none\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "fk_b"], "error: KEY: nothing is stored under it; found fk_b; write fk_a\n"),
        (
            ["drop", "Bearer-1"],
            "error: KEY: nothing is stored under it; write one that fakekit state list prints\n",
        ),
        (["drop"], "Error: write KEY or --all\n"),
        (["drop", "fk_a", "--all"], "Error: write KEY or --all\n"),
    ],
)
def test_a_key_that_is_not_stored(filled: str, arguments: list[str], message: str) -> None:
    done = state(filled, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(message)


@pytest.mark.slow
def test_the_command_makes_no_store(tmp_path: Path) -> None:
    file = tmp_path / "gone.db"
    assert cli("state", "list", "--state", str(file)).stderr == (
        f"error: --state: no such file; found {file}; write a file that fakekit wrote\n"
    )
    file.touch()
    assert (
        cli("state", "list", "--state", str(file)).stderr
        == f"error: --state: has no state of fakekit; found {file}\n"
    )
    assert cli("state", "list", "--state", "memory").stderr == (
        "error: --state: is not set, and accounts in the memory of a server are gone when it ends; write --state FILE, or postgresql://...\n"
    )
    assert [each.name for each in tmp_path.iterdir()] == ["gone.db"]


@pytest.mark.slow
def test_a_running_server_sees_that_an_account_was_deleted(state_location: str) -> None:
    with fakekit.FakeServer(state=state_location) as xtrakit:
        ama = xtrakit.add_customer(customer_name="Ama")
        assert ama["id"] == 51
        assert f"\n{xtrakit.api_key} " in state(state_location, "list").stdout
        assert state(state_location, "drop", xtrakit.api_key).returncode == 0
        with pytest.raises(fakekit.NoRecordError):
            xtrakit.customer(51)
        assert xtrakit.add_customer(customer_name="Kofi")["id"] == 51
