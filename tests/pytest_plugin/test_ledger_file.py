"""`pytest --fakekit-ledger-file FILE`: the operations and assumptions that a run has used."""

from __future__ import annotations

import json

import pytest

from tests.helpers.programs import program
from tests.helpers.pytest_runs import IN_A_PROCESS, run

pytestmark = pytest.mark.slow
OWN, SHARED = program("har_suite.py"), program("har_shared_suite.py")


@pytest.mark.parametrize("options", [(), ("-n", "2"), IN_A_PROCESS])
def test_a_run_writes_what_its_tests_have_used_also_of_accounts_that_they_share(
    pytester: pytest.Pytester, options: tuple[str, ...] | str
) -> None:
    """Requests that were rejected count too."""
    pytester.makepyfile(test_own=OWN, test_shared=SHARED)
    (pytester.path / "used.json").write_text("of an earlier run")
    options = ("--fakekit-server", "process") if isinstance(options, str) else options
    run(pytester, "--fakekit-ledger-file", "used.json", *options).assert_outcomes(passed=2, failed=4)
    text = (pytester.path / "used.json").read_text("utf-8")
    assert json.loads(text) == {
        "operations": {"fetch_customer": 6},
        "assumptions": ["fetch_customer.groups", "values.generated", "values.null"],
    }
    assert "sk_live_secret" not in text


def test_a_file_that_cannot_be_written_stops_no_run(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=OWN)
    result = run(pytester, "--fakekit-ledger-file", "missing/used.json")
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        ["fakekit: --fakekit-ledger-file: cannot write missing/used.json (No such file or directory)"]
    )
    result.stdout.no_fnmatch_line("*please report it*")


def test_a_run_that_used_nothing_writes_that(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it="def test_nothing():\n    pass\n")
    run(pytester, "--fakekit-ledger-file", "used.json").assert_outcomes(passed=1)
    assert json.loads((pytester.path / "used.json").read_text("utf-8")) == {
        "operations": {},
        "assumptions": [],
    }
