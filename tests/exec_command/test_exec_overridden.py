"""`fakekit exec`: which clients reach the real service, on a network where that is a listener of ours."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from fakekit.intercept.child import Run, child_environment
from fakekit.intercept.wrappers import add_wrappers
from tests.helpers.exec_clients import CLIENTS, URL, Client
from tests.helpers.exec_tables import JAVA, KEY, PAGE, REACHED, UNREDIRECTED, Unredirected, with_tables
from tests.helpers.namespaces import are_namespaces_allowed, run_isolated
from tests.helpers.processes import FAKEKIT, PATIENCE
from tests.helpers.programs import PATH, require
from tests.helpers.project import NODE_MODULES, ROOT

STAND_IN = ROOT / "tests" / "programs" / "stand_in.py"


def run_each(folder: Path, commands: Sequence[str], *options: str, path: str = PATH) -> list[tuple[str, int]]:
    """What each line of shell printed under one `fakekit exec`, and how often it reached the real service.

    Empty where this machine does not allow namespaces: the lines are not run then.
    """
    if not are_namespaces_allowed():
        assert run_isolated("true") is None
        return []
    lines = [
        f"( {command} ) >{n}.out 2>&1 </dev/null; cp reached {n}.reached"
        for n, command in enumerate(commands)
    ]
    script = folder / "script.sh"
    script.write_text("\n".join(lines))
    unshare = [
        "unshare",
        "--user",
        "--map-root-user",
        "--net",
        "--mount",
        sys.executable,
        str(STAND_IN),
        str(folder),
    ]
    env = {"PATH": path, "PYTHONPATH": str(ROOT), "NODE_PATH": str(NODE_MODULES), "HOME": str(folder)}
    command = [*unshare, *FAKEKIT, "exec", *options, "--", "sh", str(script)]
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=600, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    reached = [0, *(len((folder / f"{n}.reached").read_bytes()) for n in range(len(commands)))]
    return [((folder / f"{n}.out").read_text(), reached[n + 1] - reached[n]) for n in range(len(commands))]


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--isolated",)], ids=["exec", "isolated"])
def test_clients_that_are_not_redirected_need_isolation(
    options: tuple[str, ...], compiled: str, tmp_path: Path
) -> None:
    require(*(program for client in UNREDIRECTED for program in client.needs))
    (tmp_path / "Fetch.java").write_text(JAVA)
    results = run_each(tmp_path, [client.command for client in UNREDIRECTED], *options, path=compiled)
    found = {
        client.name: (bool(REACHED.search(out)), count > 0)
        for client, (out, count) in zip(UNREDIRECTED, results, strict=False)
    }
    expected = (True, False) if options else (False, True)
    assert found == (dict.fromkeys([client.name for client in UNREDIRECTED], expected) if results else {})


@pytest.mark.slow
def test_every_client_of_the_table_reaches_the_fake_in_isolation(compiled: str, tmp_path: Path) -> None:
    results = run_each(tmp_path, write_clients(tmp_path), "--isolated", path=compiled)
    assert results in ([], [("200 Jane Doe\n", 0)] * len(CLIENTS))


def write_clients(folder: Path) -> list[str]:
    """The program of each of `CLIENTS` in a file; returns the lines of shell that run them."""
    commands = []
    for number, client in enumerate(CLIENTS):
        program = folder / f"program{number}{client.suffix}"
        program.write_text(client.program)
        commands.append(f"{client.command} {program}")
    return commands


@pytest.mark.slow
def test_clients_that_trust_the_systems_certificates_need_no_variable_in_isolation(
    compiled: str, tmp_path: Path
) -> None:
    """The others may need none either: Debian's Java and Node trust what the system trusts."""
    commands = [*write_clients(tmp_path), *(client.command for client in UNREDIRECTED)]
    names: list[str] = []
    clients: list[Client | Unredirected] = [*CLIENTS, *UNREDIRECTED]
    for client, command in zip(clients, commands, strict=True):
        if not client.has_own_store:
            (tmp_path / f"script{len(names)}.sh").write_text(command)
            names.append(client.name)
    lines = [f'env -i PATH="$PATH" sh {tmp_path}/script{number}.sh' for number in range(len(names))]
    results = run_each(tmp_path, lines, "--isolated", path=compiled)
    found = {
        name: (bool(REACHED.search(out)), count) for name, (out, count) in zip(names, results, strict=False)
    }
    assert found == (dict.fromkeys(names, (True, 0)) if results else {})


