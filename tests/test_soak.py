"""What takes minutes: one server that many suites share for a long time, and what ten thousand accounts weigh."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.helpers.processes import Server, clean_environment, drain, megabytes, serving
from tests.helpers.programs import program
from tests.helpers.vendor_api import CUSTOMER

pytestmark = pytest.mark.slow

TIMES = 50
ACCOUNTS = 10_000
MOST = 200.0
"""Megabytes."""
WITHOUT = [
    part for name in ("asyncio", "cacheprovider", "faker", "schemathesis") for part in ("-p", f"no:{name}")
]

SUITE = program("soak_suite.py")


def control(running: Server, path: str) -> Any:
    answer = requests.get(
        f"{running.origin}/_fakekit/accounts{path}", headers={"Fakekit-Control": "1"}, timeout=60
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def accounts(running: Server) -> int:
    """How many keys have an account open, fk_demo aside."""
    return len([account for account in control(running, "") if account["key"] != "fk_demo"])


def to_every_account(port: int, *asked: tuple[str, str, str], times: int = 1) -> Counter[int]:
    """Requests to each of the accounts, from eight threads; how often each status came."""

    def run(first: int) -> Counter[int]:
        statuses: Counter[int] = Counter()
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as client:
            for number in range(first, ACCOUNTS, 8):
                headers = {"Authorization": f"Bearer fk_{number}", "Content-Type": "application/json"}
                for method, path, body in asked * times:
                    client.request(method, f"/api/v1/{path}", body.encode(), headers)
                    answer = client.getresponse()
                    answer.read()
                    statuses[answer.status] += 1
        return statuses

    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(run, range(8)), Counter[int]())


MORE = ("customer_whatsapp", "customer_zip", "address2", "created_by")
LONG = {name: f"{name} " * 20 for name in CUSTOMER if name != "customer_name"}
# A name is missing, so nothing is changed: only the journals grow.
BODIES = {
    "wide": json.dumps(dict.fromkeys([*LONG, *MORE], "🙂" * 490), ensure_ascii=False),
}


def test_ten_thousand_accounts_with_changes_and_journals_are_small(tmp_path: Path) -> None:
    add = ("POST", "customers/add", json.dumps(CUSTOMER))
    edit = ("PUT", "customers/1", json.dumps({**CUSTOMER, "customer_name": "Esi"}))
    with serving(tmp_path) as running:
        drain(running)
        statuses = to_every_account(running.port, add, edit, ("GET", "customers/51", ""))
        assert statuses == {200: 3 * ACCOUNTS}
        weight = megabytes(running.process.pid)
        for key in ("fk_0", f"fk_{ACCOUNTS - 1}"):
            about = control(running, f"/{key}")
            assert (about["changed"], about["requests"]) == (True, 3)
    print(f"{ACCOUNTS:,} accounts, two changes and three requests each: {weight:.0f} MB")
    assert weight < MOST


@pytest.mark.parametrize("body", BODIES)
def test_full_journals_of_ten_thousand_accounts_are_small(tmp_path: Path, body: str) -> None:
    with serving(tmp_path) as running:
        drain(running)
        changed = to_every_account(running.port, ("POST", "customers/add", json.dumps(CUSTOMER)))
        assert changed == {200: ACCOUNTS}
        most = 0.0
        for _ in range(2):  # more than the journals may take together
            assert to_every_account(running.port, ("POST", "customers/add", BODIES[body])) == {422: ACCOUNTS}
            most = max(most, megabytes(running.process.pid))
        last = control(running, f"/fk_{ACCOUNTS - 1}/requests")
        assert last["requests"][-1]["status"] == 422
        first = control(running, "/fk_0")
        assert first["changed"] is True
    print(f"{ACCOUNTS:,} accounts with {body} bodies in full journals: {most:.0f} MB")
    assert most < MOST


def test_a_suite_in_four_processes_passes_fifty_times_on_one_server(tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE)
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    with serving(tmp_path) as running:
        drain(running)
        command = [sys.executable, "-m", "pytest", "-q", "-n", "4", *WITHOUT]
        for n in range(TIMES):
            done = subprocess.run(
                [*command, "--fakekit-url", running.origin],
                cwd=tmp_path,
                env=clean_environment(),
                capture_output=True,
                text=True,
                timeout=600,
                check=False,
            )
            assert (done.returncode, "52 passed" in done.stdout) == (0, True), (
                f"run {n}\n{done.stdout}{done.stderr}"
            )
        assert accounts(running) == 0
