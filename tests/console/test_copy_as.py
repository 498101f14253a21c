"""The code that the page of a request offers to copy does what it says."""

from __future__ import annotations

import ast
import contextlib
import html
import io
import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests

from fakekit import FakeServer, Handle
from tests.helpers.console import CONSOLE, get_page
from tests.helpers.processes import PATIENCE
from tests.helpers.programs import require
from tests.helpers.project import ROOT

HOSTILE = "Ama's \"$(id)\" `id` \\' \\ {{7*7}} </script>\u202e\u2028 é\n--'"
GROUP = {"group_name": HOSTILE, "group_description": HOSTILE}


def send(fake: Handle, method: str, path: str, **options: Any) -> None:
    requests.request(method, fake.url(path), headers=fake.headers, timeout=PATIENCE, **options)


def snippets(fake: Handle, number: int) -> dict[str, str]:
    """Return the code on the page of a request by its title."""
    page = get_page(fake, f"{CONSOLE}/{fake.api_key}/requests/{number}").text
    found = re.findall(r"<h3>([^<]*)</h3>\s*<pre[^>]*><code>(.*?)</code></pre>", page, re.DOTALL)
    return {title: html.unescape(text) for title, text in found}


def sent(fake: Handle) -> list[tuple[object, ...]]:
    """Return what came with each request so far."""
    return [(r.method, r.path, r.query, r.json, r.status) for r in fake.requests]


def test_the_curl_line_is_quoted_for_a_shell() -> None:
    with FakeServer() as fake:
        send(fake, "POST", "customer-groups/add", json=GROUP)
        send(fake, "GET", "sales?customer_id=1&page=2")
        lines = [snippets(fake, number)["curl"].replace(" \\\n  -", " -") for number in (1, 2)]
    first, second = map(shlex.split, lines)
    assert first[:5] == ["curl", "-i", "-X", "POST", fake.url("customer-groups/add")]
    assert json.loads(first[first.index("-d") + 1]) == GROUP
    assert second[2:] == [
        fake.url("sales?customer_id=1&page=2"),
        "-H",
        f"Authorization: Bearer {fake.api_key}",
    ]


def test_the_python_program_sends_the_same_request() -> None:
    with FakeServer() as fake:
        send(fake, "POST", "customer-groups/add", json=GROUP)
        send(fake, "GET", f"sales?customer_id={'%3Cb%3E'}&page=2")
        send(fake, "HEAD", "customers/1")
        for number in (1, 2, 3):
            program = snippets(fake, number)["Python"]
            ast.parse(program)
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                exec(program, {})
            assert re.match(r"200 |422 ", printed.getvalue())
        came = sent(fake)
    assert came[3:] == came[:3]


def test_the_assertion_passes_and_leaves_out_what_is_hidden() -> None:
    with FakeServer() as fake:
        send(fake, "POST", "customer-groups/add", json=GROUP | {"password": "hunter2"})
        send(fake, "GET", "sales?customer_id=1&token=hunter2")
        send(fake, "GET", "customers/no-such-name")
        send(fake, "POST", "sales/add", json={"sales-item": [{"item_id": 1, "password": "x"}]})
        for number in (1, 2, 3, 4):
            assert eval(snippets(fake, number)["pytest"], {"xtrakit": fake})
        assert snippets(fake, 2)["pytest"] == (
            "xtrakit.assert_requested(\n    \"GET\",\n    \"sales\",\n    query={'customer_id': '1'},\n"
            "    status=200,\n)"
        )
        assert snippets(fake, 3)["pytest"] == 'xtrakit.assert_requested("GET", "customers/*", status=404)'
        assert "hunter2" not in "".join(snippets(fake, 1).values())


def test_the_key_makes_such_a_request_fail_once() -> None:
    with FakeServer() as fake:
        send(fake, "GET", "customers/1")
        key = snippets(fake, 1)["Key with which it fails once"]
        assert key == f"{fake.api_key}~fail=503,times=1,method=GET,path=customers/1"
        headers = {"Authorization": f"Bearer {key}"}
        answers = [
            requests.get(fake.url(path), headers=headers, timeout=PATIENCE).status_code
            for path in ("customers/2", "customers/1", "customers/1")
        ]
    assert answers == [200, 503, 200]


def test_the_key_to_copy_carries_the_faults_that_applied() -> None:
    cases = [
        ("~fail=503,times=1", "", "~fail=503", 503),
        ("~drop=id~fail=404,after=0", "", "~fail=404", 404),
        ("~drop=id~content-type=text/csv", "", "~content-type=text/csv~drop=id", 200),
        ("", "fail=429,method=GET,path=customers/*,times=1", "~fail=429", 429),
        ("", "fail=429", "", 429),
        ("", "", "", 200),
    ]
    server = FakeServer()
    with server:
        for case, (behind, added, sent_again, status) in enumerate(cases):
            fake = server.account(f"fk_{case}")
            if added:
                fake.add_fault(added)
            headers = {"Authorization": f"Bearer {fake.api_key}{behind}"}
            first = requests.get(fake.url("customers/1"), headers=headers, timeout=PATIENCE)
            code = snippets(fake, fake.requests[0].number)["curl"]
            (header,) = re.findall(r"-H '(Authorization): (Bearer [^']*)'", code)
            assert header[1] == f"Bearer {fake.api_key}{sent_again}"
            again = requests.get(fake.url("customers/1"), headers=dict([header]), timeout=PATIENCE)
            assert (first.status_code, again.status_code, again.text) == (status, status, first.text)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("title", "command", "name"), [("PHP", ["php"], "again.php"), ("axios", ["node"], "again.mjs")]
)
def test_the_programs_of_other_languages_send_the_same_request(
    title: str, command: list[str], name: str, tmp_path: Path
) -> None:
    require(command[0])
    modules = ROOT / "examples/vendor_clients/node/node_modules"
    if title == "axios":
        (tmp_path / "node_modules").symlink_to(modules)
    with FakeServer() as fake:
        send(fake, "POST", "customer-groups/add", json=GROUP)
        send(fake, "GET", "sales?customer_id=1&page=2")
        send(fake, "HEAD", "customers/1")
        for number in (1, 2, 3):
            (tmp_path / name).write_text(snippets(fake, number)[title], "utf-8")
            subprocess.run([*command, name], cwd=tmp_path, check=True, capture_output=True, timeout=PATIENCE)
        came = sent(fake)
    assert came[3:] == came[:3]
