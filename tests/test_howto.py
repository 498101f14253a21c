"""The pages that show how a suite of one kind is written: their files are written to a folder, their commands run there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import requests

import fakekit
from tests.helpers.processes import clean_environment, free_port
from tests.helpers.programs import PROGRAMS
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
            (folder / named[1]).parent.mkdir(parents=True, exist_ok=True)
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


def test_each_task_of_the_load_test_is_answered(
    xtrakit: fakekit.Handle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a stand-in for locust, whose users have a session of requests as their client."""
    locust = ModuleType("locust")
    vars(locust).update(HttpUser=object, between=lambda *_: None, task=lambda _: lambda function: function)
    monkeypatch.setitem(sys.modules, "locust", locust)
    (block,) = blocks((ROOT / "docs" / "load.md").read_text("utf-8"), "python")
    program: dict[str, Any] = {}
    exec(block, program)
    statuses = []
    with requests.Session() as session:
        user = program["Clerk"]()
        user.client = session
        user.on_start()
        send = session.request

        def ask(method: str, path: str, name: str = "", **options: Any) -> requests.Response:
            answer = send(method, f"{xtrakit.base_url}{path}", **options)
            statuses.append(answer.status_code)
            return answer

        monkeypatch.setattr(session, "request", ask)
        for act in (user.fetch, user.search, user.add):
            act()
    assert statuses == [200, 200, 200]


@pytest.mark.slow
def test_the_shell_of_the_load_page(tmp_path: Path) -> None:
    (block,) = blocks((ROOT / "docs" / "load.md").read_text("utf-8"), "sh")
    printed = paste(block.replace("4313", str(free_port())), tmp_path)
    assert re.findall(r"^(\d{3}) after 0\.[2-9]", printed, re.M) == ["200", "429", "200", "429"]


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
    shutil.copy(PROGRAMS / "artisan.php", tmp_path / "artisan")
    plain, laravel = run_page("php.md", tmp_path)
    text = (ROOT / "docs" / "php.md").read_text("utf-8").partition("## Plain PHP\n")[2]
    assert plain == blocks(text, "text")[0]
    assert "OK (3 tests, 3 assertions)" in laravel
