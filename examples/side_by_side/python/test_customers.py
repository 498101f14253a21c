"""The suite in Python. The fixture `xtrakit` gives each test a key of its own."""

from __future__ import annotations

from typing import Any

import requests

import fakekit

AMA = {
    "customer_name": "Ama Mensah",
    "customer_phone": "+233201112223",
    "customer_country": "Ghana",
    "customer_city": "Kumasi",
    "customer_state": "Ashanti",
    "address1": "4 Harper Road",
}


def ask(xtrakit: fakekit.Handle, method: str, path: str, body: Any = None) -> requests.Response:
    """One request to XtraKit's API."""
    return requests.request(method, xtrakit.url(path), headers=xtrakit.headers, json=body, timeout=5)


def test_fetch(xtrakit: fakekit.Handle) -> None:
    answer = ask(xtrakit, "GET", "customers/1")
    assert answer.status_code == 200
    assert answer.json()["data"]["customer"]["customer_name"] == "Jane Doe"


def test_add(xtrakit: fakekit.Handle) -> None:
    added = ask(xtrakit, "POST", "customers/add", AMA).json()["data"]["customer"]
    assert added["id"] == 51
    assert ask(xtrakit, "GET", "customers/51").json()["data"]["customer"] == added


def test_delete(xtrakit: fakekit.Handle) -> None:
    assert ask(xtrakit, "DELETE", "customers/1").status_code == 204
    assert ask(xtrakit, "GET", "customers/1").status_code == 404


def test_fail_twice(xtrakit: fakekit.Handle) -> None:
    xtrakit.fail(503, times=2)
    assert [ask(xtrakit, "GET", "customers/1").status_code for _ in range(3)] == [503, 503, 200]


def test_journal(xtrakit: fakekit.Handle) -> None:
    ask(xtrakit, "POST", "customers/add", AMA)
    ask(xtrakit, "GET", "customers/51")
    assert [(r.method, r.path, r.status) for r in xtrakit.requests] == [
        ("POST", "/api/v1/customers/add", 200),
        ("GET", "/api/v1/customers/51", 200),
    ]
