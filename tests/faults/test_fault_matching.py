"""Which requests a fault applies to, and how often."""

from __future__ import annotations

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fakekit
from fakekit import Handle
from tests.helpers.fault_requests import FAILED, arm, control, customer, get, new_key
from tests.helpers.processes import PATIENCE, Server
from tests.helpers.raw_http import port_of


@pytest.mark.parametrize(
    ("method", "path", "met"),
    [
        ("*", "*", "GET customers/1, GET customers, POST customers/add, HEAD customers/1, GET nothing"),
        ("GET", "*", "GET customers/1, GET customers, HEAD customers/1, GET nothing"),
        ("get", "customers/1", "GET customers/1, HEAD customers/1"),
        ("*", "customers/*", "GET customers/1, POST customers/add, HEAD customers/1"),
        ("*", "/api/v1/customers/{id}", "GET customers/1, POST customers/add, HEAD customers/1"),
        ("POST", "customers/*", "POST customers/add"),
        ("*", "customers", "GET customers"),
        ("*", "customers/", "GET customers"),
        ("*", "*/add", "POST customers/add"),
        ("DELETE", "*", ""),
    ],
)
def test_which_requests_a_fault_concerns(xtrakit: Handle, method: str, path: str, met: str) -> None:
    xtrakit.fail(503, method, path)
    asked = ["GET customers/1", "GET customers", "POST customers/add", "HEAD customers/1", "GET nothing"]
    found = [a for a in asked if get(xtrakit, xtrakit.api_key, a.split()[1], a.split()[0]).status == 503]
    assert ", ".join(found) == met


def test_a_query_makes_no_difference(xtrakit: Handle) -> None:
    xtrakit.fail(503, "GET", "customers", times=1)
    assert get(xtrakit, xtrakit.api_key, "customers?status=x").status == 503


# --- how often ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "failed"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ({"times": 2}, [1, 2]),
        ({"after": 3}, [4, 5, 6, 7, 8, 9]),
        ({"every": 3}, [3, 6, 9]),
        ({"after": 2, "every": 3}, [5, 8]),
        ({"after": 2, "times": 3}, [3, 4, 5]),
        ({"every": 2, "times": 2}, [2, 4]),
        ({"after": 1, "every": 2, "times": 2}, [3, 5]),
    ],
    ids=str,
)
def test_how_often(xtrakit: Handle, settings: dict[str, Any], failed: list[int]) -> None:
    xtrakit.fail(503, **settings)
    statuses = [get(xtrakit, xtrakit.api_key).status for _ in range(9)]
    assert [n for n, status in enumerate(statuses, 1) if status == 503] == failed
    assert {503: len(failed), 200: 9 - len(failed)} == {s: statuses.count(s) for s in (503, 200)}


def test_other_requests_are_not_counted(xtrakit: Handle) -> None:
    xtrakit.fail(503, "GET", "customers/1", after=1, times=1)
    asked = ["customers/2", "customers/1", "customers", "customers/1", "customers/1"]
    assert [get(xtrakit, xtrakit.api_key, a).status for a in asked] == [200, 200, 200, 503, 200]


def test_a_sequence_of_stubs(xtrakit: Handle) -> None:
    """The counted ones in their order, then the latest of the others."""
    xtrakit.respond("GET", "customers/1", text="first", times=1)
    xtrakit.respond("GET", "customers/1", text="always")
    xtrakit.respond("GET", "customers/1", text="second", times=2)
    xtrakit.respond("GET", "customers/1", text="always, later")
    said = [get(xtrakit, xtrakit.api_key).body.decode() for _ in range(5)]
    assert said == ["first", "second", "second", "always, later", "always, later"]


def test_fail_twice_then_work(xtrakit: Handle) -> None:
    xtrakit.fail(503, times=2)
    assert [get(xtrakit, xtrakit.api_key).status for _ in range(3)] == [503, 503, 200]


@pytest.mark.slow
def test_delays_add_up_and_one_fault_answers(xtrakit: Handle) -> None:
    xtrakit.delay(0.5)
    xtrakit.delay(0.5)
    xtrakit.fail(500)
    xtrakit.fail(503)
    began = time.monotonic()
    assert get(xtrakit, xtrakit.api_key).status == 503
    assert time.monotonic() - began >= 1


def test_faults_are_listed_with_their_counts_and_can_be_taken_away(xtrakit: Handle) -> None:
    first = xtrakit.fail(503, "GET", "customers/*", times=2)
    second = xtrakit.respond("GET", "customers/2", json={"a": 1})
    get(xtrakit, xtrakit.api_key)
    assert xtrakit.faults == [
        {"id": first, "fault": "fail", "status": 503, "method": "GET", "path": "customers/*", "times": 2, "text_form": "fail=503,method=GET,path=customers/*,times=2", "seen": 1, "used": 1},
        {"id": second, "fault": "respond", "status": 200, "method": "GET", "path": "customers/2", "json": {"a": 1}, "text_form": "respond=200,method=GET,path=customers/2", "seen": 0, "used": 0},
    ]  # fmt: skip
    xtrakit.remove_fault(first)
    assert [fault["id"] for fault in xtrakit.faults] == [second]
    with pytest.raises(fakekit.NoRecordError):
        xtrakit.remove_fault(first)
    xtrakit.clear_faults()
    assert xtrakit.faults == []
    xtrakit.fail(503)
    xtrakit.reset()
    assert (xtrakit.faults, get(xtrakit, xtrakit.api_key).status) == ([], 200)