NODE = f"fetch('{URL}', {{headers: {{Authorization: '{KEY[15:]}'}}}}).then((a) => console.log(a.status))"
WORKERS = f"""const {{ Worker }} = require('node:worker_threads');
const code = "{NODE}";
for (const options of [{{}}, {{env: {{}}}}, {{execArgv: []}}, {{env: {{NODE_OPTIONS: '--no-warnings'}}, execArgv: []}}]) {{
  new Worker(code, {{eval: true, ...options}});
}}
"""
PYTHON = f"""import http.client
connection = http.client.HTTPSConnection("app.xtrakit.com")
connection.request("GET", "/api/v1/customers/1", headers={{"Authorization": "{KEY[15:]}"}})
print(connection.getresponse().status)
"""
PYTHON_CHILDREN = """import asyncio, os, subprocess, sys
command = [sys.executable, "fetch.py"]
subprocess.run(command, env={})
subprocess.run(command, env={"PYTHONPATH": "src"}, close_fds=False)
async def main(): await (await asyncio.create_subprocess_exec(*command, env={})).wait()
asyncio.run(main())
os.environ["PYTHONPATH"] = "src"
os.environ["NO_PROXY"] = "*"
subprocess.run(["curl", *sys.argv[1:]], env={"PATH": os.environ["PATH"]})
subprocess.run(command)
os.execve(command[0], command, {})
"""
NODE_CHILDREN = """const { execFile, fork, spawn, spawnSync, execSync } = require('node:child_process');
const node = process.execPath, options = { env: {}, encoding: 'utf8' };
process.stdout.write(spawnSync(node, ['fetch.cjs'], options).stdout + execSync(`${node} fetch.cjs`, options));
fork('fetch.cjs', { env: { NODE_OPTIONS: '--no-warnings' } });
spawn(node, ['fetch.cjs'], { env: {}, stdio: 'inherit' });
execFile(node, ['fetch.cjs'], { env: {} }, (error, stdout) => process.stdout.write(stdout));
"""
PHP = f"""<?php
$c = curl_init('{URL}');
curl_setopt_array($c, [CURLOPT_RETURNTRANSFER => true, CURLOPT_HTTPHEADER => ['{KEY}']]);
curl_exec($c);
echo curl_getinfo($c, CURLINFO_RESPONSE_CODE), "\\n";
"""
REDIRECT = f"""import http.server
class Redirect(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(302)
        self.send_header("Location", "{URL}")
        self.end_headers()
    def log_message(self, *args): pass
http.server.HTTPServer(("127.0.0.1", 8766), Redirect).serve_forever()
"""
FOLLOW = f"""<?php
$context = stream_context_create(['http' => ['header' => '{KEY}', 'ignore_errors' => true]]);
file_get_contents('http://127.0.0.1:8766/', false, $context);
echo count(preg_grep('/^HTTP/', $http_response_header)), preg_grep('/^Server: fakekit/', $http_response_header) ? " fakekit\\n" : '';
"""
CURL = f"curl -sS -o /dev/null -w '%{{http_code}}\\n' -H '{KEY}' {URL}"
CHANGES = {
    "PYTHONPATH=src python fetch.py": "200\n",
    "PYTHONPATH=src NO_PROXY='*' no_proxy='*' python3 fetch.py": "200\n",
    "NO_PROXY='*' no_proxy='*' python -c \"import requests; "
    f"print(requests.get('{URL}', headers={{'Authorization': '{KEY[15:]}'}}).status_code)\"": "200\n",
    "NODE_OPTIONS=--no-warnings node fetch.cjs": "200\n",
    "NODE_OPTIONS=--no-warnings ./fetch.cjs": "200\n",
    "npm run --silent fetch": "200\n",
    "node workers.cjs": "200\n" * 4,
    f"python children.py {CURL[5:]}": "200\n" * 6,
    "node children.cjs": "200\n" * 5,
    f"NO_PROXY='*' no_proxy='*' {CURL}": "200\n",
    f"unset HTTPS_PROXY https_proxy ALL_PROXY all_proxy; {CURL}": "200\n",
    f"{CURL} --noproxy '*'": "200\n",
    "NO_PROXY='*' no_proxy='*' php curl.php": "200\n",
    "unset HTTPS_PROXY https_proxy ALL_PROXY all_proxy; php curl.php": "200\n",
    'env -i PATH="$PATH" python fetch.py': "200\n",
    'env -i PATH="$PATH" node fetch.cjs': "200\n",
    'env -i PATH="$PATH" php curl.php': "200\n",
    f'env -i PATH="$PATH" {CURL}': "200\n",
    "python redirect.py & until curl -s -o /dev/null http://127.0.0.1:8766/; do sleep 0.05; done; php follow.php; kill $!": "2 fakekit\n",
}


