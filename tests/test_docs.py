"""The docs say what is true: blocks run, generated pages are current, links lead somewhere."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.make import PAGES as GENERATED
from tests.helpers.commands import cli, paste
from tests.helpers.pages import pytest_variables
from tests.helpers.processes import Server, clean_environment, free_port, serving, started, wait_for_file
from tests.helpers.project import ROOT, blocks, copy_of_the_project

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
README = (ROOT / "README.md").read_text("utf-8")
SET_UP = ["make serve\n", "make test\n"]


def block_behind(heading: str, language: str) -> str:
    section = README.split(f"### {heading}\n", 1)[1].split("\n### ", 1)[0].split("\n## ", 1)[0]
    (block,) = blocks(section, language)
    return block


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with what the README's blocks name."""
    shutil.copytree(ROOT / "fixtures", tmp_path / "fixtures")
    return tmp_path


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """What ``make serve`` runs, on a port of its own."""
    with serving(tmp_path_factory.mktemp("readme")) as running:
        yield running


def test_the_two_set_up_commands_come_first_and_are_targets() -> None:
    assert blocks(README, "sh")[:2] == SET_UP
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(r"^serve:", makefile, re.M)
    assert re.search(r"^test:", makefile, re.M)


def test_ask_for_a_customer(demo: Server, checkout: Path) -> None:
    printed = paste(block_behind("Ask for a customer", "sh"), checkout, demo.port)
    assert printed == block_behind("Ask for a customer", "json")


def test_point_your_own_code_at_it(demo: Server, checkout: Path) -> None:
    code = block_behind("Point your own code at it", "python").replace("4310", str(demo.port))
    (checkout / "client.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "client.py"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=True,
        env={k: v for k, v in clean_environment().items() if not k.startswith("XTRAKIT_")},
    )
    assert done.stdout == block_behind("Point your own code at it", "text")


def test_see_the_errors_and_why(demo: Server, checkout: Path) -> None:
    printed = paste(block_behind("See the errors, and why", "sh"), checkout, demo.port)
    assert printed.replace("\r", "") == block_behind("See the errors, and why", "text")


def test_bring_your_own_records(checkout: Path) -> None:
    printed = paste(block_behind("Bring your own records", "sh"), checkout, other=free_port())
    assert printed.startswith("1 file with 2 customers, 1 customer_groups: good\n")
    assert json.loads(printed.splitlines()[-1])["data"]["customer"]["customer_name"] == "Kofi Adu"


@pytest.mark.slow
def test_go_on_tomorrow(checkout: Path) -> None:
    printed = paste(block_behind("Go on tomorrow", "sh"), checkout, other=free_port())
    assert printed.count(": 6, ") == 2
    assert json.loads(printed.splitlines()[-1])["data"]["group"]["group_name"] == "Regulars"
    assert re.findall(r"^state +(\S+) (.*)$", printed, re.M) == [
        ("shop.db", "(0 accounts)"),
        ("shop.db", "(1 account)"),
    ]


@pytest.mark.slow
def test_the_block_of_the_page_about_state_runs(checkout: Path) -> None:
    (block,) = blocks((ROOT / "docs" / "state.md").read_text("utf-8"), "sh")
    printed = paste(block.replace("4314", str(free_port())), checkout)
    assert json.loads(printed.splitlines()[-1])["data"]["group"]["group_name"] == "Regulars"


def test_test_with_it_in_pytest(checkout: Path) -> None:
    first, second = blocks(README.partition("### Test with it")[2], "python")
    (checkout / "test_customers.py").write_text(first + second)
    assert "2 passed" in paste("exec 2>&1; python -m pytest", checkout, env=pytest_variables())