def test_what_was_not_used_as_often_as_it_might_is_known(xtrakit: Handle) -> None:
    xtrakit.fail(503, "GET", "customers/1", times=2)
    xtrakit.delay(0, "DELETE")
    get(xtrakit, xtrakit.api_key)
    get(xtrakit, f"{xtrakit.api_key}~fail=500,path=nothing", "customers/2")
    assert [(f["fault"], f["used"]) for f in xtrakit.about["unused"]] == [
        ("fail", 1),
        ("slow", 0),
        ("fail", 0),
    ]
    get(xtrakit, xtrakit.api_key)
    assert [f["fault"] for f in xtrakit.about["unused"]] == ["slow", "fail"]


COUNTS = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["*", "GET", "DELETE"]),
        "path": st.sampled_from(["*", "customers/*", "customers/1", "sales"]),
    },
    optional={"times": st.integers(1, 3), "after": st.integers(0, 3), "every": st.integers(1, 3)},
)
ASKED = st.sampled_from([("GET", "customers/1"), ("GET", "customers/2"), ("GET", "sales"), ("HEAD", "sales")])


def expected_statuses(stubs: list[dict[str, Any]], asked: list[tuple[str, str]]) -> list[int]:
    """What is answered by a number of stubs, of which the n-th answers 200 + n; a model of its own."""
    passed, answered = [0] * len(stubs), [0] * len(stubs)
    order = [n for n, s in enumerate(stubs) if "times" in s]
    order += [n for n in reversed(range(len(stubs))) if "times" not in stubs[n]]
    statuses = []
    for _, path in asked:
        status = 0
        for n in order:
            stub = stubs[n]
            if stub["method"] == "DELETE" or (stub["path"] == "customers/*" and path == "sales"):
                continue
            if stub["path"] in ("customers/1", "sales") and stub["path"] != path:
                continue
            if answered[n] >= stub.get("times", 1000):
                continue
            passed[n] += 1
            first, step = stub.get("after", 0), stub.get("every", 1)
            if passed[n] in range(first + step, 1000, step):
                answered[n] += 1
                status = 200 + n
                break
        statuses.append(status)
    return statuses


@settings(max_examples=25)
@given(stubs=st.lists(COUNTS, max_size=5), asked=st.lists(ASKED, max_size=12))
def test_counting_is_as_in_a_model(
    fake: fakekit.FakeServer, stubs: list[dict[str, Any]], asked: list[tuple[str, str]]
) -> None:
    xtrakit = fake.account(new_key())
    for n, stub in enumerate(stubs):
        xtrakit.add_fault(
            {"fault": "respond", "status": 207 + n, "headers": {"X-Stub": str(200 + n)}, **stub}
        )
    found = []
    with closing(
        http.client.HTTPConnection("127.0.0.1", port_of(xtrakit.origin), timeout=PATIENCE)
    ) as client:
        for method, path in asked:
            client.request(method, f"/api/v1/{path}", headers=xtrakit.headers)
            answer = client.getresponse()
            answer.read()
            found.append(int(answer.headers.get("X-Stub", "0")))
    assert found == expected_statuses(stubs, asked)


def test_many_threads_and_exactly_ten_failures(server: Server, key: str) -> None:
    arm(server.port, key, {"fault": "fail", "status": 503, "times": 10})
    arm(server.port, key, {"fault": "null", "field": "customer_name", "times": 10})
    with ThreadPoolExecutor(32) as pool:
        replies = list(pool.map(lambda _: get(server, key), range(64)))
    assert sorted({r.status for r in replies}) == [200, 503]
    assert [r.status for r in replies].count(503) == 10
    assert [r.body for r in replies].count(FAILED) == 10
    nulls = [r for r in replies if r.status == 200 and customer(r)["customer_name"] is None]
    assert len(nulls) == 10


def test_no_account_sees_anothers_faults(server: Server, key: str) -> None:
    other = new_key()
    arm(server.port, key, {"fault": "fail", "status": 503})
    with ThreadPoolExecutor(8) as pool:
        keys = [key, other] * 16
        statuses = list(pool.map(lambda k: get(server, k).status, keys))
    assert statuses == [503, 200] * 16
    assert get(server, f"{other}~fail=500,times=1").status == 500
    assert get(server, other).status == 200


def test_a_fault_that_changed_nothing_is_not_counted_for_an_equal_one_of_another_key(server: Server) -> None:
    key = new_key()
    for faults in ("drop=nothing,times=1", "slow=1ms~drop=nothing,times=1", "slow=1ms~drop=nothing,times=1"):
        assert get(server, f"{key}~{faults}").status == 200
    listed: Any = control(server.port, "GET", f"/{key}/faults").json()
    counts = [(each["fault"], each["seen"], each["used"]) for each in listed]
    assert counts == [("drop", 1, 0), ("slow", 2, 2), ("drop", 2, 0)]
