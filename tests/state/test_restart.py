"""All that an account has is there after a restart, and in another server on the same store meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import fakekit
from tests.helpers.account_changes import change_something_of_everything, everything
from tests.helpers.control_api import AMA, Fake, Key, asking, problem, running
from tests.helpers.processes import PATIENCE


@pytest.fixture
def fake(state_location: str) -> Iterator[Fake]:
    with running(state=state_location) as server:
        yield server


@pytest.fixture
def other(state_location: str) -> Iterator[Fake]:
    with running(state=state_location) as server:
        yield server


def other_key(other: Fake, key: Key) -> Key:
    """The same account in the other server."""
    return other.key(key.key)


@pytest.mark.slow
def test_unread_names_and_unused_faults_of_earlier_runs_are_not_reported_again(tmp_path: Path) -> None:
    def use(path: str, key_faults: str = "") -> None:
        server = fakekit.FakeServer(state=tmp_path / "state.db", unread="fail", unused="fail")
        with server as xtrakit, asking(xtrakit.origin) as fake:
            xtrakit.fail(503, path=f"sales/{len(path)}")
            fake.key(f"fk_demo{key_faults}").ask(path)

    def run(*arguments: str) -> str:
        with pytest.raises(AssertionError) as failure:
            use(*arguments)
        return str(failure.value)

    unused = "a fault of fk_demo was not used as often as it might: fail=503,path=sales/"
    first = run("customers?colour=red", "~slow=0.01s,times=2")
    assert first.splitlines() == [
        "GET /api/v1/customers does not read colour",
        f"{unused}20 (used 0 times)",
        "a fault of fk_demo was not used as often as it might: slow=0.01s,times=2 (used 1 of 2 times)",
    ]
    assert run("customers?size=5").splitlines() == [
        "GET /api/v1/customers does not read size",
        f"{unused}16 (used 0 times)",
    ]
    assert run("customers?colour=green").splitlines() == [
        "GET /api/v1/customers does not read colour",
        f"{unused}22 (used 0 times)",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("resetting", ["first", "second"])
def test_a_fault_of_another_server_with_the_number_of_an_own_one_is_not_reported(
    resetting: str, tmp_path: Path
) -> None:
    path = tmp_path / "state.db"
    listed = []

    def use() -> None:
        with fakekit.FakeServer(state=path, unused="fail") as first, fakekit.FakeServer(state=path) as second:
            first.fail(503)
            {"first": first, "second": second}[resetting].reset()
            second.fail(418, times=3)
            listed.extend(first.faults)
            first.fail(429)
            second.fail(500)
            listed.extend(first.faults)

    with pytest.raises(AssertionError) as failure:
        use()
    assert [(fault["id"], fault["status"]) for fault in listed] == [(1, 418), (1, 418), (2, 429), (3, 500)]
    unused = "a fault of fk_demo was not used as often as it might: fail=429 (used 0 times)"
    assert str(failure.value) == unused


@pytest.mark.slow
def test_of_faults_in_keys_only_those_of_this_server_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "state.db"

    def use() -> None:
        with fakekit.FakeServer(state=path, unused="fail") as first, fakekit.FakeServer(state=path) as second:
            with asking(first.origin) as fake, asking(second.origin) as other:
                fake.key("fk_demo~fail=503,times=2").ask("customers")
                other.key("fk_demo~fail=503,times=2~slow=0.01s,times=3").ask("customers")
            assert [fault["text_form"] for fault in first.faults] == [
                "fail=503,times=2",
                "fail=503,times=2",
                "slow=0.01s,times=3",
            ]

    with pytest.raises(AssertionError) as failure:
        use()
    unused = "a fault of fk_demo was not used as often as it might: fail=503,times=2 (used 1 of 2 times)"
    assert str(failure.value) == unused


@pytest.mark.slow
def test_records(fake: Fake, state_location: str) -> None:
    key = fake.key()
    change_something_of_everything(key)
    before = everything(key)
    with running(state=state_location) as again:
        same = other_key(again, key)
        assert everything(same) == before
        added = key.ask("customers/add", AMA).json()["data"]["customer"]["id"]
        assert same.control("DELETE", f"/records/customers/{added}").ok
        assert key.ask("customers/add", AMA).json()["data"]["customer"]["id"] == added + 1


def test_faults_with_their_counts(fake: Fake, other: Fake) -> None:
    key = fake.key()
    same = other_key(other, key)
    stub = {"method": "GET", "path": "customers/9", "json": {"a": [1]}, "headers": {"X-A": "b"}, "times": 2}
    key.control("POST", "/faults", {"fault": "fail", "status": 503, "times": 2, "path": "sales"})
    added = key.control("POST", "/stubs", stub).json()
    assert [one.ask("sales").status_code for one in (key, same, key, same)] == [503, 503, 200, 200]
    assert same.ask("customers/9").json() == {"a": [1]}
    assert key.control("GET", "/stubs").json() == [{**added, "seen": 1, "used": 1}]
    assert same.control("DELETE", f"/faults/{added['id']}").ok
    assert key.ask("customers/9").json() != {"a": [1]}
    assert key.control("POST", "/faults", {"fault": "fail", "status": 500}).json()["id"] == 3


def test_the_counts_of_a_fault_that_a_key_carries(fake: Fake, other: Fake) -> None:
    key = fake.key().key + "~fail=503,times=2"
    statuses = [server.key(key).ask("customers/1").status_code for server in (fake, other, fake, other)]
    assert statuses == [503, 503, 200, 200]


def test_a_fault_that_had_nothing_to_change_is_not_used_up(fake: Fake, other: Fake) -> None:
    key = fake.key()
    key.control("POST", "/faults", {"fault": "drop", "field": "no_such_field", "times": 1})
    assert key.ask("sales").ok
    assert other_key(other, key).control("GET", "/faults").json()[0]["used"] == 0


def test_snapshots_and_what_a_reset_replaced(fake: Fake, other: Fake) -> None:
    key = fake.key()
    same = other_key(other, key)
    added = key.ask("customers/add", AMA).json()["data"]["customer"]["id"]
    name = key.control("POST", "/snapshots").json()["snapshot"]
    assert same.control("DELETE", f"/records/customers/{added}").ok
    assert key.customer(added) == 404
    assert same.control("POST", f"/snapshots/{name}/restore").ok
    assert key.customer(added)["customer_name"] == "Ama"
    key.control("PUT", "/clock", {"freeze": "2024-08-04 08:23:45"})
    assert same.control("POST", "/reset").ok
    about = key.control("GET").json()
    assert (about["changed"], about["snapshots"], about["clock"]["frozen"]) == (False, [], False)
    assert key.control("DELETE", "/reset").ok
    assert same.customer(added)["customer_name"] == "Ama"
    about = same.control("GET").json()
    assert (about["snapshots"], about["clock"]["now"]) == ([name], "2024-08-04T08:23:45+00:00")
    assert same.control("POST", "/snapshots").json() == {"snapshot": "s2"}
    assert same.control("DELETE", "/changes").ok
    assert key.customer(added) == 404
    assert key.control("DELETE", "/reset").ok
    assert same.customer(added)["customer_name"] == "Ama"


@pytest.mark.slow
def test_a_world_of_its_own_and_an_alias(fake: Fake, state_location: str) -> None:
    key = fake.key()
    settings = {
        "key": key.key,
        "seed": 7,
        "assumptions": {"missing.status": 400},
        "fixtures": {"population": 3, "removed": {"customers": [2]}},
        "faults": ["fail=418,path=expenses"],
        "clock": {"freeze": "2024-08-04 08:23:45"},
    }
    assert fake.control("POST", "", settings).status_code == 201
    alias = fake.key()
    key.control("PUT", "/alias", {"alias": alias.key})
    before = everything(key)
    with running(state=state_location) as again:
        for same in (other_key(again, key), other_key(again, alias)):
            assert everything(same) == before
            assert [same.ask(f"customers/{n}").status_code for n in (1, 2, 3, 4)] == [200, 400, 200, 400]
            assert same.ask("expenses").status_code == 418
        assert again.control("DELETE", f"/{alias.key}/alias").ok
        assert alias.ask("customers/2").status_code == 200


def test_the_journal_and_what_it_tells(fake: Fake, other: Fake) -> None:
    key = fake.key()
    same = other_key(other, key)
    for path in ("customers/1", "customers?page=2", "customers/1", "customers/987654"):
        assert key.ask(path).status_code == same.ask(path).status_code
    requests = [one.control("GET", "/requests").json() for one in (key, same)]
    assert requests[0] == requests[1]
    numbers = [request["number"] for request in requests[0]["requests"]]
    assert (len(numbers), numbers) == (8, sorted(numbers))
    about = [one.control("GET").json() for one in (key, same)]
    assert about[0]["unread"] == about[1]["unread"] != []
    assert sorted(about[0]["assumed"]) == sorted(about[1]["assumed"]) != []
    assert same.control("DELETE", "/requests").ok
    assert key.control("GET", "/requests").json() == {"requests": [], "truncated": False}
    assert key.control("GET").json()["assumed"] == []
    assert key.ask("customers/1").ok
    after = [r["number"] for r in same.control("GET", "/requests").json()["requests"]]
    assert len(after) == 1
    assert after[0] > numbers[-1]


def test_requests_without_a_valid_key(fake: Fake, other: Fake) -> None:
    assert fake.key("sk_live_abcdefgh").ask("customers/1").status_code == 401
    assert [r["status"] for r in other.control("GET", "/-/requests").json()["requests"]] == [401]
    assert other.control("DELETE", "/-/requests").ok
    assert fake.control("GET", "/-/requests").json()["requests"] == []


def test_an_account_that_is_deleted(fake: Fake, other: Fake) -> None:
    key = fake.key()
    same = other_key(other, key)
    added = key.ask("customers/add", AMA).json()["data"]["customer"]["id"]
    assert same.customer(added)["customer_name"] == "Ama"
    assert same.control("DELETE").ok
    assert key.customer(added) == 404
    assert [r["status"] for r in key.control("GET", "/requests").json()["requests"]] == [404]


def test_a_function_of_a_test_is_refused(state_location: str) -> None:
    with fakekit.FakeServer(state=state_location) as xtrakit:
        with pytest.raises(fakekit.FaultError) as raised:
            xtrakit.respond("GET", "customers/1", callback=lambda request: {})
        assert str(raised.value) == (
            "callback: a function cannot be stored, and this server stores its accounts; "
            "write json=, text= or content=, or a server without --state"
        )


def test_a_refused_write_changes_nothing(fake: Fake, other: Fake) -> None:
    key = fake.key()
    answer = key.control("POST", "/records/customers", {"customer_name": 2})
    assert problem(answer)[:2] == (422, "RefusedRecordError")
    assert key.control("GET").json()["changed"] is False
    assert other_key(other, key).control("GET").json()["changed"] is False


def test_no_credential_is_stored(state_location: str, fake: Fake) -> None:
    key = fake.key()
    secret = "sk_live_4eC39HqLyjWDarjtT1zdp7dc"
    for header in ("Authorization", "Cookie", "X-Api-Key"):
        key.session.get(
            f"{fake.origin}/api/v1/customers/1?token={secret}", headers={header: secret}, timeout=PATIENCE
        )
    key.ask("customers/add", {**AMA, "password": secret})
    key.ask(f"customers/{secret}")
    assert len(key.control("GET", "/requests").json()["requests"]) == 2
    if "://" not in state_location:
        stored = b"".join(Path(state_location + end).read_bytes() for end in ("", "-wal"))
        assert key.key.encode() in stored
        assert secret.encode() not in stored
