"""What requests share cannot be changed by any of them: not by a hook of the user's, not through a handle."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from itertools import count
from typing import Any

import pytest
from flask import Response
from flask.testing import FlaskClient

import fakekit
from fakekit import FakeServer
from fakekit.accounts.changes import Changes
from fakekit.accounts.store import ChangeStore
from tests.helpers.raw_http import ask, port_of


def client_with_cookies() -> FlaskClient:
    """A client, which keeps no cookies, of an app whose hook gives every response a cookie of its own."""
    app = fakekit.create_app(fakekit.Settings.of())
    numbers = count(1)

    @app.after_request
    def set_cookie(response: Response) -> Response:
        response.set_cookie("visit", str(next(numbers)))
        return response

    return app.test_client(use_cookies=False)


REQUESTS = {
    "a fetch": ("GET", "/api/v1/customers/1"),
    "a derived record": ("GET", "/api/v1/customers/42"),
    "a list": ("GET", "/api/v1/customer-groups/"),
    "a 404": ("GET", "/api/v1/customers/999"),
    "an unknown path": ("GET", "/api/v1/nothing"),
    "a preflight": ("OPTIONS", "/api/v1/customers/1"),
    "a failed write": ("POST", "/api/v1/customer-groups/add"),
    "health": ("GET", "/_fakekit/health"),
    "the document": ("GET", "/_fakekit/openapi.json"),
    "a refused control request": ("GET", "/_fakekit/accounts"),
}


@pytest.mark.parametrize(("method", "path"), REQUESTS.values(), ids=REQUESTS)
def test_what_a_hook_adds_to_a_response_is_in_no_other_one(method: str, path: str) -> None:
    client = client_with_cookies()
    keys = ("fk_first", "fk_second", "fk_third")
    responses = [client.open(path, method=method, headers={"Authorization": f"Bearer {key}"}) for key in keys]
    cookies = [response.headers.getlist("Set-Cookie") for response in responses]
    assert cookies == [[f"visit={number}; Path=/"] for number in (1, 2, 3)]


def test_a_hook_may_replace_the_headers_and_the_body_of_its_own_response_only() -> None:
    app = fakekit.create_app(fakekit.Settings.of())
    numbers = count(1)

    @app.after_request
    def replace_the_first(response: Response) -> Response:
        if next(numbers) == 1:
            response.data = b"replaced"
            response.headers["Fakekit-Truth"] = "replaced"
        return response

    client = app.test_client()
    asked = {"Authorization": "Bearer fk_demo"}
    first, second = (client.get("/api/v1/customers/1", headers=asked) for _ in range(2))
    assert (first.data, first.headers["Fakekit-Truth"]) == (b"replaced", "replaced")
    assert second.get_json()["message"] == "Customer found"
    assert second.headers["Fakekit-Truth"] == "documented"
    assert int(second.headers["Content-Length"]) == len(second.data)


def test_a_fault_that_changes_an_answer_changes_no_other_one() -> None:
    with FakeServer() as xtrakit:
        before = ask(port_of(xtrakit.origin), "/api/v1/customers/1").json()
        for fault in ("drop", "null", "mistype"):
            xtrakit.fail(fault, field="data.customer.customer_name", times=1)
            assert ask(port_of(xtrakit.origin), "/api/v1/customers/1").json() != before
        assert ask(port_of(xtrakit.origin), "/api/v1/customers/1").json() == before


def _spoil(value: Any) -> None:
    """Change everything in a value that can be changed."""
    if isinstance(value, dict):
        for below in list(value.values()):
            _spoil(below)
        value.clear()
    elif isinstance(value, list):
        for below in value:
            _spoil(below)
        value.clear()


READERS = {
    "customer": lambda xtrakit: xtrakit.customer(1),
    "item with images": lambda xtrakit: xtrakit.record("items", " Jce84a50"),
    "lines of a sale": lambda xtrakit: xtrakit.sale_items(324232),
    "faults": lambda xtrakit: xtrakit.faults,
    "about": lambda xtrakit: {**xtrakit.about, "clock": None},
    "requests": lambda xtrakit: [request.query for request in xtrakit.requests],
}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_what_a_handle_returns_is_a_copy(reader: Any) -> None:
    with FakeServer() as xtrakit:
        stub = {"data": {"list": [1, {"a": 2}]}}
        xtrakit.respond("GET", "stores", json=stub, headers={"X-Stub": "yes"}, times=1)
        ask(port_of(xtrakit.origin), "/api/v1/customers?customer_group_id=1")
        before = repr(reader(xtrakit))
        _spoil(reader(xtrakit))
        _spoil(stub)
        assert repr(reader(xtrakit)) == before


def test_a_stub_that_was_read_answers_as_it_was_written() -> None:
    with FakeServer() as xtrakit:
        xtrakit.respond("GET", "customers/1", json={"deep": [{"a": 1}]}, headers={"X-Stub": "yes"})
        _spoil(xtrakit.faults)
        reply = ask(port_of(xtrakit.origin), "/api/v1/customers/1")
        assert (reply.json(), reply.headers["x-stub"]) == ({"deep": [{"a": 1}]}, "yes")


def test_what_an_operation_of_the_server_returns_is_a_copy() -> None:
    server = FakeServer()
    with server:
        _spoil(server.do("close", key="fk_x"))
        assert server.do("close", key="fk_x") == {"done": True}


def test_an_account_counts_as_changed_before_its_version_is_new_and_as_unchanged_too() -> None:
    """A reader without a lock that sees the new version computes its response, which is then remembered."""
    seen: list[bool] = []

    class Watched(Changes):
        def __setattr__(self, name: str, value: Any) -> None:
            super().__setattr__(name, value)
            if name == "version" and value:
                seen.append(self.has_changes)

    account = Watched(fakekit.create_app(fakekit.Settings.of()).extensions["fakekit"].accounts.world)
    account.remove("customers", 1)
    account._replace_changes(ChangeStore())
    assert seen == [True, False]


@pytest.mark.parametrize("read", [Changes.changed_records, Changes.removed_ids])
def test_who_lists_what_changed_waits_for_a_change_in_progress(read: Callable[..., Any]) -> None:
    account = fakekit.create_app(fakekit.Settings.of()).extensions["fakekit"].accounts.open("fk_a")
    with ThreadPoolExecutor(1) as pool:
        with account.lock:
            listed = pool.submit(read, account, "customers")
            assert wait([listed], timeout=0.2).done == set()
            account.remove("customers", 1)
            account.edit("customers", 2, {"customer_name": "Ama"})
        found = list(listed.result())
    assert [each if isinstance(each, int) else each["id"] for each in found] in ([1], [2])
