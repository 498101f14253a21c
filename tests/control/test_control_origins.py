"""The control API asked by web pages and under rebound names."""

from __future__ import annotations

import pytest

import fakekit
from tests.helpers.control_api import Fake, problem
from tests.helpers.control_attacks import EVERY, ROOT, granted, raw
from tests.helpers.processes import PATIENCE, Server


@pytest.mark.parametrize("header", [None, "", "0", "true", "1, 1", "1 1", "11"])
def test_nothing_is_done_without_the_header(over_http: Fake, header: str | None) -> None:
    for method, path in EVERY:
        _must_be_refused(over_http, method, path, header)


def _must_be_refused(over_http: Fake, method: str, path: str, header: str | None) -> None:
    headers = {"Content-Type": "application/json"} | ({} if header is None else {"Fakekit-Control": header})
    answer = over_http.session.request(
        method, f"{over_http.origin}{ROOT}{path}", data="{}", headers=headers, timeout=PATIENCE
    )
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
def test_what_a_form_can_send_is_refused(over_http: Fake, kind: str, header: dict[str, str]) -> None:
    victim = over_http.key()
    for path in ("", f"/{victim.key}/faults", f"/{victim.key}/records/customers"):
        for data in ('{"fault": "fail", "status": 503}', "fault=fail&status=503", "Fakekit-Control=1"):
            answer = over_http.session.post(
                f"{over_http.origin}{ROOT}{path}",
                data=data,
                headers={"Content-Type": kind, "Origin": "https://evil.com", **header},
                timeout=PATIENCE,
            )
            assert answer.status_code == (415 if header else 403)
            assert granted(answer.headers) == []
    assert victim.control("GET").json()["changed"] is False
    assert victim.control("GET", "/faults").json() == []


def test_a_preflight_grants_nothing(over_http: Fake) -> None:
    for method, path in EVERY:
        answer = over_http.session.options(
            f"{over_http.origin}{ROOT}{path}",
            headers={
                "Origin": "https://evil.com",
                "Access-Control-Request-Method": method,
                "Access-Control-Request-Headers": "fakekit-control, content-type",
                "Access-Control-Request-Private-Network": "true",
            },
            timeout=PATIENCE,
        )
        assert answer.status_code == 405
        assert granted(answer.headers) == []


def test_no_answer_of_the_control_api_can_be_read_across_sites(over_http: Fake) -> None:
    origin = {"Origin": "https://evil.com"}
    answers = [
        over_http.control("GET", headers=origin),
        over_http.control("GET", "/fk_a/export", headers=origin),
        over_http.control("GET", "/nonsense/of/mine", headers=origin),
        over_http.control("TRACE", "/fk_a", headers=origin),
        over_http.control("FOO", "/fk_a", headers=origin),
        over_http.control("GET", "/fk_a/records/custommers", headers=origin),
        over_http.control("PUT", "/fk_a/clock", {"freeze": 1}, headers=origin),
        over_http.control("POST", "/fk_a/records/customers", data=b"\xff", headers=origin),
        over_http.session.get(f"{over_http.origin}{ROOT}x", headers=origin, timeout=PATIENCE),
        over_http.session.options(
            f"{over_http.origin}/_fakekit/control.json", headers=origin, timeout=PATIENCE
        ),
    ]
    for answer in answers:
        assert granted(answer.headers) == [], answer.url
    vendors = over_http.session.get(
        f"{over_http.origin}/api/v1/customers/1", headers=origin, timeout=PATIENCE
    )
    assert vendors.headers["Access-Control-Allow-Origin"] == "https://evil.com"


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
def test_no_header_makes_another_method_of_a_request(over_http: Fake, name: str) -> None:
    victim = over_http.key()
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
    headers = {"Fakekit-Control": "1", "Host": "127.0.0.1", "X-Real-IP": "127.0.0.1"}
    for address, status in (
        ("127.0.0.1", 200),
        ("::1", 200),
        ("10.1.2.3", 403),
        ("", 403),
        ("fe80::1%eth0", 403),
    ):
        answer = client.get(ROOT, headers=headers, environ_base={"REMOTE_ADDR": address})
        assert answer.status_code == status, address
