"""Tests that may call the real service: what they call is reported, and nothing is kept from them for the next test."""

from __future__ import annotations

import pytest

from tests.helpers.programs import program
from tests.helpers.pytest_runs import guarded

ALLOWED = program("guard_allowed.py")


@pytest.mark.slow
def test_a_test_that_is_allowed_to_calls_and_the_report_says_so(pytester: pytest.Pytester) -> None:
    result = guarded(pytester, ALLOWED)
    result.assert_outcomes(passed=5, failed=3)
    result.stdout.fnmatch_lines_random(
        [
            "fakekit: allow_real: test_it.py::TestReal::test_calls may call the real XtraKit service, "
            "and called app.xtrakit.com",
            "fakekit: allow_real: test_it.py::TestReal::test_does_not may call the real XtraKit service, "
            "and did not call it",
            "fakekit: allow_real: test_it.py::test_beside_settings may call the real XtraKit service, "
            "and called api.xtrakit.com",
            "FAILED test_it.py::TestReal::test_closer*",
            "FAILED test_it.py::test_kept_connection*",
            "FAILED test_it.py::test_kept_address*",
            "  test_it.py:* in test_kept_address: app.xtrakit.com, stopped before connecting",
        ]
    )
    (line,) = [line for line in result.outlines if line.startswith("ASKED")]
    assert line == "ASKED ['app.xtrakit.com', 'app.xtrakit.com', 'api.xtrakit.com'] HEARD ['GET /', 'TLS']"


KEPT = program("guard_kept_connections.py")


@pytest.mark.slow
def test_connections_that_were_kept_from_an_allowed_test_are_shut(pytester: pytest.Pytester) -> None:
    result = guarded(pytester, KEPT)
    result.assert_outcomes(passed=1, failed=2)
    (line,) = [line for line in result.outlines if line.startswith("ASKED")]
    assert line == f"ASKED ['app.xtrakit.com', 'app.xtrakit.com'] HEARD {['GET /api/v1/customers/1'] * 3}"


@pytest.mark.slow
def test_under_xdist_the_report_says_what_every_worker_allowed(pytester: pytest.Pytester) -> None:
    source = "import pytest\n@pytest.mark.fakekit(allow_real=True)\ndef test_allowed(): pass\n"
    result = guarded(pytester, source, "-n", "2")
    told = (
        "fakekit: allow_real: test_it.py::test_allowed may call the real XtraKit service, and did not call it"
    )
    assert told in result.outlines


@pytest.mark.slow
def test_what_cannot_be_meant_by_the_mark_is_told(pytester: pytest.Pytester) -> None:
    wrong = {
        "intercept=1": "fakekit: @pytest.mark.fakekit: intercept: must be True, False or 'strict'; found 1",
        "intercpt=True": "fakekit: @pytest.mark.fakekit: intercpt: is not a setting of the fake; write intercept",
        "allow_real='yes'": "fakekit: @pytest.mark.fakekit: allow_real: must be True or False; found 'yes'",
        "intercept=True, allow_real=True": "fakekit: @pytest.mark.fakekit: intercept and allow_real exclude each "
        "other; write one of them",
    }
    tests = [f"@pytest.mark.fakekit({mark})\ndef test_{n}(xtrakit): pass\n" for n, mark in enumerate(wrong)]
    result = guarded(pytester, "import pytest\n" + "".join(tests))
    result.assert_outcomes(errors=4)
    result.stdout.fnmatch_lines(list(wrong.values()))
