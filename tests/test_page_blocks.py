"""Blocks of the docs that no test of their subject runs: whole pages of pytest, commands, samples of JSON and TOML."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import requests

import fakekit
from tests.helpers.commands import cli, paste
from tests.helpers.namespaces import are_namespaces_allowed
from tests.helpers.pages import page_blocks, pytest_variables
from tests.helpers.processes import PATIENCE, serving
from tests.helpers.project import ROOT

TESTS = [*(ROOT / "tests").rglob("test_*.py")]
RUNS = ("sh", "python", "js", "php", "toml", "ini")
"""Languages of blocks that can be run or read; a block of text is what something prints, or cannot be run here."""


def test_a_test_names_every_page_with_blocks_that_can_be_run() -> None:
    named = set(re.findall(r"[\w-]+\.md", "".join(file.read_text("utf-8") for file in TESTS)))
    pages = {
        file.name
        for file in (ROOT / "docs").glob("*.md")
        if any(page_blocks(file.name, kind) for kind in RUNS)
    }
    assert len(pages) > 15
    assert pages - named == set()


def run_python(blocks: list[str], folder: Path) -> str:
    """What pytest prints about blocks of Python, each in a file of its own."""
    for number, block in enumerate(blocks):
        (folder / f"test_block_{number}.py").write_text(f"import pytest\n\n{block}", "utf-8")
    return paste("exec 2>&1; python -m pytest -q -rA test_block_*.py", folder, env=pytest_variables())


@pytest.mark.slow
def test_the_tests_of_the_page_on_pytest(tmp_path: Path) -> None:
    """But one that is to fail, and those on variables of the environment, which other tests run."""
    world, unread, _ = page_blocks("pytest.md", "toml")
    (tmp_path / "pyproject.toml").write_text(world + unread, "utf-8")
    (tmp_path / "tests" / "data").mkdir(parents=True)
    for folder in (tmp_path, tmp_path / "tests" / "data"):
        shutil.copy(ROOT / "fixtures" / "demo" / "shop.yaml", folder)
    start, client, options, many, session, _, newer, _ = page_blocks("pytest.md", "python")
    settings = "\n\ndef test_them(xtrakit):\n    assert (xtrakit.about['seed'], xtrakit.record('customers', 8)['customer_name']) == (7, 'Kofi Adu')\n"
    crm = "from types import SimpleNamespace\nCrm = lambda *given: SimpleNamespace(given=given)\n"
    asks = "\n\ndef test_it(crm, xtrakit):\n    assert crm.given == (xtrakit.base_url, xtrakit.api_key)\n"
    blocks = [start, crm + client + asks, options + settings, many, session, newer]
    assert "8 passed" in run_python(blocks, tmp_path)


@pytest.mark.slow
def test_the_tests_of_the_page_on_intercept(tmp_path: Path) -> None:
    blocks = page_blocks("intercept.md", "python")
    assert "fakekit: allow_real: test_block_0.py::test_against_the_real_service may" in run_python(
        blocks, tmp_path
    )
    (tmp_path / "pytest.ini").write_text(page_blocks("intercept.md", "ini")[0], "utf-8")
    printed = run_python(blocks, tmp_path)
    assert "2 passed" in printed
    assert "may call the real XtraKit service" not in printed  # nothing would stop it


@pytest.mark.slow
def test_the_commands_of_the_page_on_exec(tmp_path: Path) -> None:
    program, with_fixtures, isolated = page_blocks("exec.md", "sh")
    asks = "import requests\nprint(requests.get('https://app.xtrakit.com/api/v1/customers/1', headers={'Authorization': 'Bearer API_KEY'}).text)\n"
    (tmp_path / "report.py").write_text(asks, "utf-8")
    shutil.copytree(ROOT / "fixtures", tmp_path / "fixtures")
    commands = {program: "Jane Doe", with_fixtures: "Kofi Adu"}
    if are_namespaces_allowed():
        commands[isolated] = "Jane Doe"
    for command, name in commands.items():
        answer = json.loads(paste(command, tmp_path))
        assert answer["data"]["customer"]["customer_name"] == name


@pytest.mark.slow
def test_the_commands_of_the_page_on_the_world(tmp_path: Path) -> None:
    digest, shop = page_blocks("world.md", "sh")
    (pin,) = page_blocks("world.md", "toml")
    (version,) = re.findall(r'world = "(\w+)"', pin)
    assert paste(digest, tmp_path).splitlines()[-1].startswith(version)
    paste(shop, tmp_path)
    assert cli("check", "shop.yaml", cwd=tmp_path).stdout.startswith("1 file with 10 customers, ")


def test_the_assumptions_of_the_docs_are_read(tmp_path: Path) -> None:
    value, compared = page_blocks("fidelity.md", "toml")
    (tmp_path / "pyproject.toml").write_text(value, "utf-8")
    document = json.loads(cli("openapi", cwd=tmp_path).stdout)
    assert document["info"]["x-fakekit-assumptions"]["missing.status"] == 400
    (tmp_path / "pyproject.toml").write_text(compared, "utf-8")
    ledger = cli("ledger", cwd=tmp_path).stdout
    for said in ("missing.status (confirmed ", "cors (confirmed ", "body.unknown_fields (refuted "):
        assert f"{said}2026-11-26)" in ledger


@pytest.mark.slow
def test_the_assumptions_and_the_accept_list_of_the_docs_are_read(tmp_path: Path) -> None:
    assumptions, accept_list = page_blocks("drift.md", "toml")
    (tmp_path / "pyproject.toml").write_text(assumptions, "utf-8")
    (tmp_path / "accept.toml").write_text(accept_list, "utf-8")
    done = cli("drift", "--self", "--accept", "accept.toml", cwd=tmp_path)
    unused = (
        "warning: accept.toml: unused, as this run found no list_customers: data.customers[].customer_city"
    )
    assert (done.returncode, done.stderr) == (0, f"{unused}: missing field: absent\n")


def test_the_error_of_the_docs_is_what_the_control_api_answers(xtrakit: fakekit.Handle) -> None:
    answer = requests.patch(
        f"{xtrakit.origin}/_fakekit/accounts/{xtrakit.api_key}/records/customers/1",
        json={"customer_nmae": "Ama"},
        headers={"Fakekit-Control": "1"},
        timeout=PATIENCE,
    )
    assert answer.json() == json.loads(page_blocks("control.md", "json")[0])


@pytest.mark.slow
def test_the_line_of_the_log_of_the_docs_is_what_is_logged(tmp_path: Path) -> None:
    sample = json.loads(page_blocks("start.md", "json")[0])
    with serving(tmp_path, "--log-format", "json") as running:
        url = f"http://127.0.0.1:{running.port}/api/v1/customers/1"
        requests.get(url, headers={"Authorization": "Bearer fk_demo"}, timeout=PATIENCE)
        _, log = running.end()
    line = json.loads(log.splitlines()[-1])
    assert list(line) == list(sample)
    changing = {name: sample[name] for name in ("time", "milliseconds", "text")}
    assert line | changing == sample
