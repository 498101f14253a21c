"""The fixture ``xtrakit``, as suites use it: pytester runs them in processes of their own."""

from __future__ import annotations

import shutil

import pytest

from tests.helpers.programs import program
from tests.helpers.project import ROOT
from tests.helpers.pytest_runs import run, run_as_installed

USE = """
import requests

def test_x(xtrakit):
    answer = requests.get(xtrakit.url("customers/1"), headers=xtrakit.headers)
    assert answer.json()["status"] == 200
"""


@pytest.mark.slow
def test_one_line_is_all_it_takes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(USE)
    run_as_installed(pytester).assert_outcomes(passed=1)


@pytest.mark.slow
def test_each_test_has_a_world_of_its_own(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("turn", range(5))
        def test_add(xtrakit, turn):
            assert xtrakit.add_customer()["id"] == 51
            xtrakit.remove("customers", 1)
        """
    )
    run(pytester).assert_outcomes(passed=5)


def test_the_header_says_which_world_and_who_said_so(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile("def test_nothing(): pass")
    world = "world 580196e8a3ea (fakekit 0.1.0)"
    assert f"fakekit: seed 1 (default), {world}" in run(pytester).outlines
    pytester.makepyprojecttoml("[tool.fakekit]\nseed = 3\ncustomers = 9\n")
    expected = f"fakekit: seed 3 (pyproject.toml), {world}, customers (pyproject.toml)"
    assert expected in run(pytester).outlines
    monkeypatch.setenv("FAKEKIT_SEED", "5")
    monkeypatch.setenv("FAKEKIT_SEDE", "5")
    lines = run(pytester).outlines
    assert f"fakekit: seed 5 (FAKEKIT_SEED), {world}, customers (pyproject.toml)" in lines
    assert "fakekit: warning: FAKEKIT_SEDE: is not a variable that fakekit reads; write FAKEKIT_SEED" in lines


def test_a_setting_that_cannot_be_used_is_told_and_fails_only_who_uses_it(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKEKIT_SEED", "x")
    pytester.makepyfile(USE + "\ndef test_other(): pass\n")
    result = run(pytester)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["fakekit: FAKEKIT_SEED: must be a whole number from *; found 'x'"])
    assert "Traceback" not in result.stdout.str()
    assert "settings.py" not in result.stdout.str()


@pytest.mark.slow
def test_settings_are_an_overridable_fixture(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session")
        def fakekit_settings():
            return {"customers": 7}
        """
    )
    pytester.makepyfile(program("settings_suite.py"))
    run(pytester, "--strict-markers").assert_outcomes(passed=3)


@pytest.mark.slow
def test_settings_may_be_an_object_and_a_changed_file_is_read_again(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(program("changed_file.py"))
    run(pytester).assert_outcomes(passed=12)


@pytest.mark.slow
def test_marks_add_up_the_closest_first_and_find_their_files(pytester: pytest.Pytester) -> None:
    folder = pytester.mkdir("sub")
    (folder / "world.yaml").write_text("customer_groups: []\n")
    (folder / "test_marks.py").write_text(
        "import pytest\n"
        "pytestmark = pytest.mark.fakekit(customers=3, fixtures='world.yaml')\n"
        "def test_module(xtrakit):\n"
        "    assert xtrakit.add_customer()['id'] == 4\n"
        "@pytest.mark.fakekit(customers=5)\n"
        "def test_closer(xtrakit):\n"
        "    assert xtrakit.add_customer()['id'] == 6\n"
    )
    run(pytester).assert_outcomes(passed=2)


def test_a_wrong_argument_is_told_with_the_nearest_right_one(pytester: pytest.Pytester) -> None:
    told = {
        "sede=1": "fakekit: @pytest.mark.fakekit: sede: is not a setting of the fake; write seed",
        "port=1": "fakekit: @pytest.mark.fakekit: port: is not a setting of the fake; write *",
        "7": "fakekit: @pytest.mark.fakekit: takes keyword arguments only; write seed=7",
        "customers=-1": "fakekit: customers: must be a whole number from 0 to 1,000,000; found -1",
        "fixtures=5": "fakekit: fixtures: must be one or more paths *; found 5",
        "fixtures='no.yaml'": "fakekit: *no.yaml: does not exist; write the path of a *",
    }
    tests = [f"@pytest.mark.fakekit({mark})\ndef test_{n}(xtrakit): pass\n" for n, mark in enumerate(told)]
    pytester.makepyfile("import pytest\n" + "".join(tests))
    result = run(pytester)
    result.assert_outcomes(errors=6)
    result.stdout.fnmatch_lines(list(told.values()))


@pytest.mark.slow
def test_a_failure_shows_the_line_of_the_test_and_not_ours(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_x(xtrakit):\n    xtrakit.add_customer(customer_nmae='Ama')\n")
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            ">*xtrakit.add_customer(customer_nmae='Ama')",
            "E*RefusedRecordError: customers.customer_nmae: is not a field of this record;*",
        ]
    )
    assert "fakekit/testing/handle.py" not in result.stdout.str()


def test_a_suite_that_does_not_use_it_does_not_feel_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_nothing_was_imported():
            heavy = {"flask", "werkzeug", "faker", "marshmallow", "yaml", "asyncio", "httptools", "gunicorn", "click"}
            assert not heavy & set(sys.modules)
        """
    )
    run(pytester).assert_outcomes(passed=1)


def test_nothing_leaks_a_thread_a_socket_or_a_file(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(program("leaked.py"))
    pytester.makepyfile(
        """
        import socket
        import pytest, requests

        @pytest.mark.parametrize("seed", [1, 1, 2, 3])
        def test_use(request, seed, xtrakit):
            with requests.Session() as session:
                for _ in range(3):
                    assert session.get(xtrakit.url("customers/9"), headers=xtrakit.headers).ok
            host, port = xtrakit.origin.removeprefix("http://").split(":")
            with socket.create_connection((host, int(port))) as half_open:
                half_open.sendall(b"GET /api")
        """
    )
    result = run(pytester, "-s")
    result.assert_outcomes(passed=4)
    assert "LEAKED set() set()" in result.outlines


@pytest.mark.slow
def test_the_example_suite_passes_alone_in_random_order_and_in_parallel(pytester: pytest.Pytester) -> None:
    shutil.copytree(ROOT / "examples" / "pytest_suite", pytester.path, dirs_exist_ok=True)
    run_as_installed(pytester, "--strict-markers").assert_outcomes(passed=15)
    run(pytester, "-n", "2").assert_outcomes(passed=15)


STRANGER = program("strangers_suite.py")


@pytest.mark.slow
@pytest.mark.parametrize("how", ["alone", "parallel", "random"])
def test_a_strangers_suite_of_fifty_passes_twenty_times_in_a_row(pytester: pytest.Pytester, how: str) -> None:
    pytester.makepyfile(STRANGER.replace("TURNS", "50"))
    options = [
        "-p",
        "no:asyncio",
        "-p",
        "no:faker",
        "-p",
        "no:schemathesis",
        "-p",
        "no:cacheprovider",
        "-W",
        "error",
    ]
    for turn in range(20):
        ways = {
            "alone": ["-p", "no:randomly"],
            "parallel": ["-p", "no:randomly", "-n", "4"],
            "random": [f"--randomly-seed={turn}"],
        }
        pytester.runpytest_subprocess(*options, *ways[how]).assert_outcomes(passed=50)


@pytest.mark.slow
def test_a_strangers_suite_passes_in_parallel(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(STRANGER.replace("TURNS", "10"))
    run(pytester, "-n", "2").assert_outcomes(passed=10)
