"""Ways past the guard: names that a proxy or C code looks up, forked children, others' patches, removed folders."""

from __future__ import annotations

import os

import pytest

from tests.helpers.pytest_runs import guarded, run

pytestmark = pytest.mark.slow

STOPPED = "fakekit: this test called the real XtraKit service and was stopped:"

WAYS = """
import _socket, contextlib, os, shutil, socket, tempfile, threading
from unittest import mock
import httpx, pytest, requests, trap

PROXY = f"http://127.0.0.1:{trap.PORT}"
KEY = {"Authorization": "Bearer REAL"}

@contextlib.contextmanager
def proxied():
    with socket.create_connection(("127.0.0.1", trap.PORT)) as sock, contextlib.suppress(OSError):
        yield sock

def test_name_to_an_http_proxy():
    with contextlib.suppress(httpx.HTTPError), httpx.Client(proxy=PROXY) as client:
        client.get("http://app.xtrakit.com/api/v1/customers/1", headers=KEY, timeout=60)

def test_tunnel_of_an_http_proxy():
    with contextlib.suppress(requests.RequestException):
        requests.get("https://app.xtrakit.com/", headers=KEY, proxies={"https": PROXY}, timeout=60)

def test_name_to_socks5():
    with proxied() as sock:
        sock.sendall(b"\\x05\\x01\\x00\\x03\\x0fapp.xtrakit.com\\x00\\x50")

def test_name_to_socks4a():
    with proxied() as sock:
        sock.send(memoryview(b"\\x04\\x01\\x00\\x50\\x00\\x00\\x00\\x01me\\x00app.xtrakit.com\\x00"))

def test_lookup_by_the_c_module():
    with contextlib.suppress(OSError):
        _socket.getaddrinfo("app.xtrakit.com", 443)

@pytest.fixture
def no_folder():
    before, folder = os.getcwd(), tempfile.mkdtemp()
    os.chdir(folder)
    shutil.rmtree(folder)
    yield
    os.chdir(before)

def test_without_a_folder(no_folder):
    with contextlib.suppress(OSError):
        socket.getaddrinfo("app.xtrakit.com", 443)

@mock.patch("os.path.relpath", side_effect=ValueError)
@mock.patch("os.getcwd", side_effect=TypeError)
def test_with_a_patched_path(getcwd, relpath):
    with contextlib.suppress(OSError):
        socket.getaddrinfo("app.xtrakit.com", 443)

def test_a_time_out_while_the_line_is_looked_up():
    with mock.patch("fakekit.intercept.guard.find_caller", side_effect=KeyboardInterrupt):
        with pytest.raises(KeyboardInterrupt):
            socket.getaddrinfo("app.xtrakit.com", 443)

def test_other_data():
    with proxied() as sock:
        sock.sendall(b"GET /api HTTP/1.1\\r\\nHost: app.xtrakit.com\\r\\n\\r\\n")
        sock.sendall(b"CONNECT app.xtrakit.com.example.org:443 HTTP/1.1\\r\\n\\r\\n")
"""


def test_what_goes_past_the_usual_functions_is_stopped_and_named(pytester: pytest.Pytester) -> None:
    result = guarded(pytester, WAYS, "-rN", "--show-capture=no")
    result.assert_outcomes(failed=8, passed=1)
    lines = [line.strip() for line in result.outlines if ": app.xtrakit.com, stopped " in line]
    proxied, looked_up = (
        "app.xtrakit.com, stopped before the request to a proxy",
        "app.xtrakit.com, stopped before its name was looked up",
    )
    assert [line.replace(str(pytester.path) + "/", "") for line in lines] == [
        f"test_it.py:16 in test_name_to_an_http_proxy: {proxied}",
        f"test_it.py:20 in test_tunnel_of_an_http_proxy: {proxied}",
        f"test_it.py:24 in test_name_to_socks5: {proxied}",
        f"test_it.py:28 in test_name_to_socks4a: {proxied}",
        f"test_it.py:32 in test_lookup_by_the_c_module: {looked_up}",
        f"test_it.py:44 in test_without_a_folder: {looked_up}",
        f"test_it.py:50 in test_with_a_patched_path: {looked_up}",
        f"an unknown line: {looked_up}",
    ]
    result.stdout.fnmatch_lines(["ASKED [[][]] HEARD *"])
    result.stdout.no_fnmatch_line("*with the key*")


