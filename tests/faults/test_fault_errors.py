"""Faults that cannot be: the messages, and that nothing is applied."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fakekit
from fakekit import FaultError, Handle
from tests.helpers.fault_requests import INVALID, control, get, new_key
from tests.helpers.processes import PATIENCE, Server, serving
from tests.helpers.raw_http import port_of, send

STATUSES = "must be a whole number from 400 to 599"
TIME = "must be a time from 0 to 60 seconds, such as 2s or 300ms"
PATH = "must be a path, such as customers/1 or customers/*"
FIELD = "must be the name of a field, or the path to it: data.customer.id"
OFTEN = "must be a whole number from 1 to 1,000,000"

WRONG: list[tuple[Any, str]] = [
    ({}, "fault: does not name a kind of fault; write one of fail, respond, slow, reset, close, truncate, trickle, garbage, content-type, drop, null, mistype"),
    ({"fault": "fial"}, "fault: is not a kind of fault; found 'fial'; write fail"),
    ({"fault": "Slow"}, "fault: is not a kind of fault; found 'Slow'; write slow"),
    ({"fault": [5]}, "fault: is not a kind of fault; found [5]; write one of fail, respond, slow, reset, close, truncate, trickle, garbage, content-type, drop, null, mistype"),
    ({"fault": "fail"}, "fault: fail: status: is required"),
    ({"fault": "fail", "status": 318}, f"fault: fail: status: {STATUSES}; found 318"),
    ({"fault": "fail", "status": True}, f"fault: fail: status: {STATUSES}; found true"),
    ({"fault": "fail", "status": [503]}, f"fault: fail: status: {STATUSES}; found [503]"),
    ({"fault": "fail", "status": None}, "fault: fail: status: must not be null"),
    ({"fault": "fail", "status": 503, "tmies": 2}, "fault: fail: tmies: is not a setting of fail; write times"),
    ({"fault": "fail", "status": 503, "seconds": 2}, "fault: fail: seconds: is not a setting of fail; write one of status, reason, retry_after, method, path, times, after, every"),
    ({"fault": "fail", "status": 401, "reason": "x"}, "fault: fail: reason: must be one of missing, invalid; found 'x'"),
    ({"fault": "fail", "status": 503, "reason": "missing"}, "fault: fail: reason: is only for status 401; found 'missing'"),
    ({"fault": "fail", "status": 404, "retry_after": 1}, "fault: fail: retry_after: is only for status 429 or 503; found 1"),
    ({"fault": "fail", "status": 503, "retry_after": -1}, "fault: fail: retry_after: must be a whole number from 0 to 86,400; found -1"),
    ({"fault": "fail", "status": 503, "times": 0}, f"fault: fail: times: {OFTEN}; found 0"),
    ({"fault": "fail", "status": 503, "times": 1.5}, f"fault: fail: times: {OFTEN}; found 1.5"),
    ({"fault": "fail", "status": 503, "times": "two"}, f"fault: fail: times: {OFTEN}; found 'two'"),
    ({"fault": "fail", "status": 503, "times": None}, "fault: fail: times: must not be null"),
    ({"fault": "fail", "status": 503, "every": 0}, f"fault: fail: every: {OFTEN}; found 0"),
    ({"fault": "fail", "status": 503, "after": -1}, "fault: fail: after: must be a whole number from 0 to 1,000,000; found -1"),
    ({"fault": "fail", "status": 503, "method": "BREW"}, "fault: fail: method: must be one of GET, POST, PUT, PATCH, DELETE, or * for any; found 'BREW'"),
    ({"fault": "fail", "status": 503, "method": "GET\n"}, "fault: fail: method: must be one of GET, POST, PUT, PATCH, DELETE, or * for any; found 'GET\\n'"),
    ({"fault": "fail", "status": 503, "path": ""}, f"fault: fail: path: {PATH}; found ''"),
    ({"fault": "fail", "status": 503, "path": 7}, f"fault: fail: path: {PATH}; found 7"),
    ({"fault": "fail", "status": 503, "path": "a/../b\r\nX: y"}, f"fault: fail: path: {PATH}; found 'a/../b\\r\\nX: y'"),
    ({"fault": "fail", "status": 503, "path": "customers?a=1"}, "fault: fail: path: must be a path without a query; found 'customers?a=1'; write customers"),
    ({"fault": "fail", "status": 318, "times": 0}, f"fault: fail: status: {STATUSES}; found 318\nfault: fail: times: {OFTEN}; found 0"),
    ({"fault": "slow"}, "fault: slow: seconds: is required"),
    ({"fault": "slow", "seconds": -1}, f"fault: slow: seconds: {TIME}; found -1"),
    ({"fault": "slow", "seconds": 61}, f"fault: slow: seconds: {TIME}; found 61"),
    ({"fault": "slow", "seconds": "2h"}, f"fault: slow: seconds: {TIME}; found '2h'"),
    ({"fault": "slow", "seconds": True}, f"fault: slow: seconds: {TIME}; found true"),
    ({"fault": "trickle", "seconds": "1e3"}, f"fault: trickle: seconds: {TIME}; found '1e3'"),
    ({"fault": "reset", "seconds": 1}, "fault: reset: seconds: is not a setting of reset; write one of method, path, times, after, every"),
    ({"fault": "truncate", "bytes": -1}, "fault: truncate: bytes: must be a whole number from 0 to 1,000,000; found -1"),
    ({"fault": "content-type"}, "fault: content-type: media_type: is required"),
    ({"fault": "content-type", "media_type": "text/html\r\nX: y"}, "fault: content-type: media_type: must be a media type, such as text/html; found 'text/html\\r\\nX: y'"),
    ({"fault": "drop", "field": "a..b"}, f"fault: drop: field: {FIELD}; found 'a..b'"),
    ({"fault": "null", "field": ""}, f"fault: null: field: {FIELD}; found ''"),
    ({"fault": "mistype", "field": 1}, f"fault: mistype: field: {FIELD}; found 1"),
    ({"fault": "respond", "status": 199}, "fault: respond: status: must be a whole number from 200 to 599; found 199"),
    ({"fault": "respond", "status": 204, "json": {}}, "fault: respond: status: is 204, which has no body (RFC 9110, 15.3.5); found 204"),
    ({"fault": "respond", "json": 1, "text": "x"}, "fault: respond: text: must not be set together with json"),
    ({"fault": "respond", "text": 5}, "fault: respond: text: must be text"),
    ({"fault": "respond", "headers": []}, "fault: respond: headers: must be headers by name"),
    ({"fault": "respond", "headers": {"a b": "x"}}, "fault: respond: headers: must have names that HTTP allows"),
    ({"fault": "respond", "headers": {"X\r\nY": "x"}}, "fault: respond: headers: must have names that HTTP allows"),
    ({"fault": "respond", "headers": {"X": "a\r\nSet-Cookie: b"}}, "fault: respond: headers: must have printable ASCII as their values"),
    ({"fault": "respond", "headers": {"X": "a\n"}}, "fault: respond: headers: must have printable ASCII as their values"),
    ({"fault": "respond", "headers": {"X": "Ɛsi"}}, "fault: respond: headers: must have printable ASCII as their values"),
    ({"fault": "respond", "headers": {"X": 1}}, "fault: respond: headers: must have printable ASCII as their values"),
    ({"fault": "respond", "headers": {"content-LENGTH": "3"}}, "fault: respond: headers: must not have content-length, which the server sets"),
    ({"fault": "respond", "headers": {"Transfer-Encoding": "chunked"}}, "fault: respond: headers: must not have transfer-encoding, which the server sets"),
    ({"fault": "respond", "headers": {"Proxy-Authenticate": "Basic"}}, "fault: respond: headers: must not have proxy-authenticate, which the server sets"),
    ({"fault": "respond", "headers": {"TE": "trailers"}}, "fault: respond: headers: must not have te, which the server sets"),
    ({"fault": "respond", "headers": {"Fakekit-Truth": "documented"}}, "fault: respond: headers: must not have names that begin with fakekit-, which are fakekit's own"),
    ({"fault": "respond", "text": "x" * 65_536}, "fault: respond: is longer than 65,536 characters"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "told"), WRONG, ids=lambda value: str(value)[:40])
def test_what_cannot_be_is_told_and_nothing_is_applied(
    xtrakit: Handle, fault: dict[str, Any], told: str
) -> None:
    with pytest.raises(FaultError) as raised:
        xtrakit.add_fault(fault)
    assert str(raised.value) == told
    refused = control(port_of(xtrakit.origin), "POST", f"/{xtrakit.api_key}/faults", fault)
    problems: Any = refused.json()
    assert (refused.status, problems["error"]) == (422, "FaultError")
    assert [p["what"] for p in problems["problems"]] == [p.description for p in raised.value.problems]
    assert xtrakit.faults == []
    assert get(xtrakit, xtrakit.api_key).status == 200


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "fault: is not NAME=VALUE with commas between; write fail=503,times=2"),
        ("=503", "fault: is not NAME=VALUE with commas between; write fail=503,times=2"),
        ("fail=503,", "fault: is not NAME=VALUE with commas between; write fail=503,times=2"),
        ("fail=503,times", "fault: times: has no value"),
        ("fail=503,times=1,times=2", "fault: times: occurs twice"),
        ("fail=503,status=500", "fault: occurs twice"),
        ("reset=1", "fault: reset: takes no value; write reset"),
        ("slwo=2s", "fault: is not a kind of fault; found 'slwo'; write slow"),
        ('respond=200,json={"a": 1}', 'fault: json: is only accepted in a fault that is JSON; write {"fault": "respond", "json": {}}'),
        ("{", 'fault: is not JSON; write fail=503,times=2, or {"fault": "fail"}'),
        ('{"fault": "respond", "json": ' + "[" * 2000 + "]" * 2000 + "}", 'fault: is nested too deeply; write fail=503,times=2, or {"fault": "fail"}'),
        ('{"fault": "respond", "json": ' + "[" * 400 + "]" * 400 + "}", "fault: respond: json: must be JSON, in UTF-8 and at most 100 levels deep"),
        ('{"fault": "respond", "json": {"\\ud800": 1}}', 'fault: holds half of a surrogate pair; write fail=503,times=2, or {"fault": "fail"}'),
        ('{"fault": "respond", "status": 200, "status": 404}', 'fault: has a name twice; write fail=503,times=2, or {"fault": "fail"}'),
        ('{"fault": "respond", "json": NaN}', 'fault: has a number that JSON does not allow; write fail=503,times=2, or {"fault": "fail"}'),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_text_that_is_no_fault(xtrakit: Handle, text: str, told: str) -> None:
    with pytest.raises(FaultError) as raised:
        xtrakit.add_fault(text)
    assert str(raised.value) == told
    assert xtrakit.faults == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b"[" * 100_000, 400),
        (b'{"fault": "respond", "json": ' + b"[" * 500 + b"]" * 500 + b"}", 422),
        (b'{"fault": "respond", "json": "\\ud800"}', 400),
        (b'{"fault": "respond", "json": 1' + b"0" * 5000 + b"}", 400),
        (b'{"fault": "respond", "text": "' + b"x" * 2_000_000 + b'"}', 413),
        (b'{"' + b'": 1, "'.join(b"unknown%d" % n for n in range(3000)) + b'": 1, "fault": "reset"}', 422),
    ],
    ids=lambda value: str(value)[:40],
)
def test_hostile_json_is_refused_and_leaves_the_list_readable(
    server: Server, key: str, body: bytes, status: int
) -> None:
    head = f"POST /_fakekit/accounts/{key}/faults HTTP/1.1\r\nHost: 127.0.0.1\r\nFakekit-Control: 1\r\nConnection: close\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    assert send(server.port, head.encode() + body, "POST").status == status
    listed = control(server.port, "GET", f"/{key}/faults")
    assert (listed.status, listed.json()) == (200, [])


CANARIES = [
    "canary",
    "canary=canary",
    "fail=canary",
    "fail=503,canary=1",
    "fail=503,times=canary",
    "fail=503,path=canary?canary",
    "slow=canary",
    "reset=canary",
    "drop=canary!",
    "content-type=canary",
    '{"canary":1}',
    '{"fault":"canary"}',
    '{"fault":"respond","headers":{"canary":1}}',
    '{"fault":"respond","status":"canary"}',
    '{"fault":"fail","status":503,"canary":{"canary":1}}',
    "slow=1s~canary",
    "canary" + "x" * 2000,
]


def test_nothing_is_repeated_of_what_stands_behind_a_key(tmp_path: Path, key: str) -> None:
    with serving(tmp_path, "--server", "alone") as running:
        for behind in CANARIES:
            for path in ("customers/1", "nothing"):
                reply = get(running, f"{key}~{behind}", path)
                assert (reply.status, reply.body) == (401, INVALID)
                assert "canary" not in str(reply.headers)
        for path in ("", "/-/requests", f"/{key}/requests", f"/{key}/faults", f"/{key}"):
            assert b"canary" not in control(running.port, "GET", path).body
        out, err = running.end()
    assert "canary" not in out + err
    assert err.count(" 401 ") == 2 * len(CANARIES)


NOTES = [
    ("fial=503", "fial is not a kind of fault; found ~fial=503; write ~fail=503"),
    ("fail = 503", "has a space in it, as no key has; found ~fail = 503; write ~fail=503"),
    ("fail=503, times=1", "has a space in it, as no key has; found ~fail=503, times=1; write ~fail=503,times=1"),
    ("fail=503,time=1", "time is not a setting of fail; found ~fail=503,time=1; write ~fail=503,times=1"),
    ("fail=503,count=1", "count is not a setting of fail; found ~fail=503,count=1; write ~fail=503,times=1"),
    ("fail", "status is required; found ~fail; write ~fail=503"),
    ("fail=200", "status must be a whole number from 400 to 599; found ~fail=200; write ~fail=503"),
    ("503", "503 is not NAME=VALUE with commas between; found ~503; write ~fail=503"),
    ("Fail:503", "Fail is not NAME=VALUE with commas between; found ~Fail:503; write ~fail=503"),
    ("fail=503;times=1", "status must be a whole number from 400 to 599; found ~fail=503;times=1; write ~fail=503,times=1"),
    ("fail=503,slow=2s", "slow is a fault of its own; found ~fail=503,slow=2s; write ~fail=503~slow=2s"),
    ("timeout=5s", "timeout is not a kind of fault; found ~timeout=5s; write ~slow=5s"),
    ("reset=1", "reset takes no value; found ~reset=1; write ~reset"),
    ("", "does not follow the ~; write ~fail=503,times=2"),
    ("fail=503,path=canary/1,tmies=2", "tmies is not a setting of fail; found ~fail=503,path=...,tmies=2; write ~fail=503,path=...,times=2"),
    ("canary=503", "is not a kind of fault; found ~...=503; write ~fail=503"),
    ("status=401", "status is not a kind of fault; found ~status=401; write ~fail=401"),
    ("error=401,times=2", "is not a kind of fault; found ~...=401,times=2; write ~fail=401,times=2"),
    ("times=2,status=401", "times is not a kind of fault; found ~times=2,status=401; write ~fail=401"),
    ("status=200", "status is not a kind of fault; found ~status=200; write ~fail=503,times=2"),
    ("timeout=500", "timeout is not a kind of fault; found ~timeout=500; write ~slow=2s"),
    ("canary canary", "has a space in it, as no key has; found ~... ...; write ~fail=503,times=2"),
]  # fmt: skip


def test_the_note_says_what_stands_behind_a_key_and_what_to_write(xtrakit: Handle) -> None:
    for behind, note in NOTES:
        reply = get(xtrakit, f"{xtrakit.api_key}~{behind}")
        assert (reply.status, reply.body) == (401, INVALID)
        assert reply.note == f"the fault in the key: {note}"
        suggested = note.rpartition("; write ~")[2].replace("...", "customers/*")
        assert all(xtrakit.add_fault(fault) for fault in suggested.split("~"))
        xtrakit.clear_faults()


def test_a_second_header_is_not_taken_for_a_fault(xtrakit: Handle) -> None:
    reply = get(xtrakit, f"{xtrakit.api_key}~fail=503, Bearer fk_demo")
    assert reply.note.startswith("there is a comma: the Authorization header came twice")


BEHIND = st.one_of(
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=60),
    st.builds(
        lambda parts, end: ",".join(parts) + end,
        st.lists(
            st.sampled_from(
                ["fail=503", "slow=0", "reset", "respond=200", "times=1", "every=2", "drop=id", "path=*", "null=data", "garbage", "truncate=3", "trickle=0", "{", "}", "~", "text=a"]
            ),
            max_size=4,
        ),
        st.sampled_from(["", "~", "~slow=1ms", ",", "~drop=status"]),
    ),
)  # fmt: skip


@settings(max_examples=40)
@given(behind=BEHIND)
def test_any_text_behind_a_key_is_a_fault_or_a_401(fake: fakekit.FakeServer, behind: str) -> None:
    port = port_of(fake.account("fk_fuzz").origin)
    head = "GET /api/v1/customers/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        client.sendall(f"{head}Authorization: Bearer {new_key()}~{behind}\r\n\r\n".encode())
        data = b""
        with contextlib.suppress(ConnectionResetError):
            while part := client.recv(65536):
                data += part
    assert b"server.error" not in data
    assert not data.startswith(b"HTTP/1.1 5") or b"fail=5" in data or b"respond=5" in data
