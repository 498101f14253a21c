"""What an account was asked: the journal, by the handle and by the control API."""

from __future__ import annotations

import dataclasses
import json
import logging
import re
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

import fakekit
from tests.helpers.commands import paste
from tests.helpers.processes import PATIENCE
from tests.helpers.project import ROOT, blocks
from tests.helpers.secrets_in_requests import CANARY, NAMED

FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def fake() -> Iterator[fakekit.FakeServer]:
    server = fakekit.FakeServer(seed=1)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def xtrakit(fake: fakekit.FakeServer, request: pytest.FixtureRequest) -> Iterator[fakekit.Handle]:
    key = f"fk_{abs(hash(request.node.nodeid))}"
    yield fake.account(key)
    fake.close_account(key)


def ask(xtrakit: fakekit.Handle, path: str, method: str = "GET", **more: Any) -> requests.Response:
    headers = {**xtrakit.headers, **more.pop("headers", {})}
    return requests.request(method, xtrakit.url(path), headers=headers, timeout=10, **more)


def control(xtrakit: fakekit.Handle, path: str) -> requests.Response:
    headers = {"Fakekit-Control": "1"}
    return requests.get(f"{xtrakit.origin}/_fakekit/accounts{path}", headers=headers, timeout=10)


def missed(act: Any) -> str:
    """What an assertion that fails says."""
    with pytest.raises(AssertionError) as failed:
        act()
    return str(failed.value)


def test_an_entry_tells_all_there_is_to_know(xtrakit: fakekit.Handle) -> None:
    before = datetime.now(UTC)
    sent = {"customer_name": "Ama", "nickname": "secret", "customer_group_id": 77}
    ask(xtrakit, "customers/add?foo=1", "POST", json=sent)
    entry = xtrakit.last_request
    assert entry is not None
    assert (entry.method, entry.path, entry.status) == ("POST", "/api/v1/customers/add", 422)
    assert before.replace(microsecond=0) <= entry.time <= datetime.now(UTC)
    assert entry.query == {"foo": "..."}
    assert entry.json == {"customer_name": "Ama", "nickname": "...", "customer_group_id": 77}
    assert entry.size == 71
    assert 0 < entry.milliseconds < 1000 * PATIENCE
    assert entry.truth == "assumed"
    assert entry.assumed == ("body.unknown_fields", "invalid.status")
    assert entry.note == "not read: foo, nickname"
    assert entry.unread == ("foo", "nickname")
    assert entry.fault == ""
    assert entry.answer.startswith('{"status": 422, "error": "customer_phone is required')
    assert str(entry) == "POST /api/v1/customers/add?foo=... -> 422"

    (shown,) = control(xtrakit, f"/{xtrakit.api_key}/requests").json()["requests"]
    assert list(shown) == [
        "number",
        "time",
        "method",
        "path",
        "query",
        "body",
        "size",
        "status",
        "milliseconds",
        "truth",
        "assumed",
        "note",
        "unread",
        "fault",
        "answer",
    ]
    assert shown["body"] == '{"customer_name": "Ama", "nickname": "...", "customer_group_id": 77}'
    assert shown["time"].endswith("+00:00")


def test_every_kind_of_request_has_an_entry(xtrakit: fakekit.Handle) -> None:
    xtrakit.fail(503, "GET", "customers/2")
    xtrakit.respond("GET", "customers/3", json={"any": "thing"})
    ask(xtrakit, "customers/1", "HEAD")
    ask(xtrakit, "customers/2")
    ask(xtrakit, "customers/3")
    ask(xtrakit, "customers/9", "DELETE")
    ask(xtrakit, "no/such/path")
    ask(xtrakit, "customers/1", "FROB")
    ask(xtrakit, "customers/add", "POST", data=b"<xml/>", headers={"Content-Type": "text/xml"})
    ask(xtrakit, "customers/add", "POST", data={"customer_name": "Kofi A"})
    ask(xtrakit, "customers/add", "POST", json={})
    told = [(str(r), r.json, r.fault) for r in xtrakit.requests]
    assert told == [
        ("HEAD /api/v1/customers/1 -> 200", None, ""),
        ("GET /api/v1/customers/2 -> 503", None, "fail=503,method=GET,path=customers/2"),
        ("GET /api/v1/customers/3 -> 200", None, told[2][2]),
        ("DELETE /api/v1/customers/9 -> 204", None, ""),
        ("GET /api/v1/.../.../... -> 404", None, ""),
        ("... /api/v1/customers/1 -> 405", None, ""),
        ("POST /api/v1/customers/add -> 415", "...", ""),
        ("POST /api/v1/customers/add -> 422", {"customer_name": "Kofi A"}, ""),
        ("POST /api/v1/customers/add -> 422", {}, ""),
    ]
    assert told[2][2].startswith("respond")
    assert [r.answer for r in xtrakit.requests[:4]] == [
        "",
        '{"status": 503, "error": "Service Unavailable"}',
        '{"any": "thing"}',
        "",
    ]
    xtrakit.forget_requests()
    assert (xtrakit.requests, xtrakit.last_request) == ([], None)


