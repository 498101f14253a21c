"""`fakekit requests`, `records`, `fault` and `reset` on a running server, and its requests as HAR."""

from __future__ import annotations

import json
import signal
import subprocess
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
import requests

from fakekit import Handle
from fakekit.control.records import RecordControls
from tests.helpers.commands import Done, cli, cli_process
from tests.helpers.processes import FAKEKIT, PATIENCE, clean_environment, started


def get(xtrakit: Handle, path: str) -> None:
    requests.get(xtrakit.url(path), headers=xtrakit.headers, timeout=PATIENCE)


def run(xtrakit: Handle, *arguments: str) -> Done:
    return cli(*arguments, "--url", xtrakit.origin, "--key", xtrakit.api_key)


def test_requests_say_what_came_and_why_it_was_answered_so(xtrakit: Handle) -> None:
    get(xtrakit, "customers/1")
    get(xtrakit, "customers/999?colour=red")
    first, second = run(xtrakit, "requests").stdout.splitlines()
    assert first[8:13] == " 200 "
    assert first.endswith("ms documented     GET /api/v1/customers/1")
    assert second[8:13] == " 404 "
    assert second.endswith("ms assumed (fine) GET /api/v1/customers/999  not read: c...")
    assert len(second) == 80


def test_no_requests_are_said_to_be_those_of_one_key(xtrakit: Handle) -> None:
    done = run(xtrakit, "requests")
    assert (done.stdout, done.stderr) == (
        "",
        f"none with the key {xtrakit.api_key}; --key KEY lists those with another\n",
    )


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
    with started(command, stdout=subprocess.PIPE, env=clean_environment()) as follower:
        assert follower.stdout is not None
        assert follower.stdout.readline().endswith(b"GET /api/v1/customers/1\n")
        get(xtrakit, "customers/2")
        assert follower.stdout.readline().endswith(b"GET /api/v1/customers/2\n")
        follower.send_signal(signal.SIGINT)
        assert (follower.wait(PATIENCE), follower.stdout.read()) == (130, b"")


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


def test_a_search_in_many_records_is_many_short_requests(
    monkeypatch: pytest.MonkeyPatch, xtrakit: Handle
) -> None:
    last = 10**18 - 1  # the largest id
    for key in (60, 900, last):
        xtrakit.add_customer(id=key, customer_name="Ama Zebra", customer_phone=f"+2332{key}"[:15])
    spans = []
    find = RecordControls.records

    @wraps(find)
    def records(controls: RecordControls, resource: str, **given: Any) -> Any:
        if "search" in given:
            spans.append((given["after"], given["up_to"]))
        return find(controls, resource, **given)

    monkeypatch.setattr(RecordControls, "records", records)
    monkeypatch.setattr("fakekit.control.text_search.SEARCHED_IDS", 40)
    done = run(xtrakit, "records", "customers", "--search", "ZEBRA", "--json")
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [60, 900, last]
    assert spans == [(0, 40), (40, 80), (60, 80), (80, 939), (900, 939), (939, 10**18), (last, 10**18)]


def test_records_that_are_not_there(xtrakit: Handle) -> None:
    none = run(xtrakit, "records", "customers", "--search", "nobody has this")
    assert (none.returncode, none.stdout, none.stderr) == (0, "", "none\n")
    assert "error: nope: is not a resource; write one of customers" in run(xtrakit, "records", "nope").stderr


def test_a_fault_is_added_listed_and_cleared(xtrakit: Handle) -> None:
    assert run(xtrakit, "fault", "add", "fail=503,times=2").stdout == "1: fail=503,times=2\n"
    get(xtrakit, "customers/1")
    xtrakit.respond("GET", "customers/3", callback=lambda request: {})
    first, second = run(xtrakit, "fault", "list").stdout.splitlines()
    assert first == "1: fail=503,times=2 (used 1 of 2 times)"
    assert second.startswith("2: respond=200,method=GET,path=customers/3,callback=")
    xtrakit.remove_fault(2)
    assert json.loads(run(xtrakit, "fault", "list", "--json").stdout)["used"] == 1
    assert run(xtrakit, "fault", "clear").returncode == 0
    assert run(xtrakit, "fault", "list").stdout == ""


def test_text_of_a_client_does_not_command_the_terminal(xtrakit: Handle) -> None:
    xtrakit.add_customer(customer_name="b\x1b]0;pwn\x07red")
    found = run(xtrakit, "records", "customers", "--search", "pwn").stdout
    assert "b?]0;pwn?red" in found
    assert "\x1b" not in found


