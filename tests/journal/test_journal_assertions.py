"""Assertions about requests: they hold, or list the closest requests."""

from __future__ import annotations

import json
from typing import Any

import pytest

import fakekit
from tests.helpers.journal_requests import ask, missed
from tests.helpers.vendor_api import SALE

LINE = {"item_name": "Soap", "unit_price": "5.00", "quantity": "1"}


@pytest.fixture
def asked(xtrakit: fakekit.Handle) -> fakekit.Handle:
    """An account with four requests: a list, a fetch twice, and a sale that is refused."""
    line = {"item_name": "Rice", "item_quantity": 2}
    ask(xtrakit, "customers?created_at=2024-01-01")
    ask(xtrakit, "customers/1")
    ask(xtrakit, "customers/1")
    ask(xtrakit, "sales/add", "POST", json={"customer_id": 1, "sales-item": [line], "token": "x"})
    return xtrakit


def test_without_any_request_it_says_so(xtrakit: fakekit.Handle) -> None:
    wanted = missed(lambda: xtrakit.assert_requested("GET", "customers/1"))
    assert wanted == (
        "GET customers/1 was requested 0 times, not at least once\n  no request came with the key of this account"
    )
    xtrakit.assert_requested("GET", "customers/1", times=0)


def test_one_that_holds_returns_the_requests(asked: fakekit.Handle) -> None:
    (found,) = asked.assert_requested("post", "sales/add", json={"customer_id": 1}, times=1)
    assert found.status == 422
    for right in (
        {"json": {"sales-item": [{"item_name": "Rice"}]}},
        {"json": {"customer_id": 1}, "status": 422},
    ):
        asked.assert_requested("POST", "/api/v1/sales/add", **right)
    asked.assert_requested("GET", "customers", query={"created_at": "2024-01-01"}, times=1)
    asked.assert_requested("GET", "customers/*", times=2)
    asked.assert_requested("GET", "customers/{id}", times=2)
    asked.assert_requested("DELETE", "customers/1", times=0)


def test_one_that_fails_says_how_status_and_fields_differ(asked: fakekit.Handle) -> None:
    told = missed(
        lambda: asked.assert_requested(
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


def test_one_that_fails_lists_the_closest_first(asked: fakekit.Handle) -> None:
    assert missed(lambda: asked.assert_requested("GET", "customers", query={"created_at": 2025})) == (
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


def test_one_that_fails_by_the_number_lists_what_was_requested(asked: fakekit.Handle) -> None:
    assert missed(lambda: asked.assert_requested("GET", "customers/1", times=1)) == (
        "GET customers/1 was requested 2 times, not 1 time\n"
        "  GET /api/v1/customers/1 -> 200\n"
        "  GET /api/v1/customers/1 -> 200"
    )
    assert missed(lambda: asked.assert_requested("GET", "customers/*", times=0)).startswith(
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


SENT: list[tuple[str, dict[str, Any]]] = [
    ("both", {"items": [LINE], "sales-item": None}),
    ("both", {"items": [LINE], "sales-item": [LINE]}),
    ("both", {"items": json.dumps([LINE])}),
    ("sales-item", {"items": [LINE]}),
]


@pytest.mark.parametrize(("value", "lines"), SENT)
def test_a_recorded_body_is_what_came_also_where_its_lines_are_not_read(
    fake: fakekit.FakeServer, value: str, lines: dict[str, Any]
) -> None:
    handle = fake.account("fk_lines", fakekit.Settings.of(assumptions={"sales.items": value}))
    ask(handle, "sales/add", "POST", json={**SALE, **lines})
    assert handle.requests[-1].json == {**SALE, **lines}
    handle.assert_requested("POST", "/api/v1/sales/add", json=lines)
    fake.close_account("fk_lines")
