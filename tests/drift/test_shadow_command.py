"""`fakekit shadow -- COMMAND`: programs in three languages, with a service over TLS that may be bent."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fakekit.drift.responses import ReceivedResponse
from fakekit.resources import ENDPOINTS
from fakekit.settings import Settings
from tests.helpers.bends.answers import byte_bends, list_bends, missing_record_bends
from tests.helpers.bends.fields import in_records, targets, without
from tests.helpers.bends.service import KEY, Asked, Bend, Change, as_it_is, service
from tests.helpers.commands import Done, cli, cli_process
from tests.helpers.drift import title_of
from tests.helpers.programs import PATH, PROGRAMS, require
from tests.helpers.project import NODE_MODULES, ROOT, blocks
from tests.helpers.secrets_in_requests import SECRET
from tests.helpers.service_over_tls import network_with, served_over_tls

CLIENTS = {"requests": ("python", "calls.py"), "axios": ("node", "calls.cjs"), "PHP": ("php", "calls.php")}
CUSTOMERS, CUSTOMER, SALES = (
    next(e for e in ENDPOINTS if e.operation == name)
    for name in ("list_customers", "fetch_customer", "list_sales")
)
EMAIL = next(t for t in targets(True) if t.endpoint is CUSTOMER and t.name == "customer_email")


def change_of(bends: Iterator[Bend], name: str) -> Change:
    return next(bend.change for bend in bends if bend.name == name)


def every_change(asked: Asked, response: ReceivedResponse) -> ReceivedResponse:
    """Four bends at once: of a list, of a field, of bytes, of an error."""
    for change in (
        change_of(list_bends(CUSTOMERS), "list_customers: one object"),
        in_records(EMAIL, without("customer_email"), lambda n: True),
        change_of(byte_bends(SALES), "list_sales: truncated"),
        change_of(missing_record_bends(), "no record: status 400"),
    ):
        response = change(asked, response)
    return response


FOUND = {
    "list_customers: data.customers: type": "our assumption was wrong",
    "fetch_customer: data.customer.customer_email: missing field": "the vendor left its page",
    "list_sales: body": "the vendor left its page",
    "fetch_customer for a record that does not exist: status": "our assumption was wrong",
}


@contextmanager
def shadowing(folder: Path, change: Change = as_it_is, *options: str) -> Iterator[Callable[..., Done]]:
    """Run `fakekit shadow` with a service; give what runs a command under it."""
    with served_over_tls(service(Settings.of(seed=7), change), folder) as (base_url, ca_file):

        def run(*command: str, key: str = KEY.reveal()) -> Done:
            where = ("--base-url", base_url, "--ca-file", str(ca_file))
            env = {"XTRAKIT_API_KEY": key, "NODE_PATH": str(NODE_MODULES), "PATH": PATH}
            return cli_process("shadow", *where, *options, "--", *command, env=env, cwd=folder)

        yield run


@pytest.mark.slow
@pytest.mark.parametrize("client", CLIENTS)
def test_bends_are_found_through_a_program_that_was_not_changed(client: str, tmp_path: Path) -> None:
    command, name = CLIENTS[client]
    require(command)
    with shadowing(tmp_path) as run:
        done = run(command, str(PROGRAMS / "shadow" / name))
    assert (done.returncode, done.stdout) == (0, "200 200 404 200 200\n"), done.stderr
    assert done.stderr.splitlines()[:3] == [
        "the requests of the command reach 127.0.0.1, also those that write;",
        "fakekit sends none",
        "127.0.0.1: 5 requests, no finding",
    ]
    with shadowing(tmp_path, every_change, "--format", "json", "--output", "report.json") as run:
        done = run(command, str(PROGRAMS / "shadow" / name))
    assert (done.returncode, done.stdout) == (2, "200 200 400 200 200\n"), done.stderr
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert {title_of(f): f["verdict"] for f in report["findings"]} == FOUND


CURL = "curl -sS -o /dev/null -w '%{http_code}' -H \"Authorization: Bearer $XTRAKIT_API_KEY\" https://app.xtrakit.com"


@pytest.mark.slow
def test_what_writes_have_shown_is_learned_and_a_second_run_agrees(tmp_path: Path) -> None:
    pyproject = tmp_path / "pyproject.toml"
    pyproject.write_text("[tool.fakekit]  # of the shop\nseed = 7\n", "utf-8")
    bent = service(Settings.of(seed=7, assumptions={"create.status": 201, "missing.status": 400}))
    with served_over_tls(bent, tmp_path) as (base_url, ca_file):
        where = ("--base-url", base_url, "--ca-file", str(ca_file))
        program = (sys.executable, str(PROGRAMS / "shadow" / "calls.py"))
        env = {"XTRAKIT_API_KEY": KEY.reveal()}
        codes = [
            cli_process("shadow", *where, *options, "--", *program, env=env, cwd=tmp_path).returncode
            for options in (["--learn"], [])
        ]
    assert codes == [2, 0]
    text = pyproject.read_text("utf-8")
    assert text.startswith("[tool.fakekit]  # of the shop\nseed = 7\n")
    learned = tomllib.loads(text)["tool"]["fakekit"]["assumptions"]
    assert [learned[name]["value"] for name in ("create.status", "missing.status")] == [201, 400]


EFFECTS: dict[str, int | str] = {
    "conflict.status": 422,
    "delete.cascade": "cascade",
    "delete.stores": True,
    "sales.items": "items",
    "sales.stock": "reduced",
}


@pytest.mark.slow
def test_what_a_program_sees_of_its_own_writes_is_learned(tmp_path: Path) -> None:
    pyproject = tmp_path / "pyproject.toml"
    pyproject.write_text("[tool.fakekit]\nseed = 7\n", "utf-8")
    with served_over_tls(service(Settings.of(seed=9, assumptions=EFFECTS)), tmp_path) as (base_url, ca_file):
        where = ("--base-url", base_url, "--ca-file", str(ca_file))
        program = (sys.executable, str(PROGRAMS / "shadow" / "own_writes.py"))
        env = {"XTRAKIT_API_KEY": KEY.reveal()}
        first, second = (
            cli_process("shadow", *where, "--learn", "--", *program, code, env=env, cwd=tmp_path)
            for code in ("100300", "100400")
        )
    statuses = "200 200 200 204 404 200 200 200 204 404 200 200 200 200 200 200 200 200 200 200 200 422 200 204 404 204 204 404"
    assert first.stdout == second.stdout == f"{statuses}\n"
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    report = " ".join(first.stderr.split())
    assert (
        "refuted: conflict.status (found 422), delete.cascade (found cascade), delete.stores (found true),"
        " sales.items (found items), sales.stock (found reduced) confirmed: "
    ) in report
    learned = tomllib.loads(pyproject.read_text("utf-8"))["tool"]["fakekit"]["assumptions"]
    assert {name: learned[name]["value"] for name in EFFECTS} == EFFECTS
    assert "refuted" not in second.stderr
    assert "Ama" not in first.stderr + second.stderr


@pytest.mark.slow
def test_what_a_php_program_sees_of_its_own_writes_is_observed(tmp_path: Path) -> None:
    require("php")
    bent = service(Settings.of(seed=9, assumptions={"delete.cascade": "cascade"}))
    with served_over_tls(bent, tmp_path) as (base_url, ca_file):
        where = ("--base-url", base_url, "--ca-file", str(ca_file))
        program = ("php", str(PROGRAMS / "shadow" / "own_writes.php"))
        done = cli_process("shadow", *where, "--", *program, env={"XTRAKIT_API_KEY": KEY.reveal()})
    assert done.stdout == "200 200 200 204 404 200 200 200 204 404\n", done.stderr
    assert "refuted: delete.cascade (found cascade)" in " ".join(done.stderr.split())


@pytest.mark.slow
def test_the_page_shows_what_is_printed(tmp_path: Path) -> None:
    _, consent, report, needs = blocks((ROOT / "docs" / "shadow.md").read_text("utf-8"), "text")
    other = service(Settings.of(assumptions={"create.status": 201}))
    with served_over_tls(other, tmp_path) as (base_url, ca_file):
        where = ("--base-url", base_url, "--ca-file", str(ca_file))
        program = (sys.executable, str(PROGRAMS / "shadow" / "calls.py"))
        done = cli_process("shadow", *where, "--", *program, env={"XTRAKIT_API_KEY": KEY.reveal()})
    hosts = "app.xtrakit.com and api.xtrakit.com"
    printed = done.stderr.replace("127.0.0.1", hosts)
    assert printed.startswith(consent.replace("Go on? [y/N]:\n", "") + report)
    assert f"\n{needs}" in printed


def test_without_consent_nothing_runs(tmp_path: Path) -> None:
    """Standard input is no terminal here."""
    done = cli("shadow", "--", "touch", str(tmp_path / "ran"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "the requests of the command reach app.xtrakit.com and api.xtrakit.com, also those that write;\n"
        "fakekit sends none\n"
        "error: needs your consent, and there is no terminal to ask on; write --yes\n"
    )
    assert not (tmp_path / "ran").exists()


def test_a_command_that_is_to_reach_another_service_does_not_reach_the_vendors(tmp_path: Path) -> None:
    """It would write there: its own variable is replaced."""
    for url, code in (("https://me:secret@staging.example/api/v1", 1), ("https://api.xtrakit.com/api/v1", 3)):
        command = ("shadow", "--yes", "--", "touch", str(tmp_path / f"ran-{code}"))
        done = cli(*command, env={"XTRAKIT_BASE_URL": url})
        assert (done.returncode, (tmp_path / f"ran-{code}").exists()) == (code, code == 3), done.stderr
        if code == 1:
            assert done.stderr == (
                "error: XTRAKIT_BASE_URL: names another service than the vendor's, which the command would reach"
                " instead; found https://staging.example/api/v1; write --base-url https://staging.example/api/v1\n"
            )


@pytest.mark.slow
def test_certificates_that_are_none_are_noticed_before_the_command_runs(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    done = cli("shadow", "--yes", "--ca-file", "ca.pem", "--", "touch", "ran", cwd=tmp_path)
    assert (done.returncode, (tmp_path / "ran").exists()) == (1, False)
    assert done.stderr == "error: --ca-file: has no certificate in PEM; found ca.pem\n"


@pytest.mark.slow
def test_a_report_that_cannot_be_written_is_not_lost(tmp_path: Path) -> None:
    """A missing folder is noticed before the command runs."""
    with shadowing(tmp_path, as_it_is, "--output", "missing/report.txt") as run:
        done = run("touch", "ran")
    assert (done.returncode, (tmp_path / "ran").exists()) == (1, False)
    assert done.stderr == ("error: --output: is in a folder that does not exist; found missing/report.txt\n")
    with shadowing(tmp_path, as_it_is, "--output", "report.txt") as run:
        done = run("sh", "-c", f"{CURL}/api/v1/customers/1; mkdir report.txt")
    assert (done.returncode, done.stdout) == (1, "200")
    assert done.stderr.splitlines()[2] == "127.0.0.1: 1 request, no finding"
    assert done.stderr.endswith("\nerror: [Errno 21] Is a directory: 'report.txt'\n")


@pytest.mark.slow
def test_no_key_and_no_value_is_shown_or_kept(tmp_path: Path) -> None:
    """Neither one that the service accepts nor one that it refuses, which is not agreement."""
    with shadowing(tmp_path, every_change) as run:
        for key, code in ((f"fk_{SECRET}", 2), (SECRET, 3)):
            command = f'echo $XTRAKIT_BASE_URL; {CURL}/api/v1/customers/1; grep -rl {SECRET} "$CURL_HOME/.."'
            done = run("sh", "-c", command, key=key)
            assert done.returncode == code, done.stderr
            assert done.stdout == f"https://app.xtrakit.com/api/v1\n{200 if code == 2 else 401}"
            assert SECRET not in done.stderr
            assert "jane.doe" not in done.stderr
            assert max(map(len, done.stderr.splitlines())) <= 80
    assert done.stderr.endswith("error: the service did not answer, or refused the key\n")


@pytest.mark.slow
def test_the_end_of_the_command_counts_where_nothing_differs(tmp_path: Path) -> None:
    with shadowing(tmp_path) as run:
        done = run("sh", "-c", f"{CURL}/api/v1/customers/1; exit 7")
        assert (done.returncode, done.stdout) == (7, "200")
        lines = done.stderr.splitlines()
        assert lines[2] == "127.0.0.1: 1 request, no finding"
        assert lines[-1] == "error: the command ended with exit code 7"
        done = run("true")
        lines = done.stderr.splitlines()
        assert (done.returncode, lines[2]) == (3, "127.0.0.1: 0 requests, no finding")
        assert lines[-1] == "error: no request of the command to the vendor's API could be observed"
        done = run("no-such-command")
        assert done.returncode == 1
        assert "error: the command is not found" in done.stderr


@pytest.mark.slow
def test_without_a_base_url_the_host_that_a_request_names_is_reached(tmp_path: Path) -> None:
    """Through the user's own proxy, which stands for the network, and under the certificate of that host."""
    asked: list[str] = []
    with served_over_tls(service(Settings.of()), tmp_path) as (base_url, ca_file):
        port = int(base_url.split(":")[2].partition("/")[0])
        with network_with(port, asked) as proxy:
            command = f"{CURL}/api/v1/customers/1; {CURL.replace('app', 'api')}/api/v1/customers/2"
            env = {"XTRAKIT_API_KEY": KEY.reveal(), "HTTPS_PROXY": proxy, "NO_PROXY": ""}
            options = ("--yes", "--ca-file", str(ca_file))
            done = cli_process("shadow", *options, "--", "sh", "-c", command, env=env)
    assert (done.returncode, done.stdout) == (0, "200200"), done.stderr
    assert asked == ["app.xtrakit.com:443", "api.xtrakit.com:443"]
    assert "app.xtrakit.com and api.xtrakit.com: 2 requests, no finding" in done.stderr


@pytest.mark.slow
def test_a_service_whose_certificate_is_not_trusted_is_not_reached(tmp_path: Path) -> None:
    with served_over_tls(service(Settings.of()), tmp_path) as (base_url, _):
        done = cli_process("shadow", "--base-url", base_url, "--", "sh", "-c", f"{CURL}/api/v1/customers/1")
    assert (done.returncode, done.stdout) == (3, "502")
    assert "seen a certificate that is not trusted in 1 of 1 response" in " ".join(done.stderr.split())
    assert done.stderr.endswith(
        "error: the certificate of the service is not trusted; write --ca-file FILE to trust others\n"
    )
