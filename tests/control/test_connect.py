"""`fakekit.connect`: the handle of a fake that runs elsewhere."""

from __future__ import annotations

import socket
from typing import Any

import pytest

import fakekit
from fakekit.testing.remote import RemoteServer
from tests.helpers.control_api import Fake, Key
from tests.helpers.scripted_server import answering, read_request


def told_by(xtrakit: fakekit.Handle) -> list[Any]:
    """What a handle answers, one thing after the other."""
    xtrakit.clock.freeze("2031-01-01")
    code = xtrakit.add("sales", invoice_note="mine")["invoice_code"]
    xtrakit.remove("customers", 2)
    return [
        xtrakit.customer(1),
        xtrakit.group(1),
        xtrakit.add_customer(customer_name="Ama"),
        xtrakit.change("customers", 51, customer_city="Kumasi"),
        xtrakit.record("sales", code),
        xtrakit.sale_items(code),
        xtrakit.export(form="json"),
        xtrakit.clock.now(),
        xtrakit.snapshot(),
        xtrakit.assumptions,
        xtrakit.add_fault("fail=503,times=2"),
        xtrakit.faults,
        xtrakit.requests,
    ]


def test_connect_gives_the_same_handle(over_http: Fake, key: Key) -> None:
    xtrakit = fakekit.connect(f"{over_http.origin}/api/v1", key.key)
    with fakekit.FakeServer(seed=1) as here:
        assert told_by(xtrakit) == told_by(here)
    xtrakit.reset()
    assert xtrakit.customer(2)["id"] == 2
    assert repr(xtrakit) == f"<fakekit {over_http.origin}/api/v1 {key.key}>"


def errors_of(xtrakit: fakekit.Handle) -> list[str]:
    seen = []
    for act in (
        lambda: xtrakit.customer(999),
        lambda: xtrakit.record("custommers", 1),
        lambda: xtrakit.record("items", "a/b"),
        lambda: xtrakit.record("items", ""),
        lambda: xtrakit.record("items", ".."),
        lambda: xtrakit.record("items", "%2F"),
        lambda: xtrakit.add_customer(nonsense=1),
        lambda: xtrakit.fail(999),
        lambda: xtrakit.restore("s9"),
        lambda: xtrakit.restore("../s1"),
        lambda: xtrakit.clock.freeze("noon"),
        lambda: xtrakit.export("nonsense"),
    ):
        with pytest.raises(fakekit.FakekitError) as told:
            act()
        seen.append(type(told.value).__name__)
    return seen


def test_errors_are_the_same_there_as_here(over_http: Fake, key: Key) -> None:
    expected = ["NoRecordError"] * 6
    expected += [
        "RefusedRecordError",
        "FaultError",
        "SnapshotError",
        "SnapshotError",
        "ClockError",
        "ControlError",
    ]
    assert errors_of(fakekit.connect(over_http.origin, key.key)) == expected
    with fakekit.FakeServer(seed=1) as here:
        assert errors_of(here) == expected


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", "answers, but not as fakekit does"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"key\": \"x\"}", "answers, but not as fakekit does"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<ht>", "cannot be reached over HTTP"),
        (b"HTTP/1.1 404 NO\r\nContent-Length: 2\r\n\r\n{}", r"not as fakekit does \(HTTP 404\)"),
        (b"HTTP/1.1 302 NO\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", r"\(HTTP 302\)"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "cannot be reached over HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", "cannot be reached over HTTP"),
        (b"", "cannot be reached over HTTP"),
    ],
)  # fmt: skip
def test_connect_is_not_taken_in_by_something_else(answer: bytes, message: str) -> None:
    def script(client: socket.socket) -> None:
        read_request(client)
        client.sendall(answer)

    with answering(script) as origin, pytest.raises(fakekit.ControlError, match=message):
        fakekit.connect(origin.removeprefix("http://"))


