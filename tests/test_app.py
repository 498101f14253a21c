"""The other ways to run the app: gunicorn, `flask run`, in a process of one's own."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.helpers.commands import cli, cli_process
from tests.helpers.processes import (
    PATIENCE,
    clean_environment,
    free_port,
    read_until,
    started,
)
from tests.helpers.raw_http import ask


@contextmanager
def answering(command: list[str], port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that serves on the port, from when it answers."""
    env = clean_environment()
    with started(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder, env=env) as process:
        assert cli("wait", f"http://127.0.0.1:{port}", "--timeout", str(PATIENCE)).returncode == 0
        yield process


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_gunicorn_runs_the_factory_and_several_workers_are_told(tmp_path: Path, workers: int) -> None:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", str(workers)]
    with answering([*command, "fakekit:create_app()"], port, tmp_path) as process:
        reply = ask(port, "/api/v1/customers/1")
        assert reply.status == 200
        assert ("several worker processes" in reply.note) == (workers == 2)
        missing = ask(port, "/api/v1/customers/51")
        assert missing.note.startswith("the population ends at 50")
        process.terminate()
        out = process.communicate(timeout=PATIENCE)[0].decode()
    assert ("several worker processes are serving" in out) == (workers == 2)


@pytest.mark.slow
def test_workers_of_another_gunicorn_share_a_store(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.fakekit]\nstate = "shop.db"\n')
    port, headers = free_port(), {"Authorization": "Bearer fk_demo", "Connection": "close"}
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    with answering([*command, "fakekit:create_app()"], port, tmp_path) as process:
        base = f"http://127.0.0.1:{port}/api/v1/customer-groups"
        added = [
            requests.post(f"{base}/add", json={"group_name": f"G{n}"}, headers=headers, timeout=PATIENCE)
            for n in range(6)
        ]
        assert [answer.json()["data"]["group"]["id"] for answer in added] == [6, 7, 8, 9, 10, 11]
        answers = [requests.get(base, headers=headers, timeout=PATIENCE) for _ in range(12)]
        assert {answer.json()["message"] for answer in answers} == {"Groups found: 11"}
        assert all("Fakekit-Note" not in answer.headers for answer in [*added, *answers])
        process.terminate()
        out = process.communicate(timeout=PATIENCE)[0].decode()
    assert "several worker processes" not in out


def test_flask_run_serves_and_logs_no_query(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "flask", "--app", "fakekit", "run", "--port", str(port)]
    with answering(command, port, tmp_path) as process:
        assert ask(port, "/api/v1/customers/1?key=secret-canary").status == 200
        for malformed in (b"secret-canary\r\n\r\n", b"GET / HTTP/secret-canary\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
                client.sendall(malformed)
                client.recv(4096)
        out = read_until("#1 GET /api/v1/customers/1?... 200 ", process.stdout)  # fakekit's own line
        process.terminate()
        out += process.communicate(timeout=PATIENCE)[0].decode()
    assert "#1 GET /api/v1/customers/1?... 200 " in out
    assert "canary" not in out


def test_python_m_fakekit_is_fakekit() -> None:
    done = cli_process("--version")
    assert (done.returncode, done.stdout) == (0, "fakekit, version 0.1.0\n")


def test_two_apps_in_one_process_know_nothing_of_each_other() -> None:
    import fakekit

    one = fakekit.create_app(fakekit.Settings.of(seed=1)).test_client()
    two = fakekit.create_app(fakekit.Settings.of(seed=2, customers=9)).test_client()
    headers = {"Authorization": "Bearer fk_demo"}
    names = [c.get("/api/v1/customers/2", headers=headers).get_json()["data"]["customer"] for c in (one, two)]
    assert names[0]["customer_name"] != names[1]["customer_name"]
    assert one.get("/api/v1/customers/10", headers=headers).status_code == 200
    assert two.get("/api/v1/customers/10", headers=headers).status_code == 404


def test_importing_fakekit_does_no_work() -> None:
    code = (
        "import sys, fakekit; heavy = {'flask', 'werkzeug', 'faker', 'marshmallow', 'yaml', 'click'}"
        "; print(sorted(heavy & set(sys.modules)), sorted(n for n in dir(fakekit)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.startswith("[] ['ClockError', 'ControlError', 'FakeServer',")


def test_url_for_builds_the_vendors_paths() -> None:
    from flask import url_for

    import fakekit

    with fakekit.create_app(fakekit.Settings.of()).test_request_context():
        assert url_for("fetch_customer", id=3, page=1) == "/api/v1/customers/3?page=1"
        assert url_for("list_customers") == "/api/v1/customers"