@pytest.mark.slow
def test_what_a_command_changes_in_its_environment_leads_nobody_past_the_fake(tmp_path: Path) -> None:
    files = {
        "fetch.py": PYTHON,
        "fetch.cjs": f"#!/usr/bin/env node\n{NODE}",
        "workers.cjs": WORKERS,
        "children.py": PYTHON_CHILDREN,
        "children.cjs": NODE_CHILDREN,
        "curl.php": PHP,
        "redirect.py": REDIRECT,
        "follow.php": FOLLOW,
        "package.json": json.dumps({"scripts": {"fetch": "NODE_OPTIONS=--no-warnings node fetch.cjs"}}),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "fetch.cjs").chmod(0o755)
    results = run_each(tmp_path, list(CHANGES))
    assert dict(zip(CHANGES, results, strict=False)) == (
        {command: (out, 0) for command, out in CHANGES.items()} if results else {}
    )


def test_the_scripts_in_front_of_the_path_add_what_is_missing(tmp_path: Path) -> None:
    """They keep what the command has set, and add nothing twice; each adds to the variable of its own language."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "run").mkdir()
    for name in ("python3", "node"):
        (tmp_path / "bin" / name).write_text(
            '#!/bin/sh\necho "$1|$PYTHONPATH|$NODE_OPTIONS|$XTRAKIT_API_KEY"\n'
        )
        (tmp_path / "bin" / name).chmod(0o755)
    run = Run("http://127.0.0.1:1/api/v1", "fk_demo", "http://run:s@127.0.0.1:2", 3, b"", tmp_path / "run")
    before = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"}
    env = add_wrappers(run.folder, before, child_environment(run, before))
    lines = (
        'python3 "a b"; PYTHONPATH=src python3; PYTHONPATH=src; env -i PATH="$PATH" python3; '
        "node; NODE_OPTIONS=--x XTRAKIT_API_KEY=fk_mine node"
    )
    done = subprocess.run(["sh", "-c", lines], env=env, capture_output=True, text=True, check=True)
    python, node = env["PYTHONPATH"], env["NODE_OPTIONS"]
    assert done.stdout.splitlines() == [
        f"a b|{python}|{node}|fk_demo",
        f"|{python}:src|{node}|fk_demo",
        f"|{python}|{node}|fk_demo",
        f"|src|{node}|fk_demo",
        f"|src|--x {node}|fk_mine",
    ]


def test_a_program_that_looks_for_the_next_of_its_name_finds_it(tmp_path: Path) -> None:
    """As the scripts of pyenv do; it would find ours, which would start it again, without end."""
    for folder, text in {"first": "exec node again", "second": 'echo "second $1"'}.items():
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "node").write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / folder / "node").chmod(0o755)
    variables = {"PATH": f"{tmp_path / 'first'}:{tmp_path / 'second'}:/usr/bin:/bin"}
    env = add_wrappers(tmp_path, variables, variables)
    done = subprocess.run(["node"], env=env, capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert done.stdout == "second again\n"


def test_the_tables_of_the_docs_are_what_is_tested() -> None:
    page = PAGE.read_text("utf-8")
    assert page == with_tables(page)
