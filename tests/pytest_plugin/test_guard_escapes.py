"""Ways past the guard: names that a proxy or C code looks up, forked children, others' patches, removed folders."""

from __future__ import annotations

import os

import pytest

from tests.helpers.programs import program
from tests.helpers.pytest_runs import guarded, run

pytestmark = pytest.mark.slow

STOPPED = "fakekit: this test called the real XtraKit service and was stopped:"


def test_what_goes_past_the_usual_functions_is_stopped_and_named(pytester: pytest.Pytester) -> None:
    result = guarded(pytester, program("guard_escapes.py"), "-rN", "--show-capture=no")
    result.assert_outcomes(failed=8, passed=1)
    lines = [line.strip() for line in result.outlines if ": app.xtrakit.com, stopped " in line]
    proxied, looked_up = (
        "app.xtrakit.com, stopped before the request to a proxy",
        "app.xtrakit.com, stopped before its name was looked up",
    )
    assert [line.replace(str(pytester.path) + "/", "") for line in lines] == [
        f"test_it.py:17 in test_name_to_an_http_proxy: {proxied}",
        f"test_it.py:22 in test_tunnel_of_an_http_proxy: {proxied}",
        f"test_it.py:27 in test_name_to_socks5: {proxied}",
        f"test_it.py:32 in test_name_to_socks4a: {proxied}",
        f"test_it.py:37 in test_lookup_by_the_c_module: {looked_up}",
        f"test_it.py:51 in test_without_a_folder: {looked_up}",
        f"test_it.py:58 in test_with_a_patched_path: {looked_up}",
        f"an unknown line: {looked_up}",
    ]
    result.stdout.fnmatch_lines(["ASKED [[][]] HEARD *"])
    result.stdout.no_fnmatch_line("*with the key*")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_call_of_a_forked_child_fails_the_test(pytester: pytest.Pytester) -> None:
    result = guarded(
        pytester, program("guard_forked.py"), "-rN", "--show-capture=no", "-W", "ignore::DeprecationWarning"
    )
    result.assert_outcomes(failed=2, passed=3)
    stopped = "app.xtrakit.com, stopped before its name was looked up"
    result.stdout.fnmatch_lines(
        [
            STOPPED,
            f"  test_it.py:8 in call_in_child, in a forked child: {stopped}",
            STOPPED,
            f"  test_it.py:27 in test_in_two_children_that_closed_every_file, in a forked child: {stopped} (2 times)",
            "fakekit: the real XtraKit service was called outside of any test; this was stopped:",
            f"  test_it.py:37 in test_late, in a forked child: {stopped}*",
        ]
    )
    assert result.ret == 1


def test_intercepted_calls_work_where_a_plugin_blocks_connections(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        blocker=program("blocker.py"),
        conftest="""
        import blocker, pytest

        @pytest.fixture(autouse=True)
        def _block():
            blocker.block(["192.0.2.1"])
            yield
            blocker.unblock()
        """,
        test_it=program("guard_blocked.py"),
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
    assert requests.get(xtrakit.url("customers/1"), headers=xtrakit.headers, timeout=40).ok
    urllib.request.urlopen(urllib.request.Request(xtrakit.url("customers/1"), headers=xtrakit.headers), timeout=40).close()
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
