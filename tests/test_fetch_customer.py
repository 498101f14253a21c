"""GET /api/v1/customers/<id>, over sockets, against what the vendor's page prints."""

from __future__ import annotations

import json

import pytest
import requests
from hypothesis import example, given
from hypothesis import strategies as st

from tests.helpers.processes import PATIENCE, Server
from tests.helpers.raw_http import ask, send
from tests.helpers.samples import DOCUMENTED, OPTIONAL

CUSTOMER_KEYS = list(json.loads(DOCUMENTED)["data"]["customer"])
GROUP_KEYS = list(json.loads(DOCUMENTED)["data"]["customer-group"][0])


def test_customer_1_is_the_documented_one_field_for_field_and_in_order(server: Server) -> None:
    reply = ask(server.port, "/api/v1/customers/1")
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    assert json.dumps(reply.json()) == json.dumps(json.loads(DOCUMENTED))
    assert reply.headers["fakekit-truth"] == "documented"
    assert "fakekit-assumed" not in reply.headers
    assert "fakekit-note" not in reply.headers


def test_it_is_what_requests_reads(server: Server) -> None:
    answer = requests.get(
        f"{server.origin}/api/v1/customers/1",
        headers={"Authorization": "Bearer fk_any-thing_1"},
        timeout=PATIENCE,
    )
    assert answer.json() == json.loads(DOCUMENTED)


@pytest.mark.parametrize("host", ["app.xtrakit.com", "api.xtrakit.com", "localhost:1", "[::1]", "a b", ""])
def test_it_answers_on_either_host_and_on_any(server: Server, host: str) -> None:
    head = f"GET /api/v1/customers/1 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
    reply = send(server.port, f"{head}Authorization: Bearer fk_demo\r\n\r\n".encode())
    assert reply.status == 200


def test_every_customer_has_the_documented_keys_order_and_types(server: Server) -> None:
    for key in range(1, 51):
        assert_is_as_documented(ask(server.port, f"/api/v1/customers/{key}").json(), key)


def assert_is_as_documented(body: object, key: int) -> None:
    assert isinstance(body, dict)
    assert list(body) == ["status", "message", "data"]
    assert list(body["data"]) == ["customer", "customer-group"]
    customer, groups = body["data"]["customer"], body["data"]["customer-group"]
    assert list(customer) == CUSTOMER_KEYS
    assert customer["id"] == key
    for name, value in customer.items():
        if value is None:
            assert name in OPTIONAL
        else:
            assert type(value) is (int if name in ("id", "customer_group_id") else str), name
    assert [list(group) for group in groups] == [GROUP_KEYS] * len(groups)
    assert [group["id"] for group in groups] == [i for i in [customer["customer_group_id"]] if i is not None]


def test_a_customer_without_a_group_says_what_was_assumed(server: Server) -> None:
    reply = ask(server.port, "/api/v1/customers/2")
    body = reply.json()
    assert isinstance(body, dict)
    assert body["data"]["customer"]["customer_group_id"] is None
    assert body["data"]["customer-group"] == []
    assert reply.headers["fakekit-truth"] == "assumed"
    assert reply.headers["fakekit-assumed"] == "values.null, fetch_customer.groups, values.generated"


NOBODY = [
    "51",
    "0",
    "01",
    "-1",
    "+1",
    "1.0",
    "1e0",
    "1_0",
    "%D9%A1",
    "%EF%BC%91",
    "1%20",
    "%201",
    "1%00",
    "1%0A",
    "999999999999999999",
    "1000000000000000000",
    "9" * 4000,
    "abc",
    "%FF%FE",
    "1;2",
    "None",
]


@pytest.mark.parametrize("named", NOBODY, ids=lambda n: n[:12])
def test_what_names_nobody_answers_404_in_the_error_envelope(server: Server, named: str) -> None:
    reply = ask(server.port, f"/api/v1/customers/{named}")
    assert (reply.status, reply.body) == (404, b'{"status": 404, "error": "Customer not found"}\n')
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["fakekit-truth"] == "assumed"
    assert "missing.status, missing.error" in reply.headers["fakekit-assumed"]
    assert reply.note


@pytest.mark.parametrize(
    ("named", "note"),
    [
        ("{id}", "the {id} in the path was not substituted; request /api/v1/customers/1, for example"),
        ("%7Bid%7D", "the {id} in the path was not substituted; request /api/v1/customers/1, for example"),
        ("CUSTOMER_ID", "the id in the path is a placeholder that was not substituted"),
        (":id", "the id in the path is a placeholder that was not substituted"),
        ("undefined", "the id in the path is a placeholder that was not substituted"),
        ("51", "the population ends at 50; start with --customers 51, or add it to a fixture file"),
        ("9999999", "the population ends at 50"),
        ("1_0", "an id is a whole number from 1, without sign, leading zero or anything else"),
    ],
)
def test_the_note_says_why_there_is_nobody(server: Server, named: str, note: str) -> None:
    assert ask(server.port, f"/api/v1/customers/{named}").note.startswith(note)


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        ("/api/v1/customers/1/2", "customers/{id}"),
        ("/api/v1/customer/1", "customers/{id}"),
        ("/api/v2/customers/1", "customers/{id}"),
        ("/api/v1/customergroups", "customer-groups"),
        ("/api/v1/items", "inventory/items"),
        ("/api/v1/expense/1", "expenses/{id}"),
    ],
    ids=lambda p: p[:30],
)
def test_an_unknown_path_answers_404_and_names_the_nearest_endpoint(
    server: Server, path: str, nearest: str
) -> None:
    reply = ask(server.port, path)
    assert (reply.status, reply.body) == (404, b'{"status": 404, "error": "Not Found"}\n')
    assert reply.headers["fakekit-assumed"] == "unknown_path.error"
    assert reply.note == f"fakekit has no such endpoint (nearest: GET /api/v1/{nearest})"


