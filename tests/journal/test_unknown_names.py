"""What is shown of parameters and fields that no endpoint reads: their values, and the name that was meant."""

from __future__ import annotations

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


def test_values_of_misspelt_names_and_small_numbers_are_shown(xtrakit: fakekit.Handle) -> None:
    ask(xtrakit, "customer-groups/add", "POST", json={"groop_name": "gold", "colours": 12345})
    ask(xtrakit, "customers?custmer_group_id=482913&colours=123456")
    by_body, by_query = xtrakit.requests
    assert by_body.json == {"groop_name": "gold", "colours": 12345}
    assert by_query.query == {"custmer_group_id": "482913", "colours": "..."}


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
