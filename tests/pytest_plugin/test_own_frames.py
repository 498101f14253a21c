"""The line of a test that has caused an error of fakekit's is the last one that pytest prints."""

from __future__ import annotations

import re

import pytest

from tests.helpers.programs import program
from tests.helpers.pytest_runs import run

SOURCE = program("wrong_lines.py")
WRONG = [str(number) for number, line in enumerate(SOURCE.splitlines(), 1) if line.endswith("# wrong")]


@pytest.mark.slow
def test_a_traceback_ends_at_the_line_that_is_wrong(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_wrong=SOURCE)
    result = run(pytester, "--tb=short", "-p", "no:randomly")
    result.assert_outcomes(failed=16, errors=1)
    places = re.findall(r"^(\S+?\.py):(\d+): in (\w+)", result.stdout.str(), re.M)
    causes = [(file, line) for file, line, test in places if test != "test_a_fault_of_fakekit_itself"]
    assert sorted(causes[: len(WRONG)], key=lambda place: int(place[1])) == [
        ("test_wrong.py", line) for line in WRONG
    ]
    # The last test has hit a fault of fakekit's own, whose frames are all there.
    assert [file.rpartition("/")[2] for file, _ in causes[len(WRONG) :]] == [
        "wrong_names.py",
        "handle.py",
        "fake_server.py",
        "runner.py",
    ]


@pytest.mark.slow
def test_a_full_traceback_has_all_frames(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_wrong=SOURCE)
    result = run(pytester, "--full-trace", "-k", "test_a_setting")
    result.stdout.fnmatch_lines(["*fakekit/settings/__init__.py:*: SettingsError"])
