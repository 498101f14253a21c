"""Bodies in a content coding, and bytes that are not UTF-8: the same answers for JSON, forms and queries."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

import fakekit
from tests.helpers.processes import Server
from tests.helpers.raw_http import Reply, ask, port_of, send
from tests.helpers.vendor_api import CUSTOMER, error_of

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
MEBI = 1024 * 1024

GROUP = b'{"group_name": "Regulars"}'
PART = b'--x\r\nContent-Disposition: form-data; name="group_name"\r\n\r\nRegulars\r\n--x--\r\n'


def post(
    port: int, path: str, body: bytes, kind: str = JSON, *, coding: str = "", key: str = "fk_coded"
) -> Reply:
    """What a request with this body is answered, by raw socket."""
    head = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    head += f"Content-Encoding: {coding}\r\n" if coding else ""
    return ask(port, path, f"Bearer {key}".encode(), "POST", head.encode() + b"\r\n" + body)


def add_group(port: int, body: bytes, kind: str = JSON, *, coding: str = "", key: str = "fk_coded") -> Reply:
    return post(port, "/api/v1/customer-groups/add", body, kind, coding=coding, key=key)


def raw_deflate(body: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(body) + compressor.flush()


DECODED = {
    "gzip": ("gzip", gzip.compress(GROUP)),
    "gzip, two members": ("gzip", gzip.compress(GROUP[:9]) + gzip.compress(GROUP[9:])),
    "x-gzip in capitals": ("X-GZip", gzip.compress(GROUP)),
    "deflate": ("deflate", zlib.compress(GROUP)),
    "deflate without its wrapper": ("deflate", raw_deflate(GROUP)),
    "one in the other": ("deflate, gzip", gzip.compress(zlib.compress(GROUP))),
    "identity": ("identity", GROUP),
}


@pytest.mark.parametrize(("coding", "body"), DECODED.values(), ids=DECODED)
def test_a_body_in_a_content_coding_is_decoded(server: Server, coding: str, body: bytes) -> None:
    reply = add_group(server.port, body, coding=coding)
    assert (reply.status, json.loads(reply.body)["data"]["group"]["group_name"]) == (200, "Regulars")
    assert ("body.codings" in reply.headers["fakekit-assumed"]) == (coding != "identity")


@pytest.mark.parametrize(("kind", "body"), [(FORM, b"group_name=Regulars"), (MULTIPART, PART)])
def test_a_form_in_a_content_coding_is_decoded(server: Server, kind: str, body: bytes) -> None:
    reply = add_group(server.port, gzip.compress(body), kind, coding="gzip")
    assert (reply.status, json.loads(reply.body)["data"]["group"]["group_name"]) == (200, "Regulars")


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, br", "gzip," * 5 + "gzip", "sk-canary"])
def test_another_coding_is_not_supported(server: Server, coding: str) -> None:
    reply = add_group(server.port, GROUP, coding=coding)
    assert (reply.status, error_of(reply)) == (415, "Unsupported Media Type")
    assert reply.headers["accept-encoding"] == "gzip, deflate"
    assert reply.headers["fakekit-truth"] == "assumed"
    assert reply.note == "the body has a Content-Encoding that is not decoded here; send it without one"


def test_who_knows_better_can_have_every_coding_refused() -> None:
    with fakekit.FakeServer(assumptions={"body.codings": False}) as fake:
        port = port_of(fake.origin)
        reply = add_group(port, gzip.compress(GROUP), coding="gzip")
        assert (reply.status, reply.headers["accept-encoding"]) == (415, "identity")
        assert reply.headers["fakekit-assumed"] == "body.codings=false"
        assert add_group(port, GROUP, coding="identity").status == 200


def test_a_media_type_that_is_not_read_says_which_are(server: Server) -> None:
    reply = add_group(server.port, GROUP, "text/plain")
    assert reply.status == 415
    assert (
        reply.headers["accept"] == "application/json, application/x-www-form-urlencoded, multipart/form-data"
    )
    assert "accept-encoding" not in reply.headers


DAMAGED = {
    "not gzip": ("gzip", GROUP, "gzip"),
    "half of gzip": ("gzip", gzip.compress(GROUP)[:-9], "gzip"),
    "a wrong checksum": ("gzip", gzip.compress(GROUP)[:-8] + b"\0" * 8, "gzip"),
    "bytes behind gzip": ("gzip", gzip.compress(GROUP) + b"x", "gzip"),
    "not deflate": ("deflate", GROUP, "deflate"),
    "half of deflate": ("deflate", zlib.compress(GROUP)[:-3], "deflate"),
    "once, not twice": ("gzip, gzip", gzip.compress(GROUP), "gzip"),
}


@pytest.mark.parametrize(("coding", "body", "name"), DAMAGED.values(), ids=DAMAGED)
def test_a_body_that_is_not_in_its_coding_is_invalid(
    server: Server, coding: str, body: bytes, name: str
) -> None:
    reply = add_group(server.port, body, coding=coding)
    assert reply.status == 422
    assert error_of(reply) == f"the body is not {name}, as its Content-Encoding says, or not whole"


def bombs() -> Iterator[tuple[str, bytes]]:
    """Small bodies that would decode to a gigabyte."""
    zeros = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    bomb = b"".join(zeros.compress(b"\0" * MEBI) for _ in range(1024)) + zeros.flush()
    yield "gzip", bomb
    yield "gzip, gzip", gzip.compress(bomb)
    yield "gzip", gzip.compress(b"") * 40_000 + bomb[:100_000]


@pytest.mark.slow
def test_a_bomb_is_too_large_before_it_is_decoded(server: Server) -> None:
    for coding, body in bombs():
        reply = add_group(server.port, body, coding=coding)
        assert (reply.status, error_of(reply)) == (413, "Request Entity Too Large")
        assert reply.note == (
            "the body is larger than the 1,048,576 bytes that fakekit reads when it is decoded"
        )


def test_a_body_may_be_a_mebibyte_when_it_is_decoded(server: Server) -> None:
    for size, status in ((MEBI, 422), (MEBI + 1, 413)):
        for coding, compress in (("gzip", gzip.compress), ("deflate", zlib.compress)):
            assert add_group(server.port, compress(b" " * (size - 2) + b"{}"), coding=coding).status == status


def test_the_journal_has_the_fields_of_a_coded_body() -> None:
    with fakekit.FakeServer() as fake:
        port, body = port_of(fake.origin), gzip.compress(GROUP)
        add_group(port, body, coding="gzip", key=fake.api_key)
        fake.fail(503)
        assert add_group(port, body, coding="gzip", key=fake.api_key).status == 503
        assert [r.json for r in fake.requests] == [json.loads(GROUP)] * 2


NOT_UTF8 = "text is read as UTF-8 (RFC 8259, 8.1), and this is in another encoding, such as Latin-1 or UTF-16"
LATIN = "Café".encode("latin-1")
BAD: dict[str, tuple[str, bytes]] = {
    "JSON": (JSON, b'{"group_name": "%s"}' % LATIN),
    "JSON that names its charset": (f"{JSON}; charset=iso-8859-1", b'{"group_name": "%s"}' % LATIN),
    "UTF-16": (JSON, GROUP.decode().encode("utf-16")),
    "a form, raw": (FORM, b"group_name=" + LATIN),
    "a form": (FORM, b"group_name=Caf%E9"),
    "a form's name": (FORM, b"group_name=A&caf%E9=1"),
    "half of a character": (FORM, b"group_name=%C3"),
    "a surrogate": (FORM, b"group_name=%ED%A0%80"),
    "multipart": (MULTIPART, PART.replace(b"Regulars", LATIN)),
    "a part's name": (MULTIPART, PART.replace(b"group_name", LATIN)),
}


@pytest.mark.parametrize(("kind", "body"), BAD.values(), ids=BAD)
def test_bytes_that_are_not_utf8_are_refused_alike(server: Server, kind: str, body: bytes) -> None:
    reply = add_group(server.port, body, kind)
    assert (reply.status, error_of(reply), reply.note) == (422, "the body is not UTF-8", NOT_UTF8)


@pytest.mark.parametrize("name", ["Caf\u00e9", "\ufffd", "\U0001f600"])
def test_what_is_utf8_comes_back_from_each_kind_of_body(server: Server, name: str) -> None:
    bodies: list[tuple[str, bytes]] = [
        (JSON, json.dumps({"group_name": name}, ensure_ascii=False).encode()),
        (FORM, b"group_name=" + name.encode()),
        (FORM, b"group_name=" + "".join(f"%{byte:02X}" for byte in name.encode()).encode()),
        (MULTIPART, PART.replace(b"Regulars", name.encode())),
    ]
    for kind, body in bodies:
        reply = add_group(server.port, body, kind)
        assert json.loads(reply.body)["data"]["group"]["group_name"] == name


def test_a_part_that_names_its_charset_is_read_in_it(server: Server) -> None:
    named = b"\r\nContent-Type: text/plain; charset=ISO-8859-1\r\n\r\n"
    body = PART.replace(b"\r\n\r\nRegulars", named + LATIN)
    assert (
        json.loads(add_group(server.port, body, MULTIPART).body)["data"]["group"]["group_name"] == "Caf\u00e9"
    )


def test_a_photo_in_a_form_need_not_be_utf8(server: Server) -> None:
    photo = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n\xff\xd8\xff\r\n'
    reply = add_group(server.port, photo + PART, MULTIPART)
    assert (reply.status, reply.note) == (200, "files in a form are not read")


def test_a_filter_that_is_not_utf8_is_refused_and_named(server: Server) -> None:
    reply = ask(server.port, "/api/v1/inventory/categories?category_name=Caf%E9")
    assert (reply.status, error_of(reply), reply.note) == (422, "category_name is not UTF-8", NOT_UTF8)
    assert ask(server.port, "/api/v1/inventory/categories?category_name=Caf%C3%A9").status == 200
    assert ask(server.port, "/api/v1/inventory/categories?caf%E9=%E9").note == "not read: ..."


@pytest.mark.parametrize("query", ["a=1&a=1", "a=1&a=2", "a&a"])
def test_a_filter_that_is_given_twice_is_refused_whatever_its_values(server: Server, query: str) -> None:
    reply = ask(server.port, f"/api/v1/customers?{query.replace('a', 'customer_group_id')}")
    assert reply.status == 422
    assert "customer_group_id is given twice" in error_of(reply)


def test_control_requests_may_be_coded_too(server: Server) -> None:
    head = b"Host: localhost\r\nFakekit-Control: 1\r\nContent-Type: application/json\r\nContent-Encoding: "
    for coding, body, status in [
        (b"gzip", gzip.compress(json.dumps(CUSTOMER).encode()), 201),
        (b"br", b"{}", 415),
        (b"gzip", b"{}", 400),
        (b"gzip", gzip.compress(b" " * MEBI + b"{}"), 413),
    ]:
        lines = head + coding + b"\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body
        path = b"/_fakekit/accounts/fk_coded_control/records/customers"
        reply = send(server.port, b"POST " + path + b" HTTP/1.1\r\n" + lines)
        told: Any = reply.json()
        assert reply.status == status, told


def test_a_stub_that_looks_at_the_query_is_no_way_round_that() -> None:
    app = fakekit.create_app(fakekit.Settings.of())
    client, control = app.test_client(), {"Fakekit-Control": "1"}
    stub = {"method": "GET", "path": "customers/1", "query": {"a": "1"}, "status": 200, "json": {}}
    assert client.post("/_fakekit/accounts/fk_a/stubs", json=stub, headers=control).status_code == 201
    for query, status, truth in (
        ("a=\xff", 400, "standard"),
        ("a=%ff", 200, "assumed"),
        ("a=1", 200, "assumed"),
    ):
        environ = {"QUERY_STRING": query}  # as a WSGI server has it that lets such bytes through
        answer = client.get(
            "/api/v1/customers/1", headers={"Authorization": "Bearer fk_a"}, environ_overrides=environ
        )
        assert (answer.status_code, answer.headers["Fakekit-Truth"]) == (status, truth)
