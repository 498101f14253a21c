"""The OpenAPI document and the page of the control API."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import requests
from openapi_spec_validator import validate

import fakekit
from tests.helpers.commands import paste
from tests.helpers.control_api import Fake
from tests.helpers.processes import PATIENCE, serving
from tests.helpers.project import ROOT, blocks
from tests.helpers.raw_http import ask, port_of


def document(over_http: Fake) -> Any:
    answer = requests.get(f"{over_http.origin}/_fakekit/control.json", timeout=PATIENCE)
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


# --- what there is -------------------------------------------------------------------------------

TABLE = [
    ("GET", "/_fakekit/accounts"),
    ("POST", "/_fakekit/accounts"),
    ("GET", "/_fakekit/accounts/-/requests"),
    ("DELETE", "/_fakekit/accounts/-/requests"),
    ("GET", "/_fakekit/accounts/-/stream"),
    ("GET", "/_fakekit/accounts/{key}"),
    ("DELETE", "/_fakekit/accounts/{key}"),
    ("POST", "/_fakekit/accounts/{key}/reset"),
    ("DELETE", "/_fakekit/accounts/{key}/reset"),
    ("GET", "/_fakekit/accounts/{key}/requests"),
    ("GET", "/_fakekit/accounts/{key}/stream"),
    ("DELETE", "/_fakekit/accounts/{key}/requests"),
    ("GET", "/_fakekit/accounts/{key}/ledger"),
    ("GET", "/_fakekit/accounts/{key}/faults"),
    ("POST", "/_fakekit/accounts/{key}/faults"),
    ("DELETE", "/_fakekit/accounts/{key}/faults"),
    ("DELETE", "/_fakekit/accounts/{key}/faults/{number}"),
    ("GET", "/_fakekit/accounts/{key}/stubs"),
    ("POST", "/_fakekit/accounts/{key}/stubs"),
    ("DELETE", "/_fakekit/accounts/{key}/stubs"),
    ("GET", "/_fakekit/accounts/{key}/records/{resource}"),
    ("GET", "/_fakekit/accounts/{key}/records/{resource}/{named}"),
    ("GET", "/_fakekit/accounts/{key}/records/{resource}/{named}/lines"),
    ("POST", "/_fakekit/accounts/{key}/records/{resource}"),
    ("PATCH", "/_fakekit/accounts/{key}/records/{resource}/{named}"),
    ("DELETE", "/_fakekit/accounts/{key}/records/{resource}/{named}"),
    ("POST", "/_fakekit/accounts/{key}/records/{resource}/{named}/restore"),
    ("GET", "/_fakekit/accounts/{key}/changes"),
    ("DELETE", "/_fakekit/accounts/{key}/changes"),
    ("GET", "/_fakekit/accounts/{key}/personas"),
    ("GET", "/_fakekit/accounts/{key}/clock"),
    ("PUT", "/_fakekit/accounts/{key}/clock"),
    ("GET", "/_fakekit/accounts/{key}/snapshots"),
    ("POST", "/_fakekit/accounts/{key}/snapshots"),
    ("POST", "/_fakekit/accounts/{key}/snapshots/{name}/restore"),
    ("DELETE", "/_fakekit/accounts/{key}/snapshots/{name}"),
    ("GET", "/_fakekit/accounts/{key}/export"),
    ("PUT", "/_fakekit/accounts/{key}/alias"),
    ("DELETE", "/_fakekit/accounts/{key}/alias"),
    ("PUT", "/_fakekit/accounts/{key}/intercept"),
    ("DELETE", "/_fakekit/accounts/{key}/intercept"),
]


def test_its_document_is_valid_and_lists_every_operation(over_http: Fake) -> None:
    told = document(over_http)
    validate(told)
    assert told["openapi"] == "3.1.0"
    listed = [(method.upper(), path) for path, item in told["paths"].items() for method in item]
    assert sorted(listed) == sorted(TABLE)
    assert told["components"]["securitySchemes"]["control"] == {
        "type": "apiKey",
        "in": "header",
        "name": "Fakekit-Control",
    }


def test_every_route_of_the_server_is_in_the_document() -> None:
    client = fakekit.create_app(fakekit.Settings.of()).test_client()
    for path in {path for _, path in TABLE if "/-/" not in path}:  # which might be a key's
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            status = client.open(path.replace("{key}", "fk_a"), method=method).status_code
            assert status == (403 if (method, path) in TABLE else 405), (method, path)


def test_the_page_lists_every_operation_as_the_table_has_it() -> None:
    page = (ROOT / "docs" / "control.md").read_text("utf-8")
    rows = re.findall(r"^\| `(GET|POST|PUT|PATCH|DELETE) (/\S*|)` ?\| (.+) \|$", page, re.M)
    table = [(method, path.removeprefix("/_fakekit/accounts") or "/") for method, path in TABLE]
    assert [(method, path) for method, path, _ in rows] == table


# --- the page ------------------------------------------------------------------------------------


def test_the_curl_lines_of_the_page_run(over_http: Fake) -> None:
    page = (ROOT / "docs" / "control.md").read_text("utf-8")
    port = port_of(over_http.origin)
    printed = [paste(block, ROOT, port) for block in blocks(page.partition("## In the terminal")[0], "sh")]
    assert len(printed) == 4
    assert json.loads(printed[0].splitlines()[0])["key"] == "fk_mine"
    assert json.loads(printed[0].splitlines()[-1])["data"]["customer"]["id"] == 200
    assert json.loads(printed[1].splitlines()[-1])["created_at"] == "2024-08-04 08:23:45"
    assert printed[2].splitlines()[-1] == "200"
    assert "customer_name: Ama" in printed[3]


@pytest.mark.slow
def test_the_lines_for_the_terminal_run(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "control.md").read_text("utf-8").partition("## In the terminal")[2]
    with serving(tmp_path) as running:
        printed = paste(f"export FAKEKIT_PORT=4310\n{blocks(page, 'sh')[0]}", ROOT, running.port)
    assert printed.startswith('1: fail=503,times=1\n{"status": 503, "error": "Service Unavailable"}\n')
    assert "assumed (fine) GET /api/v1/customers/1  fail=503,times=1" in printed
    assert printed.endswith("1: fail=503,times=1 (used 1 of 1 time)\n")


def test_the_words_of_its_paths_may_be_shown_in_the_log(tmp_path: Path) -> None:
    with serving(tmp_path, "--log-own") as running:
        for path in (
            "fk_a/requests",
            "fk_a/faults",
            "fk_a/stubs",
            "fk_a/clock",
            "fk_a/snapshots",
            "fk_a/export",
        ):
            ask(running.port, f"/_fakekit/accounts/{path}", None, extra=b"Fakekit-Control: 1\r\n")
        _, err = running.end()
    shown = [line.split()[2] for line in err.splitlines()]
    assert shown == [
        "/_fakekit/accounts/fk_a/requests",
        "/_fakekit/accounts/fk_a/faults",
        "/_fakekit/accounts/fk_a/stubs",
        "/_fakekit/accounts/fk_a/clock",
        "/_fakekit/accounts/fk_a/snapshots",
        "/_fakekit/accounts/fk_a/export",
    ]


def test_the_document_lists_the_answer_to_one_too_many(over_http: Fake) -> None:
    """Of whatever opens an account or adds to one; not of what only lists or closes accounts."""
    listed = [
        (method.upper(), path)
        for path, item in document(over_http)["paths"].items()
        for method, operation in item.items()
        if "503" not in operation["responses"]
    ]
    assert sorted(listed) == [
        ("DELETE", "/_fakekit/accounts/-/requests"),
        ("DELETE", "/_fakekit/accounts/{key}"),
        ("DELETE", "/_fakekit/accounts/{key}/alias"),
        ("DELETE", "/_fakekit/accounts/{key}/intercept"),
        ("GET", "/_fakekit/accounts"),
        ("GET", "/_fakekit/accounts/-/requests"),
    ]


def test_the_document_says_that_another_server_cannot_intercept(over_http: Fake) -> None:
    responses = document(over_http)["paths"]["/_fakekit/accounts/{key}/intercept"]["put"]["responses"]
    assert responses["503"]["description"] == (
        "Too many accounts are intercepted, or another server than fakekit's serves the app."
    )
