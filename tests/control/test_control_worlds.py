"""Accounts whose world differs from the server's."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
import requests

from tests.helpers.control_api import AMA, Fake, Key, controlled, running
from tests.helpers.processes import PATIENCE


def test_several_worlds_live_side_by_side(over_http: Fake) -> None:
    keys = {seed: over_http.key() for seed in (2, 3, 4)}
    for seed, key in keys.items():
        opened = over_http.control("POST", json={"key": key.key, "seed": seed, "customers": 10 * seed})
        assert opened.status_code == 201
        told = opened.json()
        assert (told["seed"], told["customers"], told["own"]) == (seed, 10 * seed, True)
    names = {key.customer(20)["customer_name"] for key in keys.values()}
    assert len(names) == 3
    assert keys[2].customer(21) == 404
    with running(seed=2, customers=20) as other:
        assert other.key().customer(20) == keys[2].customer(20)
    assert over_http.key().customer(50)["id"] == 50


def test_a_key_is_made_up_when_none_is_given(over_http: Fake) -> None:
    one, two = (over_http.control("POST", json={"seed": 9}).json()["key"] for _ in range(2))
    assert one != two
    assert re.fullmatch(r"fk_[0-9a-f]{16}", one)
    assert over_http.key(one).customer(1)["id"] == 1


def test_opening_forgets_what_was_there(over_http: Fake, key: Key) -> None:
    key.ask("customers/add", AMA)
    assert over_http.control("POST", json={"key": key.key}).status_code == 201
    assert key.customer(51) == 404
    assert key.control("GET").json()["own"] is False


def open_with(over_http: Fake, key: Key, **settings: Any) -> Any:
    """Open an account with settings of its own; what it answers."""
    opened = over_http.control("POST", json={"key": key.key, **settings})
    assert opened.status_code == 201, opened.text
    return opened.json()


def test_a_world_of_fixtures_and_assumptions(over_http: Fake, key: Key) -> None:
    group = {"id": 9, "group_name": "Regulars", "created_at": "2024-01-10 08:00:00"}
    fixtures = {
        "population": 3,
        "customer_groups": [{**group, "updated_at": "2024-01-10 08:00:00"}],
        "removed": {"customers": [2]},
    }
    told = open_with(over_http, key, fixtures=fixtures, assumptions={"missing.status": 400})
    assert told["assumptions"] == {"missing.status": 400}
    assert [key.ask(f"customers/{number}").status_code for number in (1, 2, 4)] == [200, 400, 400]
    assert key.control("GET", "/records/customer_groups/9").json()["group_name"] == "Regulars"


def test_an_account_with_faults_from_the_start(over_http: Fake, key: Key) -> None:
    open_with(over_http, key, faults=["fail=503,times=1", {"fault": "fail", "status": 500, "times": 1}])
    assert {key.ask("customers/1").status_code for _ in range(2)} == {503, 500}
    assert key.ask("customers/1").ok


def test_a_strict_account_whose_clock_stands_still(over_http: Fake, key: Key) -> None:
    told = open_with(over_http, key, clock={"freeze": "2031-01-01"}, strict=True)
    assert told["clock"]["now"] == "2031-01-01T00:00:00+00:00"
    bad = AMA | {"customer_email": "no address"}
    assert key.ask("customers/add", bad).status_code == 422
    assert key.ask("customers/add", AMA).json()["data"]["customer"]["created_at"] == "2031-01-01 00:00:00"


def test_several_texts_are_read_in_order(over_http: Fake, key: Key) -> None:
    texts = [{"name": "1.yaml", "text": "population: 3"}, {"name": "2.json", "text": '{"population": 4}'}]
    assert over_http.control("POST", json={"key": key.key, "fixtures": texts}).json()["customers"] == 4


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"sede": 7}, "the body: has an unknown name; write seed"),
        ({"seed": "x"}, "seed: must be a whole number"),
        ({"seed": 2**63}, "seed: must be"),
        ({"customers": -1}, "customers: must be"),
        ({"customers": 1_000_001}, "customers"),
        ({"strict": "yes"}, "strict: must be true or false"),
        ({"key": "sk-live-1234"}, "key: must be a key: fk_ and 1 to 64"),
        ({"key": 7}, "key: must be a key"),
        ({"fixtures": "/etc/passwd"}, "fixtures: must be the JSON of a fixture file, or a list"),
        ({"fixtures": ["/etc/passwd"]}, "fixtures: must be a list of files, each with name and text"),
        ({"fixtures": [{"name": "a.txt", "text": ""}]}, "fixtures: must be files whose names end in .yaml"),
        ({"fixtures": {"custommers": []}}, "fixtures.json:1: custommers"),
        ({"assumptions": {"missing.statsu": 400}}, "missing.status"),
        ({"assumptions": {"missing.status": 999}}, "missing.status"),
        ({"assumptions": []}, "assumptions: must be an object"),
        ({"faults": ["fial=503"]}, "write fail"),
        ({"faults": [7]}, "faults: must be a list of at most 100 faults"),
        ({"faults": ["fail=503"] * 101}, "faults: must be a list of at most 100 faults"),
        ({"clock": {"freeze": "noon"}}, "clock: freeze: must be a time"),
        ({"clock": {"offset": 1e300}}, "clock: would be outside of the years"),
        ({"clock": 7}, "clock: must be an object"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_forgotten(
    over_http: Fake, key: Key, body: Any, told: str
) -> None:
    key.ask("customers/add", AMA)
    answer = over_http.control("POST", json={"key": key.key, **body})
    assert answer.status_code == 422, answer.text
    first = answer.json()["problems"][0]
    assert told in f"{first['where']}: {first['what']}; write {first['write']}"
    assert "sk-live" not in answer.text
    assert key.customer(51)["customer_name"] == "Ama"


@pytest.mark.slow
def test_what_is_under_way_is_not_lost_to_other_keys() -> None:
    with running(max_accounts=4) as fake:
        stop, lost = threading.Event(), []

        def crowd() -> None:
            with requests.Session() as session:
                while not stop.is_set():
                    for number in range(6):
                        headers = {"Authorization": f"Bearer fk_crowd{number}"}
                        session.get(f"{fake.origin}/api/v1/customers/1", headers=headers, timeout=PATIENCE)

        with ThreadPoolExecutor(2) as pool, ExitStack() as end:
            end.callback(stop.set)
            for _ in range(2):
                pool.submit(crowd)
            for _ in range(40):
                key = fake.key("fk_mine")
                key.control("POST", "/records/customers", {})
                if key.customer(51) == 404:
                    lost.append(key)
                key.control("POST", "/reset")
        assert lost == []


@pytest.mark.slow
def test_a_hundred_worlds_leave_room_for_the_server_s_own_and_for_another_in_the_place_of_one() -> None:
    with running() as fake:
        keys = [fake.key() for _ in range(101)]

        def opened(key: Key, **settings: Any) -> int:
            settings["key"] = key.key
            return controlled(key.session, fake.origin, "POST", "", settings).status_code

        assert {opened(key, seed=1000 + n) for n, key in enumerate(keys[:100])} == {201}
        assert opened(keys[100], seed=5000) == 503
        assert opened(keys[100]) == 201
        assert opened(keys[0], seed=5000) == 201
