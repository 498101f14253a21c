"""`fakekit wait` and health."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.helpers.commands import cli
from tests.helpers.processes import (
    FAKEKIT,
    PATIENCE,
    Server,
    free_port,
    serving,
    started,
)
from tests.helpers.raw_http import ask
from tests.helpers.scripted_server import answering, read_request


def test_wait_reads_a_ready_file_and_prints_the_base_url(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    for stale in ("", "{}", '{"url": "http://127.0.0.1:1"}'):
        ready.write_text(stale)
        done = cli("wait", str(ready), "--timeout", "0")
        assert (done.returncode, done.stdout) == (1, "")
    with serving(tmp_path) as running:
        done = cli("wait", str(ready))
        assert (done.returncode, done.stdout) == (0, f"{running.origin}/api/v1\n")


def test_wait_prints_the_address_that_has_answered_whatever_becomes_of_the_file(
    server: Server, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "ready.json")  # which can be read once

    def write() -> None:
        (tmp_path / "ready.json").write_text(json.dumps(server.ready))

    writer = threading.Thread(target=write)
    writer.start()
    done = cli("wait", "ready.json", cwd=tmp_path)
    writer.join()
    assert (done.returncode, done.stdout) == (0, f"{server.origin}/api/v1\n")


def test_wait_says_that_the_server_of_a_ready_file_is_gone(tmp_path: Path) -> None:
    (tmp_path / "ready.json").write_text('{"url": "http://127.0.0.1:1"}')  # where nobody listens
    done = cli("wait", "ready.json", "--timeout", "0", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "error: ready.json: no server answers at http://127.0.0.1:1 any more; start it again, or read what it printed\n"
    )


def test_health_says_what_is_served(server: Server) -> None:
    reply = ask(server.port, "/_fakekit/health", None)
    assert reply.json() == {
        "customers": 50,
        "seed": 1,
        "status": "ok",
        "version": "0.1.0",
        "workers": 1,
        "world": "580196e8a3ea",
    }


def test_who_opens_the_origin_in_a_browser_is_told_where_to_go(server: Server) -> None:
    reply = ask(server.port, "/", None)
    assert reply.headers["content-type"].startswith("text/plain")
    assert b"/api/v1/customers/1" in reply.body


@pytest.mark.parametrize("suffix", ["", "/", "/api/v1"])
def test_wait_takes_the_origin_or_the_base_url(server: Server, suffix: str) -> None:
    assert cli("wait", server.origin + suffix, "--timeout", "9").returncode == 0
    assert cli("wait", f"127.0.0.1:{server.port}{suffix}", "--timeout", "9").returncode == 0


def test_wait_never_goes_through_a_proxy(server: Server) -> None:
    env = {"http_proxy": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1"}
    assert cli("wait", server.origin, "--timeout", "9", env=env).returncode == 0


def test_wait_shows_no_password_of_an_address() -> None:
    done = cli("wait", "http://me:SECRET@127.0.0.1:1/api/v1", "--timeout", "0")
    assert done.stderr.startswith("error: http://127.0.0.1:1: no answer")
    assert "SECRET" not in done.stderr


@pytest.mark.slow
def test_wait_fails_when_nobody_answers() -> None:
    began = time.monotonic()
    done = cli("wait", "http://127.0.0.1:1", "--timeout", "1")
    assert 1 <= time.monotonic() - began < PATIENCE
    assert done.returncode == 1
    assert (
        done.stderr
        == "error: http://127.0.0.1:1: no answer ([Errno 111] Connection refused); start it with fakekit serve --port 1\n"
    )


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
    ],
)
def test_wait_is_not_taken_in_by_something_else(answer: bytes) -> None:
    def script(client: socket.socket) -> None:
        read_request(client)
        client.sendall(answer)

    with answering(script) as origin:
        done = cli("wait", origin, "--timeout", "0")
    assert done.returncode == 1
    assert "something answers, but not as fakekit does" in done.stderr


@pytest.mark.parametrize(
    ("where", "hint"),
    [
        ("127.0.0.1", "port 80 was asked; write http://127.0.0.1:4310\n"),
        ("http://localhost/api/v1", "port 80 was asked; write http://localhost:4310\n"),
        ("https://localhost", "port 443 was asked; write https://localhost:4310\n"),
    ],
)
def test_an_address_of_this_machine_without_a_port_gets_one(where: str, hint: str) -> None:
    for command in (["wait", where, "--timeout", "0"], ["requests", "--url", where]):
        assert cli(*command).stderr.endswith(f"; without a port in the address, {hint}")


@pytest.mark.parametrize(
    ("where", "hint"),
    [
        ("readyjson", "; if it is a ready file, its name must end in .json"),
        ("ready.jsn", "; if it is a ready file, its name must end in .json"),
        ("fake:4310", ""),
    ],
)
def test_a_name_that_is_not_known_may_be_that_of_a_ready_file(
    monkeypatch: pytest.MonkeyPatch, where: str, hint: str
) -> None:
    def look_up(*_: object) -> object:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr("fakekit.testing.connection.getaddrinfo", look_up)
    done = cli("wait", where, "--timeout", "0")
    assert (done.returncode, done.stderr) == (
        1,
        f"error: http://{where}: no answer ([Errno -2] Name or service not known){hint}\n",
    )


@pytest.mark.slow
def test_wait_does_not_wait_for_an_answer_without_an_end() -> None:
    def script(client: socket.socket) -> None:
        read_request(client)
        with suppress(OSError):
            while True:
                client.sendall(b"H")
                time.sleep(0.1)

    with answering(script) as origin:
        done = cli("wait", origin, "--timeout", "0")
    assert (done.returncode, done.stdout) == (1, "")


@pytest.mark.slow
def test_wait_waits_for_a_server_that_starts_later(tmp_path: Path) -> None:
    port = free_port()
    with started([*FAKEKIT, "wait", f"http://127.0.0.1:{port}", "--timeout", "60"]) as waiting:
        time.sleep(0.4)
        assert waiting.poll() is None
        with serving(tmp_path, "--port", str(port)):
            assert waiting.wait(timeout=PATIENCE) == 0


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://app.xtrakit.com/api/v1", "is the real service, which fakekit never calls"),
        ("http://API.XtraKit.com.", "is the real service, which fakekit never calls"),
        ("http://app%2Extrakit.com", "is the real service, which fakekit never calls"),
        ("http://127.0.0.1 x", "is not an address"),
        ("ftp://127.0.0.1", "is not an address"),
        ("http://", "is not an address"),
        ("http://127.0.0.1:99999", "is not an address"),
        ("https:/127.0.0.1", "is not an address"),
        ("https://app.xtrakit.com/x.json", "is the real service"),
        ("4310", "is only a number; found '4310'; write 127.0.0.1:4310"),
    ],
)
def test_wait_refuses_what_it_should_not_ask(url: str, message: str) -> None:
    done = cli("wait", url, "--timeout", "0")
    assert done.returncode == 2
    assert message in done.stderr
