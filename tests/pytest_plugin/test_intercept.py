"""Calls for the vendor's hosts that a marked test makes: whose account they reach, by which clients, and for how long."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import fakekit
from tests.helpers.processes import FAKEKIT, clean_environment
from tests.helpers.programs import program
from tests.helpers.project import ROOT
from tests.helpers.pytest_runs import guarded

EVERY_CLIENT = program("intercept_every_client.py")


@pytest.mark.slow
@pytest.mark.parametrize("where", ["thread", "process", "elsewhere"])
def test_every_client_reaches_this_tests_account_also_one_made_before_it_and_the_code_of_the_docs(
    pytester: pytest.Pytester, where: str
) -> None:
    page = (ROOT / "docs" / "intercept.md").read_text("utf-8")
    (block,) = re.findall(r"^```python\n(import pytest.*?)^```$", page, re.S | re.M)
    (pytester.path / "test_docs.py").write_text(block)
    with fakekit.FakeServer(seed=1) as elsewhere:
        server = ("--fakekit-url", elsewhere.origin) if where == "elsewhere" else ("--fakekit-server", where)
        result = guarded(pytester, EVERY_CLIENT, "-rN", "--show-capture=no", "--tb=short", *server)
    result.assert_outcomes(passed=18, failed=8)
    failed = [line for line in result.outlines if line.startswith("fakekit: this test called the real")]
    assert len(failed) == 8
    assert "ASKED [] HEARD []" in result.outlines


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("-n", "2", "--dist", "loadscope")], ids=["one", "xdist"])
def test_a_server_in_another_process_answers_for_the_hosts_itself(
    pytester: pytest.Pytester, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    result = guarded(
        pytester, program("intercept_in_another_process.py"), "-rN", "--fakekit-server", "process", *options
    )
    result.assert_outcomes(passed=9, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*test_the_guard_stops_a_call_without_the_mark*",
            "*app.xtrakit.com, stopped before its name was looked up",
        ]
    )
    assert "REAL" not in result.stdout.str()
    assert list(temporary.iterdir()) == []
    assert all(line == "ASKED [] HEARD []" for line in result.outlines if line.startswith("ASKED"))


MARKS = program("intercept_marks.py")


@pytest.mark.slow
def test_marks_fixtures_threads_addresses_and_unittest(pytester: pytest.Pytester) -> None:
    result = guarded(pytester, MARKS, "-rN", "--tb=short")
    result.assert_outcomes(passed=8, failed=1, errors=1)
    result.stdout.fnmatch_lines_random(
        ["*ERROR at setup of test_a_wider_fixture_is_not_led*", "*TestMarks.test_the_closest_mark_wins*"]
    )
    assert "ASKED [] HEARD []" in result.outlines


CHILDREN = program("intercept_children.py")


@pytest.mark.slow
def test_children_inherit_it_and_no_other_proxy_is_given_a_key(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("XTRAKIT_API_KEY", "REAL")
    result = guarded(pytester, CHILDREN, "-rN", "--tb=short")
    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*test_a_proxy_of_the_clients_own_takes_nothing_to_the_real_service*",
            "  test_it.py:* in test_a_proxy_*: app.xtrakit.com, stopped because it goes through a proxy, which "
            "would pass it on to the real service (2 times)",
            "This test's calls are redirected to the fake. Make them without the proxy.",
        ]
    )
    (line,) = [line for line in result.outlines if line.startswith("ASKED")]
    assert line == "ASKED [] HEARD []"


SCRIPT = program("intercept_in_order.py")


@pytest.mark.slow
def test_the_latest_of_two_wins_in_every_thread_everything_is_put_back_and_nothing_is_left(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=clean_environment() | {"TMPDIR": str(tmp_path)},
        check=False,
    )
    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout.splitlines() == [
        "one one",
        "two two",
        "one one",
        "True",
        "two False",
        "True",
        "True",
        "one",
        "True",
        "a patch of the test's",
        "one",
        "True",
        "[] True",
        "set() set() set()",
    ]


@pytest.mark.slow
def test_under_fakekit_exec_calls_are_led_and_not_stopped(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(program("under_exec.py"))
    plugin = ["-p", "fakekit.pytest_plugin", "-p", "no:cacheprovider"]
    command = [*FAKEKIT, "exec", "--", sys.executable, "-m", "pytest", *plugin]
    environment = clean_environment() | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=pytester.path, env=environment, check=False
    )
    assert "2 passed" in done.stdout, done.stdout + done.stderr
