"""What one server takes from its clients: how many accounts, faults and snapshots, and how many bytes."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from unittest import mock

import pytest
import requests

import fakekit
from fakekit.accounts.account import Account
from tests.helpers.control_api import AMA, Fake, Key, problem, running
from tests.helpers.processes import PATIENCE

SECRET = "sk_live_4eC39HqLyjWDarjtT1zdp7dc4eC39HqL"
NO_ROOM = (
    503,
    "AccountsFullError",
    ": changes, snapshots and faults take 1 MiB, so there is no room for more",
)


@pytest.fixture
def small_fake() -> Iterator[Fake]:
    """A server that has room for 1 MiB of changes."""
    with mock.patch("fakekit.accounts.registry.CHANGE_BYTES", 2**20), running() as fake:
        yield fake


def fill(key: Key) -> None:
    """Add faults of 1 MiB, less some 3 kB, to a key's account."""
    for _ in range(17):
        assert key.control("POST", "/stubs", {"path": "stores", "text": "x" * 61_000}).status_code == 201


@pytest.fixture(scope="module")
def over_http() -> Iterator[Fake]:
    with running() as asked:
        yield asked


def test_one_fault_stub_or_snapshot_too_many_is_503(key: Key) -> None:
    for _ in range(50):
        assert key.control("POST", "/faults", {"fault": "fail", "status": 503}).status_code == 201
        assert key.control("POST", "/stubs", {"path": "stores"}).status_code == 201
    told = (503, "FaultError", ": an account may have 100 faults at once")
    assert problem(key.control("POST", "/faults", {"fault": "fail", "status": 503})) == told
    assert problem(key.control("POST", "/stubs", {})) == told
    for _ in range(32):
        assert key.control("POST", "/snapshots").status_code == 201
    told = (503, "SnapshotError", ": an account can have 32 snapshots at most")
    assert problem(key.control("POST", "/snapshots")) == told


def test_one_account_or_alias_too_many_is_503() -> None:
    with running(max_accounts=3) as fake:  # the test has that of fk_demo
        for key in (fake.key(), fake.key()):
            key.control("POST", "/records/customers", {})
        told = (503, "AccountsFullError", ": all 3 accounts are in use, so there is no room for a new key")
        assert problem(fake.key().control("GET")) == told
        assert fake.key().ask("customers/1").status_code == 503
        for _ in range(3):
            assert key.control("PUT", "/alias", {"alias": fake.key().key}).ok
        told = (503, "AccountsFullError", ": 3 aliases are in use, the most that there may be")
        assert problem(key.control("PUT", "/alias", {"alias": fake.key().key})) == told


def test_other_keys_do_not_lock_the_demo_key_out() -> None:
    client = fakekit.create_app(fakekit.Settings.of(max_accounts=2)).test_client()

    def ask(key: str, path: str, body: object = None) -> int:
        headers = {"Authorization": f"Bearer {key}"}
        method = "GET" if body is None else "POST"
        return client.open(f"/api/v1/{path}", method=method, json=body, headers=headers).status_code

    assert [ask(key, "customers/add", AMA) for key in ("fk_a", "fk_b", "fk_c")] == [200, 200, 503]
    assert ask("fk_demo", "customers/add", AMA) == 200
    assert [ask(key, "customers/51") for key in ("fk_demo", "fk_c", "fk_a")] == [200, 503, 200]


def test_changes_of_other_keys_leave_room_for_those_of_the_demo_key(small_fake: Fake) -> None:
    fill(small_fake.key())
    key, demo = small_fake.key(), small_fake.key("fk_demo")
    assert [key.ask("customers/add", AMA).status_code for _ in range(5)][-1] == 503
    assert [demo.ask("customers/add", AMA).status_code for _ in range(5)] == [200] * 5


def test_changes_are_bounded_in_bytes_for_all_accounts_together(small_fake: Fake) -> None:
    key, other = small_fake.key(), small_fake.key()
    fill(key)
    answers = [other.control("POST", "/records/customers", {"customer_name": "Ama"}) for _ in range(5)]
    count = [answer.status_code for answer in answers].count(201)
    assert 0 < count < 5
    assert problem(answers[-1]) == NO_ROOM
    refused = other.ask("customers/add", AMA)
    assert refused.status_code == 503
    assert "so there is no room for more" in refused.headers["Fakekit-Note"]
    assert other.customer(51)["customer_name"] == "Ama"
    assert other.customer(51 + count) == 404
    assert key.control("POST", "/reset").ok
    assert other.ask("customers/add", AMA).status_code == 200


@pytest.mark.slow
def test_a_record_that_is_changed_again_and_again_takes_room_once(small_fake: Fake) -> None:
    key = small_fake.key()
    for number in range(300):
        assert key.control(
            "PATCH", "/records/customers/1", {"customer_profile": f"https://a.example/{number}" + "x" * 9000}
        ).ok