@pytest.mark.parametrize(
    "url",
    [
        "https://api.xtrakit.com/api/v1",
        "http://API.XTRAKIT.COM.",
        "http://api.xtrak%69t.com",
        "http://api.ｘtrakit.com",
        "http://api。xtrakit．com",
        "http://xtrakit.com",
        "http://u:p@xtrakit.com:80",
    ],
)
def test_the_real_service_is_never_called(url: str) -> None:
    with pytest.raises(fakekit.SettingsError, match="is the real service, which fakekit never calls"):
        fakekit.connect(url)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("ftp://me:SECRET@127.0.0.1", "is not an address; found 'ftp://...@127.0.0.1'"),
        ("http://me:SEC/R@ET@127.0.0.1:1", "is not an address; found 'http://...@127.0.0.1:1'"),
        ("me:SECRET@127.0.0.1:x", "is not an address; found '...@127.0.0.1:x'"),
        ("me:SECRET@4310", "is only a number; found '...@4310'"),
    ],
)
def test_a_password_in_an_address_is_not_shown(url: str, shown: str) -> None:
    with pytest.raises(fakekit.SettingsError) as told:
        fakekit.connect(url)
    assert shown in str(told.value)
    assert "SEC" not in str(told.value)


def test_a_password_in_the_url_of_another_setting_is_not_shown() -> None:
    for name in ("port", "host"):
        with pytest.raises(fakekit.FakekitError) as told:
            fakekit.FakeServer(**{name: "http://me:SECRET@[::1\n"}).start()
        assert "SECRET" not in str(told.value)


def test_what_is_no_address_or_key_is_told(over_http: Fake) -> None:
    for url in ("ftp://127.0.0.1", "4310", "http://", "http://é" + "x" * 70):
        with pytest.raises(fakekit.SettingsError):
            fakekit.connect(url)
    with pytest.raises(fakekit.SettingsError, match="is not a key"):
        fakekit.connect(over_http.origin, "sk-canary")
    for token in ("se\ncret-canary", "canary\udcff", "  "):
        with pytest.raises(fakekit.SettingsError) as told:
            fakekit.connect(over_http.origin, token=token)
        assert str(told.value) == "token: must be printable text in UTF-8"
    with pytest.raises(fakekit.ControlError, match="Fakekit-Control: is missing"):
        fakekit.connect(over_http.origin, token="wrong")


def test_a_token_of_other_letters_is_the_same_there_as_here() -> None:
    with fakekit.FakeServer(host="0.0.0.0", control_token="schlüssel-秘密") as here:
        origin = here.origin.replace("0.0.0.0", "127.0.0.1")
        assert fakekit.connect(origin, token="schlüssel-秘密").customer(1)["id"] == 1
        with pytest.raises(fakekit.ControlError, match="must be the control token of this server"):
            fakekit.connect(origin, token="schlüssel")


def errors_told(server: fakekit.FakeServer | RemoteServer) -> list[str]:
    """The messages of a server for names and times that are none."""
    seen = []
    calls: list[tuple[str, dict[str, Any]]] = [
        ("sk_live_4eC39HqLyjWDarjtT1zdp7dc4eC39HqL", {}),
        ("requests", {"count": 1, "timeout": -100}),
        ("requests", {"count": 1, "timeout": float("nan")}),
        ("requests", {"count": 1, "timeout": float("-inf")}),
        ("requests", {"count": 1, "timeout": 10**400}),
    ]
    for name, values in calls:
        with pytest.raises(fakekit.ControlError) as told:
            server.do(name, key="fk_names_and_times", **values)
        seen.append(str(told.value))
    return seen


def test_names_and_times_that_are_none_are_told_alike_and_no_key_is_shown(over_http: Fake) -> None:
    server = fakekit.FakeServer(seed=1)
    with server:
        told = errors_told(server)
    assert errors_told(RemoteServer(over_http.origin)) == told
    assert "4eC39" not in told[0]
    assert "is not an operation" in told[0]
    assert [message.partition(";")[0] for message in told[1:]] == [
        "timeout: must be a time from 0 to 60 seconds, such as 2s or 300ms"
    ] * 4