FORKED = """
import contextlib, os, socket, time

def call_in_child():
    child = os.fork()
    if child == 0:
        with contextlib.suppress(OSError):
            socket.getaddrinfo("app.xtrakit.com", 443)
        os._exit(0)
    os.waitpid(child, 0)

def test_in_a_child():
    call_in_child()

def test_another(): pass

def test_in_two_children_that_closed_every_file():
    for _ in range(2):
        child = os.fork()
        if child == 0:
            os.closerange(3, 100)
            with contextlib.suppress(OSError):
                socket.getaddrinfo("app.xtrakit.com", 443)
            os._exit(0)
        os.waitpid(child, 0)

def test_late():
    if os.fork() == 0:
        while not os.path.exists("go"):
            time.sleep(0.01)
        with contextlib.suppress(OSError):
            socket.getaddrinfo("app.xtrakit.com", 443)
        os._exit(0)

def test_after_that():
    open("go", "w").close()
    os.wait()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_call_of_a_forked_child_fails_the_test(pytester: pytest.Pytester) -> None:
    result = guarded(pytester, FORKED, "-rN", "--show-capture=no", "-W", "ignore::DeprecationWarning")
    result.assert_outcomes(failed=2, passed=3)
    stopped = "app.xtrakit.com, stopped before its name was looked up"
    result.stdout.fnmatch_lines(
        [
            STOPPED,
            f"  test_it.py:8 in call_in_child, in a forked child: {stopped}",
            STOPPED,
            f"  test_it.py:23 in test_in_two_children_that_closed_every_file, in a forked child: {stopped} (2 times)",
            "fakekit: the real XtraKit service was called outside of any test; this was stopped:",
            f"  test_it.py:32 in test_late, in a forked child: {stopped}*",
        ]
    )
    assert result.ret == 1


BLOCKER = """
import socket

REAL = socket.socket.connect

def block(allowed):
    def guarded_connect(self, address):
        if address[0] not in allowed:
            raise RuntimeError(f"blocked: {address}")
        return REAL(self, address)
    socket.socket.connect = guarded_connect

def unblock():
    socket.socket.connect = REAL
"""
"""A plugin as pytest-socket and pytest-recording are: it puts its own `connect` in place for each test."""


def test_intercepted_calls_work_where_a_plugin_blocks_connections(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        blocker=BLOCKER,
        conftest="""
        import blocker, pytest

        @pytest.fixture(autouse=True)
        def _block():
            blocker.block(["192.0.2.1"])
            yield
            blocker.unblock()
        """,
        test_it="""
        import http.client, socket, pytest
        from fakekit.intercept.patches import PATCHES

        @pytest.mark.fakekit(intercept=True)
        @pytest.mark.parametrize("kind", [http.client.HTTPSConnection, http.client.HTTPConnection])
        def test_intercepted(kind):
            connection = kind("app.xtrakit.com")
            connection.request("GET", "/api/v1/customers/1", headers={"Authorization": "Bearer REAL"})
            assert connection.getresponse().status == 200
            connection.close()

        def test_blocked():
            with socket.socket() as sock, pytest.raises(RuntimeError, match="blocked"):
                sock.connect(("192.0.2.2", 1))

        @pytest.mark.parametrize("turn", range(20))
        def test_one_layer_for_each_function(turn):
            assert max(map(len, PATCHES._patches.values())) <= 2

        def test_still_guarded():
            with pytest.raises(OSError):
                socket.create_connection(("app.xtrakit.com", 80))
        """,
    )
    result = run(pytester, "-p", "blocker", "-rN")
    result.assert_outcomes(passed=23, failed=1)
    result.stdout.fnmatch_lines(
        ["  test_it.py:* in test_still_guarded: app.xtrakit.com, stopped before its name was looked up"]
    )


def test_a_client_that_the_guard_does_not_see_is_named_once_it_is_imported(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        pycurl="",
        test_it="import pycurl\ndef test_x(): pass\n",
    )
    line = "fakekit: the guard does not watch pycurl: it connects by itself"
    assert line in run(pytester).outlines
    assert line not in run(pytester, "--fakekit-guard", "off").outlines


PROXIED = """
import os, pytest, requests, urllib.request

def test_the_fake_is_reached(xtrakit):
    assert requests.get(xtrakit.url("customers/1"), headers=xtrakit.headers, timeout=5).ok
    urllib.request.urlopen(urllib.request.Request(xtrakit.url("customers/1"), headers=xtrakit.headers), timeout=5).close()
    assert os.environ["NO_PROXY"] == os.environ["no_proxy"] == "example.org,localhost,127.0.0.1,::1"
"""


def test_calls_to_the_fake_use_no_proxy_of_the_environment(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "example.org")
    pytester.makepyfile(
        conftest="""
        import os

        def pytest_unconfigure():
            print("AFTER", os.environ["NO_PROXY"], os.environ.get("no_proxy"))
        """,
        test_it=PROXIED,
    )
    result = run(pytester, "-s")
    result.assert_outcomes(passed=1)
    assert "AFTER example.org None" in result.outlines