@pytest.mark.parametrize(
    "path", ["/api/", "/nothing", "/api/v1/suppliers", "/api/v1/" + "x" * 3000], ids=lambda p: p[:30]
)
def test_no_endpoint_is_named_that_is_not_near(server: Server, path: str) -> None:
    reply = ask(server.port, path)
    assert reply.note == "fakekit has no such endpoint; /_fakekit/openapi.json lists those that it has"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/customers/1%2F2",
        "/api/v1/customers/..%2F1",
        "/api/v1/customers%2F1",
        "/api/v1/customers%2f1",
        "/api%2Fv1/customers/1",
    ],
)
def test_an_encoded_slash_separates_nothing(server: Server, path: str) -> None:
    reply = ask(server.port, path)
    assert (reply.status, reply.body) == (404, b'{"status": 404, "error": "Not Found"}\n')
    assert reply.note == "the path has an encoded slash (%2F), which does not separate segments"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/customers/1/",
        "/api/v1/customers/",
        "/api/v1//customers/1",
        "/api//v1/customers/1//",
        "//api/v1/customers/1",
    ],
)
def test_a_slash_too_many_is_told(server: Server, path: str) -> None:
    reply = ask(server.port, path)
    assert (reply.status, reply.body) == (404, b'{"status": 404, "error": "Not Found"}\n')
    assert reply.note == "the path has a slash too many, doubled or at its end"


def test_the_page_at_the_origin_repeats_no_host(server: Server) -> None:
    reply = send(server.port, b"GET / HTTP/1.1\r\nHost: secret-canary\r\nConnection: close\r\n\r\n")
    assert reply.status == 200
    assert b"canary" not in reply.body


@pytest.mark.parametrize("method", ["POST", "PATCH", "TRACE", "PURGE", "M-SEARCH"])
def test_another_method_answers_405_with_allow(server: Server, method: str) -> None:
    reply = ask(server.port, "/api/v1/customers/1", method=method)
    assert (reply.status, reply.body) == (405, b'{"status": 405, "error": "Method Not Allowed"}\n')
    assert reply.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, PUT"
    assert reply.headers["fakekit-assumed"] == "method.error"


@pytest.mark.parametrize("path", ["/", "/_fakekit/health"])
def test_fakekits_own_paths_know_their_methods_too(server: Server, path: str) -> None:
    reply = ask(server.port, path, None, method="POST")
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert ask(server.port, path, None, method="HEAD").status == 200


@pytest.mark.parametrize("path", ["/api/v1/customers/1", "/api/v1/customers/51", "/nothing"])
def test_head_has_the_headers_of_get_and_no_body(server: Server, path: str) -> None:
    get, head = ask(server.port, path), ask(server.port, path, method="HEAD")
    assert head.body == b""
    assert head.status == get.status
    assert head.headers["content-length"] == str(len(get.body)) == get.headers["content-length"]
    assert head.headers["content-type"] == "application/json"


@pytest.mark.parametrize("path", ["/api/v1/customers/1", "/api/v1/nothing", "*"])
def test_a_browser_may_ask_first_without_a_key(server: Server, path: str) -> None:
    extra = b"Origin: http://localhost:5173\r\nAccess-Control-Request-Method: GET\r\n"
    extra += b"Access-Control-Request-Headers: authorization\r\n"
    reply = ask(server.port, path, None, "OPTIONS", extra)
    assert (reply.status, reply.body) == (204, b"")
    assert reply.headers["access-control-allow-origin"] == ("*" if path == "*" else "http://localhost:5173")
    assert "Authorization" in reply.headers["access-control-allow-headers"]
    assert "PUT" in reply.headers["access-control-allow-methods"]
    assert "content-type" not in reply.headers


@pytest.mark.parametrize("authorization", [None, b"Bearer fk_demo"])
def test_a_browser_may_read_every_answer(server: Server, authorization: bytes | None) -> None:
    reply = ask(server.port, "/api/v1/customers/1", authorization)
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["access-control-expose-headers"] == "*"


def test_a_body_and_a_query_on_get_change_nothing(server: Server) -> None:
    extra = b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    reply = ask(server.port, "/api/v1/customers/1?x=1&%ff=%00", extra=extra)
    assert reply.status == 200


@given(st.text(min_size=1, max_size=40))
def test_any_id_at_all_answers_200_or_404(server: Server, text: str) -> None:
    from urllib.parse import quote

    named = quote(text.encode("utf-8", "surrogatepass"), safe="")
    reply = ask(server.port, f"/api/v1/customers/{named}")
    assert reply.status in ((200, 404) if text != "add" else (405,))
    assert (reply.status == 200) == (text in {str(i) for i in range(1, 51)})


@given(st.binary(min_size=1, max_size=60))
@example(b"1?\x80=1")
@example(b"\x00?\x80")
def test_any_bytes_in_a_path_never_break_the_server(server: Server, data: bytes) -> None:
    """Bytes that HTTP forbids there get a 4xx of the server's own."""
    target = data.replace(b"\r", b"").replace(b"\n", b"").replace(b" ", b"")
    assert ask(server.port, b"/api/v1/customers/" + target).status in (200, 400, 404)
