"""Odd paths and bodies sent to the control API."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from tests.helpers.control_api import Fake, problem
from tests.helpers.control_attacks import ROOT, granted, raw
from tests.helpers.processes import PATIENCE, Server


@pytest.mark.parametrize(
    "path",
    [
        "/../health", "/..%2fhealth", "/%2e%2e/health", "/fk_a/../fk_b", "/fk_a%2f..%2ffk_b", "/fk_a%00", "/fk_a%0d%0a",
        "/fk_a/records/..%2f..%2fexport", "/fk_a/records/%2e%2e/1", "/fk_a/records/customers/..%2f..%2freset",
        "/fk_a/records/customers/%00", "/fk_a/records//1", "/fk_a/records/__class__/1", "/fk_a/records/customers/1%2f",
        "/fk_a/records/customers/%D9%A1", "/fk_a/records/customers/1;x", "/fk_a/records/customers/%ff%fe", "/FK_A", "/fk_%C3%A9",
        "/fk_a/snapshots/..%2f..%2f..%2fetc%2fpasswd/restore", "/fk_a/snapshots/%2e%2e/restore",
        "/fk_a/./export", "//", "/-", "/-/requests/", "/%2d/requests%2f", "/fk_a\\..\\fk_b",
    ],
)  # fmt: skip
def test_no_path_leads_elsewhere(server: Server, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        head = f"{method} {ROOT}{path} HTTP/1.1\r\nHost: localhost\r\nFakekit-Control: 1\r\nContent-Length: 0"
        reply = raw(server, head.encode(), method=method)
        assert reply.status in (400, 403, 404, 405, 415), (reply.status, reply.body)
        assert granted(reply.headers) == []
        assert b"passwd" not in reply.body


def test_nothing_on_the_disk_can_be_named(over_http: Fake, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("population: 7\n")
    file = str(tmp_path / "secret.yaml")
    for fixtures in (file, [file], {"path": file}, [{"path": file}], [{"name": file, "text": ""}],
                     [{"name": "../a.yaml", "text": ""}], [{"name": "a/b.yaml", "text": ""}],
                     [{"name": "a\\b.yaml", "text": ""}], [{"name": "a.yaml", "text": "", "path": file}],
                     [{"name": "a.yaml\n", "text": ""}], [{"name": "é.yaml", "text": ""}]):  # fmt: skip
        answer = over_http.control("POST", json={"fixtures": fixtures})
        assert answer.status_code == 422, fixtures
        assert file not in answer.text
    for name in ("changes", "ready_file", "host", "port", "control_token", "max_accounts", "server"):
        assert over_http.control("POST", json={name: file}).status_code == 422


# --- bodies --------------------------------------------------------------------------------------

JSON = "Content-Type: application/json"
PUT = f"PUT {ROOT}/fk_bodies/clock HTTP/1.1\r\nHost: localhost\r\nFakekit-Control: 1\r\n"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b"null", 400),
        (b'"slow=2s"', 400),
        (b"\xff\xfe", 400),
        (b"\xff\xfe{\x00}\x00", 400),
        (b'{"freeze": "now"} x', 400),
        (b'{"advance": NaN}', 400),
        (b'{"advance": Infinity}', 400),
        (b'{"advance": 1e999}', 422),
        (b'{"advance": 1' + b"0" * 4000 + b"}", 422),
        (b'{"advance": 1' + b"0" * 9000 + b"}", 400),
        (b'{"freeze": "now", "freeze": "2031-01-01"}', 400),
        (b'{"freeze": {"a": 1, "a": 2}}', 400),
        (b'{"freeze": "\\ud800"}', 400),
        (b'{"\\ud800": 1}', 400),
        (b'{"freeze": "\\u0000"}', 422),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, 400),
        (b'{"freeze": ' + b"[" * 100_000, 400),
        (b" " * 1_048_577, 413),
        (b'{"freeze": "' + b"x" * 1_100_000 + b'"}', 413),
        (b"", 200),
        (b"\xef\xbb\xbf{}", 200),
    ],
    ids=lambda value: repr(value[:24]) if isinstance(value, bytes) else None,
)  # fmt: skip
def test_odd_bodies_are_told_and_change_nothing(server: Server, data: bytes, status: int) -> None:
    reply = raw(server, f"{PUT}{JSON}\r\nContent-Length: {len(data)}", data, "PUT")
    assert reply.status == status, reply.body
    if status != 200:
        told = json.loads(reply.body)
        assert set(told) == {"error", "problems"}
        assert len(reply.body) < 1000


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/fk_s/records/customers", b'{"\\ud800": "x"}'),
        ("/fk_s/records/customers", b'{"customer_name": "\\udfff"}'),
        ("/fk_s/stubs", b'{"json": "\\ud800"}'),
        ("/fk_s/faults", b'{"fault": "\\ud800"}'),
        ("", b'{"fixtures": {"\\ud800": 1}}'),
        ("", b'{"fixtures": [{"name": "a.yaml", "text": "\\ud800: 1"}]}'),
        ("", b'{"assumptions": {"\\ud800": 1}}'),
        ("", b'{"faults": ["\\ud800"]}'),
    ],
)
def test_half_of_a_surrogate_pair_is_no_text_anywhere(over_http: Fake, path: str, data: bytes) -> None:
    answer = over_http.control("POST", path, data=data, headers={"Content-Type": "application/json"})
    assert problem(answer) == (400, "ControlError", "the body: is not JSON")


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "text/json",
        "application/jsonp",
        "application/x-json",
        "application/json-patch+json",
        "json",
        "*/*",
        "\xff",
    ],
)
def test_what_is_not_json_by_its_type_is_not_read(server: Server, kind: str) -> None:
    head = PUT.encode() + b"Content-Length: 2\r\nContent-Type: " + kind.encode("latin-1")
    assert raw(server, head, b"{}", "PUT").status == 415


def test_a_body_where_none_is_read_is_refused(over_http: Fake) -> None:
    told = problem(over_http.control("DELETE", "/fk_a", {"a": 1}))
    assert told == (400, "ControlError", "the body: must be empty here")
    assert over_http.control("GET", "/fk_a", {"a": 1}).status_code == 400


def test_chunks_are_bounded_too(server: Server) -> None:
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    reply = raw(server, f"{PUT}{JSON}\r\nTransfer-Encoding: chunked", chunk * 20 + b"0\r\n\r\n", "PUT")
    assert reply.status == 413


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x]\nb: [*a, *a]",
        "customers: !!python/object/apply:os.system [id]",
        "customers: " + "[" * 5000,
        "removed: {customers: [" + "1, " * 100_000 + "1]}",
        "population: 99999999999999999999",
        "\x00",
        "customers:\n" + "- {}\n" * 2_000,
    ],
    ids=lambda text: text[:20],
)
def test_fixtures_that_are_bombs_are_told_within_seconds(over_http: Fake, text: str) -> None:
    started = time.monotonic()
    answer = over_http.control("POST", json={"fixtures": [{"name": "a.yaml", "text": text}]})
    assert answer.status_code in (201, 422), answer.text[:300]
    assert time.monotonic() - started < PATIENCE
    if answer.status_code == 201:
        over_http.control("DELETE", f"/{answer.json()['key']}")


# --- anything at all -----------------------------------------------------------------------------


def test_health_answers_while_everything_else_is_abused(server: Server, over_http: Fake) -> None:
    stop = threading.Event()
    body = json.dumps({"fixtures": [{"name": "a.yaml", "text": "customers:\n" + "- {}\n" * 1000}]}).encode()
    post = f"POST {ROOT} HTTP/1.1\r\nHost: localhost\r\nFakekit-Control: 1\r\n{JSON}\r\nContent-Length: {len(body)}"

    def abuse() -> None:
        while not stop.is_set():
            raw(server, post, body, "POST")

    threads = [threading.Thread(target=abuse) for _ in range(2)]
    with ExitStack() as opened:
        for _ in range(20):
            client = opened.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            client.sendall(
                f"GET {ROOT}/fk_waits/requests?count=1000&timeout=5 HTTP/1.1\r\nHost: localhost\r\n"
                f"Fakekit-Control: 1\r\n\r\n".encode()
            )
        for thread in threads:
            thread.start()
            opened.callback(thread.join)
        opened.callback(stop.set)
        for _ in range(10):
            health = requests.get(f"{over_http.origin}/_fakekit/health", timeout=PATIENCE)
            assert health.json()["status"] == "ok"
