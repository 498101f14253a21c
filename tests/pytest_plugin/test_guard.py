"""The guard of the pytest plugin: what is stopped, what fails, what is told, and that nothing left."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.helpers.programs import program
from tests.helpers.pytest_runs import guarded, run

WAYS_ON = (
    "Where the code reads its base URL from a variable, name that variable in the setting fakekit_env. "
    "Else mark the test: @pytest.mark.fakekit(intercept=True) redirects its calls to its account of the fake; "
    "@pytest.mark.fakekit(allow_real=True) lets them through."
)
STOPPED = "fakekit: this test called the real XtraKit service and was stopped:"


XDIST = pytest.param(("-n", "2"), marks=pytest.mark.slow)


@dataclass
class Way:
    """A way to call, what the guard says of it, and the line that it names if that is another one."""

    call: str
    told: str
    at: str = ""

    def line(self, source: str) -> str:
        """What the guard says, LINE replaced by the number of that line."""
        lines = source.splitlines()
        (number,) = [n for n, line in enumerate(lines, 1) if line.strip() == (self.at or self.call)]
        return self.told.replace("LINE", str(number))


def told(ways: dict[str, Way], source: str) -> list[str]:
    """What a run prints in which each way had a test of its own."""
    return [line for way in ways.values() for line in (STOPPED, f"  {way.line(source)}", WAYS_ON)]


def printed(result: pytest.RunResult) -> list[str]:
    return [line for line in result.outlines if line.startswith(("fakekit: this", "  ", "Where"))]


CLIENTS = program("guard_clients.py")

LOOKED_UP = "app.xtrakit.com, stopped before its name was looked up"
WAYS = {
    "requests": Way("session.get(URL, headers=KEY)", f"test_it.py:LINE in test_requests: {LOOKED_UP}"),
    "plain": Way("requests.get(PLAIN, headers=KEY)", f"test_it.py:LINE in test_plain: {LOOKED_UP}"),
    "httpx": Way("client.get(URL, headers=KEY, timeout=5)", f"test_it.py:LINE in test_httpx: {LOOKED_UP}"),
    "urllib3": Way(
        "pool.request('GET', URL, retries=3)", f"test_it.py:LINE in test_urllib3: {LOOKED_UP} (4 times)"
    ),
    "urllib": Way("urllib.request.urlopen(URL)", f"test_it.py:LINE in test_urllib: {LOOKED_UP}"),
    "http_client": Way(
        "by_http_client()",
        "test_it.py:LINE in by_http_client: api.xtrakit.com, stopped before its name was looked up",
        'connection.request("GET", "/", headers=KEY)',
    ),
    "httpx_async": Way(
        "by_httpx_async()", f"test_it.py:LINE in get: {LOOKED_UP}", at="await client.get(URL, headers=KEY)"
    ),
    "aiohttp": Way(
        "by_aiohttp(URL)",
        f"test_it.py:LINE in get: {LOOKED_UP}",
        at="await client.get(url, headers=KEY, **options)",
    ),
    "connect": Way(
        "by_connect('connect')",
        "test_it.py:LINE in by_connect: app.xtrakit.com, stopped before connecting",
        'getattr(sock, method)(("app.xtrakit.com", 80))',
    ),
    "connect_ex": Way(
        "by_connect('connect_ex')",
        "test_it.py:LINE in by_connect: app.xtrakit.com, stopped before connecting",
        'getattr(sock, method)(("app.xtrakit.com", 80))',
    ),
    "spelled": Way(
        "socket.create_connection(('APP.XtraKit.com.', 443))", f"test_it.py:LINE in test_spelled: {LOOKED_UP}"
    ),
    "in_bytes": Way(
        "socket.create_connection((b'app.xtrakit.com', 443))",
        f"test_it.py:LINE in test_in_bytes: {LOOKED_UP}",
    ),
    "full_width": Way(
        "socket.getaddrinfo('ａｐｐ.xtrakit.com', 443)", f"test_it.py:LINE in test_full_width: {LOOKED_UP}"
    ),
    "gethostbyname": Way(
        "socket.gethostbyname('app.xtrakit.com')", f"test_it.py:LINE in test_gethostbyname: {LOOKED_UP}"
    ),
    "getfqdn": Way("socket.getfqdn('app.xtrakit.com')", f"test_it.py:LINE in test_getfqdn: {LOOKED_UP}"),
    "datagram": Way(
        "by_datagram()",
        "test_it.py:LINE in by_datagram: app.xtrakit.com, stopped before connecting",
        at='sock.sendto(b"REAL", ("app.xtrakit.com", 53))',
    ),
    "thread": Way(
        "by_thread()",
        f"the thread worker, while the main thread was at test_it.py:LINE in by_thread: {LOOKED_UP}",
        at="thread.start(), thread.join()",
    ),
}


def one_test_each(ways: dict[str, Way]) -> str:
    tests = [f"def test_{name}():\n    with swallowed:\n        {way.call}\n" for name, way in ways.items()]
    return CLIENTS + "\n" + "\n".join(tests) + "\ndef test_another():\n    pass\n"


def test_nothing_leaves_and_the_test_fails_although_its_code_swallowed_the_exception(
    pytester: pytest.Pytester,
) -> None:
    source = one_test_each(WAYS)
    result = guarded(pytester, source, "-rN", "--show-capture=no")
    result.assert_outcomes(failed=len(WAYS), passed=1)
    assert printed(result) == told(WAYS, source)
    assert "ASKED [] HEARD []" in result.outlines


TLS = "app.xtrakit.com, stopped before TLS, so that no key was sent; the connection was already there, as through a proxy"
PROXY = "app.xtrakit.com, stopped before the request to a proxy"
PROXIED = {
    "requests": Way(
        "requests.get(URL, headers=KEY, proxies={'https': PROXY})",
        f"test_it.py:LINE in test_requests: {PROXY}",
    ),
    "httpx": Way(
        "httpx.Client(proxy=PROXY).get(URL, headers=KEY)", f"test_it.py:LINE in test_httpx: {PROXY}"
    ),
    "httpx_async": Way(
        "by_httpx_async(proxy=PROXY)",
        f"test_it.py:LINE in get: {PROXY}",
        at="await client.get(URL, headers=KEY)",
    ),
    "aiohttp": Way(
        "by_aiohttp(URL, proxy=PROXY)",
        f"test_it.py:LINE in get: {PROXY} (2 times)",
        at="await client.get(url, headers=KEY, **options)",
    ),
    "urllib": Way(
        "by_urllib(URL)",
        f"test_it.py:LINE in by_urllib: {PROXY}",
        at="urllib.request.build_opener(handler).open(urllib.request.Request(url, headers=KEY))",
    ),
    "requests_plain": Way(
        "requests.get(PLAIN, headers=KEY, proxies={'http': PROXY})",
        "test_it.py:LINE in test_requests_plain: app.xtrakit.com, stopped before the request to a proxy",
    ),
    "urllib_plain": Way(
        "by_urllib(PLAIN)",
        "test_it.py:LINE in by_urllib: app.xtrakit.com, stopped before the request to a proxy",
        at="urllib.request.build_opener(handler).open(urllib.request.Request(url, headers=KEY))",
    ),
    "plain_tunnel": Way(
        "by_plain_tunnel()",
        "test_it.py:LINE in by_plain_tunnel: app.xtrakit.com, stopped before the request to a proxy",
        at='connection.request("GET", "/plain", headers=KEY)',
    ),
    "fragment": Way(
        "http.client.HTTPConnection('127.0.0.1', trap.PORT).request('GET', 'http://app.xtrakit.com#x', headers=KEY)",
        "test_it.py:LINE in test_fragment: app.xtrakit.com, stopped before the request to a proxy",
    ),
    "httpx_plain": Way(
        "by_httpx(PLAIN)",
        f"test_it.py:LINE in by_httpx: {PROXY}",
        at="client.get(url, headers=KEY)",
    ),
    "bare_address": Way(
        "by_tls(('127.0.0.1', trap.PORT))",
        f"test_it.py:LINE in by_tls: {TLS}",
        at='ssl.create_default_context().wrap_socket(sock, server_hostname="app.xtrakit.com")',
    ),
}


UNSEEN = """
def test_a_child_process():
    code = "import trap, socket; socket.create_connection(('app.xtrakit.com', 80)).close(); print(trap.ASKED)"
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert done.stdout == b"['app.xtrakit.com']\\n"

