"""The pages that show how a suite of one kind is written: their files are written to a folder, their commands run there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.processes import clean_environment
from tests.helpers.project import ROOT, blocks

NODE_MODULES = ROOT / "tests" / "node" / "node_modules"
OPTIONS = (
    "-p no:faker -p no:schemathesis -p no:randomly -p no:xdist -p no:cacheprovider -W error"
    " -o asyncio_default_fixture_loop_scope=function"
)
FILE_NAME = re.compile(r"(?:# |// |<\?php // )(\S+\.(?:py|mjs|js|php))\n")


def write_files(page: str, folder: Path) -> None:
    """Write each block of a page whose first line is a comment with a file's name to this file."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    for language in ("python", "js", "php"):
        for block in blocks(text, language):
            named = FILE_NAME.match(block)
            assert named, f"{page} has a block without the name of its file:\n{block}"
            (folder / named[1]).parent.mkdir(exist_ok=True)
            (folder / named[1]).write_text(block, "utf-8")


def paste(block: str, folder: Path) -> str:
    """Run a block of shell in a folder, and return what it prints on both streams."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block],
        cwd=folder,
        env=clean_environment() | {"PATH": path, "PYTEST_ADDOPTS": OPTIONS},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def run_page(page: str, folder: Path) -> list[str]:
    """Write the files of a page, and return what each of its commands prints."""
    write_files(page, folder)
    return [paste(block, folder) for block in blocks((ROOT / "docs" / page).read_text("utf-8"), "sh")]


@pytest.mark.slow
def test_unittest(tmp_path: Path) -> None:
    (printed,) = run_page("unittest.md", tmp_path)
    assert "Ran 2 tests" in printed
    assert paste("python script.py", tmp_path) == ""


@pytest.mark.slow
def test_flask(tmp_path: Path) -> None:
    (printed,) = run_page("flask.md", tmp_path)
    assert "3 passed" in printed


@pytest.mark.slow
def test_asyncio(tmp_path: Path) -> None:
    (printed,) = run_page("asyncio.md", tmp_path)
    assert "5 passed" in printed


@pytest.mark.slow
def test_node(tmp_path: Path) -> None:
    assert NODE_MODULES.is_dir(), "tests/node has no node_modules: run `make clients`"
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    with_vitest, with_node = run_page("node.md", tmp_path)
    assert "3 passed" in with_vitest
    assert "pass 1\n" in with_node


@pytest.mark.slow
def test_php(tmp_path: Path) -> None:
    (printed,) = run_page("php.md", tmp_path)
    assert printed == blocks((ROOT / "docs" / "php.md").read_text("utf-8"), "text")[0]
