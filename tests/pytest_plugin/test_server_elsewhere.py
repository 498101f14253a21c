"""A server elsewhere (--fakekit-url): how its address is shown, and NO_PROXY for it and for intercepted calls."""

from __future__ import annotations

import pytest

import fakekit
from tests.helpers.pytest_runs import run

pytestmark = pytest.mark.slow


def test_a_password_in_the_address_is_not_shown(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_a(xtrakit): pass\ndef test_b(xtrakit): pass\n")
    result = run(pytester, "--fakekit-url", "http://me:SECRET@127.0.0.1:1")
    result.assert_outcomes(errors=2)
    text = result.stdout.str()
    assert "fakekit: http://127.0.0.1:1: cannot be reached; the first test that needed it says why" in text
    assert "SECRET" not in text


def test_a_password_in_a_malformed_address_is_not_shown(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_a(xtrakit): pass\n")
    result = run(pytester, "--fakekit-url", "http://me:SEC/RET@127.0.0.1:1")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["fakekit: URL: is not an address; found 'http://...@127.0.0.1:1'*"])
    assert "SEC" not in result.stdout.str()


def test_no_proxy_has_the_host_of_an_address_without_a_scheme(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    pytester.makepyfile(
        """
        import os

        def test_x(xtrakit):
            assert xtrakit.customer(1)["id"] == 1
            assert os.environ["NO_PROXY"] == "127.0.0.1"
        """
    )
    with fakekit.FakeServer() as handle:
        result = run(pytester, "--fakekit-url", handle.origin.removeprefix("http://"))
    result.assert_outcomes(passed=1)


def test_a_no_proxy_that_has_every_host_stays_while_calls_are_redirected(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "*")
    pytester.makepyfile(
        """
        import os, pytest

        @pytest.mark.fakekit(intercept=True)
        def test_x():
            assert os.environ["NO_PROXY"] == "*"
        """
    )
    run(pytester).assert_outcomes(passed=1)


def test_its_token_is_that_of_the_settings(pytester: pytest.Pytester) -> None:
    token = "t0ken-given-Zm9vYmFy"
    pytester.makepyprojecttoml(f'[tool.fakekit]\ncontrol_token = "{token}"\n')
    pytester.makepyfile("def test_a(xtrakit): assert xtrakit.customer(1)['id'] == 1\n")
    with fakekit.FakeServer(host="0.0.0.0", control_token=token) as handle:
        result = run(pytester, "--fakekit-url", f"http://127.0.0.1:{handle.origin.rpartition(':')[2]}")
    result.assert_outcomes(passed=1)
    assert token not in result.stdout.str()


PINNED = "[pytest]\nfakekit_world = 0123456789ab\n"


def test_its_world_is_compared_with_the_one_that_the_project_relies_on(pytester: pytest.Pytester) -> None:
    pytester.makeini(PINNED)
    pytester.makepyfile("def test_a(xtrakit): pass\n")
    with fakekit.FakeServer() as handle:
        result = run(pytester, "--fakekit-url", handle.origin)
        result.assert_outcomes(errors=1)
    message = f"fakekit: world: is 0123456789ab, but fakekit * at {handle.origin} generates world *"
    result.stdout.fnmatch_lines([message])


def test_a_server_in_a_process_that_does_not_start_says_why_in_each_test(pytester: pytest.Pytester) -> None:
    pytester.makeini(PINNED)
    pytester.makepyfile("def test_a(xtrakit): pass\ndef test_b(xtrakit): pass\n")
    result = run(pytester, "--fakekit-server", "process")
    result.assert_outcomes(errors=2)
    assert result.stdout.str().count("world: is 0123456789ab, but fakekit") == 2