def test_requests_without_a_valid_key_are_strangers(xtrakit: fakekit.Handle) -> None:
    since = datetime.now(UTC).isoformat()
    for value in ({}, {"Authorization": f"Bearer {CANARY.decode()}"}):
        requests.get(xtrakit.url("customers/7"), headers=value, timeout=5)
    assert xtrakit.requests == []
    told = control(xtrakit, f"/-/requests?path=customers/7&since={since.replace('+', '%2B')}")
    assert [(r["path"], r["status"]) for r in told.json()["requests"]] == [("/api/v1/customers/7", 401)] * 2
    assert CANARY.decode() not in told.text


def test_filters(xtrakit: fakekit.Handle) -> None:
    ask(xtrakit, "customers/1")
    between = datetime.now(UTC).isoformat().replace("+", "%2B")
    ask(xtrakit, "customers/999")
    ask(xtrakit, "customers/1", "HEAD")
    ask(xtrakit, "sales")
    numbers = [r.number for r in xtrakit.requests]
    expected = {
        "": [0, 1, 2, 3],
        "method=GET": [0, 1, 3],
        "method=HEAD": [2],
        "status=404": [1],
        "path=customers/1": [0, 2],
        "path=/api/v1/customers/{id}": [0, 1, 2],
        "path=*/*&method=GET": [0, 1],
        "path=sales": [3],
        f"since={numbers[1]}": [2, 3],
        f"since={between}&status=200": [2, 3],
        "since=2100-01-01": [],
    }
    for query, indices in expected.items():
        told = control(xtrakit, f"/{xtrakit.api_key}/requests?{query}").json()
        assert [r["number"] for r in told["requests"]] == [numbers[i] for i in indices], query
        assert told["truncated"] is False
    for wrong in ("method=*", "status=99", "since=x", "count=0", "count=1&timeout=61", "path=a?b", "foo=1"):
        assert control(xtrakit, f"/{xtrakit.api_key}/requests?{wrong}").status_code == 422, wrong


@pytest.mark.slow
def test_waiting_ends_when_there_are_enough_or_with_the_time(xtrakit: fakekit.Handle) -> None:
    def ask_twice() -> None:
        for _ in range(2):
            time.sleep(0.05)
            ask(xtrakit, "customers/1")

    for remote in (False, True):
        handle = fakekit.connect(xtrakit.origin, xtrakit.api_key) if remote else xtrakit
        handle.forget_requests()
        thread = threading.Thread(target=ask_twice)
        started = time.monotonic()
        thread.start()
        found = handle.wait_for("GET", "customers/1", times=2, timeout=50)
        assert [str(r) for r in found] == ["GET /api/v1/customers/1 -> 200"] * 2
        assert time.monotonic() - started < PATIENCE
        thread.join()
        started = time.monotonic()
        told = missed(lambda handle=handle: handle.wait_for("GET", "customers/1", times=3, timeout=1))
        assert 1 <= time.monotonic() - started < PATIENCE
        assert told == ("GET customers/1 was requested 2 times, not 3 times")
    path = f"/{xtrakit.api_key}/requests?count=3&timeout=100ms&path=customers/1"
    assert len(control(xtrakit, path).json()["requests"]) == 2