def test_the_python_blocks_import_what_make_serve_installs() -> None:
    """In its environment are fakekit, what that needs, and the group `readme`."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    installed = {re.split("[^a-z]", requirement)[0] for requirement in groups["readme"]}
    imported = {
        name for block in blocks(README, "python") for name in re.findall(r"^import (\w+)", block, re.M)
    }
    assert installed == imported - sys.stdlib_module_names | {"pytest"}


@pytest.mark.slow
def test_the_python_blocks_run_in_the_environment_that_make_serve_makes(tmp_path: Path) -> None:
    project = copy_of_the_project(tmp_path)
    first, second = blocks(README.partition("### Test with it")[2], "python")
    (project / "test_readme.py").write_text(first + second)
    serve = ["make", "serve", f"PYTHON={sys.executable}", "ARGS=--port 0 --ready-file ready.json"]
    alone = {name: os.environ[name] for name in ("HOME", "PATH")}
    with started(serve, stdout=subprocess.DEVNULL, cwd=project, env=alone, new_session=True) as process:
        port = wait_for_file(project / "ready.json", process, patience=300)["port"]
        client = block_behind("Point your own code at it", "python").replace("4310", str(port))
        (project / "client.py").write_text(client)
        # `pytest` alone would take the settings of the project's own tests, which are not those of a reader.
        lines = (
            ". .venv/serve/bin/activate; python client.py; pytest -q -c /dev/null --rootdir . test_readme.py"
        )
        done = subprocess.run(
            ["bash", "-euc", lines],
            cwd=project,
            env=alone,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    name, *rest = done.stdout.splitlines(keepends=True)
    assert name == block_behind("Point your own code at it", "text")
    assert "2 passed" in "".join(rest)


@pytest.mark.slow
def test_test_with_it_in_other_languages_and_again(checkout: Path) -> None:
    for _ in range(2):  # the second time an old ready file lies there
        printed = paste(blocks(README.partition("### Test with it")[2], "sh")[0], checkout)
        assert json.loads(printed.splitlines()[-1])["data"]["customer"]["id"] == 500


def test_test_with_it_a_whole_program(checkout: Path) -> None:
    _, program = blocks(README.partition("### Test with it")[2], "sh")
    printed = paste(program, checkout)
    assert json.loads(printed.splitlines()[-1])["data"]["customer"]["customer_name"] == "Jane Doe"


@pytest.mark.slow
def test_the_blocks_of_the_ci_page_run(checkout: Path) -> None:
    block, control = blocks((ROOT / "docs" / "ci.md").read_text("utf-8"), "sh")
    told = json.loads(paste(control, checkout).splitlines()[-1])
    assert (told["key"], told["seed"]) == ("fk_ci", 7)
    printed = paste(block, checkout)
    assert json.loads(printed.splitlines()[-1])["data"]["customer"]["id"] == 42
    assert "GET /api/v1/customers/42 200" in (checkout / "fakekit.log").read_text()


def test_the_recipes_of_the_ci_page_fit_the_image() -> None:
    import yaml

    from fakekit.settings.table import TABLE

    page = (ROOT / "docs" / "ci.md").read_text("utf-8")
    action, hook, github, gitlab, compose = [yaml.safe_load(block) for block in blocks(page, "yaml")]
    inputs = yaml.safe_load((ROOT / "action.yml").read_text())["inputs"]
    assert action["steps"][1]["with"].keys() <= inputs.keys()
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert hook["repos"][0]["hooks"] == [{"id": hooks[0]["id"]}]
    image = "registry.example.com/fakekit:0.1.0"
    service = github["jobs"]["tests"]["services"]["fakekit"]
    assert service["image"] == image == gitlab["tests"]["services"][0]["name"]
    assert compose["services"]["fakekit"]["image"] == image
    assert service["ports"] == ["4310:4310"]
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "EXPOSE 4310" in dockerfile
    assert "HEALTHCHECK" in dockerfile  # what service_healthy and the runner wait for
    variables = set(re.findall(r"FAKEKIT_[A-Z_]+", page))
    assert variables <= {setting.variable for setting in TABLE}
    urls = set(re.findall(r"http://(?:127\.0\.0\.1|fakekit):\d+\S*", "".join(blocks(page, "yaml"))))
    assert all(":4310/api/v1" in url for url in urls)


def test_every_readme_block_is_one_of_those_that_run() -> None:
    headings = [
        "Ask for a customer",
        "Point your own code at it",
        "See the errors, and why",
        "Bring your own records",
        "Go on tomorrow",
        "Test with it",
    ]
    assert re.findall(r"^### (.*)$", README, re.M) == headings
    runnable = blocks(README, "sh") + blocks(README, "python")
    assert len(runnable) == len(SET_UP) + len(headings) + 3


@pytest.mark.parametrize("name", GENERATED)
def test_generated_pages_are_current(name: str) -> None:
    made = GENERATED[name]()
    assert (ROOT / "docs" / name).read_text("utf-8") == made, "run `make docs`"


def test_every_setting_and_assumption_has_a_heading() -> None:
    from fakekit.contract.positions import TABLE as ASSUMPTIONS
    from fakekit.settings.table import TABLE as SETTINGS

    def headings(name: str, level: str) -> list[str]:
        return re.findall(rf"^{level} (\S+)$", (ROOT / "docs" / name).read_text("utf-8"), re.M)

    assert headings("settings.md", "##") == [setting.name for setting in SETTINGS]
    assert headings("fidelity.md", "###") == [assumption.name for assumption in ASSUMPTIONS]


def test_every_assumption_that_code_relies_on_is_in_the_table_and_every_one_is_used() -> None:
    from fakekit.contract.positions import TABLE as ASSUMPTIONS

    code = "".join(
        f.read_text("utf-8")
        for f in (ROOT / "fakekit").rglob("*.py")
        if f.name != "assumptions.py" and f.parent.name != "drift"
    )
    relied_on = set(re.findall(r'\bassumed\("([a-z_.]+)"\)', code))
    rules = {"sales.sums", "hosts.any", "limits.none"}  # what is not done shapes no answer
    assert relied_on == {assumption.name for assumption in ASSUMPTIONS} - rules


def test_the_fixture_example_of_the_docs_is_good(tmp_path: Path) -> None:
    (block,) = blocks((ROOT / "docs" / "fixtures.md").read_text("utf-8"), "yaml")
    (tmp_path / "world.yaml").write_text(block)
    done = cli("check", str(tmp_path / "world.yaml"))
    assert (done.returncode, done.stderr) == (0, "")


def test_the_personas_of_the_docs_are_what_is_printed() -> None:
    assert cli("personas").stdout in blocks((ROOT / "docs" / "world.md").read_text("utf-8"), "text")


def test_links_lead_somewhere() -> None:
    links = [
        (page, target)
        for page in PAGES
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
        if not target.startswith("https://")
    ]
    assert len(links) > 50
    assert [(page.name, target) for page, target in links if not (page.parent / target).exists()] == []


FAULTS_PAGE = ROOT / "docs" / "faults.md"


def test_every_kind_of_fault_has_a_heading_and_every_setting_is_named_under_it() -> None:
    from fakekit.faults.fault import COMMON
    from fakekit.faults.registry import KINDS

    page = FAULTS_PAGE.read_text("utf-8")
    parts = re.split(r"^### (\S+)$", page.partition("\n## Kinds\n")[2], flags=re.M)
    described = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert list(described) == list(KINDS)
    for kind, text in described.items():
        named = re.findall(r"^\| `([a-z_]+)` \|", text.partition("\n## ")[0], re.M)
        assert named == [name for name in KINDS[kind].settings() if name not in COMMON]
    general = page.partition("\n## Which requests\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z]+)` \|", general, re.M)) == set(COMMON)


def test_the_bounds_of_the_faults_page_are_those_of_the_code() -> None:
    from fakekit.faults import active, registry, settings

    bounds = FAULTS_PAGE.read_text("utf-8").partition("\n## Bounds\n")[2]
    said = [int(n.replace(",", "")) for n in re.findall(r"^\| .* \| ([0-9,]+)", bounds, re.M)]
    assert said == [
        active.MAX_FAULTS,
        active.MAX_KEY_FAULTS,
        registry.MAX_LENGTH,
        settings.MAX_SECONDS,
    ]


@pytest.mark.slow
def test_the_python_of_the_faults_page_runs(tmp_path: Path) -> None:
    code = "\n".join(blocks(FAULTS_PAGE.read_text("utf-8"), "python"))
    (tmp_path / "test_page.py").write_text(code)
    quiet = [f"-pno:{plugin}" for plugin in ("faker", "asyncio", "schemathesis", "cacheprovider", "randomly")]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *quiet],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env=clean_environment(),
        check=False,
    )
    assert "6 passed" in done.stdout, done.stdout


@pytest.mark.slow
def test_the_shell_of_the_faults_page_runs(checkout: Path) -> None:
    (block,) = blocks(FAULTS_PAGE.read_text("utf-8"), "sh")
    printed = paste(block.replace("4312", str(free_port())), checkout).splitlines()
    assert '{"status": 503, "error": "Service Unavailable"}' in printed
    assert '{"status": 429, "error": "Too Many Requests"}' in printed
