"""What the control API refuses, and in which words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.control_api import Fake, Key, problem


@pytest.mark.parametrize(
    ("method", "path", "told"),
    [
        ("GET", "/fk_a/cloc", (404, "ControlError", ": fakekit's control API has no such path")),
        ("GET", "/fk_a/", (404, "ControlError", ": fakekit's control API has no such path")),
        ("GET", "/", (404, "ControlError", ": fakekit's control API has no such path")),
        ("GET", "x", (404, "ControlError", ": fakekit's control API has no such path")),
        ("GET", "//fk_a", (404, "ControlError", ": fakekit's control API has no such path")),
        ("PATCH", "/fk_a", (405, "ControlError", ": fakekit's control API answers DELETE, GET here")),
        ("GET", "/fk_a/reset", (405, "ControlError", ": fakekit's control API answers DELETE, POST here")),
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
def test_what_cannot_be_asked_is_told(
    over_http: Fake, method: str, path: str, told: tuple[int, str, str]
) -> None:
    assert problem(over_http.control(method, path)) == told


def test_an_unknown_path_is_told_the_nearest_one(over_http: Fake) -> None:
    assert over_http.control("GET", "/fk_a/snapshot").json()["problems"][0]["write"] == (
        "/_fakekit/accounts/KEY/... with snapshots"
    )


def test_every_problem_of_a_record_is_told(key: Key) -> None:
    answer = key.control("POST", "/records/customers", {"customer_nmae": "x", "customer_zip": 233})
    assert answer.status_code == 422
    assert answer.json()["error"] == "RefusedRecordError"
    assert [tuple(told.values()) for told in answer.json()["problems"]] == [
        (
            "customers.customer_zip",
            "must be text",
            "233",
            'something like "customer_zip": "00233"',
            'something like customer_zip="00233"',
        ),
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


def test_problems_beyond_a_hundred_are_counted(over_http: Fake) -> None:
    told = over_http.control("POST", json={"fixtures": {"customers": [{}] * 50}}).json()["problems"]
    assert len(told) == 101
    assert told[-1]["what"].startswith("... and ")


def test_an_answer_is_json_that_nobody_keeps(key: Key) -> None:
    answer = key.control("GET")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_wrong_since_is_told_that_it_may_be_a_number_too(key: Key) -> None:
    assert problem(key.control("GET", "/requests?since=abc")) == (
        422,
        "ControlError",
        "since: must be the number of a request, or a time, such as 2024-08-04 08:23:45 or 2024-08-04T08:23:45Z",
    )
