"""Stubs: an answer of the test's own in the place of the fake's."""

from __future__ import annotations

import http.client
from contextlib import closing
from typing import Any

import pytest
import requests

import fakekit
from tests.helpers.fault_requests import arm, get
from tests.helpers.processes import PATIENCE, Server
from tests.helpers.raw_http import ask, send


@pytest.mark.parametrize(
    ("stub", "status", "body", "media"),
    [
        ({"json": {"status": 200, "odd": [1, None]}}, 200, b'{"status": 200, "odd": [1, null]}\n', "application/json"),
        ({"json": []}, 200, b"[]\n", "application/json"),
        ({"json": None}, 200, b"null\n", "application/json"),
        ({"json": False}, 200, b"false\n", "application/json"),
        ({"json": "Ɛsi"}, 200, '"Ɛsi"\n'.encode(), "application/json"),
        ({"text": "Ɛsi"}, 200, "Ɛsi".encode(), "text/plain; charset=utf-8"),
        ({"text": ""}, 200, b"", "text/plain; charset=utf-8"),
        ({"text": "<h1>", "headers": {"content-type": "text/html"}}, 200, b"<h1>", "text/html"),
        ({"status": 418, "json": {}}, 418, b"{}\n", "application/json"),
        ({"status": 599, "json": {}}, 599, b"{}\n", "application/json"),
        ({"status": 204}, 204, b"", None),
        ({"status": 304}, 304, b"", None),
        ({}, 200, b"", None),
    ],
)  # fmt: skip
def test_a_stub_is_answered_as_it_was_given(
    server: Server, key: str, stub: dict[str, Any], status: int, body: bytes, media: str | None
) -> None:
    arm(server.port, key, {"fault": "respond", "method": "GET", "path": "customers/1", **stub})
    reply = get(server, key)
    assert (reply.status, reply.body, reply.headers.get("content-type")) == (status, body, media)
    assert reply.headers["fakekit-truth"] == "assumed"
    assert reply.headers["fakekit-assumed"] == "fault.answer"
    assert reply.headers["fakekit-fault"] == f"respond={status},method=GET,path=customers/1"
    assert reply.note == "a stub of this account answered, outside the contract"
    head = get(server, key, method="HEAD")
    assert (head.status, head.body) == (status, b"")


def test_a_stub_of_one_path_answers_no_other(server: Server, key: str) -> None:
    arm(server.port, key, {"fault": "respond", "method": "GET", "path": "customers/1"})
    assert get(server, key, "customers/2").headers.get("fakekit-fault") is None


def test_an_empty_stub_leaves_the_connection_usable(server: Server, key: str) -> None:
    arm(server.port, key, {"fault": "respond"})
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)) as client:
        for method in ("GET", "HEAD", "GET", "DELETE"):
            client.request(method, "/api/v1/customers/1", headers={"Authorization": f"Bearer {key}"})
            answer = client.getresponse()
            assert (answer.status, answer.read()) == (200, b"")


def test_a_stub_within_the_contract_says_only_that_it_is_one(server: Server, key: str) -> None:
    body = get(server, key, "customers/2").json()
    arm(server.port, key, {"fault": "respond", "path": "customers/1", "json": body})
    reply = get(server, key)
    assert (reply.json(), reply.note) == (body, "a stub of this account answered")
    refusal = {"status": 409, "error": "Customer is locked"}
    arm(server.port, key, {"fault": "respond", "status": 409, "path": "customers/1", "json": refusal})
    assert get(server, key).note == "a stub of this account answered"


def test_a_stub_for_an_endpoint_that_fakekit_has_not(server: Server, key: str) -> None:
    arm(server.port, key, {"fault": "respond", "path": "suppliers/*", "json": {"data": []}})
    reply = get(server, key, "suppliers/7", "PATCH")
    assert (reply.status, reply.json()) == (200, {"data": []})
    assert reply.note == "a stub of this account answered; fakekit has no such endpoint"
    assert get(server, key, "suppliers").status == 404


def test_the_headers_of_a_stub(server: Server, key: str) -> None:
    arm(
        server.port, key, {"fault": "respond", "json": {}, "headers": {"X-Trace": "a, b", "Retry-After": "9"}}
    )
    reply = get(server, key)
    assert (reply.headers["x-trace"], reply.headers["retry-after"]) == ("a, b", "9")


def test_strict_and_contract_checks_let_stubs_pass(key: str) -> None:
    with fakekit.FakeServer(strict=True) as xtrakit:
        xtrakit.respond("GET", "customers/1", json={"nothing": "of the contract"}, times=1)
        xtrakit.fail("drop", field="data")
        reply = get(xtrakit, xtrakit.api_key)
        assert (reply.status, reply.json()) == (200, {"nothing": "of the contract"})
        assert get(xtrakit, xtrakit.api_key).json() == {"status": 200, "message": "Customer found"}


def test_a_preflight_meets_no_fault(server: Server, key: str) -> None:
    data = b"OPTIONS /api/v1/customers/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    reply = send(server.port, data + f"Authorization: Bearer {key}~fail=503\r\n\r\n".encode(), "OPTIONS")
    assert (reply.status, reply.headers.get("fakekit-fault")) == (204, None)


def test_nothing_outside_the_vendors_api_meets_a_fault(server: Server, key: str) -> None:
    for path, status in (("/_fakekit/health", 200), ("/nothing", 404)):
        assert ask(server.port, path, f"Bearer {key}~fail=503".encode()).status == status


def test_a_stubs_own_cors_and_content_type_win() -> None:
    with fakekit.FakeServer() as xtrakit:
        own = {"Access-Control-Allow-Origin": "https://a.example", "Content-Type": "text/csv"}
        xtrakit.respond("GET", "customers/1", headers=own)
        answer = requests.get(xtrakit.url("customers/1"), headers=xtrakit.headers, timeout=PATIENCE)
    assert answer.headers["Access-Control-Allow-Origin"] == "https://a.example"
    assert answer.headers["Content-Type"] == "text/csv"
    assert answer.content == b""
