"""What changes together is declared once: a copy of the project is changed in one place, and its tests pass."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.processes import clean_environment, serving
from tests.helpers.project import ROOT
from tests.helpers.raw_http import ask

QUIET = [f"-pno:{plugin}" for plugin in ("faker", "asyncio", "schemathesis", "cacheprovider", "randomly")]


def texts(tree: ast.Module) -> Iterator[str]:
    """The strings of a module's code, without its docstrings."""
    said = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


def test_the_base_path_is_spelled_in_one_file() -> None:
    files = (ROOT / "fakekit").rglob("*.py")
    spelled = [f.name for f in files for text in texts(ast.parse(f.read_text("utf-8"))) if "api/v1" in text]
    assert spelled == []  # vendor.py makes it of the root and the version


class Project:
    """A copy of the project, in which a test changes one place."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = clean_environment() | {"PYTHONPATH": str(folder)}

    def insert(self, file: str, before: str, text: str) -> None:
        """Put a text into a file, in front of a line that it has once."""
        path = self.folder / file
        content = path.read_text("utf-8")
        assert content.count(before) == 1, f"{file}: {before}"
        path.write_text(content.replace(before, text + before), "utf-8")

    def run(self, *arguments: str) -> str:
        """What a Python program of the copy prints."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def check(self, *tests: str) -> None:
        """Write the generated pages; run tests of the copy, and those that hold its code, help and pages together."""
        self.run("docs/make.py")
        files = ("tests/test_house.py", "tests/test_docs.py", "tests/test_project_pages.py")
        names = " or ".join(
            ["test_house", "generated", "heading", "help_names", *(Path(test).stem for test in tests)]
        )
        self.run("-m", "pytest", "-q", "-m", "not slow", "-k", names, *QUIET, *files, *tests)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    folder = tmp_path / "project"
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return Project(folder)


AN_OPTION = """
    greeting: str | None = setting(TEXT, None, "A word for those who come.")
"""


@pytest.mark.slow
def test_an_option_of_serve_is_one_declaration(project: Project) -> None:
    project.insert("fakekit/settings/table.py", "    exit_with_parent: bool", AN_OPTION[1:])
    project.check("tests/test_settings.py")
    assert "--greeting TEXT" in project.run("-m", "fakekit", "serve", "--help")
    assert "| variable | `FAKEKIT_GREETING` |" in (project.folder / "docs/settings.md").read_text("utf-8")
    program = """
import os, pathlib, fakekit
pathlib.Path("pyproject.toml").write_text("[tool.fakekit]\\ngreeting = 'akwaaba'\\n")
print(fakekit.Settings.of(greeting="hello").greeting)
print(fakekit.Settings.read({}, {"FAKEKIT_GREETING": "hi"}, pathlib.Path.cwd()).greeting)
print(fakekit.Settings.read({}, {}, pathlib.Path.cwd()).greeting)
"""
    assert project.run("-c", program) == "hello\nhi\nakwaaba\n"


A_FAULT = '''
@dataclass(frozen=True)
class Shout(BodyFault):
    """The message is in capitals."""

    kind = "shout"

    def alter(self, body: Any) -> Any:
        """Return the body with its message in capitals."""
        return {**body, "message": body["message"].upper()}


'''
ITS_PAGE = """### shout

The message is in capitals. No settings of its own.

"""


@pytest.mark.slow
def test_a_kind_of_fault_is_one_class_and_a_heading(project: Project, tmp_path: Path) -> None:
    project.insert("fakekit/faults/altering.py", "def _changed(", A_FAULT)
    project.insert("docs/faults.md", "`drop`, `null`, `mistype` and `content-type` count", ITS_PAGE)
    project.check("tests/faults/test_fault_sources.py")
    command = [sys.executable, "-m", "fakekit", "serve"]
    with serving(tmp_path, "--fault", "shout,times=1", command=command, env=project.env) as running:
        keys = (b"Bearer fk_x", b"Bearer fk_x", b"Bearer fk_x~shout")
        answers = [ask(running.port, "/api/v1/customers/1", key).body for key in keys]
    assert [b"CUSTOMER FOUND" in answer for answer in answers] == [True, False, True]


A_SETTING_OF_ACCOUNTS = """
    season: int = setting(whole_number(1, 12), 1, "The month it is.", scope=Scope.ACCOUNT)
"""


@pytest.mark.slow
def test_a_setting_of_accounts_tells_two_worlds_apart(project: Project) -> None:
    project.insert("fakekit/settings/table.py", "    exit_with_parent: bool", A_SETTING_OF_ACCOUNTS[1:])
    program = """
import fakekit
from fakekit.accounts.from_settings import Baselines
settings = fakekit.Settings.of()
baselines = Baselines(settings)
summer = baselines.for_account({"season": 7})
print(summer is baselines.for_account({"season": 8}), summer is baselines.for_account({"season": 7}))
"""
    assert project.run("-c", program) == "False True\n"
    suite = """
import pytest

@pytest.mark.fakekit(season=7)
def test_it(xtrakit):
    assert xtrakit.customer(1)["customer_name"] == "Jane Doe"
"""
    (project.folder / "test_season.py").write_text(suite)
    for server in ("thread", "process"):
        project.run("-m", "pytest", "-q", *QUIET, f"--fakekit-server={server}", "test_season.py")
