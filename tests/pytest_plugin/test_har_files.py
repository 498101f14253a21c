"""`pytest --fakekit-har DIR`: a HAR file for each failed test."""

from __future__ import annotations

import json

import pytest

from tests.helpers.programs import program
from tests.helpers.pytest_runs import IN_A_PROCESS, run

pytestmark = pytest.mark.slow
SUITE = program("har_suite.py")


@pytest.mark.parametrize("server", ["thread", IN_A_PROCESS])
def test_a_failed_test_has_a_file_with_its_requests(pytester: pytest.Pytester, server: str) -> None:
    pytester.makepyfile(test_it=SUITE)
    run(pytester, "--fakekit-har", "out/har", "--fakekit-server", server).assert_outcomes(passed=1, failed=2)
    (file,) = (pytester.path / "out" / "har").iterdir()
    assert file.name.startswith("test_it.py-test_fails-")
    text = file.read_text("utf-8")
    asked = [
        (entry["request"]["url"].partition("/api/v1")[2], entry["response"]["status"])
        for entry in json.loads(text)["log"]["entries"]
    ]
    assert asked == [("/customers/2", 200), ("/customers/3", 401)]
    assert "sk_live_secret" not in text


def test_a_folder_that_cannot_be_made_stops_no_run(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=SUITE)
    (pytester.path / "taken").write_text("a file")
    result = run(pytester, "--fakekit-har", "taken")
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["fakekit: --fakekit-har: cannot write to taken (File exists)"])


def test_two_processes_write_to_one_folder(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=SUITE, test_more=SUITE)
    run(pytester, "--fakekit-har", "har", "-n", "2").assert_outcomes(passed=2, failed=4)
    assert len(list((pytester.path / "har").glob("*.har"))) == 2


def test_the_first_test_of_an_account_that_tests_share_has_a_file_without_earlier_requests(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(test_it=program("har_shared_suite.py"))
    run(pytester, "--fakekit-har", "har").assert_outcomes(passed=1, failed=2)
    urls = {
        file.name.partition("-test_")[2].partition("-")[0]: [
            entry["request"]["url"].partition("/api/v1/")[2]
            for entry in json.loads(file.read_text("utf-8"))["log"]["entries"]
        ]
        for file in (pytester.path / "har").iterdir()
    }
    assert urls == {"first": ["customers/2"], "second": ["customers/3"]}
