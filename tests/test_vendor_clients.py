"""The example clients, which call as the vendor's PHP, NodeJS and Python samples do, against a server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from tests.helpers.processes import PATIENCE, clean_environment, serving
from tests.helpers.project import ROOT

pytestmark = pytest.mark.slow

CLIENTS = ROOT / "examples" / "vendor_clients"

READS = {
    "authenticate user": "User authenticated",
    "list customers": "Customers found: 50",
    "list customers, filtered": "Customers found: 1",
    "fetch customer": "Customer found",
    "list customer groups": "Groups found: 5",
    "list customer groups, filtered": "Groups found: 1",
    "fetch customer group": "Group found",
    "list sales": "Sales found: 98",
    "list sales, filtered": "Sales found: 1",
    "fetch sale": "Sale found",
    "list items": "Items found: 24",
    "list items, filtered": "Items found: 1",
    "fetch item": "Item found",
    "list item categories": "Item categories found",
    "list item categories, filtered": "Item categories found",
    "fetch expense": "Expense found",
    "fetch store": "Store found",
}
WRITES = {
    "add customer": "Customer added successfully",
    "edit customer": "Customer updated successfully",
    "add customer group": "Group added successfully",
    "edit customer group": "Group updated successfully",
    "add sale": "Sale added successfully",
    "edit sale": "Sale updated successfully",
    "add item": "Item added successfully",
    "edit item": "Item updated successfully",
    "add expense": "Expense added successfully",
    "edit expense": "Expense updated successfully",
}
WITHOUT_BODY = {"edit store": "Store updated successfully"}
ALL = READS | WRITES | WITHOUT_BODY

LITERAL_ID = "fetch customer, as printed"
ARRAY_NOTE = (
    "the body is multipart/form-data labelled application/json: PHP's curl was handed an array; "
    "write CURLOPT_POSTFIELDS => json_encode($data)"
)

PROGRAMS = {
    "python": [sys.executable, "python/client.py"],
    "node": ["node", "node/client.mjs"],
    "php": ["php", "php/client.php"],
    "php-as-printed": ["php", "php/client.php", "as-printed"],
}


@dataclass(frozen=True)
class ApiResponse:
    status: int
    note: str
    body: dict[str, object]

    @property
    def told(self) -> tuple[int, object]:
        """Status and message: what a client goes by, with the reason at hand where a test fails."""
        return self.status, self.body.get("message", f"{self.body.get('error')} ({self.note})")


Answers = Mapping[str, ApiResponse]


def require(there: object, what: str) -> None:
    if not there:
        pytest.fail(f"{what} is missing: run `make clients`")


@pytest.fixture(scope="module")
def programs() -> None:
    """Nothing is skipped: what a client needs is there, or the test says what to do."""
    require(shutil.which("node"), "node")
    require(
        (CLIENTS / "node" / "node_modules" / "axios").is_dir(), "examples/vendor_clients/node/node_modules"
    )
    require(shutil.which("php"), "php")
    curl = subprocess.run(
        ["php", "-r", "exit((int) !extension_loaded('curl'));"], check=False, timeout=PATIENCE
    )
    require(curl.returncode == 0, "PHP's curl extension")


@pytest.fixture(scope="module")
def answers(programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Answers]]:
    """What each program printed, each with a key, and so a world, of its own."""
    with serving(tmp_path_factory.mktemp("clients")) as server:
        yield {name: run(command, server.origin, f"fk_{name}") for name, command in PROGRAMS.items()}


def run(command: list[str], origin: str, key: str) -> Answers:
    told = {"XTRAKIT_BASE_URL": f"{origin}/api/v1", "XTRAKIT_API_KEY": key}
    direct = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    done = subprocess.run(
        command,
        cwd=CLIENTS,
        env=clean_environment() | told | direct,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), f"{command}\n{done.stdout[-500:]}\n{done.stderr}"
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    by_call = {line.pop("call"): ApiResponse(**line) for line in lines}
    assert len(by_call) == len(lines)
    return by_call


@pytest.mark.parametrize("program", ["python", "node", "php"])
def test_every_call_is_answered_as_documented(answers: dict[str, Answers], program: str) -> None:
    told = {call: answer.told for call, answer in answers[program].items() if call != LITERAL_ID}
    assert told == {call: (200, message) for call, message in ALL.items()}


@pytest.mark.parametrize("program", ["python", "node", "php"])
def test_of_all_calls_only_a_sale_without_lines_has_a_note(answers: dict[str, Answers], program: str) -> None:
    noted = {call: answer.note for call, answer in answers[program].items() if answer.note}
    assert set(noted) == {"add sale"} | ({LITERAL_ID} if program == "node" else set())
    assert noted["add sale"].startswith("the sale has no lines")


def test_every_array_that_php_hands_to_curl_is_refused_with_the_cure(answers: dict[str, Answers]) -> None:
    refused = {call: answers["php-as-printed"][call] for call in WRITES}
    assert {call: (a.status, a.note) for call, a in refused.items()} == dict.fromkeys(
        WRITES, (422, ARRAY_NOTE)
    )


def test_phps_calls_without_a_body_work_as_printed(answers: dict[str, Answers]) -> None:
    printed = answers["php-as-printed"]
    expected = READS | WITHOUT_BODY
    assert {call: printed[call].told for call in expected} == {c: (200, m) for c, m in expected.items()}
    assert set(printed) == set(ALL)


def test_the_literal_id_of_the_node_sample_is_told_apart(answers: dict[str, Answers]) -> None:
    answer = answers["node"][LITERAL_ID]
    assert answer.status == 404
    assert "the {id} in the path was not substituted" in answer.note


@pytest.mark.parametrize("call", READS)
def test_every_language_reads_the_same(answers: dict[str, Answers], call: str) -> None:
    python, *others = (answers[program][call].body for program in PROGRAMS)
    assert others == [python] * 3


def test_every_language_writes_the_same(answers: dict[str, Answers]) -> None:
    """But for the times, which are those of the writing."""
    python, node, php = (
        {call: without_times(answers[program][call].body) for call in WRITES | WITHOUT_BODY}
        for program in ("python", "node", "php")
    )
    assert node == python
    assert php == python


def without_times(value: object) -> object:
    if isinstance(value, dict):
        return {
            name: without_times(v) for name, v in value.items() if name not in ("created_at", "updated_at")
        }
    return [without_times(v) for v in value] if isinstance(value, list) else value


@pytest.mark.parametrize("missing", ["node", "php"])
def test_a_missing_program_is_told_and_not_skipped(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(pytest.fail.Exception, match=f"^{missing} is missing: run `make clients`$"):
        require(shutil.which(missing), missing)
