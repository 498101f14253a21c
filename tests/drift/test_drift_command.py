"""`fakekit drift`: what it asks, what it prints, its exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from unittest import mock
from xml.etree import ElementTree

import httpx
import pytest

import fakekit
from tests.helpers.commands import cli
from tests.helpers.drift import drift, findings, findings_in
from tests.helpers.project import ROOT, blocks

BUDGET = (
    "at most 46 requests: 39 GET, 1 without key, 1 with a made-up key,\n"
    "5 repeated up to 30 s after a 429;\n"
    "about 1 s at 1000/s; nothing is written; host 127.0.0.1\n"
)
AGREES = "127.0.0.1: 39 requests, no finding\n"
NO_CITY = "list_customers: data.customers[].customer_city: missing field"


@pytest.fixture
def moved(xtrakit: fakekit.Handle) -> fakekit.Handle:
    """A service that has left its page in one field."""
    xtrakit.fail("drop", "GET", "customers", field="customer_city")
    return xtrakit


def test_fakekit_agrees_with_itself() -> None:
    done = cli("drift", "--self")
    assert (done.returncode, findings_in(done.stdout), done.stderr) == (
        0,
        "fakekit itself: 39 requests, no finding\n",
        "",
    )


@pytest.mark.slow
def test_a_service_that_agrees(xtrakit: fakekit.Handle) -> None:
    done = drift(xtrakit.base_url, key=xtrakit.api_key)
    assert (done.returncode, findings_in(done.stdout), done.stderr) == (0, AGREES, BUDGET)
    requests = xtrakit.requests
    assert {request.method for request in requests} == {"GET"}
    paths = [request.path.removeprefix("/api/v1/") for request in requests]
    assert paths[:3] == ["user/authenticate", "customers", "customer-groups"]
    assert paths[7:9] == ["customers/1", "customers/50"]


@pytest.mark.slow
def test_a_service_in_the_other_rendering_refutes_an_assumption() -> None:
    with fakekit.FakeServer(customers=12, assumptions={"payload.tenant_fields": False}) as other:
        done = drift(other.base_url, "--format", "json")
        names = set(findings(done).values())
        assert names == {"our assumption was wrong payload.tenant_fields"}
        agreed = drift(other.base_url, "--assumptions", "payload.tenant_fields=false")
    assert (agreed.returncode, findings_in(agreed.stdout)) == (0, AGREES)


@pytest.mark.slow
def test_what_has_moved_is_told_in_80_columns(moved: fakekit.Handle) -> None:
    done = drift(moved.base_url, key=moved.api_key)
    assert done.returncode == 2
    assert findings_in(done.stdout) == (
        "127.0.0.1: 39 requests, 1 finding\n"
        "\n"
        "critical: the vendor left its page (add-customer)\n"
        "    list_customers: data.customers[].customer_city: missing field\n"
        "      the contract says present; seen absent in 50 of 50 records\n"
    )


@pytest.mark.slow
def test_every_format(moved: fakekit.Handle) -> None:
    whole = drift(moved.base_url, "--format", "json", key=moved.api_key)
    (finding,) = json.loads(whole.stdout)["findings"]
    assert finding == {
        "identity": f"{NO_CITY}: absent",
        "severity": "critical",
        "verdict": "the vendor left its page",
        "assumption": None,
        "operation": "list_customers",
        "situation": "with the key",
        "path": "data.customers[].customer_city",
        "kind": "missing field",
        "contract": ["present"],
        "seen": ["absent"],
        "source": "documented (add-customer)",
        "times": 50,
        "total": 50,
        "unit": "record",
        "weak": False,
        "used": False,
    }
    markdown = drift(moved.base_url, "--format", "markdown", key=moved.api_key).stdout
    assert markdown.splitlines()[4] == (
        f"| critical | `{NO_CITY}` | the contract says present; seen absent in 50 of 50 records"
        " | the vendor left its page (add-customer) |"
    )
    suite = ElementTree.fromstring(drift(moved.base_url, "--format", "junit", key=moved.api_key).stdout)
    assert [suite.get(name) for name in ("tests", "failures", "skipped")] == ["1", "1", "0"]
    assert suite[0].get("classname") == "fakekit.drift.list_customers"
    assert suite[0][0].get("type") == "critical"


ACCEPTED = f'[[accept]]\nfinding = "{NO_CITY}: absent"\nreason = "asked the vendor"\nuntil = 2999-01-01\n'


@pytest.mark.slow
def test_an_accept_list_holds_for_what_was_found_until_its_date(
    moved: fakekit.Handle, tmp_path: Path
) -> None:
    accept = tmp_path / "accept.toml"
    accept.write_text(ACCEPTED)
    done = drift(moved.base_url, "--accept", str(accept), key=moved.api_key)
    assert (done.returncode, findings_in(done.stdout), done.stderr) == (
        0,
        "127.0.0.1: 39 requests, no finding, 1 known\n"
        "\n"
        "known findings, which do not count:\n"
        f"    {NO_CITY}: absent\n",
        BUDGET,
    )
    accept.write_text(ACCEPTED.replace("2999", "2020"))
    ended = drift(moved.base_url, "--accept", str(accept), key=moved.api_key)
    assert ended.returncode == 2
    assert ended.stderr.startswith(
        f"warning: {accept}: the entry for {NO_CITY}: absent ended on 2020-01-01\n"
    )


@pytest.mark.slow
def test_other_drift_at_an_accepted_place_is_a_finding_and_the_entry_unused(
    xtrakit: fakekit.Handle, tmp_path: Path
) -> None:
    accept = tmp_path / "accept.toml"
    city = "list_customers: data.customers[].customer_city: type"
    accept.write_text(ACCEPTED.replace(f"{NO_CITY}: absent", f"{city}: a number"))
    answer = httpx.get(xtrakit.url("customers"), headers=xtrakit.headers).json()
    for seen, value in (("a number", 7), ("a list", [7])):
        for record in answer["data"]["customers"]:
            record["customer_city"] = value
        xtrakit.respond("GET", "customers", json=answer)
        done = drift(xtrakit.base_url, "--accept", str(accept), "--format", "markdown", key=xtrakit.api_key)
        if seen == "a number":
            assert (done.returncode, done.stderr) == (0, BUDGET)
    assert done.returncode == 2
    assert f"| critical | `{city}` | the contract says text; seen a list in 50 of" in done.stdout
    assert done.stderr == (f"{BUDGET}warning: {accept}: unused, as this run found no {city}: a number\n")


@pytest.mark.slow
def test_the_lines_of_a_report_are_an_accept_list(moved: fakekit.Handle, tmp_path: Path) -> None:
    accept = tmp_path / "accept.toml"
    report = drift(moved.base_url, "--format", "markdown", key=moved.api_key).stdout
    (lines,) = blocks(report, "toml")
    assert lines == f'[[accept]]\nfinding = "{NO_CITY}: absent"\nreason = ""\nuntil = ""\n\n'
    accept.write_text(lines.replace('reason = ""', 'reason = "known"').replace('""', "2999-01-01"))
    assert drift(moved.base_url, "--accept", str(accept), key=moved.api_key).returncode == 0


@pytest.mark.slow
def test_a_baseline_leaves_what_is_new(moved: fakekit.Handle, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    baseline.write_text(drift(moved.base_url, "--format", "json", key=moved.api_key).stdout)
    assert drift(moved.base_url, "--baseline", str(baseline), key=moved.api_key).returncode == 0
    moved.fail("null", "GET", "customers/1", field="created_by")
    done = drift(moved.base_url, "--baseline", str(baseline), "--format", "json", key=moved.api_key)
    assert findings(done) == {"fetch_customer: data.customer.created_by: null": "the vendor left its page"}


@pytest.mark.slow
def test_what_a_suite_used_comes_first(moved: fakekit.Handle, tmp_path: Path) -> None:
    moved.fail("null", "GET", "customer-groups", field="group_name")
    ledger = tmp_path / "ledger.json"
    ledger.write_text('{"operations": {"list_customer_groups": 2}, "assumptions": []}')
    done = drift(moved.base_url, "--used-by", str(ledger), key=moved.api_key)
    assert done.stdout.splitlines()[2:4] == [
        "critical: the vendor left its page (add-customer-group) (used by your tests)",
        "    list_customer_groups: data.groups[].group_name: null",
    ]


@pytest.mark.slow
def test_a_limit_of_requests_leaves_the_rest_unobserved(xtrakit: fakekit.Handle) -> None:
    done = drift(xtrakit.base_url, "--max-requests", "2", key=xtrakit.api_key)
    lines = done.stdout.splitlines()
    assert (done.returncode, lines[0]) == (0, "127.0.0.1: 2 requests, no finding")
    assert "    list_sales (with the key): the limit of requests was reached" in lines
    assert len(xtrakit.requests) == 2
    assert done.stderr.startswith(
        "the first 2 of 46 requests: 39 GET, 1 without key, 1 with a made-up key,\n"
    )


@pytest.mark.slow
def test_an_empty_list_is_not_observed() -> None:
    with fakekit.FakeServer(customers=0) as empty:
        lines = drift(empty.base_url).stdout.splitlines()
    assert "    list_sales data.sales (with the key): the list was empty" in lines
    assert "    fetch_sale (with the key): no list has a record for it" in lines


@pytest.mark.slow
def test_the_assumptions_of_the_project_are_what_the_service_is_held_against(tmp_path: Path) -> None:
    project = '[tool.fakekit]\nseed = 3\nfaults = ["fail=503"]\nassumptions = { "missing.status" = %d }\n'
    with fakekit.FakeServer(customers=12, assumptions={"missing.status": 410}) as gone:
        (tmp_path / "pyproject.toml").write_text(project % 410)
        agrees = drift(gone.base_url, cwd=tmp_path)
        (tmp_path / "pyproject.toml").write_text("")
        differs = drift(gone.base_url, "--format", "json", cwd=tmp_path)
    assert (agrees.returncode, findings_in(agrees.stdout)) == (0, AGREES)
    name = "fetch_customer for a record that does not exist: status"
    assert findings(differs) == {name: "our assumption was wrong missing.status"}


@pytest.mark.slow
def test_requests_are_sent_slowly(xtrakit: fakekit.Handle) -> None:
    waits: list[float] = []
    with mock.patch("fakekit.drift.client.sleep", waits.append):
        assert drift(xtrakit.base_url, "--rate", "2", key=xtrakit.api_key).returncode == 0
    # No time passes, so each request is half a second further behind the plan than the one before.
    assert len(waits) > 15
    assert max(waits) > 5


@pytest.mark.slow
def test_the_accept_list_of_the_docs_is_one(tmp_path: Path) -> None:
    found = blocks((ROOT / "docs" / "drift.md").read_text("utf-8"), "toml")
    (block,) = [block for block in found if block.startswith("[[accept]]")]
    (tmp_path / "accept.toml").write_text(block)
    assert cli("drift", "--self", "--accept", str(tmp_path / "accept.toml")).returncode == 0


MISTAKES = {
    "a rate that is no number": ["http://127.0.0.1:1", "--rate", "nan"],
    "a misspelt option": ["--formt", "json"],
    "no address": [],
    "an address and --self": ["http://127.0.0.1:1", "--self"],
    "plain HTTP to another machine": ["http://xtrakit.example"],
    "a variable that is not set": ["http://127.0.0.1:1", "--api-key-env", "NO_SUCH_VARIABLE"],
    "no terminal to ask on": ["https://xtrakit.example", "--api-key-env", "DRIFT_KEY"],
    "a file that is none": ["--self", "--accept", "no-such-file"],
    "a report of something else": ["--self", "--baseline", "pyproject.toml"],
    "a ledger of something else": ["--self", "--used-by", "pyproject.toml"],
}


@pytest.mark.parametrize("arguments", MISTAKES.values(), ids=MISTAKES)
def test_an_error_of_the_user_exits_with_1(arguments: list[str]) -> None:
    done = cli("drift", *arguments, env={"DRIFT_KEY": "fk_demo"})
    assert (done.returncode, done.stdout) == (1, "")
    assert "rror: " in done.stderr


def test_the_consent_is_asked_before_the_key() -> None:
    done = cli("drift", "https://xtrakit.example", env={})
    assert done.stderr == (
        "at most 46 requests: 39 GET, 1 without key, 1 with a made-up key,\n"
        "5 repeated up to 30 s after a 429;\n"
        "about 21 s at 2/s; nothing is written; host xtrakit.example\n"
        "error: needs your consent, and there is no terminal to ask on; write --yes\n"
    )


@pytest.mark.parametrize(
    "line",
    [
        'finding = "x"',
        'finding = "x"\nreason = ""\nuntil = 2027-01-01',
        'finding = "x"\nreason = "y"\nuntil = "soon"',
    ],
)
def test_an_accept_list_is_read_strictly(line: str, tmp_path: Path) -> None:
    (tmp_path / "accept.toml").write_text(f"[[accept]]\n{line}\n")
    done = cli("drift", "--self", "--accept", str(tmp_path / "accept.toml"))
    assert done.returncode == 1
    assert "accept[0]" in done.stderr