def test_a_bare_address_without_tls():
    requests.get(f"http://127.0.0.1:{trap.PORT}/api/v1/customers/1", headers={"Host": "app.xtrakit.com"})
"""


@pytest.mark.slow
def test_through_a_proxy_no_key_leaves_but_for_what_the_docs_say_it_cannot_see(
    pytester: pytest.Pytester,
) -> None:
    source = one_test_each(PROXIED) + UNSEEN
    result = guarded(pytester, source, "-rN", "--show-capture=no")
    result.assert_outcomes(failed=len(PROXIED), passed=3)
    assert printed(result) == told(PROXIED, source)
    assert "ASKED [] HEARD ['GET /api/v1/customers/1']" in result.outlines


OTHER_SOCKETS = program("guard_other_sockets.py")


@pytest.mark.slow
def test_clients_with_sockets_of_their_own_are_seen_by_their_tls_or_not_at_all(
    pytester: pytest.Pytester,
) -> None:
    result = guarded(pytester, OTHER_SOCKETS, "-rN")
    result.assert_outcomes(passed=3, failed=1)
    assert "ASKED [] HEARD ['GET /pycurl', 'GET /uvloop']" in result.outlines
    result.stdout.fnmatch_lines([f"  test_it.py:15 in get: {TLS}"])


EVERY_END = program("guard_every_end.py")


def test_whatever_the_end_of_the_test_it_fails(pytester: pytest.Pytester) -> None:
    result = guarded(pytester, EVERY_END, "-rA")
    result.assert_outcomes(failed=6, errors=3, passed=3)
    wanted = [
        "FAILED test_it.py::test_xfail*",
        "FAILED test_it.py::test_xfail_with_it*",
        "FAILED test_it.py::test_skip*",
        "FAILED test_it.py::test_raises*",
        "FAILED test_it.py::test_assertion*",
        "FAILED test_it.py::test_after_that_one*",
        "ERROR test_it.py::test_setup*",
        "ERROR test_it.py::test_teardown*",
        "ERROR test_it.py::test_session_fixture*",
    ]
    result.stdout.fnmatch_lines_random(wanted)
    result.stdout.fnmatch_lines(
        [
            "E * AssertionError: assert 'mine' == 'theirs'",
            "*- fakekit: stopped -*",
            f"  test_it.py:6 in call: {LOOKED_UP}",
            WAYS_ON,
        ]
    )


OUTSIDE = """
import contextlib, socket, threading, pytest

