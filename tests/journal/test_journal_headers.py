"""The headers of recorded requests: what of them is kept, and assertions on them."""

from __future__ import annotations

import json

import pytest
import requests

import fakekit
from fakekit.errors import PatternError
from tests.helpers.journal_requests import control
from tests.helpers.processes import PATIENCE


def post(xtrakit: fakekit.Handle, **headers: str) -> None:
    body = {"group_name": "G", "group_description": "d"}
    sent = {**xtrakit.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
    requests.post(xtrakit.url("customer-groups/add"), json=body, headers=sent, timeout=PATIENCE)


def test_values_of_a_few_are_kept_and_of_the_others_that_they_are_there(xtrakit: fakekit.Handle) -> None:
    post(
        xtrakit,
        User_Agent="shop/2",
        Idempotency_Key="abc",
        Cookie="sid=sk_live_1",
        Accept="*/*",
        sk_live_51HxQv2eZvKYlo2C="1",
    )
    (request,) = xtrakit.requests
    assert (
        request.headers
        == {
            "host": xtrakit.origin.removeprefix("http://"),
            "user-agent": "shop/2",
            "accept-encoding": request.headers["accept-encoding"],
            "accept": "*/*",
            "connection": "keep-alive",
            "authorization": "...",
            "content-type": "application/json",
            "idempotency-key": "...",
            "cookie": "...",
            "...": "...",
            "content-length": "...",
        }
        or "content-length" not in request.headers
    )
    text = json.dumps(control(xtrakit, f"/{xtrakit.api_key}/requests").json())
    assert "sk_live" not in text
    assert "51HxQv2eZvKYlo2C" not in text


def test_a_request_that_is_answered_from_memory_has_them_too(xtrakit: fakekit.Handle) -> None:
    for _ in range(3):
        requests.get(
            xtrakit.url("customers/1"), headers=xtrakit.headers | {"User-Agent": "shop/2"}, timeout=PATIENCE
        )
    assert [request.headers["user-agent"] for request in xtrakit.requests] == ["shop/2"] * 3


def test_assertions_on_headers(xtrakit: fakekit.Handle) -> None:
    post(xtrakit, Idempotency_Key="abc")
    path = "customer-groups/add"
    xtrakit.assert_requested(
        "POST", path, headers={"Content-Type": "application/json", "idempotency-key": ...}, times=1
    )
    xtrakit.assert_requested("POST", path, headers={"X-Debug": None}, times=1)
    xtrakit.wait_for("POST", path, headers={"CONTENT-TYPE": "application/json"}, timeout=0)
    xtrakit.assert_requested("POST", path, headers={"X-Debug": ...}, times=0)
    with pytest.raises(AssertionError) as error:
        xtrakit.assert_requested(
            "POST", path, headers={"Content-Type": "text/csv", "X-Debug": ..., "Idempotency-Key": None}
        )
    assert str(error.value).splitlines()[1:] == [
        "  POST /api/v1/customer-groups/add -> 200",
        '      headers.content-type: "application/json", not "text/csv"',
        "      headers.x-debug: not sent",
        "      headers.idempotency-key: sent, and should not be",
    ]


def test_a_hidden_value_cannot_be_compared(xtrakit: fakekit.Handle) -> None:
    post(xtrakit, Idempotency_Key="abc")
    with pytest.raises(AssertionError, match=r"headers\.idempotency-key: hidden in the journal"):
        xtrakit.assert_requested("POST", "customer-groups/add", headers={"Idempotency-Key": "other"}, times=0)


@pytest.mark.parametrize("headers", ["Content-Type", {"Content-Type": 1}, {1: "x"}])
def test_what_no_header_can_be_is_refused(xtrakit: fakekit.Handle, headers: object) -> None:
    with pytest.raises(PatternError, match="headers: must be values by name"):
        xtrakit.assert_requested("GET", "*", headers=headers, times=0)  # type: ignore[arg-type]


def test_that_a_header_was_not_sent_is_not_known_of_more_than_sixty(xtrakit: fakekit.Handle) -> None:
    post(xtrakit, **{f"X_{'a' * (n % 14 + 1)}_{'b' * (n // 14 + 1)}": "1" for n in range(60)}, X_Debug="1")
    path = "customer-groups/add"
    for absent in ("X-Debug", "X-Other"):
        with pytest.raises(AssertionError) as error:
            xtrakit.assert_requested("POST", path, headers={absent: None})
        line = f"      headers.{absent.lower()}: more than 60 headers; cannot be known"
        assert str(error.value).splitlines()[-1] == line
    for value in (..., "1"):
        with pytest.raises(AssertionError, match="cannot say whether it was requested 0 times"):
            xtrakit.assert_requested("POST", path, headers={"X-Debug": value}, times=0)
    with pytest.raises(AssertionError, match="more than 60 headers; cannot be known"):
        xtrakit.wait_for("POST", path, headers={"X-Debug": None}, timeout=0)
    xtrakit.assert_requested("POST", path, headers={"X-A-B": ..., "User-Agent": ...}, times=1)


def test_that_a_header_was_not_sent_is_not_known_where_its_name_is_hidden(xtrakit: fakekit.Handle) -> None:
    post(xtrakit, X_B3_TraceId="1")
    path = "customer-groups/add"
    with pytest.raises(AssertionError, match=r"headers\.x-b3-traceid: hidden in the journal"):
        xtrakit.assert_requested("POST", path, headers={"X-B3-TraceId": None})
    xtrakit.assert_requested("POST", path, headers={"X-Debug": None}, times=1)
