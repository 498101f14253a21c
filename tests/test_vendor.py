"""The vendor's host is recognised in every spelling, or refused; it is never let through."""

from __future__ import annotations

import contextlib
import doctest
import socket
import subprocess
import sys
from types import ModuleType
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import fakekit
from fakekit import intercept, vendor
from fakekit.addresses import read_origin
from fakekit.contract import pattern
from fakekit.errors import SettingsError
from fakekit.intercept import matches_no_proxy, proxy
from fakekit.intercept.guard import Guard, RealServiceError
from fakekit.intercept.patches import PATCHES
from fakekit.intercept.relay import RefusedRequestError
from fakekit.vendor import VENDOR_HOSTS, plain_host, vendor_host
from tests.helpers.commands import cli
from tests.helpers.project import ROOT


def wide(character: str) -> str:
    """The full-width form of a printable ASCII character."""
    return chr(ord(character) + 0xFEE0)


def percents(text: str) -> str:
    """Every byte of a text percent-encoded."""
    return "".join(f"%{byte:02X}" for byte in text.encode())


@st.composite
def spelled(draw: st.DrawFn) -> tuple[str, str]:
    """One of the vendor's hosts, and a spelling of it."""
    host = draw(st.sampled_from(VENDOR_HOSTS))
    parts = []
    for character in host:
        forms = [character, character.upper(), wide(character), wide(character.upper())]
        forms += ["\u3002", "\uff0e", "\uff61"] if character == "." else []
        form = draw(st.sampled_from(forms))
        times = draw(st.sampled_from([0, 0, 0, 1, 1, 2, 3]))
        for time in range(times):
            form = percents(form) if time == 0 else form.replace("%", "%25")
        unseen = draw(st.sampled_from(["", "", "", "\u00ad", "\u200b", "%C2%AD"]))
        parts.append(form.lower() + unseen if draw(st.booleans()) and "%" in form else form + unseen)
    dots = draw(st.sampled_from(["", "", ".", "..", "\u3002", "%2e", "%2E."]))
    return host, "".join(parts) + dots


USERS = st.sampled_from(["", "user@", "user:password@", "127.0.0.1@", "127.0.0.1%40x@", "127.0.0.1:80@", "@"])
PORTS = st.sampled_from(["", ":", ":80", ":443", ":0443"])
REST = st.sampled_from(["", "/", "/api/v1", "?a=1", "#x", "/api/v1?a=1#x", "/@127.0.0.1"])


@given(spelled(), USERS, PORTS, REST, st.sampled_from(["http://", "https://", "HTTP://", ""]))
@example(("api.xtrakit.com", "api.%58trakit.com"), "", "", "/api/v1", "http://")
@example(("app.xtrakit.com", "app%2Extrakit.com"), "", "", "", "http://")
def test_it_is_no_address_of_a_fake(
    host: tuple[str, str], user: str, port: str, rest: str, scheme: str
) -> None:
    with pytest.raises(SettingsError, match=r"is the real service|is not an address"):
        read_origin(f"{scheme}{user}{host[1]}{port}{rest}")


@given(spelled(), USERS, PORTS)
def test_it_is_recognised(host: tuple[str, str], user: str, port: str) -> None:
    name, spelling = host
    assert plain_host(spelling) == name
    assert vendor_host(spelling) == name
    assert vendor_host(spelling.encode()) == name
    assert vendor_host(spelling, whole_domain=True)
    assert vendor_host(f"{user}{spelling}{port}", whole_domain=True)
    assert matches_no_proxy(name, spelling)


@given(spelled(), USERS, PORTS)
def test_a_proxy_leads_it_or_refuses_it(host: tuple[str, str], user: str, port: str) -> None:
    for target in (f"{user}{host[1]}{port}", quote(host[1], safe="%.") + (port or ":443")):
        with contextlib.suppress(RefusedRequestError):
            named = proxy._parse_absolute_target(f"http://{target}/api/v1".encode())[1]
            assert vendor_host(named) == host[0]
        with contextlib.suppress(RefusedRequestError):
            named = proxy._parse_connect_target(target.encode("utf-8"))[0]
            assert vendor_host(named) == host[0]


