"""``fakekit serve`` and the other ways to run the app: how they start, what they say, how they end."""

from __future__ import annotations

import http.client
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from tests.helpers.commands import cli, cli_process
from tests.helpers.processes import (
    ALONE,
    FAKEKIT,
    PATIENCE,
    Server,
    clean_environment,
    free_port,
    serving,
    started,
    wait_for_file,
    wait_until,
)
from tests.helpers.project import ROOT
from tests.helpers.raw_http import ask

HALF = b"GET /api/v1/customers/1 HTTP/1.1\r\nHost: x\r\nAuthoriz"


def half_open(stack: ExitStack, port: int, count: int, data: bytes = HALF) -> list[socket.socket]:
    """Connections that have sent a part of a request and wait."""
    clients = []
    for _ in range(count):
        clients.append(stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5)))
        clients[-1].sendall(data)
    time.sleep(0.2)
    return clients


def test_the_greeting_can_be_pasted_and_fits_80_columns(tmp_path: Path) -> None:
    with serving(tmp_path, "--seed", "7", "--customers", "1000") as running:
        origin = running.origin
        ask(running.port, "/api/v1/customers/1")
        out, err = running.end()
    assert out == (
        "fakekit 0.1.0, a fake of the XtraKit API (not the real one)\n"
        f"origin    {origin}\n"
        f"base URL  {origin}/api/v1\n"
        "key       fk_demo (any fk_... has an account of its own)\n"
        "seed      7, 1,000 customers\n"
        "\n"
        "curl -H 'Authorization: Bearer fk_demo' \\\n"
        f"  {origin}/api/v1/customers/1\n"
        "\n"
    )
    assert max(map(len, out.splitlines())) <= 80
    assert "Traceback" not in err


def test_the_printed_curl_line_prints_the_documented_customer(server: Server) -> None:
    line = f"curl -sS -H 'Authorization: Bearer fk_demo' \\\n  {server.origin}/api/v1/customers/1\n"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True, timeout=10)
    assert json.loads(done.stdout)["data"]["customer"]["customer_name"] == "Jane Doe"


