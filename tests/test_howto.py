"""The pages that show how a suite of one kind is written: their files are written to a folder, their commands run there."""

from __future__ import annotations

import json
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
from tests.helpers.commands import paste
from tests.helpers.pages import page_blocks, run_page
from tests.helpers.processes import PATIENCE, free_port, serving
from tests.helpers.programs import PROGRAMS
from tests.helpers.project import ROOT, blocks

NODE_MODULES = ROOT / "tests" / "node" / "node_modules"


def test_each_task_of_the_load_test_is_answered(
    xtrakit: fakekit.Handle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a stand-in for locust, whose users have a session of requests as their client."""
    locust = ModuleType("locust")
    vars(locust).update(HttpUser=object, between=lambda *_: None, task=lambda _: lambda function: function)
    monkeypatch.setitem(sys.modules, "locust", locust)
    (block,) = page_blocks("load.md", "python")
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
def test_the_script_for_k6_is_answered(xtrakit: fakekit.Handle, tmp_path: Path) -> None:
    """By a stand-in for k6, which calls its function once."""
    folder = tmp_path / "node_modules" / "k6"
    folder.mkdir(parents=True)
    shutil.copy(PROGRAMS / "k6.mjs", folder)
    package = {"type": "module", "exports": {".": "./k6.mjs", "./http": "./k6.mjs"}}
    (folder / "package.json").write_text(json.dumps(package), "utf-8")
    (tmp_path / "package.json").write_text('{"type": "module"}', "utf-8")
    (tmp_path / "load.js").write_text(page_blocks("load.md", "js")[0], "utf-8")
    command = f"XTRAKIT_BASE_URL={xtrakit.base_url} node node_modules/k6/k6.mjs load.js"
    assert paste(command, tmp_path) == "fetched 200 true\nadded 200 true\n"


@pytest.mark.slow
def test_the_shell_of_the_load_page(tmp_path: Path) -> None:
    (block,) = page_blocks("load.md", "sh")
    printed = paste(block.replace("4313", str(free_port())), tmp_path)
    assert re.findall(r"^(\d{3}) after (?:0\.[2-9]|[1-9])", printed, re.M) == ["200", "429", "200", "429"]


@pytest.mark.slow
def test_unittest(tmp_path: Path) -> None:
    (printed,) = run_page("unittest.md", tmp_path)
    assert "Ran 2 tests" in printed
    assert paste("python script.py 2>&1", tmp_path) == ""


@pytest.mark.slow
def test_flask(tmp_path: Path) -> None:
    (printed,) = run_page("flask.md", tmp_path)
    assert "3 passed" in printed


@pytest.mark.slow
def test_asyncio(tmp_path: Path) -> None:
    options = "-p pytest_asyncio.plugin -o asyncio_default_fixture_loop_scope=function"
    (printed,) = run_page("asyncio.md", tmp_path, options)
    assert "5 passed" in printed


@pytest.mark.slow
def test_node(tmp_path: Path) -> None:
    assert NODE_MODULES.is_dir(), "tests/node has no node_modules: run `make clients`"
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    with_vitest, with_node = run_page("node.md", tmp_path)
    assert "3 passed" in with_vitest
    assert "pass 1\n" in with_node


@pytest.mark.slow
def test_node_without_the_command(tmp_path: Path) -> None:
    (tmp_path / "fakekit.setup.mjs").write_text(page_blocks("node.md", "js")[1], "utf-8")
    (tmp_path / "start.mjs").write_text('import setup from "./fakekit.setup.mjs";\nsetup();\n', "utf-8")
    node = shutil.which("node")
    assert node is not None
    command = [node, "start.mjs"]
    done = subprocess.run(
        command, cwd=tmp_path, env={"PATH": str(tmp_path)}, capture_output=True, text=True, timeout=PATIENCE
    )
    (error,) = re.findall("^Error: (.*)$", done.stderr, re.M)
    assert error == (
        "The command fakekit is not on the PATH. Activate its environment, or install it: "
        "pipx install git+https://github.com/fakekit/fakekit"
    )


@pytest.mark.slow
def test_php(tmp_path: Path) -> None:
    shutil.copy(PROGRAMS / "artisan.php", tmp_path / "artisan")
    plain, laravel = run_page("php.md", tmp_path)
    text = (ROOT / "docs" / "php.md").read_text("utf-8").partition("## Plain PHP\n")[2]
    assert plain == blocks(text, "text")[0]
    assert "OK (3 tests, 3 assertions)" in laravel


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "command", "printed"),
    [
        ("js", "npx vitest run", "Tests  1 passed (1)"),
        ("php", "php test_retry.php", "the second try works\n"),
    ],
)
def test_the_readme_in_another_language(language: str, command: str, printed: str, tmp_path: Path) -> None:
    """Twice on one server, since a test may be run again while it goes on; and by the address of `make serve`."""
    readme = (ROOT / "README.md").read_text("utf-8")
    (test,) = blocks(readme, language)
    name = tmp_path / re.split(r"\s+", test.removeprefix("<?php "), maxsplit=2)[1]
    name.write_text(test, "utf-8")
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    serve = blocks(readme.partition("### Test with it")[2], "sh")[0]
    twice = re.sub(r"^curl .*$", f"{command}\n{command}", serve, flags=re.M)
    assert paste(twice, tmp_path, env={"NO_COLOR": "1"}).count(printed) == 2
    with serving(tmp_path) as running:
        name.write_text(test.replace("4310", str(running.port)), "utf-8")
        assert printed in paste(command, tmp_path, env={"NO_COLOR": "1"})