def test_an_assertion_holds_or_lists_the_closest_and_how_they_differ(xtrakit: fakekit.Handle) -> None:
    wanted = missed(lambda: xtrakit.assert_requested("GET", "customers/1"))
    assert wanted == ("GET customers/1 was requested 0 times, not at least once\n  no request came at all")
    xtrakit.assert_requested("GET", "customers/1", times=0)
    line = {"item_name": "Rice", "item_quantity": 2}
    ask(xtrakit, "customers?created_at=2024-01-01")
    ask(xtrakit, "customers/1")
    ask(xtrakit, "customers/1")
    ask(xtrakit, "sales/add", "POST", json={"customer_id": 1, "sales-item": [line], "token": "x"})

    (found,) = xtrakit.assert_requested("post", "sales/add", json={"customer_id": 1}, times=1)
    assert found.status == 422
    for right in (
        {"json": {"sales-item": [{"item_name": "Rice"}]}},
        {"json": {"customer_id": 1}, "status": 422},
    ):
        xtrakit.assert_requested("POST", "/api/v1/sales/add", **right)
    xtrakit.assert_requested("GET", "customers", query={"created_at": "2024-01-01"}, times=1)
    xtrakit.assert_requested("GET", "customers/*", times=2)
    xtrakit.assert_requested("GET", "customers/{id}", times=2)
    xtrakit.assert_requested("DELETE", "customers/1", times=0)

    told = missed(
        lambda: xtrakit.assert_requested(
            "POST",
            "sales/add",
            json={"customer_id": 2, "sales-item": [{"item_name": "Oil", "sku": 1}], "token": "x", "due": 1},
            status=200,
        )
    )
    assert told.splitlines()[1:8] == [
        "  POST /api/v1/sales/add -> 422",
        "      status: 422, not 200",
        "      json.customer_id: 1, not 2",
        '      json.sales-item[0].item_name: "Rice", not "Oil"',
        "      json.sales-item[0].sku: not sent, not 1",
        "      json.token: hidden in the journal (not in the vendor's tables, too long, or like a key)",
        "      json.due: not sent, not 1",
    ]
    assert missed(lambda: xtrakit.assert_requested("GET", "customers", query={"created_at": 2025})) == (
        "GET customers query={'created_at': 2025} was requested 0 times, not at least once\n"
        "  GET /api/v1/customers?created_at=2024-01-01 -> 200\n"
        '      query.created_at: "2024-01-01", not "2025"\n'
        "  GET /api/v1/customers/1 -> 200\n"
        "      path: customers/1, not customers\n"
        '      query.created_at: not sent, not "2025"\n'
        "  GET /api/v1/customers/1 -> 200\n"
        "      path: customers/1, not customers\n"
        '      query.created_at: not sent, not "2025"\n'
        "  POST /api/v1/sales/add -> 422\n"
        "      method: POST, not GET\n"
        "      path: sales/add, not customers\n"
        '      query.created_at: not sent, not "2025"'
    )
    assert missed(lambda: xtrakit.assert_requested("GET", "customers/1", times=1)) == (
        "GET customers/1 was requested 2 times, not 1 time\n"
        "  GET /api/v1/customers/1 -> 200\n"
        "  GET /api/v1/customers/1 -> 200"
    )
    assert missed(lambda: xtrakit.assert_requested("GET", "customers/*", times=0)).startswith(
        "GET customers/* was requested 2 times, not 0 times\n  GET /api/v1/customers/1 -> 200\n"
    )


