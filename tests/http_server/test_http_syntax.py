"""HTTP/1.1 by raw sockets: what is accepted and what is refused (RFC 9110, RFC 9112)."""

from __future__ import annotations

import random

import pytest

from tests.helpers.http_syntax import ACCEPTED, BODY, CHUNKED, CHUNKS, LAST, LENGTH, TLS_HELLO, UPGRADE, post
from tests.helpers.raw_http import exchange, get, statuses


@pytest.mark.parametrize(("data", "expected"), ACCEPTED.values(), ids=ACCEPTED)
def test_what_is_answered_keeps_its_connection(port: int, data: bytes, expected: list[int]) -> None:
    assert statuses(exchange(port, data + LAST)) == [*expected, 200]


REFUSED: dict[str, tuple[bytes, int]] = {
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two hosts": (get(headers=b"Host: x\r\n"), 400),
    "a folded line": (get(headers=b"X: a\r\n b\r\n"), 400),
    "a folded first line": (get(first=b" Host: x\r\n"), 400),
    "a space before the colon": (get(headers=b"X : a\r\n"), 400),
    "no colon": (get(headers=b"X\r\n"), 400),
    "no name": (get(headers=b": a\r\n"), 400),
    "a NUL": (get(headers=b"X: a\0b\r\n"), 400),
    "a CR alone": (get(headers=b"X: a\rb\r\n"), 400),
    "LF alone": (get().replace(b"\r\n", b"\n"), 400),
    "LF alone in one line": (get(headers=b"X: a\n"), 400),
    "LF alone at the end": (get()[:-2] + b"\n", 400),
    "an unclosed bracket": (get(b"http://[/a"), 400),
    "a user in the target": (get(b"http://u:p@x/"), 400),
    "another scheme": (get(b"ftp://x/a"), 400),
    "an empty authority": (get(b"http:///a"), 400),
    "a port that is none": (get(b"http://x:99999/"), 400),
    "a fragment": (get(b"/a#b"), 400),
    "a relative path": (get(b"api/v1/customers/1"), 400),
    "a space in the target": (get(b"/a b"), 400),
    "a NUL in the target": (get(b"/a\0b"), 400),
    "a target that is not ASCII": (get(b"/\xff"), 400),
    "a method in lower case": (get(method=b"get"), 400),
    "a method that is none": (get(method=b"G@T"), 400),
    "a method of 60 letters": (get(method=b"X" * 60), 400),
    "HTTP/2 with prior knowledge": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "HTTP/2.0": (get(version=b"2.0"), 400),
    "HTTP/1.2": (get(version=b"1.2"), 400),
    "a length and a coding": (post(LENGTH + CHUNKED, CHUNKS), 400),
    "a coding and a length": (post(CHUNKED + LENGTH, CHUNKS), 400),
    "two lengths": (post(LENGTH + b"Content-Length: 3\r\n", BODY), 400),
    "a list of lengths": (post(b"Content-Length: 61, 61\r\n", BODY), 400),
    "a length with a sign": (post(b"Content-Length: +61\r\n", BODY), 400),
    "a negative length": (post(b"Content-Length: -1\r\n", BODY), 400),
    "a length in hex": (post(b"Content-Length: 0x3d\r\n", BODY), 400),
    "no length": (post(b"Content-Length: \r\n", BODY), 400),
    "a length beyond 64 bits": (post(b"Content-Length: 99999999999999999999\r\n", BODY), 400),
    "a length of 5,000 digits": (post(b"Content-Length: " + b"0" * 5000 + b"\r\n", BODY), 400),
    "chunked twice": (post(CHUNKED + CHUNKED, CHUNKS), 400),
    "chunked, but not last": (post(b"Transfer-Encoding: chunked, gzip\r\n", CHUNKS), 400),
    "a coding with a control character": (post(b"Transfer-Encoding: \x0bchunked\r\n", CHUNKS), 400),
    "a coding in HTTP/1.0": (post(CHUNKED + b"Connection: keep-alive\r\n", CHUNKS, b"1.0"), 400),
    "gzip": (post(b"Transfer-Encoding: gzip\r\n", BODY), 501),
    "gzip, then chunked": (post(b"Transfer-Encoding: gzip, chunked\r\n", CHUNKS), 501),
    "gzip and chunked on two lines": (post(b"Transfer-Encoding: gzip\r\n" + CHUNKED, CHUNKS), 501),
    "a coding that is none": (post(b"Transfer-Encoding: xchunked\r\n", CHUNKS), 501),
    "identity": (post(b"Transfer-Encoding: identity\r\n", BODY), 501),
    "the size of a chunk with a sign": (post(CHUNKED, b"-1\r\n"), 400),
    "the size of a chunk with 0x": (post(CHUNKED, b"0x" + CHUNKS), 400),
    "the size of a chunk with a space": (post(CHUNKED, b"3d \r\n" + BODY + b"\r\n0\r\n\r\n"), 400),
    "the size of a chunk beyond 64 bits": (post(CHUNKED, b"f" * 17 + b"\r\n"), 400),
    "a chunk that is longer": (post(CHUNKED, b"3d\r\n" + BODY + b"x\r\n0\r\n\r\n"), 400),
    "chunks with LF alone": (post(CHUNKED, CHUNKS.replace(b"\r\n", b"\n")), 400),
    "an extension with LF alone": (post(CHUNKED, b"3d;a\n\r\n" + BODY + b"\r\n0\r\n\r\n"), 400),
    "a length as a trailer": (post(CHUNKED, CHUNKS[:-2] + b"Content-Length: 3\r\n\r\n"), 400),
    "1,001 headers": (get(headers=b"X: 1\r\n" * 999), 431),
    "a header of 129 kB": (get(headers=b"X: " + b"x" * 132_000 + b"\r\n"), 431),
    "a header name of 129 kB": (get(headers=b"x" * 132_000 + b": 1\r\n"), 431),
    "a head without an end": (b"GET / HTTP/1.1\r\nX: " + b"x" * 900_000, 431),
    "a trailer without an end": (post(CHUNKED, CHUNKS[:-2] + b"X: " + b"x" * 900_000), 431),
    "an extension without an end": (post(CHUNKED, b"3d;" + b"x" * 900_000), 431),
    "a target of 9 kB": (get(b"/" + b"x" * 9000), 414),
    "a target without an end": (b"GET /" + b"x" * 900_000, 414),
    "TLS": (TLS_HELLO, 400),
    "anything": (b"\x00\xff\xfe\r\n\r\n", 400),
}


