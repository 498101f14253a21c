"""What leads to the project: its links, its pages, and messages that need no clone."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import fakekit
from fakekit.cli import main
from fakekit.documentation import HOME, PAGES
from tests.helpers.commands import cli
from tests.helpers.processes import clean_environment
from tests.helpers.project import ROOT, blocks
from tests.helpers.pytest_runs import run

PACKAGE = Path(fakekit.__file__).parent
ONLY_IN_A_CLONE = re.compile(
    r"(?<![\w./:])(?:\.\./)*(?:docs|examples|fixtures|tests|benchmarks)/"
    r"|[\w-]\.(?:md|toml\.in)\b"
    r"|\bmake (?:serve|test|check|lint|docs|bench)\b"
    r"|\b(?:Makefile|Dockerfile|CHANGELOG|README|CONTRIBUTING|SECURITY)\b"
)


def named(text: str) -> list[str]:
    """What a text names that exists only in a clone; addresses are no files."""
    return ONLY_IN_A_CLONE.findall(re.sub(r"https?://\S+", "", text))


def shown_strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The strings of a module that are not documentation of its code."""
    documentation = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.lineno, node.value


@pytest.mark.parametrize(
    "text",
    ["see docs/faults.md", "see fakekit's docs/x", "in CHANGELOG.md", "run `make docs`", "fixtures/demo"],
)
def test_what_only_a_clone_has_is_recognized(text: str) -> None:
    assert named(text)
    assert not named(f"see {PAGES}/faults/, or fakekit ledger; customers.id; pyproject.toml")


def test_no_message_names_what_exists_only_in_a_clone() -> None:
    found = [
        (str(file.relative_to(PACKAGE)), line, text)
        for file in sorted(PACKAGE.rglob("*.py"))
        for line, text in shown_strings(ast.parse(file.read_text("utf-8")))
        if named(text)
    ]
    found += [
        (file.name, 0, text)
        for file in sorted(PACKAGE.rglob("*"))
        if file.suffix in (".cjs", ".php")
        for text in file.read_text("utf-8").splitlines()
        if named(text)
    ]
    assert found == []


def every_command() -> list[list[str]]:
    names = main.list_commands(click.Context(main))
    return [[], *([name] for name in names)]


@pytest.mark.parametrize("command", every_command(), ids=lambda c: "".join(c) or "fakekit")
def test_no_help_names_what_exists_only_in_a_clone(command: list[str]) -> None:
    done = cli(*command, "--help")
    assert done.returncode == 0
    assert named(done.stdout) == []
    for address in re.findall(r"https://(?:fakekit|git)\S+", done.stdout):
        name = re.fullmatch(rf"{PAGES}/(\w+)/", address)
        assert name, "an address that the wrapping of options breaks"
        assert (ROOT / "docs" / f"{name[1]}.md").exists()


def test_the_help_names_every_kind_of_fault_and_every_assumption_with_a_value() -> None:
    from fakekit.contract.positions import TABLE
    from fakekit.faults.registry import KINDS

    told = " ".join(cli("serve", "--help").stdout.split())
    for names in (KINDS, [a.name for a in TABLE if a.value is not None]):
        assert ", ".join(names) in told


@pytest.mark.slow
def test_no_help_of_the_pytest_plugin_does_and_its_addresses_lead_somewhere(
    pytester: pytest.Pytester,
) -> None:
    for option in ("--help", "--markers"):
        lines = [line for line in run(pytester, option).outlines if "fakekit" in line]
        assert lines
        assert named("\n".join(lines)) == []
    addresses = re.findall(rf"{PAGES}/(\w+)/", "\n".join(lines))
    assert set(addresses) == {"settings", "intercept"}
    assert all((ROOT / "docs" / f"{address}.md").exists() for address in addresses)


@pytest.mark.parametrize("owner", [fakekit.FakeServer, fakekit.Handle, fakekit.Settings, fakekit.connect])
def test_the_docstrings_of_the_public_names_need_no_clone(owner: type) -> None:
    members = [owner, *(member for name, member in vars(owner).items() if not name.startswith("_"))]
    documented = [getattr(member, "__doc__", None) or "" for member in members]
    assert [found for text in documented if (found := named(text))] == []


def test_the_links_of_the_package_are_those_of_the_project() -> None:
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]
    assert {"Documentation", "Source", "Changelog", "Issues"} <= set(urls)
    assert urls.pop("Vendor's documentation") == "https://docs.xtrakit.com"
    assert urls.pop("Documentation") == f"{PAGES}/"
    assert tomllib.loads((ROOT / "zensical.toml").read_text("utf-8"))["project"]["site_url"] == f"{PAGES}/"
    for url in urls.values():
        assert url.startswith(HOME)
        in_clone = url.partition("/blob/main/")[2]
        assert (ROOT / in_clone).exists()


def test_every_address_of_the_project_in_its_pages_is_the_one_that_the_code_has() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        addresses = re.findall(r"https://github\.com/[\w.-]+/[\w.-]*fakekit", page.read_text("utf-8"))
        assert set(addresses) <= {HOME}, page


def test_what_contributors_are_told_is_there() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in set(re.findall(r"`make ([a-z]+)`", page)):
        assert re.search(rf"^{target}:", makefile, re.M), target
    for path in set(re.findall(r"`([a-z_]+/[a-z_/.]*)`", page)):
        assert (ROOT / path).exists(), path


@pytest.mark.slow
def test_the_conftest_of_a_project_without_the_plugin_runs(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a run without the plugin, fakekit only as a command."""
    (block,) = blocks((ROOT / "docs" / "start.md").read_text("utf-8"), "python")
    pytester.makepyfile(
        block
        + """
    import urllib.request

    request = urllib.request.Request(f"{xtrakit_base_url}/customers/42")
    request.add_header("Authorization", f"Bearer {xtrakit_key}")
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
"""
    )
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    done = pytester.run(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-W", "error")
    done.assert_outcomes(passed=1)


@pytest.mark.slow
def test_the_package_is_whole_when_it_is_installed_from_a_git_address(tmp_path: Path) -> None:
    target = tmp_path / "site"
    address = f"git+file://{ROOT}"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(target), address]
    subprocess.run(pip, check=True, timeout=300, cwd=tmp_path)
    tracked = subprocess.run(
        ["git", "ls-files", "fakekit"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert [name for name in tracked.stdout.split() if not (target / name).exists()] == []
    done = subprocess.run(
        [sys.executable, "-m", "fakekit", "check", str(target / "fakekit" / "documented")],
        cwd=tmp_path,
        env=clean_environment() | {"PYTHONPATH": str(target)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "good" in done.stdout