def test_the_log_has_a_line_per_request_on_stderr(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        ask(running.port, "/api/v1/customers/1")
        ask(running.port, "/api/v1/customers/51?created_at=x")
        ask(running.port, "/api/v1/customers/1", None)
        ask(running.port, "/api/v1/customers/1", method="POST")
        _, err = running.end()
    import re

    lines = [re.sub(r"\d+\.\d+ms", "0.0ms", line) for line in err.splitlines()]
    assert lines == [
        "#1 GET /api/v1/customers/1 200 0.0ms documented",
        "#2 GET /api/v1/customers/51?... 404 0.0ms assumed: the population ends at 50; start with"
        " --customers 51, or add it to a fixture file",
        "#3 GET /api/v1/customers/1 401 0.0ms documented: the request has no Authorization header; send"
        " Authorization: Bearer fk_demo",
        "#4 POST /api/v1/customers/1 405 0.0ms assumed: fakekit answers DELETE, GET, PUT here",
    ]


def test_the_ready_file_is_whole_and_true_once_it_is_there(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        assert running.ready == {
            "url": running.origin,
            "base_url": f"{running.origin}/api/v1",
            "port": running.port,
            "pid": running.process.pid,
        }
        assert ask(running.port, "/api/v1/customers/1").status == 200
        assert [file.name for file in tmp_path.iterdir()] == ["ready.json"]


def test_a_ready_file_that_cannot_be_written_is_told_at_once(tmp_path: Path) -> None:
    done = cli_process("serve", "--port", "0", "--ready-file", str(tmp_path / "no" / "ready.json"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: --ready-file: cannot be written: No such file or directory; found")


@pytest.mark.slow
def test_a_start_that_fails_leaves_the_ready_file_of_the_one_that_runs(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        ready = tmp_path / "ready.json"
        for options in (["--port", str(running.port)], ["--port", "0", "--fixtures", "nope.yaml"]):
            assert cli_process("serve", *options, "--ready-file", str(ready)).returncode == 2
            assert json.loads(ready.read_text()) == running.ready


@pytest.mark.slow
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">/dev/full"])
def test_it_serves_without_a_place_to_print_to_or_says_so(tmp_path: Path, closed: str) -> None:
    line = f"{sys.executable} -m fakekit serve --port 0 --ready-file ready.json {closed}"
    command = ["bash", "-c", f"exec {line}"]
    with started(command, cwd=tmp_path, stderr=subprocess.PIPE, env=clean_environment()) as process:
        if closed != ">/dev/full":
            told = wait_for_file(tmp_path / "ready.json", process)
            assert ask(int(str(told["port"])), "/api/v1/customers/1").status == 200
            process.terminate()
        _, err = process.communicate(timeout=PATIENCE)
    assert b"Traceback" not in err
    if closed == ">/dev/full":
        assert (process.returncode, err) == (2, b"error: output: No space left on device\n")
    else:
        assert (process.returncode, err) == (0, b"" if closed == "2>&-" else err)


@pytest.mark.parametrize("command", ["--help", "--version", "personas"])
def test_an_output_that_is_full_is_one_line_and_code_2(command: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*FAKEKIT, command], stdout=full, stderr=subprocess.PIPE, env=clean_environment(), check=False
        )
    assert (done.returncode, done.stderr) == (2, b"error: output: No space left on device\n")


@pytest.mark.slow
def test_nohup_is_respected(tmp_path: Path) -> None:
    with serving(tmp_path, command=["nohup", *FAKEKIT, "serve"]) as running:
        running.process.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        assert ask(running.port, "/api/v1/customers/1").status == 200


def test_a_taken_port_is_one_line(server: Server) -> None:
    """And one attempt: gunicorn by itself would try for five seconds, with a line for each."""
    done = cli_process("serve", "--port", str(server.port))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"error: port {server.port} of 127.0.0.1 is taken; write --port 0 for a free one, or another --port\n"
    )


@pytest.mark.parametrize("host", ["256.1.1.1", "no-such-host.invalid", "203.0.113.1"])
def test_an_address_that_is_not_ours_is_told(host: str) -> None:
    done = cli_process("serve", "--host", host, "--port", "0")
    assert done.returncode == 2
    assert done.stderr.startswith("error: --host: ")
    assert host in done.stderr


@pytest.mark.parametrize("underneath", ["gunicorn", ALONE])
@pytest.mark.parametrize(
    "how", [signal.SIGTERM, signal.SIGINT, pytest.param(signal.SIGHUP, marks=pytest.mark.slow)]
)
def test_it_ends_quietly_and_does_not_wait_for_half_open_clients(
    tmp_path: Path, how: signal.Signals, underneath: str
) -> None:
    """The clients stay as they are until after it: a server that waited for them would not end."""
    with ExitStack() as stack:
        running = stack.enter_context(serving(tmp_path, "--server", underneath))
        half_open(stack, running.port, 5)
        half_open(stack, running.port, 3, b"")
        running.process.send_signal(how)
        assert running.process.wait(timeout=PATIENCE) == 0
        _, err = running.end()
        assert err == ""


def test_ctrl_c_reaches_the_whole_group_and_still_ends_quietly(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    with started(
        [*FAKEKIT, "serve", "--port", "0", "--ready-file", str(ready)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(),
        new_session=True,
    ) as process:
        wait_for_file(ready, process)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, b"")


def worker_of(pid: int) -> int:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    assert len(children) == 1
    return int(children[0])


@pytest.mark.parametrize(
    "how",
    [
        signal.SIGKILL,
        pytest.param(signal.SIGSEGV, marks=pytest.mark.slow),
        pytest.param(signal.SIGABRT, marks=pytest.mark.slow),
    ],
)
def test_a_worker_that_dies_ends_the_server_with_an_error(tmp_path: Path, how: signal.Signals) -> None:
    with serving(tmp_path) as running:
        os.kill(worker_of(running.process.pid), how)
        assert running.process.wait(timeout=PATIENCE) == 1
        _, err = running.end()
    assert err.splitlines()[-1] == (
        "error: the server's worker process died and its accounts with it; start it again"
    )
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(signal.SIGHUP, marks=pytest.mark.slow),
        pytest.param(signal.SIGINT, marks=pytest.mark.slow),
        signal.SIGTERM,
    ],
)
def test_no_line_of_the_log_is_lost_when_the_whole_group_is_told_to_end(
    tmp_path: Path, how: signal.Signals
) -> None:
    ready = tmp_path / "ready.json"
    with (
        (tmp_path / "log").open("wb") as log,
        started(
            [*FAKEKIT, "serve", "--port", "0", "--ready-file", str(ready)],
            stdout=subprocess.DEVNULL,
            stderr=log.fileno(),
            env=clean_environment(),
            new_session=True,
        ) as process,
    ):
        port = int(str(wait_for_file(ready, process)["port"]))
        for _ in range(100):
            assert ask(port, "/api/v1/customers/1").status == 200
        os.killpg(process.pid, how)
        assert process.wait(timeout=PATIENCE) == 0
    assert (tmp_path / "log").read_text().count("\n") == 100


