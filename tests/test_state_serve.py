"""`fakekit serve --state FILE` and `FakeServer(state=...)`: what was changed is there after a restart."""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path

import pytest

import fakekit
from tests.helpers.account_changes import change_something_of_everything, everything
from tests.helpers.commands import cli
from tests.helpers.control_api import AMA, Key, asking
from tests.helpers.processes import ALONE, PATIENCE, Server, serving

DEMO = "fk_demo"


def set_all_but_records(key: Key) -> None:
    """Set the clock, make a snapshot, add a fault, and send a request that it applies to."""
    key.control("POST", "/snapshots", {"name": "before"})
    key.control("PUT", "/clock", {"freeze": "2030-01-01"})
    key.control("POST", "/faults", {"fault": "fail", "status": 503, "path": "customers/8", "times": 2})
    assert key.ask("customers/8").status_code == 503


def all_but_records(key: Key) -> dict[str, object]:
    """What an account has beside records."""
    told = key.control("GET").json()
    requests = key.control("GET", "/requests").json()["requests"]
    return {
        **{name: told[name] for name in ("changed", "clock", "snapshots", "before_reset")},
        "faults": key.control("GET", "/faults").json(),
        "requests": [(each["number"], each["path"], each["status"]) for each in requests],
    }


def end(server: Server, number: signal.Signals) -> None:
    """Send a signal to the server and, where it is one that kills, to its workers."""
    pid = server.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for each in (pid, *(map(int, children) if number == signal.SIGKILL else ())):
        with suppress(ProcessLookupError):  # a worker ends when the server has
            os.kill(each, number)
    server.process.communicate(timeout=PATIENCE)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("underneath", ["gunicorn", ALONE])
def test_everything_is_there_after_the_end_of_the_server(
    tmp_path: Path, underneath: str, number: signal.Signals
) -> None:
    options = ("--server", underneath, "--state", str(tmp_path / "shop.db"))
    with serving(tmp_path, *options) as server, asking(server.origin) as fake:
        key = fake.key(DEMO)
        change_something_of_everything(key)
        set_all_but_records(key)
        records, others = everything(key), all_but_records(key)
        assert fake.key("fk_other").ask("customers/add", AMA).status_code == 200
        end(server, number)
    for file in tmp_path.glob("shop.db*"):
        shutil.copy(file, tmp_path / file.name.replace("shop", "copy"))
    with serving(tmp_path, *options) as server, asking(server.origin) as fake:
        key = fake.key(DEMO)
        assert all_but_records(key) == others
        assert everything(key) == records
        assert fake.key("fk_other").customer(51)["customer_name"] == AMA["customer_name"]
        assert [key.ask("customers/8").status_code for _ in range(2)] == [503, 200]
        key.control("POST", "/snapshots/before/restore")
        assert key.ask("customers/add", AMA).json()["data"]["customer"]["id"] == 53
    assert sorted(file.name for file in tmp_path.iterdir() if file.name.startswith("shop")) == ["shop.db"]
    with serving(tmp_path, "--state", str(tmp_path / "copy.db")) as server, asking(server.origin) as fake:
        assert everything(fake.key(DEMO)) == records


def test_a_server_in_python_goes_on_where_the_one_before_ended(tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    with fakekit.FakeServer(state=file) as xtrakit:
        ama = xtrakit.add_customer(customer_name="Ama Mensah")
    assert [each.name for each in tmp_path.iterdir()] == ["shop.db"]  # and no log of what is not in it yet
    server = fakekit.FakeServer(state=str(file))
    for _ in range(2):
        with server as xtrakit:
            assert xtrakit.customer(ama["id"]) == ama
    with fakekit.FakeServer() as xtrakit, pytest.raises(LookupError):
        xtrakit.customer(ama["id"])


def test_a_reset_can_be_undone_after_a_restart_and_an_account_keeps_its_own_world(tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    with (server := fakekit.FakeServer(state=file)) as xtrakit:
        xtrakit.change("customers", 1, customer_name="Ama Mensah")
        xtrakit.reset()
        seven = server.account("fk_seven", fakekit.Settings.of(seed=7, customers=3))
        name = seven.customer(3)["customer_name"]
        server.alias("fk_alias", "fk_seven")
    with (server := fakekit.FakeServer(state=file)) as xtrakit:
        assert xtrakit.customer(1)["customer_name"] == "Jane Doe"
        xtrakit.undo_reset()
        assert xtrakit.customer(1)["customer_name"] == "Ama Mensah"
        about = server.account("fk_alias").about
        assert (about["key"], about["seed"]) == ("fk_seven", 7)
        assert server.account("fk_seven").customer(3)["customer_name"] == name


def test_two_servers_on_one_file_are_one(tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    with fakekit.FakeServer(state=file) as one, fakekit.FakeServer(state=file) as two:
        ama = one.add_customer(customer_name="Ama Mensah")
        assert two.customer(ama["id"]) == ama
        two.remove("customers", ama["id"])
        with pytest.raises(LookupError):
            one.customer(ama["id"])


def test_another_world_on_the_same_file_is_refused_with_the_difference(tmp_path: Path) -> None:
    file, shop = tmp_path / "shop.db", tmp_path / "shop.yaml"
    shop.write_text("population: 50\nremoved: {customers: [3]}\n")
    with fakekit.FakeServer(state=file) as xtrakit:
        xtrakit.add_customer(customer_name="Ama Mensah")
    for option, message in (
        (("--seed", "7"), "seed 1; found 7; write --seed 1"),
        (("--customers", "9"), "customers 50; found 9; write --customers 50"),
        (("--invoice-prefix", "X-"), "invoice_prefix INV-; found X-; write --invoice-prefix INV-"),
        (("--phones", "valid"), "phones unassigned; found valid; write --phones unassigned"),
        (("--fixtures", str(shop)), "fixture files "),
    ):
        told = cli("serve", "--port", "0", "--state", str(file), *option)
        assert told.returncode == 2
        assert f"{file} has accounts of another world, with {message}" in told.stderr
    # what is a rule for requests may be another one
    with fakekit.FakeServer(state=file, strict=True, assumptions={"missing.status": "400"}) as xtrakit:
        assert xtrakit.customer(51)["customer_name"] == "Ama Mensah"
