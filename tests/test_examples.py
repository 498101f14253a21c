"""The examples: every command of their READMEs, as it is pasted, from the repository's root."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.commands import Done
from tests.helpers.processes import Server, clean_environment, drain, serving
from tests.helpers.project import ROOT

EXAMPLES = ROOT / "examples"
FOLDERS = ("faults_four_ways", "side_by_side", "ways_to_run")
TWO_FAILURES = "503\n503\n200\nJane Doe\n"

# What each command prints; a server is where the READMEs say that one is needed.
PRINTED = {
    "sh examples/faults_four_ways/by_control_api.sh": (
        '{"id": 1, "fault": "fail", "status": 503, "method": "GET", "path": "customers/1", "times": 2,'
        ' "text_form": "fail=503,method=GET,path=customers/1,times=2",'
        f' "seen": 0, "used": 0}}\n{TWO_FAILURES}'
    ),
    "sh examples/faults_four_ways/by_serve.sh": TWO_FAILURES,
    "sh examples/faults_four_ways/by_key.sh": TWO_FAILURES,
    "python examples/ways_to_run/connected.py": "200 Jane Mensah\n['GET /api/v1/customers/1 200']\n",
    "python examples/ways_to_run/script.py": "200 Ama Mensah\n",
    "python examples/ways_to_run/with_unittest.py": "",
    "sh examples/side_by_side/run.sh": "python passed\nnode passed\nphp passed\n",
    "php examples/side_by_side/php/test_customers.php": (
        "ok - fetch\nok - add\nok - delete\nok - fail twice\nok - journal\n"
    ),
}
ENDS_WELL = (
    "pytest examples/faults_four_ways",
    "pytest examples/pytest_suite",
    "pytest examples/pytest_suite --fakekit-server process",
    "pytest examples/pytest_suite --fakekit-url http://127.0.0.1:4310",
    "pytest examples/side_by_side/python --fakekit-url http://127.0.0.1:4310",
    "node --test examples/side_by_side/node/customers.test.mjs",
    "sh examples/ways_to_run/any_language.sh",
    "sh examples/ways_to_run/any_language.sh php examples/vendor_clients/php/client.php",
)
SERVES = "fakekit serve"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server in another terminal."""
    with serving(tmp_path_factory.mktemp("examples")) as server:
        drain(server)
        yield server


def paste(command: str, origin: str) -> Done:
    """A command in a shell at the repository's root, where port 4310 is the server's."""
    here = {"FAKEKIT_URL": origin, "PYTHONDONTWRITEBYTECODE": "1"}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    direct = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", "PYTEST_ADDOPTS": "-p no:cacheprovider"}
    done = subprocess.run(
        ["sh", "-c", command.replace("http://127.0.0.1:4310", origin)],
        cwd=ROOT,
        env=clean_environment() | here | direct | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def require(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            pytest.fail(f"{program} is missing: run `make clients`")


@pytest.mark.slow
@pytest.mark.parametrize("command", PRINTED)
def test_what_an_example_prints(command: str, running: Server) -> None:
    require("node", "php")
    done = paste(command, running.origin)
    assert (done.returncode, done.stdout) == (0, PRINTED[command]), done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("command", ENDS_WELL)
def test_an_example_that_ends_well(command: str, running: Server) -> None:
    require("node", "php")
    done = paste(command, running.origin)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


@pytest.mark.slow
@pytest.mark.parametrize("status", [0, 3])
def test_a_run_ends_as_its_command_does(status: int, running: Server) -> None:
    done = paste(f"sh examples/ways_to_run/any_language.sh sh -c 'exit {status}'", running.origin)
    assert (done.returncode, done.stdout) == (status, "")


@pytest.mark.slow
def test_the_runner_ends_with_one_when_a_suite_fails(tmp_path: Path, running: Server) -> None:
    require("node", "php")
    copy = shutil.copytree(EXAMPLES / "side_by_side", tmp_path / "side_by_side")
    suite = copy / "php" / "test_customers.php"
    suite.write_text(suite.read_text().replace("same(51,", "same(52,"))
    done = paste(f"sh {copy}/run.sh", running.origin)
    assert (done.returncode, done.stdout) == (
        1,
        "python passed\nnode passed\nphp failed:\nok - fetch\nnot ok - add: expected 52, found 51\n"
        "ok - delete\nok - fail twice\nok - journal\n",
    )


def test_every_command_of_a_readme_is_tried() -> None:
    tried = {*PRINTED, *ENDS_WELL, SERVES}
    for folder in FOLDERS:
        text = (EXAMPLES / folder / "README.md").read_text()
        blocks = "".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)).splitlines()
        spans = re.findall(r"`((?:sh|python|pytest|node|php) [^`]+)`", text)
        assert blocks, folder
        assert {*blocks, *spans} - tried == set()


def test_every_file_of_an_example_is_named_in_its_readme() -> None:
    for folder in FOLDERS:
        text = (EXAMPLES / folder / "README.md").read_text()
        files = [
            file for file in (EXAMPLES / folder).rglob("*.*") if file.suffix in (".py", ".sh", ".mjs", ".php")
        ]
        assert files
        assert [file.name for file in files if file.name not in text] == []
