"""The two documented 401s: which request gets which, and what the note says."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.helpers.processes import Server
from tests.helpers.raw_http import ask, send

MISSING = b'{"status": 401, "error": "Unauthorized: Missing Bearer Token"}\n'
INVALID = b'{"status": 401, "error": "Unauthorized: Invalid API Key"}\n'
REAL = b"92857043717beff382ae75c8dc7514162f04"


@pytest.mark.parametrize(
    ("header", "truth", "note"),
    [
        (None, "documented", "the request has no Authorization header; send Authorization: Bearer fk_demo"),
        (b"", "documented", "the request has no Authorization header"),
        (b"   ", "documented", "the request has no Authorization header"),
        (b"Basic Zms6", "assumed", "the scheme is Basic, not Bearer"),
        (b"Token fk_demo", "assumed", "the scheme is Token, not Bearer"),
        (b"token fk_demo", "assumed", "the scheme is Token, not Bearer"),
        (b"fk_demo", "assumed", "the key came without a scheme; put Bearer and a space in front"),
        (REAL, "assumed", "the key came without a scheme"),
        (b"Bearer", "assumed", "no key follows Bearer"),
        (b"Bearer   ", "assumed", "no key follows Bearer"),
        (b"Bearer: fk_demo", "assumed", "a colon follows Bearer"),
        (b"Bearer\xa0fk_demo", "assumed", "the key came without a scheme"),
        (b"Whatever fk_demo", "assumed", "the scheme is not Bearer"),
        (b'"Bearer fk_demo"', "assumed", "the scheme is not Bearer"),
    ],
)
def test_missing_bearer_token(server: Server, header: bytes | None, truth: str, note: str) -> None:
    reply = ask(server.port, "/api/v1/customers/1", header)
    assert (reply.status, reply.body) == (401, MISSING)
    assert reply.headers["www-authenticate"] == "Bearer"
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["fakekit-truth"] == truth
    assert reply.headers.get("fakekit-assumed") == ("auth.scheme" if truth == "assumed" else None)
    assert reply.note.startswith(note)


@pytest.mark.parametrize(
    ("key", "note"),
    [
        (b"API_KEY", "this is the literal API_KEY of the vendor's sample; send a key instead"),
        (b"YOUR_API_KEY", "this is a placeholder that was not filled in"),
        (b"<API_KEY>", "this is a placeholder that was not filled in"),
        (b"${XTRAKIT_API_KEY}", "this is a placeholder that was not filled in"),
        (b'"fk_demo"', "there are quotes around the key"),
        (b"'fk_demo'", "there are quotes around the key"),
        (b"Bearer fk_demo", "the header has Bearer twice"),
        (b"bearer fk_demo", "the header has Bearer twice"),
        (b"Bearer", "the header has Bearer twice"),
        (REAL, "this looks like a real XtraKit key; fakekit rejects such keys"),
        (REAL.upper(), "this looks like a real XtraKit key"),
        (b"fk_", "nothing follows fk_; a key is fk_ and 1 to 64 of A-Z a-z 0-9 _ -"),
        (b"fk_~fail=503", "nothing follows fk_; a key is fk_"),
        (
            b"fk_" + b"x" * 65,
            "more than 64 characters follow fk_; a key is fk_ and 1 to 64 of A-Z a-z 0-9 _ -",
        ),
        (b"fk_" + b"x" * 65 + b"~fail=503", "more than 64 characters follow fk_; a key is fk_"),
        (b"fk_a.b", "a character of the key is not one that a key may have; a key is fk_ and 1 to 64 of A-Z"),
        (b"fk_a.b~fail=503", "a character of the key is not one that a key may have; a key is fk_"),
        (b"fk_a b", "a character of the key is not one that a key may have"),
        (b"fk_d\xc3\xa9mo", "a character of the key is not one that a key may have"),
        (b"fk_demo\xa0", "a character of the key is not one that a key may have"),
        (b"fk_canary-fail=503,times=1", "no ~ stands between the key and its fault; write fk_name~fail=503"),
        (b"fk_canary?fail=503", "no ~ stands between the key and its fault; write fk_name~fail=503"),
        (b"fk_canary%7Etimeout=3s", "no ~ stands between the key and its fault; write fk_name~fail=503"),
        (b"fk_canary?fail=503~slow=2s", "no ~ stands between the key and its fault; write fk_name~fail=503"),
        (b"fk_canary,reset", "no ~ stands between the key and its fault; write fk_name~fail=503"),
        (b"fk_canary,times=1", "there is a comma: the Authorization header came twice"),
        (b"fk_canary-fail=503, Bearer fk_b", "there is a comma: the Authorization header came twice"),
        (
            b"fk_a~slwo=2s",
            "the fault in the key: slwo is not a kind of fault; found ~slwo=2s; write ~slow=2s",
        ),
        (
            b"fk_a~slow=2h",
            "the fault in the key: seconds must be a time from 0 to 60 seconds, such as 2s or 300ms; found ~slow=2h; write ~slow=2s",
        ),
        (b"fk_a~", "the fault in the key: does not follow the ~; write ~fail=503,times=2"),
        (b"FK_demo", "a key starts with fk_ in lower case"),
        (b"fk_demo,fk_demo", "there is a comma"),
        (b"sk_live_1", "this is not a key of fakekit"),
        (b"x" * 100_000, "this looks like a real XtraKit key"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_invalid_api_key(server: Server, key: bytes, note: str) -> None:
    reply = ask(server.port, "/api/v1/customers/1", b"Bearer " + key)
    assert (reply.status, reply.body) == (401, INVALID)
    assert reply.headers["www-authenticate"] == "Bearer"
    assert reply.headers["fakekit-truth"] == "documented"
    assert reply.note.startswith(note)
    assert "canary" not in reply.note
    if key not in (b"API_KEY", b"Bearer", b"fk_"):
        assert key.decode("latin-1") not in reply.note


@pytest.mark.parametrize(
    "header",
    [
        b"Bearer fk_demo",
        b"Bearer fk_a",
        b"Bearer fk_" + b"x" * 64,
        b"Bearer fk_-_09azAZ",
        b"Bearer   fk_demo",
        b"  Bearer fk_demo  ",
    ],
)
def test_any_key_of_the_grammar_is_valid(server: Server, header: bytes) -> None:
    reply = ask(server.port, "/api/v1/customers/1", header)
    assert reply.status == 200
    assert reply.headers["fakekit-truth"] == "documented"


@pytest.mark.parametrize("scheme", [b"bearer", b"BEARER", b"bEaReR"])
def test_the_scheme_is_read_without_regard_to_case_and_says_that_it_was_assumed(
    server: Server, scheme: bytes
) -> None:
    reply = ask(server.port, "/api/v1/customers/1", scheme + b" fk_demo")
    assert reply.status == 200
    assert reply.headers["fakekit-assumed"] == "auth.scheme"


def test_two_headers_are_one_invalid_key(server: Server) -> None:
    extra = b"Authorization: Bearer fk_b\r\n"
    reply = ask(server.port, "/api/v1/customers/1", b"Bearer fk_a", extra=extra)
    assert (reply.status, reply.body) == (401, INVALID)
    assert reply.note.startswith("there is a comma: the Authorization header came twice")


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/customers/51", "/api/v1/customers/1"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_401_comes_before_404_and_405_under_api(server: Server, path: str, method: str) -> None:
    reply = ask(server.port, path, None, method)
    assert (reply.status, reply.body) == (401, MISSING)
    known = {"GET": None, "DELETE": "auth.by_analogy"}  # only the page of Fetch Customer shows a 401
    truth = "auth.before_routing" if path == "/api/v1/nothing" else known.get(method, "auth.before_routing")
    assert reply.headers.get("fakekit-assumed") == truth
    assert reply.headers["fakekit-truth"] == ("assumed" if truth else "documented")


@pytest.mark.parametrize(
    ("path", "assumed"),
    [("customers/1", None), ("customers", "auth.by_analogy"), ("sales/324232", "auth.by_analogy")],
)
def test_a_401_is_documented_for_the_endpoint_whose_page_shows_it(
    server: Server, path: str, assumed: str | None
) -> None:
    for header in (None, b"Bearer API_KEY", b"Bearer fk_a~fail=401", b"Bearer fk_a~fail=401,reason=missing"):
        reply = ask(server.port, f"/api/v1/{path}", header)
        assert reply.status == 401
        assert reply.headers.get("fakekit-assumed") == assumed
        assert reply.headers["fakekit-truth"] == ("assumed" if assumed else "documented")


def test_outside_api_no_key_is_asked_for(server: Server) -> None:
    assert ask(server.port, "/nothing", None).status == 404


@pytest.mark.parametrize(
    "line",
    [
        b"Authorization: Bearer \x01secret-canary",
        b"Authorization: Bearer secret-canary\x00",
        b"Authorization: Bearer secret-\n canary",
        b"Authorization: Bearer\r\n secret-canary",
        b"Authorization Bearer secret-canary",
        b"Authorization : Bearer secret-canary",
        b"Authorization: Bearer secret-canary" + b"x" * 140_000,
    ],
    ids=["control", "nul", "bare-lf", "obs-fold", "no-colon", "space-before-colon", "too-long"],
)
def test_what_http_forbids_gets_a_4xx_that_repeats_nothing(server: Server, line: bytes) -> None:
    head = b"GET /api/v1/customers/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    reply = send(server.port, head + line + b"\r\n\r\n")
    assert 400 <= reply.status < 500
    assert b"canary" not in reply.body
    assert "canary" not in str(reply.headers)


_HEADER_BYTES = st.binary(max_size=80).map(
    lambda b: bytes(c for c in b if (c >= 0x20 and c != 0x7F) or c == 0x09)
)


@given(_HEADER_BYTES)
@example(b"Bearer fk_demo\t")
@example(b"\tBearer\tfk_demo")
@example(b"Bearer \xe2\x80\x8bfk_demo")
def test_whatever_parses_gets_one_of_the_two_and_never_a_5xx(server: Server, value: bytes) -> None:
    reply = ask(server.port, "/api/v1/customers/1", value)
    assert reply.status in (200, 401)
    if reply.status == 401:
        assert reply.body in (MISSING, INVALID)


@given(_HEADER_BYTES)
def test_behind_bearer_only_a_key_of_the_grammar_is_let_in(server: Server, value: bytes) -> None:
    import re

    reply = ask(server.port, "/api/v1/customers/1", b"Bearer " + value)
    valid = re.fullmatch(rb"fk_[A-Za-z0-9_-]{1,64}", value.strip(b" \t")) is not None
    assert (reply.status == 200) == valid


@given(st.binary(max_size=200))
def test_any_bytes_at_all_never_get_a_5xx(server: Server, data: bytes) -> None:
    head = b"GET /api/v1/customers/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: "
    reply = send(server.port, head + data + b"\r\n\r\n")
    assert reply.status < 500
