"""What an account was asked: the journal, by the handle and by the control API."""

from __future__ import annotations

import dataclasses
import json
import re
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

import fakekit
from tests.helpers.commands import paste
from tests.helpers.journal_requests import ask, control, missed
from tests.helpers.processes import PATIENCE
from tests.helpers.project import ROOT, blocks
from tests.helpers.secrets_in_requests import CANARY


def add_with_unknown_names(xtrakit: fakekit.Handle) -> fakekit.Request:
    """An add that is refused, with a parameter and a field that no table has; its entry."""
    sent = {"customer_name": "Ama", "nickname": "s3cret", "customer_group_id": 77}
    ask(xtrakit, "customers/add?foo=1", "POST", json=sent)
    entry = xtrakit.last_request
    assert entry is not None
    return entry


def test_an_entry_has_what_was_asked(xtrakit: fakekit.Handle) -> None:
    before = datetime.now(UTC)
    entry = add_with_unknown_names(xtrakit)
    assert (entry.method, entry.path, entry.status) == ("POST", "/api/v1/customers/add", 422)
    assert before.replace(microsecond=0) <= entry.time <= datetime.now(UTC)
    assert entry.query == {"foo": "1"}
    assert entry.json == {"customer_name": "Ama", "nickname": "...", "customer_group_id": 77}
    assert entry.size == 71
    assert str(entry) == "POST /api/v1/customers/add?foo=1 -> 422"


def test_an_entry_has_what_was_answered_and_what_that_relies_on(xtrakit: fakekit.Handle) -> None:
    entry = add_with_unknown_names(xtrakit)
    assert 0 < entry.milliseconds < 1000 * PATIENCE
    assert entry.truth == "assumed"
    assert entry.assumed == ("body.unknown_fields", "invalid.status")
    assert entry.note == "not read: foo, nickname"
    assert entry.unread == ("foo", "nickname")
    assert entry.fault == ""
    assert entry.answer.startswith('{"status": 422, "error": "customer_phone is required')


def test_the_control_api_shows_an_entry_as_json(xtrakit: fakekit.Handle) -> None:
    add_with_unknown_names(xtrakit)
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
        "headers",
        "scheme",
        "media_type",
        "answered",
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


def test_requests_that_are_forgotten_are_gone(xtrakit: fakekit.Handle) -> None:
    ask(xtrakit, "customers/1")
    xtrakit.forget_requests()
    assert (xtrakit.requests, xtrakit.last_request) == ([], None)


def test_requests_without_a_valid_key_are_strangers(xtrakit: fakekit.Handle) -> None:
    since = datetime.now(UTC).isoformat()
    for value in ({}, {"Authorization": f"Bearer {CANARY.decode()}"}):
        requests.get(xtrakit.url("customers/7"), headers=value, timeout=PATIENCE)
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


def test_filters_that_cannot_be_meant_are_refused(xtrakit: fakekit.Handle) -> None:
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


def test_an_entry_is_bounded(xtrakit: fakekit.Handle) -> None:
    ask(xtrakit, "customers/add", "POST", json={"customer_name": "First", "customer_city": "x y " * 20000})
    first = xtrakit.requests[0]
    assert first.size > 80_000
    assert len(first.json["customer_city"]) == 503
    ask(xtrakit, "customers")
    assert len(xtrakit.requests[1].answer) == 2003
    ask(xtrakit, "sales/add", "POST", json={"sales-item": [{"item_name": "Rice and beans " * 20}] * 50})
    assert isinstance(xtrakit.requests[2].json, str)  # more than 4096 characters: no JSON any more
    assert len(xtrakit.requests[2].json) == 4099


def ask_a_thousand_times(xtrakit: fakekit.Handle) -> None:
    """Ask for customer 1 and 2 in turn, so that the journal is full."""
    with requests.Session() as session:
        session.headers.update(xtrakit.headers)
        for number in range(1000):
            session.get(xtrakit.url(f"customers/{number % 2 + 1}"), timeout=PATIENCE)


@pytest.mark.slow
def test_the_oldest_of_more_than_a_thousand_is_dropped(xtrakit: fakekit.Handle) -> None:
    ask(xtrakit, "customers")
    ask_a_thousand_times(xtrakit)
    assert len(xtrakit.requests) == 1000
    assert xtrakit.requests[0].path == "/api/v1/customers/1"
    told = control(xtrakit, f"/{xtrakit.api_key}/requests?status=404").json()
    assert told == {"requests": [], "truncated": True}


@pytest.mark.slow
def test_an_assertion_says_where_it_cannot_be_sure_as_entries_were_dropped(xtrakit: fakekit.Handle) -> None:
    ask_a_thousand_times(xtrakit)
    xtrakit.assert_requested("GET", "customers/1", times=500)
    xtrakit.assert_requested("GET", "customers/3", times=0)
    assert control(xtrakit, f"/{xtrakit.api_key}/requests?status=404").json()["truncated"] is False
    ask(xtrakit, "customers/2")
    xtrakit.assert_requested("GET", "customers/1")  # once is enough
    unsure = "cannot say whether it was requested {}, since the journal is truncated"
    for times, often in ((None, "at least once"), (0, "0 times"), (1, "1 time")):
        said = missed(lambda t=times: xtrakit.assert_requested("GET", "customers/3", times=t))
        assert said.startswith(f"GET customers/3: {unsure.format(often)}\n"), said
    said = missed(lambda: xtrakit.assert_requested("GET", "customers/1", times=500))
    assert said.startswith(f"GET customers/1: {unsure.format('500 times')}")
    said = missed(lambda: xtrakit.assert_requested("GET", "customers/1", times=3))
    assert said.startswith("GET customers/1 was requested 499 times, not 3 times\n")
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


@pytest.mark.slow
def test_only_the_journal_of_an_account_that_made_room_for_others_is_truncated_when_used_again() -> None:
    with fakekit.FakeServer(max_accounts=3) as xtrakit:  # fk_demo is held
        for key in ("fk_empty", "fk_one", "fk_two", "fk_one", "fk_three", "fk_four"):
            handle = fakekit.connect(xtrakit.origin, key)
            if key == "fk_empty":
                assert handle.requests == []
            else:
                ask(handle, "customers/1")
        handles = [fakekit.connect(xtrakit.origin, f"fk_{name}") for name in ("new", "empty", "one")]
        cut = [control(handle, f"/{handle.api_key}/requests").json()["truncated"] for handle in handles]
        assert cut == [False, False, True]
        handles[0].assert_requested("GET", "customers/1", times=0)
        assert requests.delete(
            f"{xtrakit.origin}/_fakekit/accounts/fk_one", headers={"Fakekit-Control": "1"}, timeout=PATIENCE
        ).ok
        assert control(handles[2], "/fk_one/requests").json()["truncated"] is False


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
        for cell in re.findall(r"^\| (`[a-z_`, ]+) \|", page, re.M)
        for name in cell.split(", ")
    }
    assert names == {field.name for field in dataclasses.fields(xtrakit.requests[0])}


@pytest.mark.slow
def test_a_request_that_a_quicker_one_overtakes_is_waited_for_too() -> None:
    with fakekit.FakeServer(customers=5_000) as xtrakit:

        def ask(path: str) -> int:
            return requests.get(xtrakit.url(path), headers=xtrakit.headers, timeout=PATIENCE).status_code

        slow = threading.Thread(target=ask, args=("customers",))
        slow.start()
        time.sleep(0.05)
        assert ask("customers/1") == 200
        xtrakit.wait_for("GET", "customers", timeout=60)
        slow.join()