@pytest.mark.parametrize("underneath", ["gunicorn", ALONE])
@pytest.mark.parametrize("size", [10, 300_000, pytest.param(10_000_000, marks=pytest.mark.slow)])
def test_a_body_that_nobody_reads_does_not_end_the_connection(
    tmp_path: Path, size: int, underneath: str
) -> None:
    import http.client

    with (
        serving(tmp_path, "--server", underneath) as running,
        closing(http.client.HTTPConnection("127.0.0.1", running.port, timeout=10)) as connection,
    ):
        for _ in range(3):
            connection.request("POST", "/api/v1/customers/1", b"x" * size, {"Authorization": "Bearer fk_a"})
            assert connection.getresponse().read() == b'{"status": 405, "error": "Method Not Allowed"}\n'
            connection.request("GET", "/api/v1/customers/1", headers={"Authorization": "Bearer fk_a"})
            assert connection.getresponse().read().startswith(b'{"status": 200')


def test_a_worker_that_cannot_start_says_why(tmp_path: Path) -> None:
    """The disk that was writable a moment ago is full: the one thing a worker does before it serves fails."""
    code = (
        "import errno, fakekit.server.listening as listening\n"
        "def full(*_): raise OSError(errno.ENOSPC, 'No space left on device')\n"
        "listening.write_whole = full\n"
        "from fakekit.cli import main; main()"
    )
    ready = str(tmp_path / "ready.json")
    done = subprocess.run(
        [sys.executable, "-c", code, "serve", "--port", "0", "--server", "gunicorn", "--ready-file", ready],
        capture_output=True,
        text=True,
        timeout=20,
        env=clean_environment(),
    )
    assert done.returncode not in (0, None)
    assert "error: --ready-file: cannot be written: No space left on device" in done.stderr
    assert "the server's worker process died" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_signals_that_would_make_more_workers_do_nothing(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        before = worker_of(running.process.pid)
        for how in (signal.SIGTTIN, signal.SIGUSR1, signal.SIGUSR2, signal.SIGTTOU, signal.SIGWINCH):
            running.process.send_signal(how)
        time.sleep(0.3)
        assert worker_of(running.process.pid) == before
        assert ask(running.port, "/api/v1/customers/1").status == 200


@pytest.mark.slow
def test_no_orphan_serves_on_when_the_master_is_killed(tmp_path: Path) -> None:
    with ExitStack() as stack:
        running = stack.enter_context(serving(tmp_path))
        worker = worker_of(running.process.pid)
        half_open(stack, running.port, 3)
        running.process.kill()
        wait_until(lambda: not Path(f"/proc/{worker}").exists())


@pytest.mark.parametrize("underneath", ["gunicorn", ALONE])
def test_exit_with_parent(tmp_path: Path, underneath: str) -> None:
    ready = tmp_path / "ready.json"
    serve = [*FAKEKIT, "serve", "--port", "0", "--exit-with-parent", "--ready-file", str(ready)]
    serve += ["--server", underneath]
    code = "import subprocess, sys; subprocess.Popen(sys.argv[1:]); sys.stdin.read()"
    with started(
        [sys.executable, "-c", code, *serve],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=clean_environment(),
        new_session=True,
    ) as parent:
        port = int(str(wait_for_file(ready, parent)["port"]))
        parent.communicate(timeout=PATIENCE)
        wait_until(lambda: not is_answered(port))


def is_answered(port: int) -> bool:
    try:
        return ask(port, "/_fakekit/health").status == 200
    except (OSError, http.client.HTTPException):  # it ends in the middle of an answer
        return False


@pytest.mark.slow
@pytest.mark.parametrize("underneath", ["gunicorn", ALONE])
def test_sixty_half_sent_requests_do_not_hold_up_a_fetch(tmp_path: Path, underneath: str) -> None:
    with ExitStack() as stack:
        running = stack.enter_context(serving(tmp_path, "--server", underneath))
        clients = half_open(stack, running.port, 60)
        for _ in range(9):
            assert ask(running.port, "/api/v1/customers/1").status == 200
        assert select.select(clients, [], [], 0)[0] == []  # none was given up to make room


@pytest.mark.slow
def test_without_gunicorn_it_serves_alone(tmp_path: Path) -> None:
    (tmp_path / "gunicorn.py").write_text("raise ImportError('there is no gunicorn on Windows')\n")
    env = {"PYTHONPATH": str(tmp_path)}
    with serving(tmp_path, env=env) as running:
        reply = ask(running.port, "/api/v1/customers/1")
        assert (reply.status, reply.headers["server"]) == (200, "fakekit")
    done = cli_process("serve", "--port", "0", "--server", "gunicorn", cwd=tmp_path, env=env)
    assert done.returncode == 2
    assert done.stderr == "error: --server: gunicorn does not run here; write --server alone\n"


def test_the_greeting_counts_what_stands_in_files_and_asks_for_somebody_who_exists(tmp_path: Path) -> None:
    with serving(tmp_path, "--fixtures", str(ROOT / "fixtures" / "demo")) as running:
        out, _ = running.end()
    assert "seed      1, 2 customers, 2 from files\n" in out
    assert out.endswith(f"  {running.origin}/api/v1/customers/7\n\n")


def test_wait_reads_a_ready_file_and_prints_the_base_url(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    for stale in ("", "{}", '{"url": "http://127.0.0.1:1"}'):
        ready.write_text(stale)
        done = cli("wait", str(ready), "--timeout", "0")
        assert (done.returncode, done.stdout) == (1, "")
    with serving(tmp_path) as running:
        done = cli("wait", str(ready))
        assert (done.returncode, done.stdout) == (0, f"{running.origin}/api/v1\n")


@pytest.mark.slow
def test_it_listens_on_ipv6_and_names_itself_so(tmp_path: Path) -> None:
    with serving(tmp_path, "--host", "::1") as running:
        assert running.ready["url"] == f"http://[::1]:{running.port}"
        assert cli("wait", str(running.ready["base_url"]), "--timeout", "5").returncode == 0


# --- wait and health -------------------------------------------------------------------------------


def test_health_says_what_is_served(server: Server) -> None:
    reply = ask(server.port, "/_fakekit/health", None)
    assert reply.json() == {
        "customers": 50,
        "seed": 1,
        "status": "ok",
        "version": "0.1.0",
        "world": "9d2bf812d580",
    }


def test_who_opens_the_origin_in_a_browser_is_told_where_to_go(server: Server) -> None:
    reply = ask(server.port, "/", None)
    assert reply.headers["content-type"].startswith("text/plain")
    assert b"/api/v1/customers/1" in reply.body


@pytest.mark.parametrize("suffix", ["", "/", "/api/v1"])
def test_wait_takes_the_origin_or_the_base_url(server: Server, suffix: str) -> None:
    assert cli("wait", server.origin + suffix, "--timeout", "0").returncode == 0
    assert cli("wait", f"127.0.0.1:{server.port}{suffix}", "--timeout", "0").returncode == 0


def test_wait_never_goes_through_a_proxy(server: Server) -> None:
    env = {"http_proxy": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1"}
    assert cli("wait", server.origin, "--timeout", "0", env=env).returncode == 0


@pytest.mark.slow
def test_wait_fails_when_nobody_answers() -> None:
    began = time.monotonic()
    done = cli("wait", "http://127.0.0.1:1", "--timeout", "1")
    assert 1 <= time.monotonic() - began < PATIENCE
    assert done.returncode == 1
    assert done.stderr == "error: http://127.0.0.1:1: no answer ([Errno 111] Connection refused)\n"


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
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def once() -> None:
            client, _ = listener.accept()
            with client:
                client.recv(4096)
                client.sendall(answer)

        thread = threading.Thread(target=once)
        thread.start()
        done = cli("wait", f"http://127.0.0.1:{listener.getsockname()[1]}", "--timeout", "0")
        thread.join()
    assert done.returncode == 1
    assert "something answers, but not as fakekit does" in done.stderr


@pytest.mark.slow
def test_wait_waits_for_a_server_that_starts_later(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
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


# --- the other ways to run it ----------------------------------------------------------------------


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


def test_flask_run_serves_and_logs_no_query(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "flask", "--app", "fakekit", "run", "--port", str(port)]
    with answering(command, port, tmp_path) as process:
        assert ask(port, "/api/v1/customers/1?key=secret-canary").status == 200
        for malformed in (b"secret-canary\r\n\r\n", b"GET / HTTP/secret-canary\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
                client.sendall(malformed)
                client.recv(4096)
        process.terminate()
        out = process.communicate(timeout=PATIENCE)[0].decode()
    assert "canary" not in out
    assert "#" in out  # fakekit's own line is there


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


def test_a_server_starts_without_what_few_servers_need(tmp_path: Path) -> None:
    code = (
        "import sys, fakekit.cli; fakekit.cli.main.get_command(None, 'serve'); import fakekit.app, fakekit\n"
        "import fakekit.server.process\n"
        "from fakekit.settings import Settings\n"
        "fakekit.create_app(Settings.read({}, {}, __import__('pathlib').Path.cwd()))\n"
        "heavy = {'h11', 'tomllib', 'faker', 'cryptography.x509', 'apispec', 'jsonschema', 'urllib3'}\n"
        "ours = {n for n in sys.modules if n.startswith(('fakekit.faults.', 'fakekit.testing.', 'fakekit.cli.w'))}\n"
        "print(sorted(heavy & set(sys.modules)), sorted(ours))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[] []\n"


def test_url_for_builds_the_vendors_paths() -> None:
    from flask import url_for

    import fakekit

    with fakekit.create_app(fakekit.Settings.of()).test_request_context():
        assert url_for("fetch_customer", id=3, page=1) == "/api/v1/customers/3?page=1"
        assert url_for("list_customers") == "/api/v1/customers"