@given(spelled(), st.sampled_from(["", "\0", "\0.example.org", "%00", ":443", "%eth0", " "]))
def test_the_guard_stops_it(host: tuple[str, str], behind: str) -> None:
    name = host[1] + behind
    with PATCHES.installed(Guard()), pytest.raises(RealServiceError):
        socket.getaddrinfo(name, 443)
    with (
        socket.socket() as client,
        PATCHES.installed(Guard()),
        pytest.raises(RealServiceError),
    ):
        client.connect((name, 443))


OTHERS = [
    "127.0.0.1",
    "localhost",
    "::1",
    "fe80::1%eth0",
    "fe80::1%ab",
    "xtrakit.com.example.org",
    "app.xtrakit.com.example.org",
    "app-xtrakit.com",
    "appxxtrakit.com",
    "notxtrakit.com",
    "fakekit",
    "fake_kit.test",
    "",
    "a b",
    None,
    1,
    b"\xff\xfe",
    "x" * 100_000,
    "%" * 3000,
]


@pytest.mark.parametrize("host", OTHERS, ids=lambda host: repr(host)[:30])
def test_no_other_host_is_the_vendors(host: object) -> None:
    assert vendor_host(host) is None
    assert not vendor_host(host, whole_domain=True)


@given(st.text(max_size=60) | st.binary(max_size=60))
def test_whatever_text_comes_there_is_an_answer(host: str | bytes) -> None:
    plain = plain_host(host)
    assert plain is None or plain.isascii()
    assert vendor_host(host) in (None, *VENDOR_HOSTS)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("127.0.0.1:4310", "http://127.0.0.1:4310"),
        ("https://LOCALHOST.:4310/api/v1", "https://localhost:4310"),
        ("http://[::1]:4310/api/v1", "http://[::1]:4310"),
        ("http://[fe80::1%25eth0]:4310", "http://[fe80::1%25eth0]:4310"),
        ("http://user:password@fake_kit:4310", "http://fake_kit:4310"),
        ("http://１２７.0.0.1:4310", "http://127.0.0.1:4310"),
        ("http://127.0.0.1", "http://127.0.0.1"),
    ],
)
def test_the_origin_is_made_of_what_was_checked(url: str, origin: str) -> None:
    assert read_origin(url) == origin


@pytest.mark.parametrize(
    "url",
    ["http://a..b", "http://-%zz", "http://bücher.example", "http://a%20b", "http://a%2fb", "http://a%40b"],
)
def test_what_is_not_a_plain_host_name_is_no_address(url: str) -> None:
    with pytest.raises(SettingsError, match="is not an address"):
        read_origin(url)


CAPITAL = "http://api.%58trakit.com/api/v1"


def test_wait_and_connect_refuse_a_percent_encoded_capital() -> None:
    done = cli("wait", CAPITAL, "--timeout", "0")
    assert (done.returncode, "is the real service, which fakekit never calls" in done.stderr) == (2, True)
    with pytest.raises(SettingsError, match="is the real service"):
        fakekit.connect(CAPITAL)


def test_asking_imports_nothing_that_takes_time() -> None:
    code = (
        "import sys; before = set(sys.modules); from fakekit.vendor import vendor_host; "
        "vendor_host('App.XtraKit.com.'); vendor_host('127.0.0.1'); "
        "print(sorted({n.partition('.')[0] for n in set(sys.modules) - before} - set(sys.stdlib_module_names)), "
        "'urllib' in sys.modules, 'unicodedata' in sys.modules)"
    )
    out = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert out == "['fakekit'] False False\n"


@pytest.mark.parametrize("entry", ["::1", "[::1]", "[::1]:80", "127.0.0.1", "localhost", "example.org"])
def test_an_entry_of_no_proxy_that_is_another_host_does_not_exclude_the_vendors(entry: str) -> None:
    assert not matches_no_proxy(entry, "app.xtrakit.com")
    assert matches_no_proxy(f"{entry},.xtrakit.com:443", "app.xtrakit.com")
    assert matches_no_proxy(f"{entry} *", "app.xtrakit.com")


@pytest.mark.parametrize("module", [vendor, intercept, pattern], ids=lambda module: module.__name__)
def test_the_examples_of_the_docstrings_are_true(module: ModuleType) -> None:
    failed, tried = doctest.testmod(module)
    assert (failed, tried > 0) == (0, True)
