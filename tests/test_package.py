"""The wheel and the sdist: exactly the files they should have, and they serve without a checkout."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.doors import ROOT, ask, clean_environment, serving

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "-o", str(folder), str(ROOT)], check=True, timeout=300)
    return folder


def test_the_wheel_has_the_package_and_the_documented_fixtures_and_nothing_else(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    source = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "fakekit").rglob("*")
        if file.suffix in (".py", ".typed")
    }
    assert names == source | {"fakekit/documented/fetch-customer.yaml"}


def test_the_sdist_has_what_a_packager_needs_and_no_rubbish(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "Makefile"} <= names
    assert {"fixtures/documented/fetch-customer.yaml", "tests/test_auth.py", "docs/design.md"} <= names
    assert not [name for name in names if ".venv" in name or "__pycache__" in name or name.startswith(".ci")]


def test_the_wheel_serves_from_a_new_environment(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "env")], check=True)
    python = str(tmp_path / "env" / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "-q", str(wheel)], check=True, timeout=300)
    work = tmp_path / "work"
    work.mkdir()
    with serving(work, command=[str(tmp_path / "env" / "bin" / "fakekit"), "serve"]) as running:
        reply = ask(running.port, "/api/v1/customers/1")
        assert b'"customer_name": "Jane Doe"' in reply.body
        assert ask(running.port, "/api/v1/customers/42").status == 200
    where = subprocess.run(
        [python, "-c", "import fakekit; print(fakekit.__file__)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=work,
        env=clean_environment(),
    ).stdout
    assert where.startswith(str(tmp_path))


def test_the_types_of_the_package_are_usable(built: Path, tmp_path: Path) -> None:
    usage = tmp_path / "usage.py"
    usage.write_text(
        "from flask import Flask\n"
        "import fakekit\n"
        "settings: fakekit.Settings = fakekit.Settings.of(seed=7)\n"
        "app: Flask = fakekit.create_app(settings)\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(usage)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