def test_what_the_journal_hides_or_leaves_out_is_nothing_to_be_sure_of(xtrakit: fakekit.Handle) -> None:
    sent = {
        "customer_name": "word " * 300,
        "token": "t",
        "sales-item": [{"item_name": f"n{n}"} for n in range(60)],
        **{f"more{'abcdefghij'[n // 10]}{'abcdefghij'[n % 10]}": n for n in range(100)},
    }
    ask(xtrakit, "customers/add", "POST", json=sent)
    ask(xtrakit, "customers/add", "POST", data=b"customer_name: Ama", headers={"Content-Type": "text/yaml"})
    first, second = xtrakit.requests
    assert (len(first.json), second.json) == (101, "...")
    assert first.json["..."] == "..."
    assert len(first.json["sales-item"]) == 51
    assert first.json["sales-item"][-1] == "..."
    for fields in (
        {"customer_name": "word " * 299},
        {"token": "u"},
        {"sales-item": sent["sales-item"]},
        {"morejj": 7},
    ):
        told = missed(lambda f=fields: xtrakit.assert_requested("POST", "customers/add", json=f, times=0))
        assert (
            "cannot say whether it was requested 0 times, since the journal hides the values that decide it"
            in told
        )
    ten = {"sales-item": [{"item_name": "other"}] * 60}
    ask(xtrakit, "customers/1")
    xtrakit.forget_requests()
    ask(xtrakit, "customers/add", "POST", json=sent)
    xtrakit.assert_requested("POST", "customers/add", json=ten, times=0)  # what is shown is no match