with contextlib.suppress(OSError):
    socket.create_connection(("app.xtrakit.com", 443))

def test_fine():
    pass
"""
OUTSIDE_CONFTEST = """
import contextlib, socket

with contextlib.suppress(OSError):
    socket.gethostbyname("api.xtrakit.com")

def pytest_runtest_logfinish():
    with contextlib.suppress(OSError):
        socket.gethostbyname("app.xtrakit.com")

def pytest_sessionfinish():
    with contextlib.suppress(OSError):
        socket.gethostbyname("app.xtrakit.com")
"""


@pytest.mark.parametrize("options", [(), XDIST], ids=["alone", "xdist"])
def test_a_call_outside_of_tests_is_stopped_and_fails_the_run(
    pytester: pytest.Pytester, options: tuple[str, ...]
) -> None:
    pytester.makeconftest(OUTSIDE_CONFTEST)
    result = guarded(pytester, OUTSIDE, *options)
    result.assert_outcomes(passed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    after = f"  conftest.py:8 in pytest_runtest_logfinish: {LOOKED_UP}"
    assert sorted(line for line in result.outlines if "xtrakit.com" in line) == [
        f"  conftest.py:12 in pytest_sessionfinish: {LOOKED_UP}",
        "  conftest.py:4: api.xtrakit.com, stopped before its name was looked up",
        *([after] if options else []),  # xdist's controller calls that hook too
        f"{after} (after test_it.py::test_fine)",
        f"  test_it.py:5: {LOOKED_UP}",
    ]
    result.stdout.fnmatch_lines(
        [
            "fakekit: the real XtraKit service was called outside of any test; this was stopped:",
            "fakekit: so the run fails. Make the call in a test, or in a function-scoped fixture of one, that is "
            "marked @pytest.mark.fakekit(intercept=True) or allow_real=True; or give that code a fakekit.FakeServer.",
        ]
    )
    if not options:
        assert "ASKED [] HEARD []" in result.outlines


def test_a_suite_that_never_connects_feels_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(program("guard_unused.py"))
    run(pytester).assert_outcomes(passed=2)


def test_when_the_session_ends_everything_is_as_it_was(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        before=program("guard_removed.py"),
        test_it="""
        import before

        def test_replaced():
            assert not [was for was, now in zip(before.WERE, before.now()) if was is now]
        """,
    )
    result = run(pytester, "-p", "before")
    result.assert_outcomes(passed=1)
    assert "AS IT WAS True" in result.outlines
