"""The curl lines in the report of a failed test get the answers that the test got."""

from __future__ import annotations

import re
import shlex
import subprocess

import pytest

from tests.helpers.processes import PATIENCE, serving
from tests.helpers.programs import program, require
from tests.helpers.pytest_runs import run


@pytest.mark.slow
def test_a_pasted_line_does_the_same_again(pytester: pytest.Pytester) -> None:
    require("curl")
    pytester.makepyfile(program("failing_faults.py"))
    told = run(pytester, "-p", "no:randomly").stdout.str()
    assert re.findall(r"-> (\d{3}) in", told) == ["503", "200", "429", "200", "401"]
    lines = re.findall(r"^   (curl .*)$", told, re.M)
    assert [line.partition("~")[2].rstrip("'") for line in lines] == ["fail=503", "", "fail=429", ""]
    statuses = []
    with serving(pytester.path) as running:
        for line in (*lines, *lines):
            command = shlex.split(re.sub(r"127\.0\.0\.1:\d+", f"127.0.0.1:{running.port}", line))
            done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE)
            statuses.append(done.stdout.split()[1])
    assert statuses == 2 * ["503", "200", "429", "200"]
