"""`fakekit exec`: programs that were not changed reach the fake under the vendor's names."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.commands import exec_
from tests.helpers.exec_clients import CLIENTS, CONFIGURATION, PROXY, SOCKET, URL, WRAPPER, Client
from tests.helpers.processes import clean_environment
from tests.helpers.programs import program, require
from tests.helpers.project import NODE_MODULES, ROOT

JANE = '"customer_name": "Jane Doe"'


@pytest.mark.slow
def test_the_example_of_the_docs_runs(outside: dict[str, str]) -> None:
    page = (ROOT / "docs" / "exec.md").read_text("utf-8")
    (block,) = [b for b in re.findall(r"```sh\n(.*?)```", page, re.S) if "--summary" in b]
    bin_ = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**clean_environment(), **outside, "PATH": bin_}
    done = subprocess.run(["sh", "-c", block], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["data"]["customer"]["customer_name"] == "Kofi Adu"
    assert done.stderr == (
        "fakekit: 1 request\nfakekit: GET /api/v1/customers/8 200\n"
        "fakekit: the run relies on 2 assumptions (fine: no page of the vendor says it, so fakekit chose): fetch_customer.groups, values.null\n"
    )


@pytest.mark.slow
@pytest.mark.parametrize("client", CLIENTS, ids=lambda c: c.name)
def test_a_client_as_it_comes_reaches_the_fake(
    client: Client, outside: dict[str, str], compiled: str, tmp_path: Path
) -> None:
    require(client.command)
    if not (NODE_MODULES / "axios").is_dir():
        pytest.fail(f"{NODE_MODULES} is missing: run `make clients`")
    program = tmp_path / f"program{client.suffix}"
    program.write_text(client.program)
    env = {**outside, "PATH": compiled}
    done = exec_("--summary", "--", client.command, str(program), env=env, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "200 Jane Doe\n"), done.stderr
    assert done.stderr == "fakekit: 1 request\nfakekit: GET /api/v1/customers/1 200\n"


@pytest.mark.slow
@pytest.mark.parametrize("client", CLIENTS, ids=lambda c: c.name)
def test_it_is_led_by_the_means_that_the_table_says(
    client: Client, outside: dict[str, str], compiled: str, tmp_path: Path
) -> None:
    """With every other means taken away it is led still."""
    program = tmp_path / f"program{client.suffix}"
    program.write_text(client.program)
    without_shims = "PYTHONPATH=${PYTHONPATH##*:} NODE_OPTIONS=${NODE_OPTIONS%% --require *}; "
    without_proxy = "unset HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy; "
    command = f"exec {client.command} {program}"
    without_both = without_proxy + without_shims
    others = {
        CONFIGURATION: without_both,
        PROXY: without_shims,
        SOCKET: without_proxy,
        WRAPPER: without_shims,
    }[client.means]
    done = exec_("--", "sh", "-c", others + command, env={**outside, "PATH": compiled}, cwd=tmp_path)
    assert done.stdout == "200 Jane Doe\n", done.stderr


@pytest.fixture
def samples(outside: dict[str, str], tmp_path: Path) -> dict[str, str]:
    for suffix in ("php", "cjs"):
        text = program(f"vendor/fetch_customer.{suffix}")
        (tmp_path / f"sample.{suffix}").write_text(text.replace("CUSTOMER_ID", "1"))
    return outside


@pytest.mark.slow
def test_the_vendors_php_sample_prints_the_documented_customer(
    samples: dict[str, str], tmp_path: Path
) -> None:
    done = exec_("--", "php", "sample.php", env=samples, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert JANE in done.stdout


@pytest.mark.slow
def test_the_vendors_node_sample_is_told_the_cure_and_prints_the_customer_once_mended(
    samples: dict[str, str], tmp_path: Path
) -> None:
    done = exec_("--summary", "--", "node", "sample.cjs", env=samples, cwd=tmp_path)
    assert "the {id} in the path was not substituted" in done.stderr.splitlines()[-2]
    assert "'fakekit-note': 'the {id} in the path was not substituted" in done.stderr
    mended = tmp_path / "sample.cjs"
    mended.write_text(mended.read_text().replace("{id}", "${id}"))
    done = exec_("--", "node", "sample.cjs", env=samples, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["data"]["customer"]["customer_name"] == "Jane Doe"


NODE_LOOKS_UP = """import dns, { lookup } from 'node:dns';
import net from 'node:net';
lookup('app.xtrakit.com', (error, address) => {
  console.log(address);
  net.connect(443, address).on('connect', function () { console.log('connected'); this.destroy(); });
});
console.log((await dns.promises.lookup('API.xtrakit.com.')).address);
"""


@pytest.mark.slow
def test_who_looks_the_vendor_up_in_node_makes_no_query_and_is_led(
    outside: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "up.mjs").write_text(NODE_LOOKS_UP)
    done = exec_("--", "node", "up.mjs", env=outside, cwd=tmp_path)
    assert (sorted(done.stdout.split()), done.stderr) == (["127.88.75.1", "127.88.75.1", "connected"], "")


@pytest.mark.slow
def test_php_is_told_that_nothing_is_known_of_a_url_that_was_not_opened(tmp_path: Path) -> None:
    (tmp_path / "is.php").write_text(f"<?php var_dump(file_exists('{URL}'), is_file('{URL}'));")
    done = exec_("--", "php", "is.php", cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("bool(false)\nbool(false)\n", "")