def test_reset_restores_the_records_and_is_undone(xtrakit: Handle) -> None:
    xtrakit.change("customers", 2, customer_name="Somebody Else")
    assert run(xtrakit, "reset").returncode == 0
    assert xtrakit.customer(2)["customer_name"] != "Somebody Else"
    assert run(xtrakit, "reset", "--undo").returncode == 0
    assert xtrakit.customer(2)["customer_name"] == "Somebody Else"
    again = run(xtrakit, "reset", "--undo")
    assert (again.returncode, again.stderr) == (2, "error: reset: there is none that can be undone\n")


def test_har_takes_no_other_option(xtrakit: Handle, tmp_path: Path) -> None:
    done = run(xtrakit, "requests", "--problems", "--har", str(tmp_path / "x.har"))
    assert done.returncode == 2
    assert "Error: --har writes all requests; use it without --follow, --problems and --json" in done.stderr


def test_without_a_port_the_cure_is_that_of_the_command() -> None:
    done = cli("requests", env={"FAKEKIT_PORT": "0"})
    assert "write FAKEKIT_READY_FILE for both commands, or --url URL\n" in done.stderr


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


def har(xtrakit: Handle, query: str = "") -> list[dict[str, Any]]:
    """The entries of the HAR that the control API answers with."""
    url = f"{xtrakit.origin}/_fakekit/accounts/{xtrakit.api_key}/requests?format=har{query}"
    answer = requests.get(url, headers={"Fakekit-Control": "1"}, timeout=PATIENCE)
    entries: list[dict[str, Any]] = answer.json()["log"]["entries"]
    return entries


def test_har_waits_for_requests_too(xtrakit: Handle) -> None:
    get(xtrakit, "customers/1")
    assert [entry["response"]["status"] for entry in har(xtrakit, "&count=1")] == [200]


def test_har_of_a_form_has_its_fields(xtrakit: Handle) -> None:
    sent = {"group_name": "Regulars"}
    requests.post(xtrakit.url("customer-groups/add"), data=sent, headers=xtrakit.headers, timeout=PATIENCE)
    (entry,) = har(xtrakit)
    assert entry["request"]["postData"] == {
        "mimeType": "application/x-www-form-urlencoded",
        "params": [{"name": "group_name", "value": "Regulars"}],
    }


@pytest.mark.parametrize("kind", ["close", "reset", "garbage"])
def test_har_has_no_response_where_a_fault_sent_none(xtrakit: Handle, kind: str) -> None:
    xtrakit.fail(kind)
    with pytest.raises(requests.ConnectionError):
        get(xtrakit, "customers/1")
    response = har(xtrakit)[0]["response"]
    assert (response["status"], response["content"]) == (0, {"size": -1, "mimeType": "", "text": ""})
    assert [header["name"] for header in response["headers"]] == ["Fakekit-Truth", "Fakekit-Fault"]
    assert not xtrakit.requests[0].answered


def test_har_has_the_response_where_a_fault_cut_it(xtrakit: Handle) -> None:
    xtrakit.fail("truncate")
    with pytest.raises(requests.RequestException):
        get(xtrakit, "customers/1")
    response = har(xtrakit)[0]["response"]
    assert (response["status"], response["content"]["mimeType"]) == (200, "application/json")
    assert xtrakit.requests[0].answered


def test_har_of_a_text_is_text(xtrakit: Handle) -> None:
    xtrakit.respond("GET", "customers/1", text="busy")
    get(xtrakit, "customers/1")
    response = har(xtrakit)[0]["response"]
    content = {"size": -1, "mimeType": "text/plain; charset=utf-8", "text": "busy"}
    assert response["content"] == content
    assert response["headers"][0] == {"name": "Content-Type", "value": "text/plain; charset=utf-8"}


def test_har_of_an_answer_without_a_body_has_no_media_type(xtrakit: Handle) -> None:
    requests.delete(xtrakit.url("customers/9"), headers=xtrakit.headers, timeout=PATIENCE)
    response = har(xtrakit)[0]["response"]
    assert (response["status"], response["content"]["mimeType"]) == (204, "")


@pytest.mark.slow
def test_open_shows_the_account_in_the_browser(xtrakit: Handle, tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    browser.chmod(0o755)
    address = f"{xtrakit.origin}/_fakekit/console/{xtrakit.api_key}\n"
    command = ["open", "--url", xtrakit.origin, "--key", xtrakit.api_key]
    done = cli_process(*command, env={"BROWSER": str(browser)})
    assert (done.returncode, done.stdout, done.stderr) == (0, address, "")
    assert (tmp_path / "opened").read_text() == address


@pytest.mark.slow
def test_open_says_so_where_there_is_no_browser(xtrakit: Handle) -> None:
    command = ["open", "--url", xtrakit.origin, "--key", xtrakit.api_key]
    done = cli_process(*command, env={"PATH": "/nowhere"})
    assert done.stdout == f"{xtrakit.origin}/_fakekit/console/{xtrakit.api_key}\n"
    assert done.stderr == "no browser was found here; open the address yourself\n"
