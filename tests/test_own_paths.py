"""fakekit's own paths: in no journal, in no log unless it is asked for, and never said to be assumed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests

import fakekit
from tests.helpers.processes import PATIENCE, Server, serving
from tests.helpers.raw_http import ask, port_of

ICONS = [
    "/favicon.ico",
    "/apple-touch-icon.png",
    "/apple-touch-icon-precomposed.png",
    "/.well-known/appspecific/com.chrome.devtools.json",
]
KNOWN = ["/", "/_fakekit/health", "/_fakekit/openapi.json", "/_fakekit/control.json", *ICONS]
UNKNOWN = ["/_fakekit", "/_fakekit/", "/_fakekit/helth", "/_fakekit/accounts/x/y/z"]


@pytest.mark.parametrize("path", [*KNOWN, *UNKNOWN, "/_fakekit/accounts"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_no_answer_of_fakekits_own_says_how_sure_it_is_of_the_vendors(
    server: Server, path: str, method: str
) -> None:
    reply = ask(server.port, path, None, method)
    assert not [name for name in reply.headers if name.startswith("fakekit-")]
    assert reply.status != 500


@pytest.mark.parametrize("path", ICONS)
def test_what_a_browser_asks_for_by_itself_is_empty_and_need_not_be_asked_again(
    server: Server, path: str
) -> None:
    reply = ask(server.port, path, None)
    assert (reply.status, reply.body, reply.headers["cache-control"]) == (204, b"", "max-age=86400")


def test_an_unknown_path_of_its_own_is_named_with_the_nearest(server: Server) -> None:
    reply = ask(server.port, "/_fakekit/helth", None)
    assert reply.status == 404
    assert json.loads(reply.body) == {
        "error": "ControlError",
        "problems": [
            {"where": "", "what": "fakekit has no such path", "found": "", "write": "/_fakekit/health"}
        ],
    }


@pytest.mark.parametrize("path", ["/", "/_fakekit/health", "/_fakekit/openapi.json", "/favicon.ico"])
def test_a_method_that_an_own_path_lacks_is_405_with_allow(server: Server, path: str) -> None:
    reply = ask(server.port, path, None, "DELETE")
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert "fakekit answers GET, OPTIONS here" in reply.body.decode()


def test_requests_for_own_paths_are_in_no_journal_and_have_no_number() -> None:
    with fakekit.FakeServer() as fake:
        port = port_of(fake.origin)
        for path in (*KNOWN, *UNKNOWN):
            ask(port, path, None)
        ask(port, "/api/v1/customers/1", f"Bearer {fake.api_key}".encode())
        ask(port, "/nothing", None)
        assert [request.number for request in fake.requests] == [1]
        headers = {"Fakekit-Control": "1"}
        answer = requests.get(
            f"{fake.origin}/_fakekit/accounts/-/requests", headers=headers, timeout=PATIENCE
        )
        assert [(r["number"], r["path"]) for r in answer.json()["requests"]] == [(2, "/...")]


@pytest.mark.parametrize("log_own", [False, True])
def test_the_log_has_them_only_if_it_is_asked_to(tmp_path: Path, log_own: bool) -> None:
    with serving(tmp_path, *(["--log-own"] if log_own else [])) as running:
        for path in ("/_fakekit/health", "/favicon.ico", "/_fakekit/nothing", "/api/v1/customers/1"):
            ask(running.port, path)
        _, log = running.end()
    lines = [line.split(" ", 4)[:4] for line in log.splitlines()]
    own = [
        ["-", "GET", "/_fakekit/health", "200"],
        ["-", "GET", "/favicon.ico", "204"],
        ["-", "GET", "/_fakekit/...", "404"],
    ]
    vendors = [["#1", "GET", "/api/v1/customers/1", "200"]]
    assert lines == (own + vendors if log_own else vendors)
