"""`fakekit requests`, `records`, `fault` and `reset` on a running server, and its requests as HAR."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pytest
import requests

from fakekit import Handle
from tests.helpers.commands import Done, cli
from tests.helpers.processes import FAKEKIT, PATIENCE, clean_environment


def get(xtrakit: Handle, path: str) -> None:
    requests.get(xtrakit.url(path), headers=xtrakit.headers, timeout=PATIENCE)


def run(xtrakit: Handle, *arguments: str) -> Done:
    return cli(*arguments, "--url", xtrakit.origin, "--key", xtrakit.api_key)


def test_requests_say_what_came_and_why_it_was_answered_so(xtrakit: Handle) -> None:
    get(xtrakit, "customers/1")
    get(xtrakit, "customers/999?colour=red")
    first, second = run(xtrakit, "requests").stdout.splitlines()
    assert first[8:13] == " 200 "
    assert first.endswith("ms documented GET /api/v1/customers/1")
    assert second[8:13] == " 404 "
    assert second.endswith("ms assumed    GET /api/v1/customers/999  not read: colou...")
    assert len(second) == 80


def test_problems_leave_out_what_went_well(xtrakit: Handle) -> None:
    get(xtrakit, "customers/1")
    get(xtrakit, "customers?colour=red")
    get(xtrakit, "customers/999")
    lines = run(xtrakit, "requests", "--problems", "--json").stdout.splitlines()
    assert [json.loads(line)["path"] for line in lines] == ["/api/v1/customers", "/api/v1/customers/999"]


@pytest.mark.slow
def test_follow_prints_what_comes_until_ctrl_c(xtrakit: Handle) -> None:
    get(xtrakit, "customers/1")
    command = [*FAKEKIT, "requests", "--follow", "--url", xtrakit.origin, "--key", xtrakit.api_key]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=clean_environment()) as follower:
        assert follower.stdout is not None
        assert follower.stdout.readline().endswith("GET /api/v1/customers/1\n")
        get(xtrakit, "customers/2")
        assert follower.stdout.readline().endswith("GET /api/v1/customers/2\n")
        follower.send_signal(signal.SIGINT)
        assert (follower.wait(PATIENCE), follower.stdout.read()) == (130, "")


def test_records_are_found_by_any_text(xtrakit: Handle) -> None:
    xtrakit.add_customer(id=900, customer_name="Ama Zebra", customer_phone="+233200000900")
    done = run(xtrakit, "records", "customers", "--search", "ZEBRA")
    header, line = done.stdout.splitlines()
    assert header.split()[:3] == ["id", "customer_group_id", "customer_name"]
    assert line.split()[0] == "900"
    assert "Ama Zebra" in line
    assert max(map(len, done.stdout.splitlines())) <= 80
    found = json.loads(run(xtrakit, "records", "customers", "--search", "Zebra", "--json").stdout)
    assert (found["id"], found["customer_name"]) == (900, "Ama Zebra")


def test_records_that_are_not_there(xtrakit: Handle) -> None:
    none = run(xtrakit, "records", "customers", "--search", "nobody has this")
    assert (none.returncode, none.stdout, none.stderr) == (0, "", "none\n")
    assert "error: nope: is not a resource; write one of customers" in run(xtrakit, "records", "nope").stderr


def test_a_fault_is_added_listed_and_cleared(xtrakit: Handle) -> None:
    assert run(xtrakit, "fault", "add", "fail=503,times=2").stdout == "1: fail=503,times=2\n"
    get(xtrakit, "customers/1")
    listed = run(xtrakit, "fault", "list").stdout.splitlines()
    assert listed == ["number  used  fault", "1       1     fail=503,times=2"]
    assert json.loads(run(xtrakit, "fault", "list", "--json").stdout)["used"] == 1
    assert run(xtrakit, "fault", "clear").returncode == 0
    assert run(xtrakit, "fault", "list").stdout == ""


def test_reset_restores_the_records(xtrakit: Handle) -> None:
    xtrakit.change("customers", 2, customer_name="Somebody Else")
    assert run(xtrakit, "reset").returncode == 0
    assert xtrakit.customer(2)["customer_name"] != "Somebody Else"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--key", "sk_live_secret"], "error: --key: is not a key, which is fk_ and 1 to 64 of"),
        (["--url", "127.0.0.1:1"], "start it with fakekit serve --port 1"),
        (["--url", "missing.json"], "error: missing.json: no such file yet, or not one that fakekit wrote"),
        (["--url", "https://app.xtrakit.com"], "is the real service, which fakekit never calls"),
    ],
)
def test_what_cannot_be_reached_is_said(arguments: list[str], error: str) -> None:
    done = cli("requests", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert error in done.stderr
    assert "sk_live_secret" not in done.stderr


def test_har_has_what_the_journal_has(xtrakit: Handle, tmp_path: Path) -> None:
    get(xtrakit, "customers/999?customer_group_id=1")
    file = tmp_path / "requests.har"
    assert run(xtrakit, "requests", "--har", str(file)).stdout == f"1 requests: {file}\n"
    log = json.loads(file.read_text("utf-8"))["log"]
    (entry,) = log["entries"]
    assert (log["version"], log["creator"]["name"]) == ("1.2", "fakekit")
    assert entry["request"]["method"] == "GET"
    assert entry["request"]["url"] == f"{xtrakit.origin}/api/v1/customers/999?customer_group_id=1"
    assert entry["request"]["queryString"] == [{"name": "customer_group_id", "value": "1"}]
    assert (entry["response"]["status"], entry["response"]["statusText"]) == (404, "Not Found")
    assert entry["response"]["content"]["text"] == '{"status": 404, "error": "Customer not found"}'
    assert "the population ends at 50" in entry["comment"]
    assert xtrakit.api_key not in file.read_text("utf-8")
