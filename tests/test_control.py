"""The control API: every operation by raw HTTP, on both servers."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from openapi_spec_validator import validate

import fakekit
from tests.helpers.commands import paste
from tests.helpers.control_api import AMA, Fake, Key, asking, controlled, problem, running
from tests.helpers.processes import Server, serving
from tests.helpers.project import ROOT, blocks
from tests.helpers.raw_http import ask


@pytest.fixture(scope="module")
def fake(server: Server) -> Iterator[Fake]:
    with asking(server.origin) as asked:
        yield asked


@pytest.fixture
def key(fake: Fake) -> Key:
    return fake.key()


def document(fake: Fake) -> Any:
    answer = requests.get(f"{fake.origin}/_fakekit/control.json", timeout=10)
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


# --- what there is -------------------------------------------------------------------------------

TABLE = [
    ("GET", "/_fakekit/accounts"),
    ("POST", "/_fakekit/accounts"),
    ("GET", "/_fakekit/accounts/-/requests"),
    ("GET", "/_fakekit/accounts/{key}"),
    ("DELETE", "/_fakekit/accounts/{key}"),
    ("POST", "/_fakekit/accounts/{key}/reset"),
    ("GET", "/_fakekit/accounts/{key}/requests"),
    ("DELETE", "/_fakekit/accounts/{key}/requests"),
    ("GET", "/_fakekit/accounts/{key}/faults"),
    ("POST", "/_fakekit/accounts/{key}/faults"),
    ("DELETE", "/_fakekit/accounts/{key}/faults"),
    ("DELETE", "/_fakekit/accounts/{key}/faults/{number}"),
    ("GET", "/_fakekit/accounts/{key}/stubs"),
    ("POST", "/_fakekit/accounts/{key}/stubs"),
    ("DELETE", "/_fakekit/accounts/{key}/stubs"),
    ("GET", "/_fakekit/accounts/{key}/records/{resource}"),
    ("GET", "/_fakekit/accounts/{key}/records/{resource}/{named}"),
    ("GET", "/_fakekit/accounts/{key}/records/{resource}/{named}/lines"),
    ("POST", "/_fakekit/accounts/{key}/records/{resource}"),
    ("PATCH", "/_fakekit/accounts/{key}/records/{resource}/{named}"),
    ("DELETE", "/_fakekit/accounts/{key}/records/{resource}/{named}"),
    ("GET", "/_fakekit/accounts/{key}/clock"),
    ("PUT", "/_fakekit/accounts/{key}/clock"),
    ("GET", "/_fakekit/accounts/{key}/snapshots"),
    ("POST", "/_fakekit/accounts/{key}/snapshots"),
    ("POST", "/_fakekit/accounts/{key}/snapshots/{name}/restore"),
    ("DELETE", "/_fakekit/accounts/{key}/snapshots/{name}"),
    ("GET", "/_fakekit/accounts/{key}/export"),
    ("PUT", "/_fakekit/accounts/{key}/alias"),
    ("DELETE", "/_fakekit/accounts/{key}/alias"),
]


def test_its_document_is_valid_and_lists_every_operation(fake: Fake) -> None:
    told = document(fake)
    validate(told)
    assert told["openapi"] == "3.1.0"
    listed = [(method.upper(), path) for path, item in told["paths"].items() for method in item]
    assert sorted(listed) == sorted(TABLE)
    assert told["components"]["securitySchemes"]["control"] == {
        "type": "apiKey",
        "in": "header",
        "name": "Fakekit-Control",
    }


def test_every_route_of_the_server_is_in_the_document() -> None:
    client = fakekit.create_app(fakekit.Settings.of()).test_client()
    for path in {path for _, path in TABLE if "/-/" not in path}:  # which might be a key's
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            status = client.open(path.replace("{key}", "fk_a"), method=method).status_code
            assert status == (403 if (method, path) in TABLE else 405), (method, path)


def test_the_page_lists_every_operation_as_the_table_has_it() -> None:
    page = (ROOT / "docs" / "control.md").read_text("utf-8")
    rows = re.findall(r"^\| `(GET|POST|PUT|PATCH|DELETE) (/\S*|)` ?\| (.+) \|$", page, re.M)
    table = [(method, path.removeprefix("/_fakekit/accounts") or "/") for method, path in TABLE]
    assert [(method, path) for method, path, _ in rows] == table


# --- each operation ------------------------------------------------------------------------------


def test_an_account_says_what_there_is_to_know(fake: Fake, key: Key) -> None:
    assert key.ask("customers/1").ok
    told = key.control("GET").json()
    assert told.pop("last_request")["path"] == "/api/v1/customers/1"
    assert told.pop("clock")["frozen"] is False
    assert told == {
        "key": key.key,
        "seed": 1,
        "customers": 50,
        "own": False,
        "changed": False,
        "requests": 1,
        "assumed": [],
        "assumptions": {},
        "unused": [],
        "snapshots": [],
    }
    assert fake.control("GET").json()[0]["key"] == key.key


def test_records_are_listed_a_page_at_a_time(key: Key) -> None:
    ids = [c["id"] for c in key.control("GET", "/records/customers?limit=3").json()]
    assert ids == [1, 2, 3]
    key.control("DELETE", "/records/customers/4")
    key.control("POST", "/records/customers", {"id": 10**17})
    key.control("PATCH", "/records/customers/6", {"customer_name": "Six"})
    page = key.control("GET", "/records/customers?after=3&limit=2").json()
    assert [c["id"] for c in page] == [5, 6]
    assert page[1]["customer_name"] == "Six"
    assert [c["id"] for c in key.control("GET", "/records/customers?after=49").json()] == [50, 10**17]
    assert len(key.control("GET", "/records/customers").json()) == 50
    assert len(key.control("GET", "/records/sales?limit=1000").json()) > 50


def test_a_page_far_behind_is_there_at_once(fake: Fake, key: Key) -> None:
    fake.control("POST", json={"key": key.key, "customers": 1_000_000})
    started = time.monotonic()
    page = key.control("GET", "/records/customers?after=999998").json()
    assert [c["id"] for c in page] == [999_999, 1_000_000]
    assert time.monotonic() - started < 15  # it takes minutes to make them all


def test_records_are_added_changed_and_removed(key: Key) -> None:
    added = key.control("POST", "/records/customers", {"customer_name": "Ama"})
    assert added.status_code == 201
    assert added.json() == key.customer(51)
    changed = key.control("PATCH", "/records/customers/51", {"customer_city": "Kumasi"})
    assert changed.json() == {**added.json(), "customer_city": "Kumasi"} == key.customer(51)
    assert key.control("GET", "/records/customers/51").json() == changed.json()
    assert key.control("DELETE", "/records/customers/51").json() == {"done": True}
    assert key.customer(51) == 404


def test_what_has_a_code_is_named_by_it(key: Key) -> None:
    sale = key.control("GET", "/records/sales?limit=1").json()[0]
    code = sale["invoice_code"]
    assert key.control("GET", f"/records/sales/{code}").json() == sale
    lines = key.control("GET", f"/records/sales/{code}/lines").json()
    assert lines in key.ask(f"sales/{code}").json()["data"].values()
    told = problem(key.control("GET", "/records/customers/1/lines"))
    assert told == (404, "NoRecordError", "customers: has no lines")


def test_faults_and_stubs(key: Key) -> None:
    added = key.control("POST", "/faults", {"fault": "fail", "status": 503, "times": 1})
    assert added.status_code == 201
    number = added.json()["id"]
    assert [f["id"] for f in key.control("GET", "/faults").json()] == [number]
    assert key.control("DELETE", f"/faults/{number}").json() == {"done": True}
    stub = key.control("POST", "/stubs", {"path": "customers/1", "status": 418, "json": {"tea": True}})
    assert stub.status_code == 201
    assert [s["id"] for s in key.control("GET", "/stubs").json()] == [stub.json()["id"]]
    assert (key.ask("customers/1").status_code, key.ask("customers/1").json()) == (418, {"tea": True})
    assert key.control("DELETE", "/stubs").json() == {"done": True}
    assert key.ask("customers/1").ok
    key.control("POST", "/faults", {"fault": "fail", "status": 503})
    assert key.control("DELETE", "/faults").json() == {"done": True}
    assert key.control("GET", "/faults").json() == []


@pytest.mark.parametrize("number", ["0", "99", "x", "-1", "1.0", "²", "9" * 1000])
def test_a_fault_that_is_not_there(key: Key, number: str) -> None:
    assert problem(key.control("DELETE", f"/faults/{number}"))[:2] == (404, "NoRecordError")


def test_requests_are_listed_waited_for_and_forgotten(fake: Fake, key: Key) -> None:
    key.ask("customers/1")
    with ThreadPoolExecutor(1) as pool:
        waited = pool.submit(
            requests.get,
            f"{fake.origin}/_fakekit/accounts/{key.key}/requests?count=2&timeout=9",
            headers={"Fakekit-Control": "1"},
            timeout=20,
        )
        time.sleep(0.05)
        key.ask("customers/2")
        assert [r["path"] for r in waited.result().json()["requests"]] == [
            "/api/v1/customers/1",
            "/api/v1/customers/2",
        ]
    assert key.control("DELETE", "/requests").json() == {"done": True}
    assert key.control("GET", "/requests").json() == {"requests": [], "truncated": False}
    fake.session.get(f"{fake.origin}/api/v1/customers/1", timeout=5)
    strangers = fake.control("GET", "/-/requests?status=401").json()["requests"]
    assert strangers[-1]["path"] == "/api/v1/customers/1"


def test_an_alias_leads_to_the_account_until_it_ends(fake: Fake, key: Key) -> None:
    alias = fake.key()
    assert key.control("PUT", "/alias", {"alias": alias.key}).json() == {"done": True}
    added = alias.ask("customers/add", AMA).json()["data"]["customer"]
    assert key.customer(added["id"]) == added
    assert alias.control("GET").json()["key"] == key.key
    assert alias.control("DELETE").json() == {"done": True}  # the account it leads to
    assert key.customer(added["id"]) == 404
    assert alias.control("DELETE", "/alias").json() == {"done": True}
    assert alias.control("GET").json()["key"] == alias.key


def test_reads_and_writes_of_an_alias_meet_the_same_account_where_that_has_one_too(fake: Fake) -> None:
    one, two, three = fake.key(), fake.key(), fake.key()
    assert two.control("PUT", "/alias", {"alias": one.key}).ok
    assert three.control("PUT", "/alias", {"alias": two.key}).ok
    assert one.ask("customers/1", method="DELETE").status_code == 204
    assert one.customer(1) == 404
    assert three.ask("customers/1").status_code == 200
    for key in (one, two):
        assert key.control("DELETE", "/alias").ok


def test_delete_forgets_an_account(fake: Fake, key: Key) -> None:
    key.ask("customers/add", AMA)
    assert key.control("DELETE").json() == {"done": True}
    assert key.key not in [account["key"] for account in fake.control("GET").json()]
    assert key.customer(51) == 404
    assert key.control("DELETE").json() == {"done": True}


# --- accounts of their own -----------------------------------------------------------------------


def test_several_worlds_live_side_by_side(fake: Fake) -> None:
    keys = {seed: fake.key() for seed in (2, 3, 4)}
    for seed, key in keys.items():
        opened = fake.control("POST", json={"key": key.key, "seed": seed, "customers": 10 * seed})
        assert opened.status_code == 201
        told = opened.json()
        assert (told["seed"], told["customers"], told["own"]) == (seed, 10 * seed, True)
    names = {key.customer(20)["customer_name"] for key in keys.values()}
    assert len(names) == 3
    assert keys[2].customer(21) == 404
    with running(seed=2, customers=20) as other:
        assert other.key().customer(20) == keys[2].customer(20)
    assert fake.key().customer(50)["id"] == 50


def test_a_key_is_made_up_when_none_is_given(fake: Fake) -> None:
    one, two = (fake.control("POST", json={"seed": 9}).json()["key"] for _ in range(2))
    assert one != two
    assert re.fullmatch(r"fk_[0-9a-f]{16}", one)
    assert fake.key(one).customer(1)["id"] == 1


def test_opening_forgets_what_was_there(fake: Fake, key: Key) -> None:
    key.ask("customers/add", AMA)
    assert fake.control("POST", json={"key": key.key}).status_code == 201
    assert key.customer(51) == 404
    assert key.control("GET").json()["own"] is False


def test_a_world_of_fixtures_assumptions_faults_and_a_clock(fake: Fake, key: Key) -> None:
    group = {"id": 9, "group_name": "Regulars", "created_at": "2024-01-10 08:00:00"}
    opened = fake.control(
        "POST",
        json={
            "key": key.key,
            "fixtures": {
                "population": 3,
                "customer_groups": [{**group, "updated_at": "2024-01-10 08:00:00"}],
                "removed": {"customers": [2]},
            },
            "assumptions": {"missing.status": 400},
            "faults": ["fail=503,times=1", {"fault": "fail", "status": 500, "times": 1}],
            "clock": {"freeze": "2031-01-01"},
            "strict": True,
        },
    )
    assert opened.status_code == 201, opened.text
    told = opened.json()
    assert told["assumptions"] == {"missing.status": 400}
    assert told["clock"]["now"] == "2031-01-01T00:00:00+00:00"
    assert {key.ask("customers/1").status_code for _ in range(2)} == {503, 500}
    assert key.ask("customers/1").ok
    assert key.ask("customers/2").status_code == 400
    assert key.control("GET", "/records/customer_groups/9").json()["group_name"] == "Regulars"
    bad = AMA | {"customer_email": "no address"}
    assert key.ask("customers/add", bad).status_code == 422  # strict
    assert key.ask("customers/add", AMA).json()["data"]["customer"]["created_at"] == "2031-01-01 00:00:00"


def test_several_texts_are_read_in_order(fake: Fake, key: Key) -> None:
    texts = [{"name": "1.yaml", "text": "population: 3"}, {"name": "2.json", "text": '{"population": 4}'}]
    assert fake.control("POST", json={"key": key.key, "fixtures": texts}).json()["customers"] == 4


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
    fake: Fake, key: Key, body: Any, told: str
) -> None:
    key.ask("customers/add", AMA)
    answer = fake.control("POST", json={"key": key.key, **body})
    assert answer.status_code == 422, answer.text
    first = answer.json()["problems"][0]
    assert told in f"{first['where']}: {first['what']}; write {first['write']}"
    assert "sk-live" not in answer.text
    assert key.customer(51)["customer_name"] == "Ama"


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "told"),
    [
        ("GET", "/fk_a/cloc", (404, "ControlError", ": fakekit's control API has no such path")),
        ("GET", "/fk_a/", (404, "ControlError", ": fakekit's control API has no such path")),
        ("GET", "/", (404, "ControlError", ": fakekit's control API has no such path")),
        ("GET", "x", (404, "ControlError", ": fakekit's control API has no such path")),
        ("GET", "//fk_a", (404, "ControlError", ": fakekit's control API has no such path")),
        ("PATCH", "/fk_a", (405, "ControlError", ": fakekit's control API answers DELETE, GET here")),
        ("GET", "/fk_a/reset", (405, "ControlError", ": fakekit's control API answers POST here")),
        ("GET", "/fk_a/records/custommers", (404, "NoRecordError", "custommers: is not a resource")),
        ("GET", "/fk_a/records/customers/x", (404, "NoRecordError", "customers: is identified by id")),
        ("GET", "/fk_a/records/customers?limit=0", (422, "ControlError", "limit: must be a whole number from 1 to 1,000")),
        ("GET", "/fk_a/records/customers?limt=1", (422, "ControlError", "the query: has an unknown name")),
        ("GET", "/fk_a/records/customers?limit=1&limit=2", (422, "ControlError", "the query: has a name twice")),
        ("GET", "/bad", (404, "ControlError", "the key: is not a key, which is fk_ and 1 to 64 of A-Z a-z 0-9 _ -")),
        ("GET", "/fk_" + "a" * 65, (404, "ControlError", "the key: is not a key, which is fk_ and 1 to 64 of A-Z a-z 0-9 _ -")),
        ("GET", "/fk_a~slow=1s", (404, "ControlError", "the key: is not a key, which is fk_ and 1 to 64 of A-Z a-z 0-9 _ -")),
        ("POST", "/fk_a/records/customers", (415, "ControlError", "the body: must be JSON by its Content-Type")),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_told(fake: Fake, method: str, path: str, told: tuple[int, str, str]) -> None:
    assert problem(fake.control(method, path)) == told


def test_an_unknown_path_is_told_the_nearest_one(fake: Fake) -> None:
    assert fake.control("GET", "/fk_a/snapshot").json()["problems"][0]["write"] == (
        "/_fakekit/accounts/KEY/... with snapshots"
    )


def test_every_problem_of_a_record_is_told(key: Key) -> None:
    answer = key.control("POST", "/records/customers", {"customer_nmae": "x", "customer_zip": 233})
    assert answer.status_code == 422
    assert answer.json()["error"] == "RefusedRecordError"
    assert [tuple(told.values()) for told in answer.json()["problems"]] == [
        ("customers.customer_zip", "must be text", "233", "something like customer_zip: 00233"),
        ("customers.customer_nmae", "is not a field of this record", "", "customer_name"),
    ]


def test_an_id_that_is_no_number_is_told(key: Key) -> None:
    wrong: list[Any] = [[], {}, "x", 1.5, True]
    for each in wrong:
        told = problem(key.control("POST", "/records/customers", {"id": each}))
        assert told == (422, "RefusedRecordError", "customers.id: must be a whole number")


def test_a_field_without_a_name_is_told_like_others(key: Key) -> None:
    for method, path in (("POST", "/records/customers"), ("PATCH", "/records/customers/1")):
        told = problem(key.control(method, path, {"": []}))
        assert told == (422, "RefusedRecordError", "customers.: is not a field of this record")


def test_problems_beyond_a_hundred_are_counted(fake: Fake) -> None:
    told = fake.control("POST", json={"fixtures": {"customers": [{}] * 50}}).json()["problems"]
    assert len(told) == 101
    assert told[-1]["what"].startswith("... and ")


def test_an_answer_is_json_that_nobody_keeps(key: Key) -> None:
    answer = key.control("GET")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.slow
def test_what_is_under_way_is_not_lost_to_other_keys() -> None:
    with running(max_accounts=4) as fake:
        stop, lost = threading.Event(), []

        def crowd() -> None:
            with requests.Session() as session:
                while not stop.is_set():
                    for number in range(6):
                        headers = {"Authorization": f"Bearer fk_crowd{number}"}
                        session.get(f"{fake.origin}/api/v1/customers/1", headers=headers, timeout=5)

        threads = [threading.Thread(target=crowd) for _ in range(2)]
        for thread in threads:
            thread.start()
        for _ in range(40):
            key = fake.key("fk_mine")
            key.control("POST", "/records/customers", {})
            if key.customer(51) == 404:
                lost.append(key)
            key.control("POST", "/reset")
        stop.set()
        for thread in threads:
            thread.join()
        assert lost == []


# --- connect -------------------------------------------------------------------------------------


def told_by(xtrakit: fakekit.Handle) -> list[Any]:
    """What a handle answers, one thing after the other."""
    xtrakit.clock.freeze("2031-01-01")
    code = xtrakit.add("sales", invoice_note="mine")["invoice_code"]
    xtrakit.remove("customers", 2)
    return [
        xtrakit.customer(1),
        xtrakit.group(1),
        xtrakit.add_customer(customer_name="Ama"),
        xtrakit.change("customers", 51, customer_city="Kumasi"),
        xtrakit.record("sales", code),
        xtrakit.sale_items(code),
        xtrakit.export(form="json"),
        xtrakit.clock.now(),
        xtrakit.snapshot(),
        xtrakit.assumptions,
        xtrakit.add_fault("fail=503,times=2"),
        xtrakit.faults,
        xtrakit.requests,
    ]


def test_connect_gives_the_same_handle(fake: Fake, key: Key) -> None:
    xtrakit = fakekit.connect(f"{fake.origin}/api/v1", key.key)
    with fakekit.FakeServer(seed=1) as here:
        assert told_by(xtrakit) == told_by(here)
    xtrakit.reset()
    assert xtrakit.customer(2)["id"] == 2
    assert repr(xtrakit) == f"<fakekit {fake.origin}/api/v1 {key.key}>"


def errors_of(xtrakit: fakekit.Handle) -> list[str]:
    seen = []
    for act in (
        lambda: xtrakit.customer(999),
        lambda: xtrakit.record("custommers", 1),
        lambda: xtrakit.record("items", "a/b"),
        lambda: xtrakit.record("items", ""),
        lambda: xtrakit.record("items", ".."),
        lambda: xtrakit.record("items", "%2F"),
        lambda: xtrakit.add_customer(nonsense=1),
        lambda: xtrakit.fail(999),
        lambda: xtrakit.restore("s9"),
        lambda: xtrakit.restore("../s1"),
        lambda: xtrakit.clock.freeze("noon"),
        lambda: xtrakit.export("nonsense"),
    ):
        with pytest.raises(fakekit.FakekitError) as told:
            act()
        seen.append(type(told.value).__name__)
    return seen


def test_errors_are_the_same_there_as_here(fake: Fake, key: Key) -> None:
    expected = ["NoRecordError"] * 6
    expected += [
        "RefusedRecordError",
        "FaultError",
        "SnapshotError",
        "SnapshotError",
        "ClockError",
        "ControlError",
    ]
    assert errors_of(fakekit.connect(fake.origin, key.key)) == expected
    with fakekit.FakeServer(seed=1) as here:
        assert errors_of(here) == expected


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", "answers, but not as fakekit does"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"key\": \"x\"}", "answers, but not as fakekit does"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<ht>", "cannot be reached over HTTP"),
        (b"HTTP/1.1 404 NO\r\nContent-Length: 2\r\n\r\n{}", r"not as fakekit does \(HTTP 404\)"),
        (b"HTTP/1.1 302 NO\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", r"\(HTTP 302\)"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "cannot be reached over HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", "cannot be reached over HTTP"),
        (b"", "cannot be reached over HTTP"),
    ],
)  # fmt: skip
def test_connect_is_not_taken_in_by_something_else(answer: bytes, message: str) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def once() -> None:
            client, _ = listener.accept()
            with client:
                client.recv(65536)
                client.sendall(answer)

        thread = threading.Thread(target=once)
        thread.start()
        with pytest.raises(fakekit.ControlError, match=message):
            fakekit.connect(f"127.0.0.1:{listener.getsockname()[1]}")
        thread.join()


@pytest.mark.parametrize(
    "url",
    [
        "https://api.xtrakit.com/api/v1",
        "http://API.XTRAKIT.COM.",
        "http://api.xtrak%69t.com",
        "http://api.ｘtrakit.com",
        "http://api。xtrakit．com",
        "http://xtrakit.com",
        "http://u:p@xtrakit.com:80",
    ],
)
def test_the_real_service_is_never_called(url: str) -> None:
    with pytest.raises(fakekit.SettingsError, match="is the real service, which fakekit never calls"):
        fakekit.connect(url)


def test_what_is_no_address_or_key_is_told(fake: Fake) -> None:
    for url in ("ftp://127.0.0.1", "4310", "http://", "http://é" + "x" * 70):
        with pytest.raises(fakekit.SettingsError):
            fakekit.connect(url)
    with pytest.raises(fakekit.SettingsError, match="is not a key"):
        fakekit.connect(fake.origin, "sk-canary")
    for token in ("se\ncret-canary", "秘密"):
        with pytest.raises(fakekit.SettingsError, match="is not a control token") as told:
            fakekit.connect(fake.origin, token=token)
        assert "canary" not in str(told.value)
    with pytest.raises(fakekit.ControlError, match="Fakekit-Control: is missing"):
        fakekit.connect(fake.origin, token="wrong")


# --- the page ------------------------------------------------------------------------------------


def test_the_curl_lines_of_the_page_run(fake: Fake) -> None:
    page = (ROOT / "docs" / "control.md").read_text("utf-8")
    port = int(fake.origin.rsplit(":", 1)[1])
    printed = [paste(block, ROOT, port) for block in blocks(page, "sh")]
    assert len(printed) == 4
    assert json.loads(printed[0].splitlines()[0])["key"] == "fk_mine"
    assert json.loads(printed[0].splitlines()[-1])["data"]["customer"]["id"] == 200
    assert json.loads(printed[1].splitlines()[-1])["created_at"] == "2024-08-04 08:23:45"
    assert printed[2].splitlines()[-1] == "200"
    assert "customer_name: Ama" in printed[3]


def test_the_words_of_its_paths_may_be_shown_in_the_log(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        for path in (
            "fk_a/requests",
            "fk_a/faults",
            "fk_a/stubs",
            "fk_a/clock",
            "fk_a/snapshots",
            "fk_a/export",
        ):
            ask(running.port, f"/_fakekit/accounts/{path}", None, extra=b"Fakekit-Control: 1\r\n")
        _, err = running.end()
    shown = [line.split()[2] for line in err.splitlines()]
    assert shown == [
        "/_fakekit/accounts/fk_a/requests",
        "/_fakekit/accounts/fk_a/faults",
        "/_fakekit/accounts/fk_a/stubs",
        "/_fakekit/accounts/fk_a/clock",
        "/_fakekit/accounts/fk_a/snapshots",
        "/_fakekit/accounts/fk_a/export",
    ]


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


def test_many_may_be_the_first_to_ask() -> None:
    for _ in range(5):
        app = fakekit.create_app(fakekit.Settings.of())

        def ask_it(number: int, app: Any = app) -> int:
            headers = {"Fakekit-Control": "1", "Host": "localhost"}
            status: int = (
                app.test_client().get(f"/_fakekit/accounts/fk_{number}", headers=headers).status_code
            )
            return status

        with ThreadPoolExecutor(16) as pool:
            assert set(pool.map(ask_it, range(16))) == {200}
