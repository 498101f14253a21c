"""Stubs that ask for more than method and path: query, headers and JSON body; and bodies of bytes."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
import requests

import fakekit
from fakekit.api import received_content
from fakekit.contract.strict_json import read_json
from fakekit.testing.unmet import describe_fault
from tests.helpers.processes import PATIENCE

SENT = {"group_name": "VIP", "group_description": "d", "extra": {"a": [1, {"b": True}]}}


def post(xtrakit: fakekit.Handle, sent: Any = SENT, query: str = "", **headers: str) -> int:
    url = xtrakit.url("customer-groups/add") + query
    return requests.post(url, json=sent, headers={**xtrakit.headers, **headers}, timeout=PATIENCE).status_code


MATCHING: list[dict[str, Any]] = [
    {"query": {"a": "1"}},
    {"query": {"a": 1}},
    {"query": {"a": "*"}},
    {"query": {"b": "2"}},
    {"request_headers": {"X-SHOP": "accra"}},
    {"request_headers": {"x-shop": "*", "Content-Type": "application/json"}},
    {"request_json": {"group_name": "VIP"}},
    {"request_json": {"extra": {"a": [1, {"b": True}]}}},
    {"query": {"a": "1"}, "request_headers": {"x-shop": "accra"}, "request_json": {"group_name": "VIP"}},
]
OTHERS: list[dict[str, Any]] = [
    {"query": {"a": "2"}},
    {"query": {"b": "3"}},
    {"query": {"c": "*"}},
    {"request_headers": {"x-shop": "kumasi"}},
    {"request_headers": {"x-other": "*"}},
    {"request_json": {"group_name": "Vip"}},
    {"request_json": {"extra": {"a": [1]}}},
    {"request_json": {"extra": {"a": [True, {"b": True}]}}},
    {"request_json": ["VIP"]},
    {"query": {"a": "1"}, "request_json": {"group_name": "other"}},
]


@pytest.mark.parametrize("wanted", MATCHING, ids=str)
def test_a_request_that_has_it_all_gets_the_answer(xtrakit: fakekit.Handle, wanted: dict[str, Any]) -> None:
    xtrakit.respond("POST", "customer-groups/add", status=299, **wanted)
    assert post(xtrakit, query="?a=1&b=2&b=3", **{"X-Shop": "accra"}) == 299
    assert [fault["used"] for fault in xtrakit.faults] == [1]


@pytest.mark.parametrize("wanted", OTHERS, ids=str)
def test_any_other_is_answered_as_usual_and_not_counted(
    xtrakit: fakekit.Handle, wanted: dict[str, Any]
) -> None:
    xtrakit.respond("POST", "customer-groups/add", status=299, **wanted)
    assert post(xtrakit, query="?a=1&b=2&b=3", **{"X-Shop": "accra"}) == 200
    assert [(fault["used"], fault["seen"]) for fault in xtrakit.faults] == [(0, 0)]


def test_a_body_that_is_no_json_matches_none(xtrakit: fakekit.Handle) -> None:
    xtrakit.respond("*", "*", status=299, request_json={"group_name": "VIP"})
    for data in (b"", b"group_name=VIP", b"{"):
        url = xtrakit.url("customer-groups/add")
        assert requests.post(url, data=data, headers=xtrakit.headers, timeout=PATIENCE).status_code == 422
    assert (
        requests.get(xtrakit.url("customers/1"), headers=xtrakit.headers, timeout=PATIENCE).status_code == 200
    )


@pytest.mark.parametrize(
    ("headers", "media"), [(None, "application/octet-stream"), ({"Content-Type": "image/png"}, "image/png")]
)
def test_bytes(xtrakit: fakekit.Handle, headers: dict[str, str] | None, media: str) -> None:
    data = bytes(range(256))
    xtrakit.respond("GET", "logo", content=data, headers=headers)
    response = requests.get(xtrakit.url("logo"), headers=xtrakit.headers, timeout=PATIENCE)
    assert (response.content, response.headers["Content-Type"]) == (data, media)


def test_what_cannot_be_meant_is_refused(xtrakit: fakekit.Handle) -> None:
    for settings, message in (
        ({"content": "a"}, "fault: respond: content: must be bytes in Base64"),
        (
            {"content": "AA==", "text": "a"},
            "fault: respond: content: must not be set together with json or text",
        ),
        ({"query": ["a"]}, "fault: respond: query: must be values by name"),
        ({"request_headers": {"a": None}}, "fault: respond: request_headers: must be values by name"),
        (
            {"request_headers": {"X_Api_Key": "*"}},
            "fault: respond: request_headers: must have names of headers, with - and not _ between words: X-Api-Key",
        ),
        (
            {"request_headers": {"X-Api-Key: hunter2": "*"}},
            "fault: respond: request_headers: must have names of headers, with - and not _ between words: X-Api-Key",
        ),
        (
            {"request_headers": {"": "*"}},
            "fault: respond: request_headers: must have names of headers, with - and not _ between words: X-Api-Key",
        ),
    ):
        with pytest.raises(fakekit.FaultError) as error:
            xtrakit.add_fault({"fault": "respond", **settings})
        assert str(error.value).startswith(message)


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_other_requests_are_answered_while_a_body_is_read_and_it_is_read_once(
    xtrakit: fakekit.Handle, method: str
) -> None:
    """What reads the body asks the fake for a customer meanwhile, and waits for the answer."""
    xtrakit.respond(method, "logo", status=299, request_json={"name": "a"})
    for number in range(3):
        xtrakit.respond(method, "logo", request_json={"name": number})
    meanwhile: list[int] = []

    def read(data: bytes) -> Any:
        url = xtrakit.url("customers/1")
        meanwhile.append(requests.get(url, headers=xtrakit.headers, timeout=PATIENCE).status_code)
        return read_json(data)

    with mock.patch.object(received_content, "read_json", read):
        url, body = xtrakit.url("logo"), {"name": "a"}
        response = requests.request(method, url, json=body, headers=xtrakit.headers, timeout=PATIENCE)
    assert (response.status_code, meanwhile) == (299, [200])


@pytest.mark.parametrize(
    "settings",
    [
        {"request_headers": ["X-Api-Key: hunter2"]},
        {"content": "hunter2!"},
        {"query": "password=hunter2"},
        {"json": 1, "text": "hunter2"},
        {"json": {}, "content": "hunter22"},
    ],
    ids=str,
)
def test_no_message_shows_what_a_stub_has_or_asks_for(
    xtrakit: fakekit.Handle, settings: dict[str, Any]
) -> None:
    with pytest.raises(fakekit.FaultError) as error:
        xtrakit.add_fault({"fault": "respond", **settings})
    assert "hunter" not in str(error.value)


def test_null_is_a_body_of_its_own(xtrakit: fakekit.Handle) -> None:
    xtrakit.respond("POST", "a", status=299, request_json=None)
    url = xtrakit.url("a")
    statuses = [
        requests.post(url, data=data, headers=xtrakit.headers, timeout=PATIENCE).status_code
        for data in (b"null", b"", b"{}", b"0", b"{")
    ]
    assert statuses == [299, 404, 404, 404, 404]
    assert xtrakit.faults[0]["request_json"] is None


def test_a_credential_in_a_stub_of_a_key_is_shown_nowhere(xtrakit: fakekit.Handle) -> None:
    secret = "sk_live_4eC39HqLyjWDarjt"
    stub = f'{{"fault":"respond","headers":{{"X-A":"{secret}"}},"json":{{"a":["{secret}"]}}}}'
    headers = {"Authorization": f"Bearer {xtrakit.api_key}~{stub}"}
    assert requests.get(xtrakit.url("a"), headers=headers, timeout=PATIENCE).json() == {"a": [secret]}
    (fault,) = xtrakit.faults
    assert (fault["headers"], fault["json"]) == ({"X-A": "..."}, {"a": ["..."]})


def test_a_report_does_not_show_what_a_stub_has_or_asks_for(xtrakit: fakekit.Handle) -> None:
    secret = {"X-Api-Key": "hunter2"}
    xtrakit.respond("GET", "a", headers=secret, content=b"hunter2", query=secret, request_headers=secret)
    assert describe_fault(xtrakit.faults[0]) == "respond=200,method=GET,path=a (used 0 times)"
