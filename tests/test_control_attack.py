"""The control API under attack: by web pages, by rebound names, by bodies, by keys that are secrets."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

import fakekit
from tests.helpers.control_api import Fake, asking, problem, running
from tests.helpers.processes import ALONE, PATIENCE, Server, serving
from tests.helpers.raw_http import Reply, send

ROOT = "/_fakekit/accounts"
EVERY = [
    ("GET", ""),
    ("POST", ""),
    ("GET", "/-/requests"),
    ("GET", "/fk_victim"),
    ("DELETE", "/fk_victim"),
    ("POST", "/fk_victim/reset"),
    ("DELETE", "/fk_victim/requests"),
    ("POST", "/fk_victim/faults"),
    ("POST", "/fk_victim/records/customers"),
    ("PATCH", "/fk_victim/records/customers/1"),
    ("PUT", "/fk_victim/clock"),
    ("POST", "/fk_victim/snapshots"),
    ("GET", "/fk_victim/export"),
    ("PUT", "/fk_victim/alias"),
    ("HEAD", "/fk_victim"),
]


@pytest.fixture(scope="module")
def fake(server: Server) -> Iterator[Fake]:
    with asking(server.origin) as asked:
        yield asked


def raw(server: Server, head: str | bytes, body: bytes = b"", method: str = "GET") -> Reply:
    """What comes back for these lines of a request."""
    lines = head.encode() if isinstance(head, str) else head
    return send(server.port, lines + b"\r\nConnection: close\r\n\r\n" + body, method)


def granted(headers: Any) -> list[str]:
    return [name for name in headers if name.lower().startswith("access-control-")]


# --- web pages -----------------------------------------------------------------------------------


@pytest.mark.parametrize("header", [None, "", "0", "true", "1, 1", "1 1", "11"])
def test_nothing_is_done_without_the_header(fake: Fake, header: str | None) -> None:
    for method, path in EVERY:
        _must_be_refused(fake, method, path, header)


def _must_be_refused(fake: Fake, method: str, path: str, header: str | None) -> None:
    headers = {"Content-Type": "application/json"} | ({} if header is None else {"Fakekit-Control": header})
    answer = fake.session.request(method, f"{fake.origin}{ROOT}{path}", data="{}", headers=headers, timeout=5)
    assert answer.status_code == 403
    assert granted(answer.headers) == []
    if method != "HEAD":
        told = (
            403,
            "ControlError",
            "Fakekit-Control: is missing: a web page could send the request without it",
        )
        assert problem(answer) == told


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
@pytest.mark.parametrize("header", [{}, {"Fakekit-Control": "1"}])
def test_what_a_form_can_send_is_refused(fake: Fake, kind: str, header: dict[str, str]) -> None:
    victim = fake.key()
    for path in ("", f"/{victim.key}/faults", f"/{victim.key}/records/customers"):
        for data in ('{"fault": "fail", "status": 503}', "fault=fail&status=503", "Fakekit-Control=1"):
            answer = fake.session.post(
                f"{fake.origin}{ROOT}{path}",
                data=data,
                headers={"Content-Type": kind, "Origin": "https://evil.com", **header},
                timeout=5,
            )
            assert answer.status_code == (415 if header else 403)
            assert granted(answer.headers) == []
    assert victim.control("GET").json()["changed"] is False
    assert victim.control("GET", "/faults").json() == []


def test_a_preflight_grants_nothing(fake: Fake) -> None:
    for method, path in EVERY:
        answer = fake.session.options(
            f"{fake.origin}{ROOT}{path}",
            headers={
                "Origin": "https://evil.com",
                "Access-Control-Request-Method": method,
                "Access-Control-Request-Headers": "fakekit-control, content-type",
                "Access-Control-Request-Private-Network": "true",
            },
            timeout=5,
        )
        assert answer.status_code == 405
        assert granted(answer.headers) == []


def test_no_answer_of_the_control_api_can_be_read_across_sites(fake: Fake) -> None:
    origin = {"Origin": "https://evil.com"}
    answers = [
        fake.control("GET", headers=origin),
        fake.control("GET", "/fk_a/export", headers=origin),
        fake.control("GET", "/nonsense/of/mine", headers=origin),
        fake.control("TRACE", "/fk_a", headers=origin),
        fake.control("FOO", "/fk_a", headers=origin),
        fake.control("GET", "/fk_a/records/custommers", headers=origin),
        fake.control("PUT", "/fk_a/clock", {"freeze": 1}, headers=origin),
        fake.control("POST", "/fk_a/records/customers", data=b"\xff", headers=origin),
        fake.session.get(f"{fake.origin}{ROOT}x", headers=origin, timeout=5),
        fake.session.get(f"{fake.origin}/_fakekit/control.json", headers=origin, timeout=5),
        fake.session.options(f"{fake.origin}/_fakekit/control.json", headers=origin, timeout=5),
    ]
    for answer in answers:
        assert granted(answer.headers) == [], answer.url
    vendors = fake.session.get(f"{fake.origin}/api/v1/customers/1", headers=origin, timeout=5)
    assert vendors.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
def test_no_header_makes_another_method_of_a_request(fake: Fake, name: str) -> None:
    victim = fake.key()
    victim.control("POST", "/records/customers", {})
    assert victim.control("GET", headers={name: "DELETE"}).json()["changed"] is True
    assert victim.control("GET", "?_method=DELETE").status_code == 422
    assert victim.control("GET").json()["changed"] is True


# --- rebinding -----------------------------------------------------------------------------------

ASK = f"GET {ROOT} HTTP/1.1\r\nFakekit-Control: 1\r\n"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.0.0.1:4310", "LOCALHOST", "localhost.", "localhost:1", "127.0.0.2", "[::1]", "[::1]:4310",
        "[0:0:0:0:0:0:0:1]",
    ],
)  # fmt: skip
def test_a_host_of_this_machine_is_let_in(server: Server, host: str) -> None:
    assert raw(server, f"{ASK}Host: {host}").status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.com", "evil.com:4310", "127.0.0.1.evil.com", "localhost.evil.com", "evil.com.", "EVIL.com",
        "localhost:80.evil.com", "localhost:evil.com", "127.0.0.1@evil.com", "evil.com@127.0.0.1", "[::1].evil.com",
        "[::1]evil.com:80", "[::ffff:8.8.8.8]", "[fe80::1]", "[::]", "0.0.0.0", "0", "127.1", "2130706433",
        "0x7f000001", "0177.0.0.1", "10.0.0.1", "169.254.169.254", "xn--localhost", "localhost,evil.com",
        "localhost evil.com", "evil.com#localhost", "localhost/evil.com", "[localhost", "localhost:", "",
        "localhost:999999999", "sub.localhost", "l\xf6calhost", "127.0.0.1\x00.evil.com",
    ],
)  # fmt: skip
def test_any_other_host_is_not(server: Server, host: str) -> None:
    reply = raw(server, ASK.encode() + b"Host: " + host.encode("latin-1"))
    assert reply.status in (400, 403), reply.body
    assert "fk_" not in reply.body.decode("latin-1")
    if reply.status == 403:
        assert b"is not a name of this machine: it may have been rebound by a web page" in reply.body
        assert b"evil" not in reply.body


def test_no_host_or_two_are_not_either(server: Server) -> None:
    assert raw(server, ASK.rstrip()).status in (400, 403)
    assert raw(server, f"GET {ROOT} HTTP/1.0\r\nFakekit-Control: 1").status in (400, 403)
    for pair in (("127.0.0.1", "evil.com"), ("evil.com", "127.0.0.1"), ("localhost:80", "evil.com:80")):
        hosts = "\r\n".join(f"Host: {host}" for host in pair)
        assert raw(server, ASK + hosts).status in (400, 403)


@pytest.mark.parametrize(
    "target",
    ["http://evil.com", "http://evil.com:4310", "http://127.0.0.1@evil.com", "//evil.com"],
)
def test_a_target_with_another_host_is_not(server: Server, target: str) -> None:
    reply = raw(server, f"GET {target}{ROOT} HTTP/1.1\r\nFakekit-Control: 1\r\nHost: 127.0.0.1")
    assert reply.status in (400, 403, 404), reply.body
    assert "fk_" not in reply.body.decode("latin-1")


def test_a_target_that_is_no_url_is_not() -> None:
    client = fakekit.create_app(fakekit.Settings.of()).test_client()
    for target in ("http://[", "http://", "evil.com", "*", "http:///"):
        told = {"RAW_URI": target, "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1"}
        assert client.get(ROOT, headers={"Fakekit-Control": "1"}, environ_overrides=told).status_code == 403


def test_a_target_with_a_host_of_this_machine_is(server: Server) -> None:
    reply = raw(server, f"GET http://localhost:1{ROOT} HTTP/1.1\r\nFakekit-Control: 1\r\nHost: 127.0.0.1")
    assert reply.status == 200


@pytest.mark.parametrize(
    "line",
    [
        "X-Forwarded-Host: 127.0.0.1", "Forwarded: host=127.0.0.1;for=127.0.0.1", "X-Host: 127.0.0.1",
        "X-Original-URL: /", "X-Real-IP: 127.0.0.1", "X-Forwarded-For: 127.0.0.1", "X-Forwarded-Server: localhost",
    ],
)  # fmt: skip
def test_no_header_says_otherwise(server: Server, line: str) -> None:
    assert raw(server, f"{ASK}Host: evil.com\r\n{line}").status == 403


def test_another_machine_needs_a_token_whatever_it_says() -> None:
    """As behind gunicorn or a proxy that binds wider than fakekit was told."""
    client = fakekit.create_app(fakekit.Settings.of()).test_client()
    headers = {"Fakekit-Control": "1", "Host": "127.0.0.1", "X-Forwarded-For": "127.0.0.1"}
    for address, status in (
        ("127.0.0.1", 200),
        ("::1", 200),
        ("10.1.2.3", 403),
        ("", 403),
        ("fe80::1%eth0", 403),
    ):
        answer = client.get(ROOT, headers=headers, environ_base={"REMOTE_ADDR": address})
        assert answer.status_code == status, address


# --- the token -----------------------------------------------------------------------------------

GIVEN = "t0ken-given-Zm9vYmFy"


def tokens(origin: str, token: str) -> list[int]:
    """What a control request with this token is answered, and one without."""
    found = []
    for headers in ({"Fakekit-Control": token}, {}, {"Fakekit-Control": "1"}):
        found.append(requests.get(f"{origin}{ROOT}", headers=headers, timeout=5).status_code)
    return found


@pytest.mark.parametrize("underneath", ["gunicorn", ALONE])
def test_a_token_is_made_up_and_printed_when_bound_wider(tmp_path: Path, underneath: str) -> None:
    with serving(tmp_path, "--host", "0.0.0.0", "--server", underneath) as server:
        health = requests.get(f"{server.origin}/_fakekit/health", timeout=5)
        refused = requests.get(f"{server.origin}{ROOT}", headers={"Fakekit-Control": "1"}, timeout=5)
        told = "Fakekit-Control: must be the control token of this server, which it printed when it started"
        assert problem(refused) == (403, "ControlError", told)
        first = b""
        assert server.process.stdout is not None
        while b"control token" not in first:
            first += server.process.stdout.readline()
        found = re.search(rb"^control token  ([\w-]{22})$", first, re.M)
        assert found
        token = found[1].decode()
        assert tokens(server.origin, token) == [200, 403, 403]
        xtrakit = fakekit.connect(server.origin, token=token)
        assert xtrakit.customer(1)["customer_name"] == "Jane Doe"
        assert token not in repr(xtrakit)
        assert token not in health.text
        out, err = server.end()
        assert token not in err
        assert token not in out


@pytest.mark.slow
def test_a_token_that_was_given_is_shown_nowhere(tmp_path: Path) -> None:
    env = {"FAKEKIT_CONTROL_TOKEN": GIVEN}
    with serving(tmp_path, "--host", "0.0.0.0", "--server", "alone", env=env) as server:
        assert tokens(server.origin, GIVEN) == [200, 403, 403]
        seen = []
        for wrong in ("", GIVEN[:-1], f"{GIVEN}x", GIVEN.upper(), GIVEN + "é", "秘密".encode(), b"\xff" * 9):
            headers: Any = {"Fakekit-Control": wrong}
            answer = requests.get(f"{server.origin}{ROOT}", headers=headers, timeout=5)
            assert answer.status_code == 403, wrong
            seen.append(answer.text)
        seen.append(requests.get(f"{server.origin}/_fakekit/health", timeout=5).text)
        seen.append(requests.get(f"{server.origin}/_fakekit/control.json", timeout=5).text)
        preflight = requests.options(
            f"{server.origin}{ROOT}", headers={"Origin": "https://evil.com"}, timeout=5
        )
        assert granted(preflight.headers) == []
        with pytest.raises(fakekit.ControlError) as told:
            fakekit.connect(server.origin, token=f"{GIVEN}x")
        seen += [str(told.value), repr(fakekit.connect(server.origin, token=GIVEN)), *server.end()]
    assert GIVEN not in "".join(seen)
    assert "control token " not in seen[-2]


def test_a_token_is_in_no_repr_and_no_error() -> None:
    chosen = fakekit.Settings.of(host="0.0.0.0", port=0, control_token=GIVEN)
    server = fakekit.FakeServer(chosen)
    assert GIVEN not in f"{chosen!r} {server!r} {chosen}"
    for wrong in ("", "   ", 7):
        with pytest.raises(fakekit.SettingsError) as told:
            fakekit.Settings.of(control_token=wrong)
        assert "control_token" in str(told.value)
        assert "7" not in str(told.value)


# --- paths ---------------------------------------------------------------------------------------


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


def test_nothing_on_the_disk_can_be_named(fake: Fake, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("population: 7\n")
    file = str(tmp_path / "secret.yaml")
    for fixtures in (file, [file], {"path": file}, [{"path": file}], [{"name": file, "text": ""}],
                     [{"name": "../a.yaml", "text": ""}], [{"name": "a/b.yaml", "text": ""}],
                     [{"name": "a\\b.yaml", "text": ""}], [{"name": "a.yaml", "text": "", "path": file}],
                     [{"name": "a.yaml\n", "text": ""}], [{"name": "é.yaml", "text": ""}]):  # fmt: skip
        answer = fake.control("POST", json={"fixtures": fixtures})
        assert answer.status_code == 422, fixtures
        assert file not in answer.text
    for name in ("changes", "ready_file", "host", "port", "control_token", "max_accounts", "server"):
        assert fake.control("POST", json={name: file}).status_code == 422


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
def test_half_of_a_surrogate_pair_is_no_text_anywhere(fake: Fake, path: str, data: bytes) -> None:
    answer = fake.control("POST", path, data=data, headers={"Content-Type": "application/json"})
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


def test_a_body_where_none_is_read_is_refused(fake: Fake) -> None:
    told = problem(fake.control("DELETE", "/fk_a", {"a": 1}))
    assert told == (400, "ControlError", "the body: must be empty here")
    assert fake.control("GET", "/fk_a", {"a": 1}).status_code == 400


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
def test_fixtures_that_are_bombs_are_told_within_seconds(fake: Fake, text: str) -> None:
    started = time.monotonic()
    answer = fake.control("POST", json={"fixtures": [{"name": "a.yaml", "text": text}]})
    assert answer.status_code in (201, 422), answer.text[:300]
    assert time.monotonic() - started < 15
    if answer.status_code == 201:
        fake.control("DELETE", f"/{answer.json()['key']}")


# --- secrets -------------------------------------------------------------------------------------

CANARIES = ["sk-canary-Zm9vYmFy", "92857043717beff382ae75c8dc7514162f04", "xk_live_abcdEFGH1234"]


@pytest.mark.parametrize("underneath", ["gunicorn", ALONE])
def test_a_secret_that_was_pasted_is_not_echoed_or_logged(tmp_path: Path, underneath: str) -> None:
    with serving(tmp_path, "--server", underneath) as server, asking(server.origin) as fake:
        seen = []
        for secret in CANARIES:
            named: list[tuple[str, str, Any]] = [
                ("GET", f"/{secret}", None),
                ("DELETE", f"/{secret}/records/customers/1", None),
                ("GET", f"/fk_a/{secret}", None),
                ("GET", f"/fk_a/records/{secret}", None),
                ("GET", f"/fk_a/records/sales/{secret}", None),
                ("POST", f"/fk_a/snapshots/{secret}/restore", None),
                ("DELETE", f"/fk_a/faults/{secret}", None),
                ("GET", f"/fk_a/requests?path={secret}&{secret}=1", None),
                ("GET", f"/fk_a/requests?since={secret}", None),
                ("POST", "", {"key": secret}),
                ("POST", "", {secret: 1}),
                ("POST", "", {"seed": secret}),
                ("POST", "", {"assumptions": {secret: secret}}),
                ("POST", "", {"faults": [secret, f"fail={secret}"]}),
                ("POST", "", {"clock": {"freeze": secret}}),
                ("POST", "", {"fixtures": {secret: []}}),
                ("POST", "", {"fixtures": [{"name": secret, "text": secret}]}),
                ("PUT", "/fk_a/alias", {"alias": secret}),
                ("PUT", "/fk_a/clock", {secret: secret}),
                ("POST", "/fk_a/faults", {"fault": secret, secret: secret}),
                ("POST", "/fk_a/records/customers", {secret: secret, "customer_zip": [secret]}),
                ("POST", "/fk_a/records/customers", {"created_at": secret}),
                (secret.upper(), "/fk_a", None),
            ]
            for method, path, body in named:
                answer = fake.control(method, path, body, headers={"Authorization": f"Bearer {secret}"})
                assert answer.status_code >= 400, (method, path)
                seen.append(f"{answer.headers}{answer.text}")
            assert fake.control("GET", headers={"Fakekit-Control": secret}).status_code == 403
            seen.append(fake.control("GET").text + fake.control("GET", "/-/requests").text)
        seen += server.end()
    for secret in CANARIES:
        for place in seen:
            assert secret not in place
            assert secret.upper() not in place


# --- anything at all -----------------------------------------------------------------------------


def test_health_answers_while_everything_else_is_abused(server: Server, fake: Fake) -> None:
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
            health = requests.get(f"{fake.origin}/_fakekit/health", timeout=PATIENCE)
            assert health.json()["status"] == "ok"


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    [
        "key",
        "seed",
        "customers",
        "strict",
        "fixtures",
        "assumptions",
        "faults",
        "clock",
        "fault",
        "status",
        "seconds",
        "times",
        "after",
        "every",
        "method",
        "path",
        "json",
        "text",
        "headers",
        "freeze",
        "advance",
        "offset",
        "alias",
        "customer_name",
        "id",
        "sales-item",
        "amount",
        "population",
        "removed",
        "name",
    ]
)
VALUES = ANYTHING | st.sampled_from(["fk_fuzz", "fail", "now", "sales", 1, -1, 2**63, 1e308, "2031-01-01"])
BODIES = st.dictionaries(NAMES | st.text(max_size=5), VALUES, max_size=4)
PARTS = st.sampled_from(
    ["fk_fuzz", "records", "customers", "sales", "items", "1", "s1", "snapshots", "restore", "clock", "faults", "stubs",
     "requests", "export", "alias", "reset", "lines", "-", "..", ""]
) | st.text(max_size=4)  # fmt: skip
QUERIES = st.dictionaries(
    st.sampled_from(["since", "status", "method", "path", "limit", "after", "what", "form", "x"]),
    st.text(max_size=6) | st.sampled_from(["1", "world", "json", "GET", "*"]),
    max_size=2,
)


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[Fake]:
    with running(customers=5) as started:
        yield started


@settings(max_examples=30)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]),
    parts=st.lists(PARTS, max_size=5),
    query=QUERIES,
    body=BODIES,
)
def test_no_request_is_ever_a_500(
    fuzzed: Fake, method: str, parts: list[str], query: dict[str, str], body: dict[str, Any]
) -> None:
    parts = [part for part in parts if part.strip(".")]  # the client takes dots away itself
    path = "".join(f"/{quote(part, safe='')}" for part in parts)
    answer = fuzzed.control(method, path, body if method in ("POST", "PUT", "PATCH") else None, params=query)
    assert answer.status_code < 500, answer.text
    assert granted(answer.headers) == []


@settings(max_examples=30)
@given(
    where=st.sampled_from(
        [("POST", ""), ("POST", "/fk_fuzz/faults"), ("POST", "/fk_fuzz/stubs"), ("PUT", "/fk_fuzz/clock"),
         ("PUT", "/fk_fuzz/alias"), *(("POST", f"/fk_fuzz/records/{name}") for name in
         ("customers", "customer_groups", "sales", "items", "item_categories", "expenses")),
         ("PATCH", "/fk_fuzz/records/customers/1")]
    ),
    body=BODIES,
)  # fmt: skip
def test_no_body_is_ever_a_500(fuzzed: Fake, where: tuple[str, str], body: dict[str, Any]) -> None:
    answer = fuzzed.control(*where, body)
    assert answer.status_code < 500, answer.text
    for what in ("changes", "world"):
        assert fuzzed.control("GET", f"/fk_fuzz/export?what={what}").status_code < 500
