"""The Makefile and CI's script: what they say while they install, and which environment the tests get."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.helpers.project import ROOT

PYTHON = """#!/bin/sh
# Stands for Python: makes an environment in which nothing is installed, and notes what should be.
case "$1 $2" in
    "-m venv")
        mkdir -p "$3/bin" && cp "$0" "$3/bin/python"
        printf '#!/bin/sh\necho "serving $*"\n' > "$3/bin/fakekit" && chmod +x "$3/bin/fakekit" ;;
    "-m pip") echo "$@" >> "$(dirname "$0")/installed" ;;
esac
"""
MAKE = """#!/bin/sh
# Stands for make: notes what it should do, and in which environment.
cd "$(dirname "$0")"
{ echo "make $*"; env | grep -vE '^(_|PWD|OLDPWD|SHLVL)=' | sort; } >> made
"""


def script(file: Path, text: str) -> Path:
    file.write_text(text)
    file.chmod(0o755)
    return file


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a Makefile whose Python installs nothing."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "lowest.txt").touch()
    script(tmp_path / "python", PYTHON)
    return tmp_path


def make(project: Path, *arguments: str) -> str:
    """What make prints; of the environment it gets what `env -i HOME=... PATH=... make` leaves."""
    done = subprocess.run(
        ["make", f"PYTHON={project / 'python'}", *arguments],
        cwd=project,
        env={name: os.environ[name] for name in ("HOME", "PATH")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize(
    ("target", "name"),
    [("serve", "serve"), ("test", "test"), ("slow", "check"), ("lowest", "lowest")],
)
def test_it_says_that_it_makes_an_environment_and_nothing_when_there_is_one(
    project: Path, target: str, name: str
) -> None:
    first, *rest = make(project, target).splitlines()
    assert first == f"Making a virtual environment in .venv/{name} (once, about a minute)..."
    assert make(project, target).splitlines() == rest
    assert not [line for line in rest if "pip" in line or "Making" in line]


def test_what_serves_holds_what_the_readme_needs(project: Path) -> None:
    assert make(project, "serve", "ARGS=--port 4320").splitlines()[1:] == ["serving serve --port 4320"]
    installed = (project / ".venv" / "serve" / "bin" / "installed").read_text()
    assert installed.splitlines()[-1] == "-m pip install -q -e . --group readme"


def test_ci_runs_the_tests_in_an_environment_of_home_and_path(tmp_path: Path) -> None:
    """And CI, under which a skipped test is a failure; what is installed before them may need more."""
    (tmp_path / ".ci").mkdir()
    run = Path(shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci"))
    script(tmp_path / "make", MAKE)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    given = {"HOME": "/home/me", "PATH": path, "PYTHONUNBUFFERED": "1", "LANG": "tw_GH.UTF-8"}
    subprocess.run(["bash", str(run)], env=given, check=True, timeout=300)
    emptied = ["CI=true", "HOME=/home/me", f"PATH={path}"]
    own = ["HOME=/home/me", "LANG=tw_GH.UTF-8", f"PATH={path}", "PYTHONUNBUFFERED=1"]
    assert (tmp_path / "made").read_text().splitlines() == [
        *["make clients", *own],
        *["make test", *emptied],
        *["make check", *emptied],
    ]
