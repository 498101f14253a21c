"""The ledger and the assumptions: what is listed, what can be set, and what a pytest run leaned on."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.helpers.commands import cli
from tests.helpers.processes import serving
from tests.helpers.programs import program
from tests.helpers.project import ROOT
from tests.helpers.pytest_runs import run
from tests.helpers.raw_http import ask

FIDELITY = (ROOT / "docs" / "fidelity.md").read_text("utf-8")


def test_the_ledger_has_a_position_for_each_of_the_60_oddities() -> None:
    done = cli("ledger", "--format", "json")
    oddities = json.loads(done.stdout)
    assert [o["number"] for o in oddities] == list(range(1, 61))
    known = set(re.findall(r"^### (\S+)$", FIDELITY, re.M))
    for oddity in oddities:
        assert oddity["title"]
        assert len(oddity["position"]) > 20
        assert oddity["kind"] in ("documented", "standard", "assumed", "none")
        assert set(oddity["truths"]) <= known
        assert oddity["truths"] or oddity["kind"] != "assumed"


def test_the_ledger_as_a_table_fits_a_terminal_and_as_markdown_a_page() -> None:
    table = cli("ledger").stdout
    assert max(map(len, table.splitlines())) <= 80
    assert table.startswith(" 1  assumed     Lists printed as one object\n")
    assert len(re.findall(r"^ ?\d+  (documented|standard|assumed|none) ", table, re.M)) == 60
    markdown = cli("ledger", "--format", "markdown").stdout
    assert markdown in FIDELITY
    assert markdown.count("\n") == 62


def test_endpoints_prints_what_is_answered_and_how_sure_it_is() -> None:
    lines = cli("endpoints").stdout.splitlines()
    assert len(lines) == 34
    assert "GET    /api/v1/customers/{id}               documented (fetch-customer)" in lines
    assert "PUT    /api/v1/sales/edit/{invoice_code}    documented (edit-sale)" in lines
    assert "DELETE /api/v1/customers/{id}               assumed (delete.status)" in lines
    assert "DELETE /api/v1/stores/{id}                  off (delete.stores)" in lines
    assert "GET    /api/v1/expenses                     assumed (endpoint.by_analogy)" in lines
    assert max(map(len, lines)) <= 80


def status_of(folder: Path, *options: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    with serving(folder, *options, env=env) as running:
        reply = ask(running.port, "/api/v1/customers/999")
    return reply.status, reply.headers["fakekit-assumed"]


@pytest.mark.slow
def test_an_assumption_is_set_by_flag_variable_or_file_name_by_name(tmp_path: Path) -> None:
    plain = "missing.status, missing.error"
    assert status_of(tmp_path) == (404, plain)
    (tmp_path / "pyproject.toml").write_text(
        '[tool.fakekit.assumptions]\n"missing.status" = 410\n"missing.error" = "No {noun}, sorry"\n'
    )
    told = "missing.error='No {noun}, sorry'"
    assert status_of(tmp_path) == (410, f"missing.status=410, {told}")
    env = {"FAKEKIT_ASSUMPTIONS": "missing.status=411,create.status=201"}
    assert status_of(tmp_path, env=env) == (411, f"missing.status=411, {told}")
    flag = ("--assumptions", "missing.status=404")
    assert status_of(tmp_path, *flag, env=env) == (404, f"missing.status, {told}")
    (tmp_path / "pyproject.toml").write_text("[tool.fakekit.assumptions]\nmissing.status = 412\n")
    assert status_of(tmp_path)[0] == 412


SETTABLE = ", ".join(re.findall(r"^### (\S+)\n(?:(?!### ).)*?^Value: ", FIDELITY, re.M | re.S))
"""Those that the page calls settable, in its order."""


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("mising.status=404", "mising.status: is not an assumption; write missing.status"),
        ("zzz=1", f"zzz: is not an assumption; write one of {SETTABLE}"),
        (
            "hosts.any=app.xtrakit.com",
            f"hosts.any: is a rule, not a value, and cannot be set; write one of {SETTABLE}",
        ),
        (
            "customer.nulls=true",
            "customer.nulls: is called values.null now, which is a rule, not a value, and cannot be set",
        ),
        ("missing.status=200", "missing.status: must be a whole number from 400 to 499; found '200'"),
        ("create.status=204", "create.status: must be 200 or 201; found '204'"),
        ("delete.status=x", "delete.status: must be 200 or 204; found 'x'"),
        ("payload.tenant_fields=maybe", "payload.tenant_fields: must be true or false; found 'maybe'"),
        (
            "missing.error={who}",
            "missing.error: must be some text, in which {noun} stands for Customer, Sale and so on; found '{who}'",
        ),
    ],
)
def test_an_assumption_that_cannot_be_set_is_told(given: str, told: str) -> None:
    done = cli("openapi", "--assumptions", given)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: --assumptions: {told}\n"


def test_what_is_no_pair_is_told_and_so_are_several_mistakes_at_once() -> None:
    done = cli("openapi", "--assumptions", "missing.status")
    told = 'must be NAME=VALUE (several with commas between them); found ["missing.status"]'
    assert done.stderr == f"error: --assumptions: {told}\n"
    done = cli("openapi", env={"FAKEKIT_ASSUMPTIONS": "a.b=1,create.status=7"})
    assert [line.split(": ")[2] for line in done.stderr.splitlines()] == ["a.b", "create.status"]


SUITE = program("ledger_suite.py")
LEANT = "fakekit: the run relies on 5 assumptions (fine: no page of the vendor says it, so fakekit chose): filter.range, list.count, list.shape, missing.error, missing.status"


def test_a_run_ends_with_what_it_leaned_on(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SUITE)
    done = run(pytester)
    done.assert_outcomes(passed=4)
    assert [line for line in done.outlines if "relies on" in line] == [LEANT]


@pytest.mark.slow
def test_a_run_of_documented_behaviour_prints_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=SUITE)
    done = run(pytester, "-k", "test_documented", "--fakekit-ledger", "--fakekit-max-assumed", "0")
    done.assert_outcomes(passed=1, deselected=3)
    assert [line for line in done.outlines if line.startswith("fakekit:")][1:] == []


@pytest.mark.slow
def test_the_ledger_of_a_run_is_listed_by_test_also_under_xdist(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=SUITE)
    for options in ((), ("-n", "1")):
        done = run(pytester, "--fakekit-ledger", *options)
        told = sorted(line for line in done.outlines if line.startswith("fakekit: test_it"))
        assert told == [
            "fakekit: test_it.py::test_list: list.shape, list.count, filter.range",
            "fakekit: test_it.py::test_missing: missing.status, missing.error",
            "fakekit: test_it.py::test_set: missing.status, missing.error",
        ]
        assert LEANT in done.outlines


@pytest.mark.slow
def test_more_than_may_be_assumed_fails_the_run(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SUITE)
    assert run(pytester, "--fakekit-max-assumed", "5").ret == 0
    done = run(pytester, "--fakekit-max-assumed", "4", "-n", "1")
    done.assert_outcomes(passed=4)
    assert done.ret == 1
    done.stdout.fnmatch_lines([LEANT, "fakekit: that is more than the 4 of --fakekit-max-assumed"])
