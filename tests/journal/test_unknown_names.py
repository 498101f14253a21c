"""What is shown of parameters and fields that no endpoint reads: their values, and the name that was meant."""

from __future__ import annotations

from typing import Any

import pytest

import fakekit
from tests.helpers.journal_requests import ask

SECRETS = {
    "mfa": "482913",
    "ssn": "123456789",
    "verification": "839201",
    "kennwort": "sommer",
    "wachtwoord": "geheim zomer",
    "senha": "gato",
    "license": "ABCDEF",
    "dob": "1999-04-01",
}


def test_values_of_names_that_say_nothing_are_hidden(xtrakit: fakekit.Handle) -> None:
    ask(xtrakit, "customer-groups/add", "POST", json={"group_name": "x", **SECRETS})
    ask(xtrakit, "customers", params=SECRETS)
    by_body, by_query = xtrakit.requests
    hidden = {
        "mfa": "...",
        "ssn": "...",
        "verification": "...",
        "kennwort": "...",
        "wachtwoord": "...",
        "senha": "...",
        "license": "...",
        "dob": "...",
    }
    assert by_body.json == {"group_name": "x", **hidden}
    assert by_query.query == hidden
    curl = by_body.curl(xtrakit.origin, "fk_x") + by_query.curl(xtrakit.origin, "fk_x")
    assert [value for value in SECRETS.values() if value in curl] == []


SHOWN: dict[str, list[Any]] = {
    "custmer_name": ["Ama", "Ama Serwaa Mensah", 482913, "2024-08-04", -5, ""],
    "page": ["2", 2000, 123456789, "last"],
    "month": ["march", 2026],
    "colours": [5, "12", -12, 12345.5, "1234.50", True, "false", None, ""],
    "floor": ["7", 0.25],
}
HIDDEN: dict[str, list[Any]] = {
    "custmer_name": ["Ama2024", "Bearer abcdef", "xK9fLq2T", 1234567890],
    "page": ["2a7", 1234567890],
    "month": ["t0psecret"],
    "colours": [123, "1234", 12345, "123456", "1234.", "red", "2024-08-04", 123456.5],
    "floor": ["0427", "937"],
    "pin": [1, "1234", None, True],
    "cvc": ["12"],
    "access_code": ["12"],
}


@pytest.mark.parametrize("name", HIDDEN)
def test_it_depends_on_the_name_what_is_shown_of_a_value(xtrakit: fakekit.Handle, name: str) -> None:
    shown, hidden = SHOWN.get(name, []), HIDDEN.get(name, [])
    for value in [*shown, *hidden]:
        ask(xtrakit, "customers/add", "POST", json={name: value})
    assert [request.json for request in xtrakit.requests] == [
        *({name: value} for value in shown),
        *({name: "..."} for _ in hidden),
    ]


def test_the_same_is_shown_of_a_query_and_in_the_curl_line(xtrakit: fakekit.Handle) -> None:
    ask(xtrakit, "customers?custmer_group_id=482913&colours=12&floor=1234")
    (request,) = xtrakit.requests
    assert request.query == {"custmer_group_id": "482913", "colours": "12", "floor": "..."}
    curl = request.curl(xtrakit.origin, "fk_x")
    assert "custmer_group_id=482913" in curl
    assert "1234" not in curl


@pytest.mark.parametrize(
    ("method", "path", "name", "nearest"),
    [
        ("GET", "customers", "customer_name", ""),
        ("GET", "customers", "created_by", ""),
        ("GET", "customers", "createdBy", ""),
        ("GET", "customers", "createdAt", "created_at"),
        ("GET", "customers", "custmer_group_id", "customer_group_id"),
        ("GET", "customers", "group", "customer_group_id"),
        ("GET", "sales", "user_id", ""),
        ("POST", "sales/add", "line_items", ""),
        ("POST", "sales/add", "sales_item", "sales-item"),
        ("POST", "customers/add", "customer_nmae", "customer_name"),
    ],
)
def test_a_suggestion_is_a_misspelt_name_and_no_other_one(
    xtrakit: fakekit.Handle, method: str, path: str, name: str, nearest: str
) -> None:
    sent = {"params": {name: "a"}} if method == "GET" else {"json": {name: "a", "sales-item": []}}
    ask(xtrakit, path, method, **sent)
    unread = {unread["name"]: unread["nearest"] for unread in xtrakit.about["unread"]}
    assert unread[name] == nearest
