"""The documentation as a site: built strictly, searched offline, and nothing of it comes from another host."""

from __future__ import annotations

import http.server
import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.helpers.commands import cli
from tests.helpers.project import ROOT

pytestmark = pytest.mark.slow
SOURCES = ["README.md", "CHANGELOG.md", "zensical.toml", "docs", "fixtures", "examples", "fakekit"]
"""What the site is made from, and what its pages link to in the repository."""


def build(folder: Path, extra: str = "") -> subprocess.CompletedProcess[str]:
    """Build the site of a copy of the project, with a text added to the page *Start*."""
    for name in [*SOURCES, "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "Makefile", "Dockerfile"]:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules")
            )
        else:
            shutil.copy(ROOT / name, folder / name)
    with (folder / "docs" / "start.md").open("a") as page:
        page.write(extra)
    command = [sys.executable, "docs/site.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    done = build(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "build" / "site"


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    """Where a web server of Python's own serves the site."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("link", ["[x](nothing.md)", "[x](pytest.md#no-such-heading)"])
def test_a_link_that_leads_nowhere_fails_the_build(tmp_path: Path, link: str) -> None:
    assert build(tmp_path, f"\n{link}\n").returncode != 0


def test_the_list_for_language_models_has_every_page(site: Path) -> None:
    listed = re.findall(r"^- \[.+\]\((\S+)\): \S.+\.$", (site / "llms.txt").read_text(), re.MULTILINE)
    pages = {file.parent.relative_to(site) for file in site.rglob("index.html")}
    prefix = "https://fakekit.github.io/fakekit/"
    assert {Path(address.removeprefix(prefix)) for address in listed} == pages


def test_the_schema_of_fixture_files_is_at_its_address(site: Path) -> None:
    schema = json.loads((site / "fixtures.schema.json").read_text())
    assert schema["$id"] == "https://fakekit.github.io/fakekit/fixtures.schema.json"
    assert schema == json.loads(cli("schema").stdout)


@pytest.mark.parametrize("width", [360, 1280])
def test_the_site_is_read_and_searched_without_another_host(
    address: str, browser: Browser, width: int
) -> None:
    asked: list[str] = []
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_contain_text("fakekit")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.keyboard.press("Control+k")
    page.keyboard.type("fakekit_unread")
    expect(page.get_by_text("fakekit_unread").first).to_be_visible()
    page.close()
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