def test_a_body_nested_deeply_is_answered_and_kept_in_part(xtrakit: fakekit.Handle) -> None:
    data = '{"customer_name": ' + "[" * 900 + "]" * 900 + "}"
    answer = ask(xtrakit, "customers/add", "POST", data=data, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert xtrakit.requests[0].json == {"customer_name": [[[[[[[[[[["..."]]]]]]]]]]]}
    data = '{"sales-item": ' + '[{"sales-item": ' * 200 + "1" + "}]" * 200 + "}"
    answer = ask(xtrakit, "sales/add", "POST", data=data, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert len(str(xtrakit.requests[1].json)) < 250


@pytest.mark.slow
def test_it_is_bounded_and_says_what_it_lost(fake: fakekit.FakeServer, xtrakit: fakekit.Handle) -> None:
    ask(xtrakit, "customers/add", "POST", json={"customer_name": "First", "customer_city": "x y " * 20000})
    first = xtrakit.requests[0]
    assert first.size > 80_000
    assert len(first.json["customer_city"]) == 503
    ask(xtrakit, "customers")
    assert len(xtrakit.requests[1].answer) == 1003
    ask(xtrakit, "sales/add", "POST", json={"sales-item": [{"item_name": "Rice and beans " * 20}] * 50})
    assert isinstance(xtrakit.requests[2].json, str)  # more than 4096 characters: no JSON any more
    assert len(xtrakit.requests[2].json) == 4099
    with requests.Session() as session:
        session.headers.update(xtrakit.headers)
        for number in range(997):
            session.get(xtrakit.url(f"customers/{number % 2 + 1}"), timeout=5)
        xtrakit.assert_requested("GET", "customers/1", times=499)
        xtrakit.assert_requested("GET", "customers/3", times=0)
        assert control(xtrakit, f"/{xtrakit.api_key}/requests?status=404").json()["truncated"] is False
        session.get(xtrakit.url("customers/1"), timeout=5)
    assert len(xtrakit.requests) == 1000
    assert xtrakit.requests[0].path == "/api/v1/customers"
    told = control(xtrakit, f"/{xtrakit.api_key}/requests?status=404").json()
    assert told == {"requests": [], "truncated": True}
    xtrakit.assert_requested("GET", "customers/1")  # once is enough
    unsure = "cannot say whether it was requested {}, since the journal is truncated"
    for times, often in ((None, "at least once"), (0, "0 times"), (1, "1 time")):
        said = missed(lambda t=times: xtrakit.assert_requested("GET", "customers/3", times=t))
        assert said.startswith(f"GET customers/3: {unsure.format(often)}\n"), said
    said = missed(lambda: xtrakit.assert_requested("GET", "customers/1", times=500))
    assert said.startswith(f"GET customers/1: {unsure.format('500 times')}")
    said = missed(lambda: xtrakit.assert_requested("GET", "customers/1", times=3))
    assert said.startswith("GET customers/1 was requested 500 times, not 3 times\n")
    said = missed(lambda: xtrakit.wait_for("GET", "customers/3", timeout=0))
    assert said.startswith(f"GET customers/3: {unsure.format('1 time')}\n")


def test_all_journals_together_are_bounded_and_the_oldest_make_room() -> None:
    server = fakekit.FakeServer()
    server._accounts._journal_bytes = 40_000  # 48 MiB otherwise
    with server as first:
        handles = [fakekit.connect(first.origin, f"fk_{n}") for n in range(4)]
        for handle in handles:
            for _ in range(10):  # 1700 bytes each
                ask(handle, "customers/1")
        kept = [len(handle.requests) for handle in handles]
        assert kept == [0, 0, 10, 10]
        cut = [control(handle, f"/{handle.api_key}/requests").json()["truncated"] for handle in handles]
        assert cut == [True, True, False, False]
        told = missed(lambda: handles[0].assert_requested("GET", "customers/1"))
        assert told.startswith("GET customers/1: cannot say whether it was requested at least once, since")
        handles[0].forget_requests()
        handles[0].assert_requested("GET", "customers/1", times=0)


CANARIES = {
    "real": CANARY.decode(),
    "named": NAMED.decode(),
    "live": "sk_live_51HxQv2eZvKYlo2C",
    "lower": "sk_live_abcdefghijkl",
    "bearer": "Bearer hunter2xyz",
}


@pytest.mark.parametrize("canary", CANARIES.values(), ids=CANARIES)
def test_a_canary_is_in_no_entry_and_no_line_of_the_log(
    xtrakit: fakekit.Handle, canary: str, caplog: pytest.LogCaptureFixture
) -> None:
    needle = canary.removeprefix("Bearer ")
    as_json = {"Content-Type": "application/json"}
    with caplog.at_level(logging.INFO, "fakekit"):
        for path in (
            f"customers/{canary}",
            f"{canary}/1",
            f"sales/{canary}",
            f"inventory/items/{canary}",
            f"customers?created_at={canary}",
            f"customers?foo={canary}",
            f"customers?{canary}=1",
            f"customers?{canary}",
            f"customers/1?created_at=2024&{canary}&x",
        ):
            ask(xtrakit, path)
            requests.get(xtrakit.url(path), timeout=5)
        sentence = f"my key is {canary}, and so on"
        for body in (
            {"customer_name": canary},
            {"customer_name": sentence},
            {"customer_name": "x" * 480 + " " + canary},
            {"customer_name": " " * 990 + canary + " " * 990},
            {"customer_name": [canary, {"customer_city": canary}]},
            {"foo": canary},
            {canary: "x"},
            {"foo": {"customer_name": canary}},
            {"customer_name": {canary: canary}},
            {"sales-item": [{"item_name": canary, canary: 1}], "items": [{"item_name": canary}]},
        ):
            for path in ("customers/add", "sales/add", "no/such"):
                ask(xtrakit, path, "POST", json=body)
            ask(xtrakit, "customers/1", "PUT", json=body)
            requests.post(xtrakit.url("customers/add"), json=body, timeout=5)
        for form in ({"customer_name": canary}, {canary: "x"}, {"sales-item[0][item_name]": canary}):
            ask(xtrakit, "customers/add", "POST", data=form)
            ask(xtrakit, "sales/add", "POST", files={"f": (canary, canary)}, data=form)
        for data in (canary, f'{{"customer_name": "{canary}"', f'["{canary}"]', f'"{canary}"', f"k={canary}"):
            for headers in (as_json, {"Content-Type": "text/plain"}, {"Content-Type": FORM}, {}):
                ask(xtrakit, "customers/add", "POST", data=data, headers=headers)
        ask(xtrakit, "customers/1", "DELETE", data=canary)
        ask(xtrakit, "customers/add", "POST", data="9" * 40, headers=as_json)
        ask(xtrakit, "customers/add", "POST", data=f'{{"customer_group_id": {"9" * 36}}}', headers=as_json)
    assert len(xtrakit.requests) == 78
    said = [
        control(xtrakit, f"/{xtrakit.api_key}/requests").text,
        control(xtrakit, "/-/requests").text,
        control(xtrakit, f"/{xtrakit.api_key}").text,
        control(xtrakit, "").text,
        caplog.text,
        str(xtrakit.requests),
        missed(lambda: xtrakit.assert_requested("GET", "nothing")),
        "".join(request.curl(xtrakit.origin, xtrakit.api_key) for request in xtrakit.requests),
    ]
    for text in said:
        assert needle not in text
        assert needle[:14] not in text
        assert "9" * 19 not in text  # the largest id has 18


def test_a_stub_s_success_shows_of_a_path_only_what_names_a_record(
    xtrakit: fakekit.Handle, caplog: pytest.LogCaptureFixture
) -> None:
    code = xtrakit.add("sales")["invoice_code"]
    xtrakit.respond("GET", "sales/*", json={})
    xtrakit.respond("GET", "customers/mine", json={})
    with caplog.at_level(logging.INFO, "fakekit"):
        for path in ("sales/sk_live_abcdefghijkl", f"sales/{code}", "customers/mine"):
            assert ask(xtrakit, path).status_code == 200
    paths = [request.path for request in xtrakit.requests]
    assert paths == ["/api/v1/sales/...", f"/api/v1/sales/{code}", "/api/v1/customers/mine"]
    assert "sk_live_abcdefghijkl" not in caplog.text


def test_a_curl_line_asks_with_the_same_method_where_a_get_has_a_body(xtrakit: fakekit.Handle) -> None:
    ask(xtrakit, "customers/1", "GET", json={"customer_name": "Ama"})
    ask(xtrakit, "customers/1", "HEAD", json={"customer_name": "Ama"})
    url = xtrakit.url("customers/1")
    assert [request.curl(xtrakit.origin, "fk_x") for request in xtrakit.requests] == [
        "curl -i -X GET -H 'Authorization: Bearer fk_x' -H 'Content-Type: application/json' "
        f'-d \'{{"customer_name": "Ama"}}\' {url}',
        f"curl -I -H 'Authorization: Bearer fk_x' {url}",
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"customer_name": "x " * 500_000},
        {"customer_name": "a1-" * 330_000},
        {"customer_name": "bearer " + " " * 900_000 + "fk_x"},
        {"customer_name": ["token  " * 100] * 1400},
        {f"f{n}": f"token abc{n}" for n in range(35_000)},
        {"sales-item": [{"item_name": "sk_" * 300}] * 1000},
    ],
    ids=["words", "one word", "spaces", "list", "fields", "lines"],
)
def test_a_large_body_does_not_take_long(xtrakit: fakekit.Handle, fields: dict[str, Any]) -> None:
    """A pattern that goes over it once for each of its characters would take minutes."""
    answer = ask(xtrakit, "customers/add", "POST", json=fields)
    assert answer.status_code == 422
    assert xtrakit.requests[0].size > 700_000
    assert xtrakit.requests[0].milliseconds < 10_000
    assert len(str(xtrakit.requests[0].json)) < 4200


