"""What a body may be: every one is answered in the vendor's shape, and the connection lives on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.helpers.processes import ALONE, PATIENCE, Server, serving
from tests.helpers.vendor_api import CUSTOMER, ITEM, JSON, SALE, Api, Wire, error_of

FORM = "application/x-www-form-urlencoded"
MEBI = 1024 * 1024


@pytest.fixture
def wire(server: Server) -> Iterator[Wire]:
    connection = Wire(server.port)
    yield connection
    connection.http.close()


def test_json_comes_under_many_names(wire: Wire) -> None:
    for kind in (
        JSON,
        f"{JSON}; charset=utf-8",
        "Application/JSON;charset=UTF-8",
        None,
        "application/vnd.api+json",
        "application/problem+json; x=y",
    ):
        assert wire.kept("customers", CUSTOMER, kind)["customer_name"] == "Ama Mensah"


def test_what_json_can_carry_comes_back(wire: Wire) -> None:
    for text in ("Kwabena Ɔsei", "𝒜😀", 'q"\\/\n\t\u0000', "\u2028", " ", "\x7f"):
        for ascii_only in (True, False):
            body = json.dumps({**CUSTOMER, "address2": text}, ensure_ascii=ascii_only).encode()
            assert wire.kept("customers", body)["address2"] == text
            assert wire.kept("customers", b"\xef\xbb\xbf" + body)["address2"] == text


@pytest.mark.parametrize("kind", [FORM, f"{FORM}; charset=utf-8"])
def test_urlencoded_forms(wire: Wire, kind: str) -> None:
    body = {**CUSTOMER, "customer_group_id": "2", "address2": "Ɔ & co"}
    reply = wire.add("customers", urlencode(body).encode(), kind)
    told: Any = reply.json()
    assert told["data"]["customer"]["customer_group_id"] == 2
    assert told["data"]["customer"]["address2"] == "Ɔ & co"
    assert "body.forms" in reply.headers["fakekit-assumed"]
    assert wire.kept("sales", urlencode(SALE).encode(), kind)["total_amount"] == "12.50"
    assert wire.kept("inventory/items", urlencode(ITEM).encode(), kind)["item_price"] == 55.0


def test_multipart_forms(server: Server) -> None:
    fields: dict[str, Any] = {name: (None, str(value)) for name, value in SALE.items()}
    with Api(server.origin) as api:
        answer = api.session.post(f"{api.base}/sales/add", files=fields, timeout=PATIENCE)
        assert answer.json()["data"]["sales"]["invoice_code"] == 100200
        fields = {name: (None, value) for name, value in CUSTOMER.items()}
        photo = {"customer_profile": ("a.jpg", b"\xff\xd8\xff", "image/jpeg")}
        answer = api.session.post(f"{api.base}/customers/add", files={**fields, **photo}, timeout=PATIENCE)
        assert answer.json()["data"]["customer"]["customer_profile"] is None
        assert answer.headers["Fakekit-Note"] == "files in a form are not read"
        many = {f"f{n}": (None, "x") for n in range(5000)}
        answer = api.session.post(f"{api.base}/customers/add", files={**fields, **many}, timeout=PATIENCE)
        assert answer.status_code == answer.json()["status"] == 413
        assert api.one("customers/1")["id"] == 1


def test_a_form_of_many_fields(wire: Wire) -> None:
    many = urlencode({**CUSTOMER, **{f"f{n}": n for n in range(5000)}}).encode()
    reply = wire.add("customers", many, FORM)
    assert reply.status == 200
    assert reply.note == "not read: f0, f1, f2, f3, f4, f5, f6, f7, f8, f9 and 4990 more"


def test_a_broken_form_is_refused(wire: Wire) -> None:
    for kind in (
        "multipart/form-data",
        "multipart/form-data; boundary=zzz",
        "multipart/form-data; boundary=",
    ):
        reply = wire.add("customers", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb', kind)
        assert reply.status == 422
        assert reply.note == "nothing could be read of the form"


@pytest.mark.parametrize("kind", ["urlencoded", "multipart"])
def test_a_field_that_a_form_has_twice_is_refused(server: Server, kind: str) -> None:
    with Api(server.origin) as api:
        pairs = [("group_name", "A"), ("group_name", "B")]
        parts: Any = [(name, (None, value)) for name, value in pairs]
        sent: Any = {"data": pairs} if kind == "urlencoded" else {"files": parts}
        answer = api.session.post(f"{api.base}/customer-groups/add", **sent, timeout=PATIENCE)
        assert answer.status_code == 422
        assert "group_name" in answer.json()["error"]


def test_json_sent_as_a_form_is_told(wire: Wire) -> None:
    reply = wire.add("customers", json.dumps(CUSTOMER).encode(), FORM)
    assert reply.status == 422
    assert error_of(reply).startswith("customer_name is required; ")
    assert reply.note.startswith(
        "the body looks like JSON but came as a form; send Content-Type: application/json"
    )
    assert "Mensah" not in reply.note


@pytest.mark.parametrize("kind", [f"{JSON}; boundary=------------------------d74496d66958873e", JSON])
def test_what_phps_curl_sends_for_an_array(wire: Wire, kind: str) -> None:
    edge = b"--------------------------d74496d66958873e"
    part = edge + b'\r\nContent-Disposition: form-data; name="customer_name"\r\n\r\nAma\r\n'
    reply = wire.add("customers", part + edge + b"--\r\n", kind)
    assert reply.status == 422
    assert error_of(reply) == "the body is not JSON"
    assert reply.note == (
        "the body is multipart/form-data labelled application/json: PHP's curl was handed an array; "
        "write CURLOPT_POSTFIELDS => json_encode($data)"
    )


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "text/json", "image/png", "x", "*/*"])
def test_other_types_are_not_read(wire: Wire, kind: str) -> None:
    reply = wire.add("customers", CUSTOMER, kind)
    assert reply.status == 415
    assert error_of(reply) == "Unsupported Media Type"
    assert reply.headers["fakekit-truth"] == "standard"
    assert reply.note == "the body is neither JSON nor a form by its Content-Type; send application/json"


MALFORMED = {
    "cut": (b'{"customer_name": "A', "is not JSON"),
    "comma": (b'{"customer_name": "A",}', "is not JSON"),
    "quotes": (b"{'customer_name': 'A'}", "is not JSON"),
    "escape": (b'{"customer_name": "\\q"}', "is not JSON"),
    "two": (b"{} {}", "is not JSON"),
    "utf-16 without a mark": ('{"customer_name": "A"}'.encode("utf-16-le"), "is not JSON"),
    "list": (b"[1]", "must be a JSON object"),
    "list of pairs": (b'[["customer_name", "A"]]', "must be a JSON object"),
    "string": (b'"customer_name"', "must be a JSON object"),
    "null": (b"null", "must be a JSON object"),
    "true": (b"true", "must be a JSON object"),
    "number": (b"17", "must be a JSON object"),
    "latin-1": ('{"customer_name": "é"}'.encode("latin-1"), "is not UTF-8"),
    "utf-16": ('{"customer_name": "A"}'.encode("utf-16"), "is not UTF-8"),
    "surrogate bytes": (b'{"customer_name": "\xed\xa0\x80"}', "is not UTF-8"),
    "overlong": (b'{"customer_name": "\xc0\xaf"}', "is not UTF-8"),
    "surrogate": (b'{"customer_name": "\\ud800"}', "holds half of a surrogate pair"),
    "surrogate name": (b'{"\\ud800": 1}', "holds half of a surrogate pair"),
    "surrogate below": (b'{"x": [{"y": "\\udfff"}]}', "holds half of a surrogate pair"),
    "deep": (b"[" * 100_000, "is nested too deeply"),
    "deep objects": (b'{"a":' * 100_000, "is nested too deeply"),
    "deep with escapes": (b'{"a":"\\u0041","b":' + b"[" * 100_000, "is nested too deeply"),
    "twice": (b'{"customer_name": "A", "customer_name": "B"}', "has customer_name twice"),
    "twice below": (b'{"x": {"y": 1, "y": 1}}', "has y twice"),
    "twice odd": (b'{"x y": 1, "x y": 1}', "has a field twice"),
    "nan": (b'{"customer_group_id": NaN}', "has a number that JSON does not allow"),
    "infinity": (b'{"customer_group_id": Infinity}', "has a number that JSON does not allow"),
    "minus infinity": (b'{"x": [-Infinity]}', "has a number that JSON does not allow"),
    "5000 digits": (b'{"customer_group_id": ' + b"9" * 5000 + b"}", "has a number that JSON does not allow"),
}


@pytest.mark.parametrize(("body", "what"), MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_json_object_is_told_apart(wire: Wire, body: bytes, what: str) -> None:
    reply = wire.add("customers", body)
    assert reply.status == 422
    assert error_of(reply) == f"the body {what}"
    assert "invalid.status" in reply.headers["fakekit-assumed"]
    if what == "is not JSON":
        assert "(line 1, column " in reply.note


@pytest.mark.parametrize("kind", [JSON, None, FORM, "multipart/form-data; boundary=x", "text/plain"])
@pytest.mark.parametrize("body", [b"", b" ", b"\r\n\t "])
def test_a_blank_body_lacks_every_field(wire: Wire, body: bytes, kind: str | None) -> None:
    reply = wire.add("customer-groups", body, kind)
    assert reply.status == 422
    assert error_of(reply) == "group_name is required"
    assert reply.note == ("the body is blank" if body else "")


def chunks(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), 65536):
        yield body[start : start + 65536]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_may_be_a_mebibyte_and_no_more(wire: Wire, chunked: bool) -> None:
    whole = json.dumps({**CUSTOMER, "address2": ""}).encode()
    filled = whole.replace(b'"address2": ""', b'"address2": "' + b"x" * (MEBI - len(whole)) + b'"')
    for body, status in ((filled, 200), (filled + b" ", 413), (b" " * 10 * MEBI, 413), (whole, 200)):
        reply = wire.checked(wire.send("POST", "customers/add", chunks(body) if chunked else body))
        assert reply.status == status
        if status == 413:
            assert error_of(reply) == "Request Entity Too Large"
            assert reply.note == "the body is larger than the 1,048,576 bytes that fakekit reads"
    assert wire.http.sock is wire.sock


def test_a_body_that_nobody_asked_for_is_no_harm(wire: Wire) -> None:
    for body in (b"{", b"x" * 2 * MEBI):
        for method, path, status in (
            ("GET", "customers/1", 200),
            ("DELETE", "customers/77", 404),
            ("PATCH", "customers/1", 405),
            ("POST", "nowhere", 404),
        ):
            assert wire.checked(wire.send(method, path, body)).status == status
            assert wire.checked(wire.send(method, path, chunks(body))).status == status
    wire.bearer = "Bearer nobody"
    for refused in (b"{", b"x" * 2 * MEBI):
        assert wire.checked(wire.send("POST", "customers/add", refused)).status == 401
        assert wire.checked(wire.send("POST", "customers/add", chunks(refused))).status == 401
    assert wire.http.sock is wire.sock


def test_fields_that_no_table_has_are_ignored_and_told(wire: Wire) -> None:
    reply = wire.add("customers", {**CUSTOMER, "id": 7, "created_at": "x", "colour": {"a": [1]}, "x y": 1})
    told: Any = reply.json()
    assert told["data"]["customer"]["id"] == 51
    assert reply.note == "not read: id, created_at, colour, ..."
    assert "body.unknown_fields" in reply.headers["fakekit-assumed"]


REAL = ("92857043717beff382ae75c8dc7514162f04", "a9f07c43717beff382ae75c8dc7514162f04")
WORDY = ("sk-canary-Zm9vYmFy", "QmFzZTY0canaryTGlrZUxldHRlcnM")


def carrying(secret: str) -> list[tuple[str, str, bytes, str]]:
    """Requests with a secret in every place of a body or a query where it is not a value to be kept."""
    bodies: list[dict[str, Any]] = [
        *({**CUSTOMER, secret: value} for value in (1, secret, [secret], {secret: secret})),
        {**CUSTOMER, "api_key": secret},
        {**CUSTOMER, "customer_group_id": secret, "address1": {secret: secret}},
        {secret: secret},
    ]
    line = {"item_name": "x", "unit_price": secret, "quantity": "1", secret: secret}
    sales = [
        {**SALE, "sales-item": [line]},
        {**SALE, "sales-item": secret},
        {**SALE, "sales-item": [secret, [secret]]},
        *({**SALE, name: secret} for name in ("invoice_code", "customer_id", "total_amount", "payment_type")),
        *({**SALE, name: secret} for name in ("invoice_type", "payment_date", "due_date", "amount_paid")),
        {**SALE, "invoice_code": 324232, secret: secret},
        {**SALE, "customer_id": 999, secret: secret},
    ]
    raw = [f'{{"{secret}": 1, "{secret}": 2}}', f'{{"{secret}": {secret}}}', f'"{secret}"', secret]
    raw += [f"{secret}={secret}", f"--{secret}\r\nContent-Disposition: form-data; name={secret}\r\n\r\n"]
    return [
        *(("POST", "customers/add", json.dumps(body).encode(), JSON) for body in bodies),
        *(("POST", "sales/add", json.dumps(body).encode(), JSON) for body in sales),
        *(("POST", "customers/add", urlencode(body).encode(), FORM) for body in bodies),
        *(
            ("POST", "customers/add", body.encode(), kind)
            for body in raw
            for kind in (JSON, FORM, f"multipart/form-data; boundary={secret}", f"x/{secret}")
        ),
        *(
            ("GET", f"{path}?{query}", b"", JSON)
            for path in ("customers", "sales", "customers/1")
            for query in (
                f"{secret}=1",
                secret,
                f"api_key={secret}",
                f"created_at={secret}",
                f"{secret}={secret}",
            )
        ),
        ("GET", f"customers?customer_group_id={secret}&customer_group_id={secret}", b"", JSON),
        ("GET", f"sales?payment_status={secret}&invoice_type={secret}&customer_id={secret}", b"", JSON),
        ("PUT", f"customers/1?{secret}={secret}", b"", JSON),
        ("DELETE", f"customers/77?{secret}={secret}", secret.encode(), JSON),
    ]


def repeated(folder: Path, secret: str, underneath: str) -> list[tuple[str, str, str, str]]:
    """Where a secret came back: the requests, and the error and note of their answers; or the log's line."""
    with serving(folder, "--server", underneath) as running:
        wire, sent = Wire(running.port), carrying(secret)
        with closing(wire.http):
            replies = [wire.checked(wire.send(*request)) for request in sent]
        out, err = running.end()
    assert "Traceback" not in err
    assert err.count("\n") >= len(sent)  # the log was on
    small = secret[:16].lower()
    found = [
        (request[0], request[1], reply.body.decode() if reply.status != 200 else "", reply.note)
        for request, reply in zip(sent, replies, strict=True)
        if small in f"{reply.headers} {reply.body!r}".lower()
    ]
    return found + [("log", "", "", line) for line in f"{out}\n{err}".splitlines() if small in line.lower()]


@pytest.mark.parametrize("underneath", ["gunicorn", ALONE])
@pytest.mark.parametrize("secret", REAL)
def test_a_real_looking_key_is_in_no_answer_and_no_log(tmp_path: Path, secret: str, underneath: str) -> None:
    assert repeated(tmp_path, secret, underneath) == []


@pytest.mark.slow
@pytest.mark.parametrize("secret", WORDY)
def test_a_secret_that_reads_like_words_is_repeated_as_a_name(tmp_path: Path, secret: str) -> None:
    assert repeated(tmp_path, secret, "alone") == []