@pytest.mark.slow
def test_stubs_and_snapshots_are_bounded_in_bytes(small_fake: Fake) -> None:
    key = small_fake.key()
    stub = {"path": "stores", "text": "x" * 60_000}
    answers = [key.control("POST", "/stubs", stub) for _ in range(18)]
    assert [answer.status_code for answer in answers] == [201] * 17 + [503]
    assert problem(answers[-1]) == NO_ROOM
    assert key.control("DELETE", "/stubs").ok
    for _ in range(100):
        assert key.control("POST", "/records/customers", {}).ok
    answers = [key.control("POST", "/snapshots") for _ in range(10)]
    assert answers[-1].status_code == 503
    assert problem(answers[-1]) == NO_ROOM


def test_what_resets_replaced_makes_room_first(small_fake: Fake) -> None:
    first, second = small_fake.key(), small_fake.key()
    fill(first)
    assert first.control("POST", "/reset").ok
    assert first.control("GET").json()["before_reset"]["faults"] == 17
    fill(second)
    assert first.control("GET").json()["before_reset"] is None
    assert len(second.control("GET", "/faults").json()) == 17


@pytest.mark.slow
def test_faults_behind_keys_are_bounded_in_bytes(small_fake: Fake) -> None:
    key = small_fake.key()

    def ask(faults: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {key.key}~{faults}"}
        return key.session.get(f"{small_fake.origin}/api/v1/customers/1", headers=headers, timeout=PATIENCE)

    texts = ["~".join([f"drop=a{number}", *["drop=a"] * 140]) for number in range(16)]
    answers = [ask(text) for text in texts]
    assert [answer.status_code for answer in answers[:5]] == [200] * 5
    assert answers[-1].status_code == 503
    assert "so there is no room for more" in answers[-1].headers["Fakekit-Note"]
    assert ask(texts[0]).status_code == 200


# --- secrets -------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", range(30, 62, 4))
def test_a_key_is_hidden_before_a_value_is_cut(key: Key, before: int) -> None:
    text = "é" + "x" * before + " "
    answers = [
        key.control("PUT", "/clock", {"advance": {"deep": [text + SECRET]}}),
        key.control("PUT", "/clock", {"freeze": f"{text}\n{SECRET}"}),
        key.control("POST", "/faults", {"fault": "fail", "status": 503, "path": f"{text}?{SECRET}"}),
        key.control("POST", "/faults", {"fault": "slow", "seconds": {text: {SECRET: 1}}}),
        key.control("POST", "/records/customers", {"customer_zip": [text, [SECRET]]}),
    ]
    for answer in answers:
        assert answer.status_code == 422
        assert SECRET[:10] not in answer.text


def test_the_faults_behind_a_key_are_logged_and_recorded_without_secrets(
    over_http: Fake, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "fakekit"):
        key = over_http.key("fk_faulty")
        headers = {
            "Authorization": f"Bearer fk_faulty~slow=1ms,path=customers/*~fail=404,path=customers/{SECRET}"
        }
        answer = key.session.get(
            f"{over_http.origin}/api/v1/customers/{SECRET}", headers=headers, timeout=PATIENCE
        )
        assert answer.status_code == 404
        assert "slow=0.001" in answer.headers["Fakekit-Fault"]
    entry = key.control("GET", "/requests").text
    assert "fail=404,path=customers/..." in entry
    listed = key.control("GET", "/faults").text
    assert '"path": "customers/..."' in listed
    assert SECRET[:12] not in str(answer.headers) + answer.text + entry + listed + caplog.text


# --- the token -----------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["caf\udce9", "line\nbreak", "nul\0", "\udcff" * 8])
def test_a_token_that_no_header_can_have_is_an_error_at_the_start(token: str) -> None:
    with pytest.raises(fakekit.SettingsError) as told:
        fakekit.FakeServer(host="0.0.0.0", control_token=token)
    assert str(told.value) == "control_token: must be printable text in UTF-8"


# --- the account of fk_demo ----------------------------------------------------------------------


def test_an_account_that_is_opened_with_other_settings_keeps_its_place_beside_the_demo_key() -> None:
    client = fakekit.create_app(fakekit.Settings.of(max_accounts=2)).test_client()

    def fetch_added(key: str) -> int:
        return client.get("/api/v1/customers/51", headers={"Authorization": f"Bearer {key}"}).status_code

    for key in ("fk_a", "fk_b", "fk_demo"):
        add = {"json": AMA, "headers": {"Authorization": f"Bearer {key}"}}
        assert client.post("/api/v1/customers/add", **add).status_code == 200
    opened = {"json": {"key": "fk_a", "customers": 60}, "headers": {"Fakekit-Control": "1"}}
    assert client.post("/_fakekit/accounts", **opened).status_code == 201
    added = client.get("/api/v1/customers/60", headers={"Authorization": "Bearer fk_a"})
    assert (added.status_code, fetch_added("fk_b"), fetch_added("fk_demo")) == (200, 200, 200)


def test_a_change_does_not_measure_all_accounts_while_the_demo_key_has_much(small_fake: Fake) -> None:
    key = small_fake.key()
    fill(small_fake.key("fk_demo"))
    assert key.control("POST", "/stubs", {"path": "stores", "text": "x" * 61_000}).status_code == 201
    with mock.patch.object(
        Account, "size_in_bytes", new_callable=mock.PropertyMock, return_value=0
    ) as measured:
        assert [key.ask("customers/add", AMA).status_code for _ in range(9)] == [200] * 9
    assert measured.call_count == 0
