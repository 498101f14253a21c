"""What a page of another origin may read, by the requests that a browser sends for it."""

from __future__ import annotations

import pytest

import fakekit
from tests.helpers.processes import Server
from tests.helpers.raw_http import Connection, Reply, ask, port_of

ORIGIN = "http://localhost:5173"
OWN = ["/_fakekit/health", "/_fakekit/openapi.json", "/_fakekit/openapi-3.0.json", "/_fakekit/control.json"]
CLOSED = ["/_fakekit/accounts", "/_fakekit/accounts/fk_demo", "/_fakekit/accounts/x/y/z", "/_fakekit/nothing"]


def get(server: Server, path: str, origin: str = ORIGIN, method: str = "GET", extra: str = "") -> Reply:
    return ask(server.port, path, method=method, extra=f"Origin: {origin}\r\n{extra}".encode())


def may_read(reply: Reply, origin: str) -> bool:
    """What a browser decides for a request with credentials (fetch.spec.whatwg.org, CORS check)."""
    return (
        reply.headers.get("access-control-allow-origin") == origin
        and reply.headers.get("access-control-allow-credentials") == "true"
    )


PREVIEWS = [
    "https://my-app-git-feature-branch-123.vercel.app",
    "https://octo-cat-fuzzy-1abc2def3-3000.app.github.dev",
]


@pytest.mark.parametrize(
    "origin", [ORIGIN, "null", "https://app.example", "app://.", "http://[::1]:8080", *PREVIEWS]
)
@pytest.mark.parametrize("path", ["customers/1", "customers/999", "nothing", "customers?created_at=x"])
def test_a_page_with_credentials_may_read_every_answer_of_the_api(
    server: Server, path: str, origin: str
) -> None:
    reply = get(server, f"/api/v1/{path}", origin)
    assert may_read(reply, origin)
    assert reply.headers["vary"] == "Origin"
    exposed = reply.headers["access-control-expose-headers"].lower().split(", ")
    assert {name for name in reply.headers if name.startswith("fakekit-")} <= set(exposed)
    assert "*" not in exposed  # it would be a name, with credentials


def test_an_unauthorized_answer_and_its_challenge_may_be_read(server: Server) -> None:
    reply = ask(server.port, "/api/v1/customers/1", None, extra=f"Origin: {ORIGIN}\r\n".encode())
    assert (reply.status, may_read(reply, ORIGIN)) == (401, True)
    assert "WWW-Authenticate" in reply.headers["access-control-expose-headers"].split(", ")


def test_without_an_origin_any_page_may_read_it_and_caches_are_told_apart(server: Server) -> None:
    reply = ask(server.port, "/api/v1/customers/1")
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["access-control-expose-headers"] == "*"
    assert "access-control-allow-credentials" not in reply.headers
    assert reply.headers["vary"] == "Origin"


@pytest.mark.parametrize(
    "origin",
    [
        "92857043717beff382ae75c8dc7514162f04",
        "https://92857043717beff382ae75c8dc7514162f04",
        "http://a b",
        "x y z",
    ],
)
def test_what_no_browser_sends_as_its_origin_is_not_repeated(server: Server, origin: str) -> None:
    reply = get(server, "/api/v1/customers/1", origin)
    assert (reply.status, reply.headers["access-control-allow-origin"]) == (200, "*")
    assert origin not in str(reply.headers)


def test_a_preflight_allows_the_headers_that_the_page_wants_to_send(server: Server) -> None:
    wanted = "authorization,content-type,x-request-id,sentry-trace"
    extra = f"Access-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: {wanted}\r\n"
    reply = ask(server.port, "/api/v1/customers/1", None, "OPTIONS", f"Origin: {ORIGIN}\r\n{extra}".encode())
    assert (reply.status, may_read(reply, ORIGIN)) == (204, True)
    allowed = reply.headers["access-control-allow-headers"].lower().split(", ")
    assert set(wanted.split(",")) <= set(allowed)
    assert "PUT" in reply.headers["access-control-allow-methods"].split(", ")


def test_a_preflight_repeats_nothing_that_may_be_a_secret(server: Server) -> None:
    secret = "92857043717beff382ae75c8dc7514162f04"
    extra = f"Access-Control-Request-Headers: {secret}, Bearer {secret}, x-ok\r\n"
    reply = get(server, "/api/v1/customers/1", method="OPTIONS", extra=extra)
    assert reply.headers["access-control-allow-headers"] == "Authorization, *, x-ok"


def test_a_remembered_response_is_that_of_its_origin(server: Server) -> None:
    def request(origin: str) -> bytes:
        line = f"Origin: {origin}\r\n" if origin else ""
        head = (
            f"GET /api/v1/customers/3 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer fk_origins\r\n{line}\r\n"
        )
        return head.encode()

    with Connection(server.port) as connection:
        for origin in ("", "http://a.example", "http://b.example") * 3:
            _, headers, _ = connection.ask(request(origin))
            assert dict(headers)["Access-Control-Allow-Origin"] == (origin or "*")


def test_a_stub_that_allows_an_origin_itself_gets_nothing_added() -> None:
    with fakekit.FakeServer() as fake:
        fake.respond(
            "GET", "customers/1", json={}, headers={"Access-Control-Allow-Origin": "https://a.example"}
        )
        port, extra = port_of(fake.origin), f"Origin: {ORIGIN}\r\n".encode()
        reply = ask(port, "/api/v1/customers/1", f"Bearer {fake.api_key}".encode(), extra=extra)
        assert reply.headers["access-control-allow-origin"] == "https://a.example"
        assert "access-control-allow-credentials" not in reply.headers


@pytest.mark.parametrize("path", OWN)
def test_any_page_may_read_health_and_the_documents(server: Server, path: str) -> None:
    reply = get(server, path)
    assert (reply.status, reply.headers["access-control-allow-origin"]) == (200, "*")
    assert "access-control-allow-credentials" not in reply.headers


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "DELETE"])
@pytest.mark.parametrize("path", CLOSED)
def test_no_page_may_read_the_control_api_or_send_it_anything(server: Server, path: str, method: str) -> None:
    extra = "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: fakekit-control\r\n"
    reply = get(server, path, method=method, extra=extra)
    assert reply.status in (403, 404, 405)
    assert not [name for name in reply.headers if name.startswith("access-control-")]
