"""What a browser loads for the console: few bytes, all from this server, the vendored files unchanged."""

from __future__ import annotations

import re
from hashlib import sha256

import pytest
import requests

from fakekit import FakeServer
from tests.helpers.console import CONSOLE, get_page
from tests.helpers.processes import PATIENCE
from tests.helpers.project import ROOT

FOLDER = ROOT / "fakekit" / "console"
STATIC = ["console.css", "console.js", "htmx.min.js", "hx-sse.min.js", "icon.svg"]


def test_the_files_are_small() -> None:
    sizes = {name: (FOLDER / "static" / name).stat().st_size for name in STATIC}
    assert sizes["console.css"] < 12_000
    assert sizes["console.js"] < 3_000
    assert sum(sizes.values()) < 80_000


def test_the_vendored_files_are_those_that_their_page_names() -> None:
    page = (FOLDER / "static" / "README.md").read_text("utf-8")
    named = dict(re.findall(r"^\| (\S+\.js) \| ([0-9a-f]{64}) \|$", page, re.MULTILINE))
    assert sorted(named) == ["htmx.min.js", "hx-sse.min.js"]
    for name, digest in named.items():
        assert sha256((FOLDER / "static" / name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize(
    "pattern",
    [
        r"\|\s*safe\b",  # would be markup of a request
        r"<script(?![^>]*\bsrc=)",
        r"<style\b",
        r"\s(style|on[a-z]+|hx-on[^=\s]*)=",
        r"(src|href|action)=[\"'](https?:)?//",
    ],
)
def test_no_template_has_what_its_security_policy_forbids(pattern: str) -> None:
    templates = sorted((FOLDER / "templates").glob("*.html"))
    assert len(templates) >= 5
    assert [file.name for file in templates if re.search(pattern, file.read_text("utf-8"))] == []


def test_a_page_names_no_other_host_but_the_documentations() -> None:
    with FakeServer() as fake:
        page = get_page(fake, f"{CONSOLE}/fk_demo/start").text
        loaded = re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=\"([^\"]+)\"", page)
        assert loaded == [
            f"{CONSOLE}/static/{name}"
            for name in ("icon.svg", "console.css", "console.js", "htmx.min.js", "hx-sse.min.js")
        ]


def test_static_files_have_their_type_and_are_kept_by_their_digest() -> None:
    types = []
    with FakeServer() as fake:
        for name in STATIC:
            answer = requests.get(f"{fake.origin}{CONSOLE}/static/{name}", timeout=PATIENCE)
            types.append(answer.headers["Content-Type"])
            again = requests.get(
                answer.url, headers={"If-None-Match": answer.headers["ETag"]}, timeout=PATIENCE
            )
            assert (again.status_code, again.content) == (304, b"")
        assert (
            requests.get(f"{fake.origin}{CONSOLE}/static/../console.py", timeout=PATIENCE).status_code == 404
        )
    assert types == [
        "text/css; charset=utf-8",
        "text/javascript; charset=utf-8",
        "text/javascript; charset=utf-8",
        "text/javascript; charset=utf-8",
        "image/svg+xml; charset=utf-8",
    ]