@pytest.mark.parametrize(("data", "status"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_ends_its_connection(port: int, data: bytes, status: int) -> None:
    """One response, whatever follows: nothing behind it is taken for a request, and nothing of it is quoted."""
    came = exchange(port, data + LAST)
    assert statuses(came) == [status]
    assert b"\r\nConnection: close\r\n" in came
    assert b"\r\nFakekit-Truth: standard\r\n" in came
    assert b"Regulars" not in came


@pytest.mark.parametrize("name", ["two hosts", "gzip, then chunked", "a chunk that is longer", "TLS"])
def test_requests_before_what_is_refused_are_answered(port: int, name: str) -> None:
    data, status = REFUSED[name]
    assert statuses(exchange(port, get() * 3 + data + LAST)) == [200, 200, 200, status]


def test_a_key_that_is_a_trailer_is_no_key(port: int) -> None:
    head = b"POST /api/v1/customer-groups/add HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    data = head + CHUNKED + b"\r\n" + CHUNKS[:-2] + b"Authorization: Bearer fk_http\r\n\r\n"
    assert statuses(exchange(port, data + LAST)) == [401, 200]


def test_a_header_with_an_underscore_is_no_header(port: int) -> None:
    first = b"Host: x\r\nAuthorization_: Bearer fk_http\r\n"
    assert statuses(exchange(port, get(first=first) + LAST)) == [401, 200]


@pytest.mark.parametrize("value", [b"close", b"Close", b"x, close", b"keep-alive\r\nConnection: close"])
def test_connection_close_is_the_last_request(port: int, value: bytes) -> None:
    came = exchange(port, get(headers=b"Connection: " + value + b"\r\n") + get())
    assert statuses(came) == [200]
    assert came.count(b"\r\nConnection: close\r\n") == 1


def test_http_1_0_ends_the_connection(port: int) -> None:
    assert statuses(exchange(port, get(version=b"1.0") + get())) == [200]
    assert statuses(exchange(port, b"GET / HTTP/1.0\r\n\r\n")) == [200]


def test_connect_is_refused_and_what_follows_is_no_request(port: int) -> None:
    head = b"CONNECT app.example.com:443 HTTP/1.1\r\nHost: app.example.com:443\r\n\r\n"
    assert statuses(exchange(port, head + get())) == [405]


def test_a_response_says_how_long_an_idle_connection_is_kept(port: int) -> None:
    came = exchange(port, get() + LAST)
    assert came.count(b"\r\nConnection: keep-alive\r\nKeep-Alive: timeout=75\r\n") == 1


SPLIT = {
    "an unknown method": (get(method=b"FOO") + get() + LAST, [405, 200, 200]),
    "an unknown method and a body": (get(method=b"FOO", headers=LENGTH) + BODY + LAST, [405, 200]),
    "a body": (post(LENGTH, BODY) + LAST, [200, 200]),
    "chunks and trailers": (post(CHUNKED, CHUNKS[:-2] + b"X: y\r\n\r\n") + LAST, [200, 200]),
    "Upgrade and a body": (post(UPGRADE + LENGTH, BODY) + LAST, [200, 200]),
    "Upgrade and chunks": (post(UPGRADE + CHUNKED, CHUNKS) + LAST, [200, 200]),
}


@pytest.mark.parametrize(("data", "expected"), SPLIT.values(), ids=SPLIT)
def test_it_does_not_matter_where_a_request_is_split(port: int, data: bytes, expected: list[int]) -> None:
    singles = [data[n : n + 1] for n in range(len(data))]
    assert statuses(exchange(port, *singles, wait=0.0002)) == expected
    for size in (61, 150):
        parts = [data[n : n + size] for n in range(0, len(data), size)]
        assert statuses(exchange(port, *parts, wait=0.001)) == expected


SHORT = [name for name, (data, _) in ACCEPTED.items() if len(data) < 1000]


@pytest.mark.parametrize("seed", [1, 2, 3, *(pytest.param(n, marks=pytest.mark.slow) for n in range(4, 30))])
def test_requests_of_every_kind_in_any_order_and_in_any_parts_are_answered_in_order(
    port: int, seed: int
) -> None:
    chance = random.Random(seed)
    names = chance.choices(SHORT, k=40)
    data = b"".join(ACCEPTED[name][0] for name in names) + LAST
    parts = []
    while data:
        size = chance.choice((1, 7, 100, 1000, 20_000))
        parts.append(data[:size])
        data = data[size:]
    expected = [status for name in names for status in ACCEPTED[name][1]]
    came = statuses(exchange(port, *parts, wait=0.0005))
    assert [status for status in came if status != 100] == [*expected, 200]
