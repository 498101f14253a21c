"""The wheel and the sdist: exactly the files they should have, and they serve without a checkout."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.processes import PATIENCE, clean_environment, free_port, serving, started, wait_until
from tests.helpers.programs import program
from tests.helpers.project import ROOT
from tests.helpers.raw_http import ask

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "-o", str(folder), str(ROOT)], check=True, timeout=300)
    return folder


def test_the_wheel_has_the_package_and_the_documented_fixtures_and_nothing_else(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    source = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "fakekit").rglob("*")
        if file.suffix not in (".pyc", "")
    }
    documented = ("fetch-customer", "fetch-expense", "items", "list-item-categories", "sales")
    assert names == source | {f"fakekit/documented/{name}.json" for name in documented}


def test_the_sdist_has_what_is_tracked_but_for_what_only_a_checkout_needs(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {member.name.split("/", 1)[1] for member in archive.getmembers() if member.isfile()}
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    checkout_only = {".ci/run", ".dockerignore", "Dockerfile", "action.yml", ".pre-commit-hooks.yaml"}
    tracked = {name for name in listed.splitlines() if not name.startswith(".github/")}
    assert names == tracked - checkout_only | {"PKG-INFO"}


@pytest.fixture(scope="module")
def installed(built: Path) -> Iterator[Path]:
    """A new environment with the wheel, where any user may look."""
    (wheel,) = built.glob("*.whl")
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        environment = Path(name) / "env"
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        python = environment / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "-q", str(wheel)], check=True, timeout=300)
        yield environment


def test_the_wheel_serves_from_a_new_environment(installed: Path, tmp_path: Path) -> None:
    with serving(tmp_path, command=[str(installed / "bin" / "fakekit"), "serve"]) as running:
        reply = ask(running.port, "/api/v1/customers/1")
        assert b'"customer_name": "Jane Doe"' in reply.body
        assert ask(running.port, "/api/v1/customers/42").status == 200
    where = subprocess.run(
        [installed / "bin" / "python", "-c", "import fakekit; print(fakekit.__file__)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=clean_environment(),
    ).stdout
    assert where.startswith(str(installed))


def dockerfile(instruction: str) -> list[str]:
    """The exec form behind the last of an instruction."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    found = re.findall(rf"^{instruction}\b.*?(\[.*\])$", text, re.M)
    command: list[str] = json.loads(found[-1])
    return command


def as_nobody() -> list[str]:
    """A prefix that runs a command as the image's user: root may drop to it, others are nobody already.

    It may read everything, since the interpreter may stand in root's home, and write nothing.
    """
    if os.geteuid() != 0:
        return []
    may_read = ["--inh-caps", "-all,+dac_read_search", "--ambient-caps", "-all,+dac_read_search"]
    return ["setpriv", "--reuid", "65532", "--regid", "65532", "--clear-groups", *may_read]


@pytest.mark.parametrize(
    ("more", "origin"),
    [
        ({}, "http://127.0.0.1"),
        ({"FAKEKIT_HOST": "::"}, "http://[::1]"),
        ({"FAKEKIT_TLS": "1", "TMPDIR": "/dev/shm"}, "https://127.0.0.1"),
    ],
    ids=["another port", "IPv6", "TLS"],
)
def test_the_images_command_runs_as_a_user_without_rights(
    installed: Path, more: dict[str, str], origin: str
) -> None:
    """The image's CMD and HEALTHCHECK as it runs them: numeric user, HOME=/, nothing writable but /dev/shm.

    Both read what a user sets with `-e`, which wins over what the image sets.
    """
    port = free_port()
    environment = {"PATH": f"{installed / 'bin'}:/usr/bin:/bin", "HOME": "/", "TMPDIR": "/nowhere"}
    environment |= dict(re.findall(r"\b(FAKEKIT_\w+)=(\S+)", (ROOT / "Dockerfile").read_text()))
    environment |= {"FAKEKIT_PORT": str(port)} | more
    command, health = dockerfile("CMD"), dockerfile("HEALTHCHECK")
    assert command == ["fakekit", "serve"]

    def is_healthy() -> bool:
        assert server.poll() is None
        return not subprocess.run(health, env=environment, capture_output=True, check=False).returncode

    with started(
        [*as_nobody(), *command],
        cwd=Path("/"),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as server:
        wait_until(is_healthy)
        if origin.startswith("http://127"):
            assert ask(port, "/api/v1/customers/42").status == 200
        server.terminate()
        out, err = server.communicate(timeout=PATIENCE)
    assert server.returncode == 0
    assert f"{origin}:{port}/api/v1" in out.decode()
    assert "rror" not in err.decode()
    assert subprocess.run(health, env=environment, capture_output=True, check=False).returncode == 1


def test_the_dockerfile_is_clean() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "hadolint", str(ROOT / "Dockerfile")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_types_of_the_package_are_usable(built: Path, tmp_path: Path) -> None:
    usage = tmp_path / "usage.py"
    usage.write_text(program("typed_usage.py"))
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(usage)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout


def test_an_installation_without_the_documented_fixtures_says_so(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "fakekit", tmp_path / "fakekit", ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        [sys.executable, "-m", "fakekit", "serve", "--port", "0"],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    folder = tmp_path / "fakekit" / "documented"
    said = "is not there: the installation is not whole; write pip install --force-reinstall fakekit"
    assert (done.returncode, done.stderr) == (2, f"error: {folder}: {said}\n")
