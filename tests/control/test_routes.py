"""The routes of the control API in the Flask app, and who may use them."""

from __future__ import annotations

import pytest

import fakekit
from fakekit.control.operations import OPERATIONS
from tests.helpers.processes import Server
from tests.helpers.raw_http import send

ROOT = "/_fakekit/accounts"


def test_the_url_map_lists_each_operation() -> None:
    rules = fakekit.create_app(fakekit.Settings.of()).url_map.iter_rules()
    listed = {(r.rule, min((r.methods or set()) - {"HEAD"})) for r in rules if r.rule.startswith(ROOT)}
    assert len(listed) == len(OPERATIONS) == 41
    assert (f"{ROOT}/<key>/records/<resource>/<named>", "PATCH") in listed


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/fk_a", "DELETE, GET, HEAD"),
        ("GET", "/fk_a/reset", "DELETE, POST"),
        ("OPTIONS", "/fk_a/clock", "GET, HEAD, PUT"),
        ("DELETE", "", "GET, HEAD, POST"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(method: str, path: str, allowed: str) -> None:
    client = fakekit.create_app(fakekit.Settings.of()).test_client()
    answer = client.open(f"{ROOT}{path}", method=method)
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)


@pytest.mark.parametrize(
    "host", ["127.0.0.1%00.evil.com", "127.0.0.1%25.evil.com", "[::1%00.evil.com]", "localhost%00"]
)
def test_a_host_with_a_percent_sign_is_not_this_machine(server: Server, host: str) -> None:
    head = f"GET {ROOT} HTTP/1.1\r\nFakekit-Control: 1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    reply = send(server.port, head.encode())
    assert reply.status == 403
    assert b"is not a name of this machine" in reply.body
