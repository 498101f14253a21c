"""What the tools of those who read the OpenAPI document make of it, and of the server."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.helpers.commands import cli
from tests.helpers.processes import PATIENCE, Server, clean_environment, drain, serving
from tests.helpers.programs import program
from tests.helpers.project import ROOT

NODE = Path(__file__).parent / "node"
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    # Not --strict: schemathesis ends with an error of its own where an answer has a URL like `https://[`, which a rule
    # of form makes it try. tests/test_openapi_bodies.py compares document and server under --strict.
    with serving(tmp_path_factory.mktemp("openapi")) as running:
        drain(running)
        yield running


def fetch_document(served: Server, folder: Path) -> int:
    """Write the server's document to ``openapi.json``; how many operations it has."""
    text = requests.get(f"{served.origin}/_fakekit/openapi.json", timeout=PATIENCE).text
    (folder / "openapi.json").write_text(text, "utf-8")
    return sum(len(item) for item in json.loads(text)["paths"].values())


def schemathesis(folder: Path, origin: str, examples: int, *options: str) -> int:
    """How many cases found nothing."""
    command = [str(BIN / "schemathesis"), "--config-file", str(ROOT / "tests" / "schemathesis.toml"), "run"]
    done = subprocess.run(
        [
            *command,
            f"{origin}/_fakekit/openapi.json",
            "--max-examples",
            str(examples),
            "--no-color",
            *options,
        ],
        cwd=folder,
        # It prints check marks in any locale, and imports our check.
        env=clean_environment() | {"PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert re.findall(r"✅ +(\w+) \(in", done.stdout) == ["Examples", "Coverage", "Fuzzing", "Stateful"]
    counted = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert counted
    assert counted[1] == counted[2]
    return int(counted[1])


@pytest.mark.slow
def test_schemathesis_finds_nothing_in_a_small_run(served: Server, tmp_path: Path) -> None:
    assert schemathesis(tmp_path, served.origin, 1, "--include-path-regex", "/customer-groups") > 100


@pytest.mark.slow
def test_schemathesis_finds_nothing_in_ten_thousand_cases(served: Server, tmp_path: Path) -> None:
    assert schemathesis(tmp_path, served.origin, 330) >= 10_000


def tool(*command: str, cwd: Path) -> str:
    assert (NODE / "node_modules").is_dir(), f"{NODE} has no node_modules: run `make clients`"
    path = f"{NODE / 'node_modules' / '.bin'}:{BIN}:{os.environ['PATH']}"
    done = subprocess.run(
        command,
        cwd=cwd,
        env=clean_environment()
        | {
            "PATH": path,
            "REDOCLY_TELEMETRY": "off",
            "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
            "PYTHONUTF8": "1",
        },
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "options", [(), ("--assumptions=payload.tenant_fields=false",), ("--version=3.0",)], ids=str
)
def test_redocly_and_the_generators_have_no_warning(tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "openapi.json").write_text(cli("openapi", *options).stdout)
    told = tool("redocly", "lint", "openapi.json", "--format", "json", cwd=tmp_path)
    found = json.loads(told[told.index("{\n") : told.rindex("}") + 1])
    assert found["totals"] == {"errors": 0, "warnings": 0, "ignored": 0}
    tool("openapi-typescript", "openapi.json", "-o", "api.d.ts", cwd=tmp_path)
    assert "fetch_customer" in (tmp_path / "api.d.ts").read_text()
    told = tool(
        "openapi-python-client", "generate", "--path", "openapi.json", "--output-path", "client", cwd=tmp_path
    )
    assert "arning" not in told, told


@pytest.mark.slow
def test_the_generated_python_client_works_against_the_server(served: Server, tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_text(cli("openapi").stdout)
    tool(
        "openapi-python-client", "generate", "--path", "openapi.json", "--output-path", "client", cwd=tmp_path
    )
    (tmp_path / "client" / "drive.py").write_text(program("generated_client.py"))
    told = tool(sys.executable, "drive.py", served.origin, cwd=tmp_path / "client")
    assert told.splitlines() == [
        "Jane Doe Premium Customers",
        "ErrorAnswer(status=404, error='Customer not found')",
        "Customers found: 10",
        "51",
        "324232 324232",
    ]


@pytest.mark.slow
def test_the_postman_collection_runs_whole(tmp_path: Path) -> None:
    """Each request as its example has it, one after the other; the collection asks the server that made it."""
    with serving(tmp_path, "--assumptions", "delete.stores=true") as served:
        drain(served)
        count = fetch_document(served, tmp_path)
        options = "folderStrategy=Tags,parametersResolution=Example"
        tool("openapi2postmanv2", "-s", "openapi.json", "-o", "collection.json", "-O", options, cwd=tmp_path)
        key = ("--env-var", "bearerToken=fk_postman")
        report = ("--reporters", "json", "--reporter-json-export", "report.json")
        tool("newman", "run", "collection.json", *key, *report, cwd=tmp_path)
    executions = json.loads((tmp_path / "report.json").read_text("utf-8"))["run"]["executions"]
    answers = [(e["item"]["name"], e["response"]["code"]) for e in executions]
    assert [answer for answer in answers if answer[1] not in (200, 204)] == []
    assert len(answers) == count == 34  # with DELETE on stores, which is off by default


@pytest.mark.slow
def test_the_zod_client_of_orval_compiles_and_accepts_live_answers(served: Server, tmp_path: Path) -> None:
    count = fetch_document(served, tmp_path)
    for name in ("orval.config.cjs", "accept_answers.ts"):
        shutil.copy(NODE / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(NODE / "node_modules")
    tool("orval", "--config", "orval.config.cjs", cwd=tmp_path)
    options = ("--strict", "--target", "es2022", "--module", "nodenext", "--skipLibCheck")
    tool("tsc", *options, "accept_answers.ts", cwd=tmp_path)
    told = tool("node", "accept_answers.js", f"{served.origin}/_fakekit/openapi.json", cwd=tmp_path)
    lines = told.splitlines()
    assert len(lines) == count == 33
    assert {line.rpartition(" ")[2] for line in lines} == {"200", "204"}


def generator_warnings(folder: Path, document: str, generator: str) -> set[str]:
    """The warnings of openapi-generator about a document, which is the name of a file in the folder."""
    command = ("openapi-generator-cli", "generate", "-i", document, "-g", generator, "-o", f"made-{document}")
    told = tool(*command, cwd=folder)
    return {line for line in told.splitlines() if " WARN " in line or " ERROR " in line}


@pytest.mark.slow
@pytest.mark.parametrize("generator", ["typescript-fetch", "php"])
def test_openapi_generator_warns_of_nothing(tmp_path: Path, generator: str) -> None:
    (tmp_path / "openapi.json").write_text(cli("openapi", "--version", "3.0").stdout)
    assert generator_warnings(tmp_path, "openapi.json", generator) == set()
    assert any((tmp_path / "made-openapi.json").rglob("*ustomers*"))


@pytest.mark.slow
def test_its_python_generator_warns_of_what_it_warns_of_in_the_smallest_document(tmp_path: Path) -> None:
    """It warns of each field that has no default value, whatever the document is."""
    fields = {"type": "object", "properties": {"a": {"type": "string"}}}
    smallest: dict[str, Any] = {"openapi": "3.0.3", "info": {"title": "a", "version": "1"}, "paths": {}}
    smallest |= {"servers": [{"url": "http://127.0.0.1"}], "components": {"schemas": {"A": fields}}}
    (tmp_path / "smallest.json").write_text(json.dumps(smallest))
    (tmp_path / "openapi.json").write_text(cli("openapi", "--version", "3.0").stdout)
    expected = generator_warnings(tmp_path, "smallest.json", "python")
    assert generator_warnings(tmp_path, "openapi.json", "python") <= expected
    assert any((tmp_path / "made-openapi.json").rglob("*ustomers*"))