def test_the_page_of_the_docs(xtrakit: fakekit.Handle, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "journal.md").read_text("utf-8")
    (code,) = blocks(page, "python")
    scope: dict[str, Any] = {}
    exec(compile(code, "docs/journal.md", "exec"), scope)
    scope["test_a_customer_is_added_once"](xtrakit)
    wanted = {"customer_name": "Ama Mensa", "customer_zip": "00233"}
    sample, _ = blocks(page, "text")
    told = missed(lambda: xtrakit.assert_requested("POST", "customers/add", json=wanted))
    assert told + "\n" == sample
    printed = paste(blocks(page, "sh")[0], tmp_path)
    answered, listed = [json.loads(line) for line in printed.splitlines()[-2:]]
    assert answered == {"status": 404, "error": "Customer not found"}
    assert [r["path"] for r in listed["requests"]] == ["/api/v1/customers/999"]
    names = {
        name.strip("`")
        for cell in re.findall(r"^\| (`[a-z`, ]+) \|", page, re.M)
        for name in cell.split(", ")
    }
    assert names == {field.name for field in dataclasses.fields(xtrakit.requests[0])}


@pytest.mark.slow
def test_a_request_that_a_quicker_one_overtakes_is_waited_for_too() -> None:
    with fakekit.FakeServer(customers=5_000) as xtrakit:

        def ask(path: str) -> int:
            return requests.get(xtrakit.url(path), headers=xtrakit.headers, timeout=30).status_code

        slow = threading.Thread(target=ask, args=("customers",))
        slow.start()
        time.sleep(0.05)
        assert ask("customers/1") == 200
        xtrakit.wait_for("GET", "customers", timeout=60)
        slow.join()
