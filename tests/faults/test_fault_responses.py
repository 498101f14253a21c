"""Faults that answer with an error, and faults that change an answer."""

from __future__ import annotations

from typing import Any

import pytest

from fakekit import Handle
from tests.helpers.fault_requests import customer, get, new_key
from tests.helpers.processes import Server

UNAUTHORIZED = "documented", None
ASSUMED = "assumed", "fault.error"


@pytest.mark.parametrize(
    ("fault", "path", "status", "error", "truth", "extra"),
    [
        ("fail=401", "customers/1", 401, "Unauthorized: Invalid API Key", UNAUTHORIZED, ("www-authenticate", "Bearer")),
        ("fail=401,reason=missing", "customers", 401, "Unauthorized: Missing Bearer Token", ("assumed", "auth.by_analogy"), ("www-authenticate", "Bearer")),
        ("fail=404", "customers/1", 404, "Customer not found", ("assumed", "missing.error"), None),
        ("fail=404", "customers", 404, "Not Found", ASSUMED, None),
        ("fail=422", "customers", 422, "Unprocessable Entity", ASSUMED, None),
        ("fail=429", "customers/1", 429, "Too Many Requests", ASSUMED, ("retry-after", "1")),
        ("fail=429,retry_after=30", "customers/1", 429, "Too Many Requests", ASSUMED, ("retry-after", "30")),
        ("fail=500", "customers/1", 500, "Internal Server Error", ASSUMED, None),
        ("fail=503", "customers/1", 503, "Service Unavailable", ASSUMED, None),
        ("fail=503,retry_after=0", "customers/1", 503, "Service Unavailable", ASSUMED, ("retry-after", "0")),
    ],
)  # fmt: skip
def test_the_vendors_failures(
    server: Server,
    key: str,
    fault: str,
    path: str,
    status: int,
    error: str,
    truth: tuple[str, str | None],
    extra: tuple[str, str] | None,
) -> None:
    reply = get(server, f"{key}~{fault}", path)
    assert (reply.status, reply.json()) == (status, {"status": status, "error": error})
    assert (reply.headers["fakekit-truth"], reply.headers.get("fakekit-assumed")) == truth
    assert reply.headers["fakekit-fault"] == fault
    assert reply.headers.get("retry-after") == (extra[1] if extra and extra[0] == "retry-after" else None)
    if extra:
        assert reply.headers[extra[0]] == extra[1]


def test_a_422_names_a_field_that_the_endpoint_needs(server: Server, key: str) -> None:
    reply = get(server, f"{key}~fail=422", "customers/add", "POST", {})
    assert reply.json() == {"status": 422, "error": "customer_name is required"}


def test_head_gets_the_head_of_a_failure(server: Server, key: str) -> None:
    reply = get(server, f"{key}~fail=503", method="HEAD")
    assert (reply.status, reply.body, reply.headers["content-length"]) == (503, b"", "48")


def test_a_field_is_missing(server: Server, key: str) -> None:
    changed = get(server, f"{key}~drop=customer_name")
    assert "customer_name" not in customer(changed)
    assert customer(changed) | {"customer_name": "Jane Doe"} == customer(get(server, key))
    assert changed.headers["fakekit-truth"] == "assumed"
    assert changed.headers["fakekit-assumed"] == "fault.answer"
    assert changed.headers["fakekit-fault"] == "drop=customer_name"
    assert changed.note == "a fault changed the answer: drop=customer_name"
    assert changed.headers["content-length"] == str(len(changed.body))


@pytest.mark.parametrize(
    ("fault", "name", "value"),
    [
        ("null=customer_name", "customer_name", None),
        ("mistype=customer_name", "customer_name", 12345),
        ("mistype=id", "id", "1"),
        ("mistype=data.customer.customer_group_id", "customer_group_id", "1"),
        ("null=data.customer.id", "id", None),
    ],
)
def test_a_field_is_null_or_of_another_type(
    server: Server, key: str, fault: str, name: str, value: object
) -> None:
    assert customer(get(server, f"{key}~{fault}"))[name] == value


def test_a_name_is_every_such_field_and_a_way_is_one(server: Server, key: str) -> None:
    everywhere: Any = get(server, f"{key}~null=id").json()
    assert (everywhere["data"]["customer"]["id"], everywhere["data"]["customer-group"][0]["id"]) == (
        None,
        None,
    )
    one: Any = get(server, f"{new_key()}~null=data.customer-group.id").json()
    assert (one["data"]["customer"]["id"], one["data"]["customer-group"][0]["id"]) == (1, None)


def test_a_list_is_text_and_each_record_of_a_list_is_changed(server: Server, key: str) -> None:
    text: Any = get(server, f"{key}~mistype=customers", "customers").json()
    assert text["data"]["customers"] == "not a list"
    dropped: Any = get(server, f"{new_key()}~drop=id", "customers").json()
    assert [row.get("id") for row in dropped["data"]["customers"]] == [None] * 50


@pytest.mark.parametrize("fault", ["drop=status", "drop=data", "null=data", "mistype=data", "mistype=status"])
@pytest.mark.parametrize("path", ["customers/51", "customers", "nothing"])
def test_a_fault_may_break_the_envelope_itself(server: Server, key: str, fault: str, path: str) -> None:
    reply = get(server, f"{key}~{fault}", path)
    assert reply.status == (404 if path in ("customers/51", "nothing") else 200)
    assert reply.json() != get(server, key, path).json() or "data" in fault


def test_the_content_type_is_another(server: Server, key: str) -> None:
    reply = get(server, f"{key}~content-type=text/html")
    assert reply.headers["content-type"] == "text/html"
    assert reply.body == get(server, key).body
    assert reply.headers["fakekit-assumed"] == "fault.answer"


def test_the_broken_answer_is_not_remembered_for_others(server: Server, key: str) -> None:
    before = get(server, key).body
    get(server, f"{key}~drop=data.customer.id")
    assert get(server, key).body == get(server, new_key()).body == before


def test_a_fault_without_anything_to_change_is_not_counted(xtrakit: Handle) -> None:
    xtrakit.fail("drop", field="customer_name", times=1)
    xtrakit.fail("content-type", "DELETE", media_type="text/html", times=1)
    assert "fakekit-fault" not in get(xtrakit, xtrakit.api_key, "customer-groups/1").headers
    gone = get(xtrakit, xtrakit.api_key, "customers/9", "DELETE")
    assert (gone.status, gone.headers.get("fakekit-fault"), gone.note) == (204, None, "")
    assert [fault["used"] for fault in xtrakit.faults] == [0, 0]
    assert "customer_name" not in customer(get(xtrakit, xtrakit.api_key))
