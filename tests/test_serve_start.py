"""`fakekit serve`: how it starts, what it prints and logs, and what it says when it cannot start."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import fakekit
from fakekit.errors import AddressError
from tests.helpers.commands import cli, cli_process
from tests.helpers.processes import (
    FAKEKIT,
    PATIENCE,
    Server,
    clean_environment,
    serving,
    started,
    wait_for_file,
)
from tests.helpers.programs import PROGRAMS
from tests.helpers.project import ROOT
from tests.helpers.raw_http import ask


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
        f"console   {origin}/ in a browser\n"
        "\n"
        "curl -H 'Authorization: Bearer fk_demo' \\\n"
        f"  {origin}/api/v1/customers/1\n"
        "\n"
    )
    assert max(map(len, out.splitlines())) <= 80
    assert "Traceback" not in err


def test_the_printed_curl_line_prints_the_documented_customer(server: Server) -> None:
    line = f"curl -sS -H 'Authorization: Bearer fk_demo' \\\n  {server.origin}/api/v1/customers/1\n"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True, timeout=PATIENCE)
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
        "#2 GET /api/v1/customers/51?... 404 0.0ms assumed (fine): the population ends at 50; start with"
        " --customers 51, or add it to a fixture file",
        "#3 GET /api/v1/customers/1 401 0.0ms documented: the request has no Authorization header; send"
        " Authorization: Bearer fk_demo",
        "#4 POST /api/v1/customers/1 405 0.0ms assumed (fine): fakekit answers DELETE, GET, PUT here; request POST /api/v1/customers/add",
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


@pytest.mark.parametrize("underneath", ["gunicorn", pytest.param("alone", marks=pytest.mark.slow)])
def test_a_server_that_ends_deletes_its_ready_file_and_no_others(tmp_path: Path, underneath: str) -> None:
    ready = tmp_path / "ready.json"
    with serving(tmp_path, "--server", underneath) as running:
        assert ready.exists()
        running.end()
        assert not ready.exists()
    with serving(tmp_path, "--server", underneath) as running:
        others = json.dumps(running.ready | {"pid": 1})
        ready.write_text(others)
        running.end()
        assert ready.read_text() == others


def test_a_ready_file_that_cannot_be_written_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "no" / "ready.json"
    done = cli_process("serve", "--port", "0", env={"FAKEKIT_READY_FILE": str(file)})
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        f"error: FAKEKIT_READY_FILE: cannot be written: No such file or directory; found {file}\n",
    )


@pytest.mark.slow
def test_a_server_with_a_store_ends_where_its_ready_file_cannot_be_written_any_more(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    options = ["--port", "0", "--state", str(tmp_path / "s.db"), "--ready-file", str(folder / "ready.json")]
    with started(
        [sys.executable, str(PROGRAMS / "serve_without_a_folder.py"), str(folder), *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=clean_environment(),
    ) as process:
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert err.decode().splitlines()[1:] == ["error: a worker process cannot start"]
    assert err.startswith(b"error: --ready-file: cannot be written: No such file or directory; found")


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


@pytest.mark.parametrize(
    ("options", "env", "message"),
    [
        (["--host", "no-such-host.invalid"], {}, "--host: is not an address of this machine"),
        (["--host", "203.0.113.1"], {}, "--host: cannot be listened on (Cannot assign requested address)"),
        ([], {"FAKEKIT_HOST": "256.1.1.1"}, "FAKEKIT_HOST: is not an address of this machine"),
    ],
)
def test_an_address_that_is_not_ours_is_told(options: list[str], env: dict[str, str], message: str) -> None:
    done = cli_process("serve", "--port", "0", *options, env=env)
    (host,) = (*options[1:], *env.values())
    assert (done.returncode, done.stderr) == (2, f"error: {message}; found '{host}'; write 127.0.0.1\n")


def test_in_python_an_address_that_is_not_ours_is_that_of_an_argument() -> None:
    with pytest.raises(AddressError) as error:
        fakekit.FakeServer(host="256.1.1.1").start()
    assert str(error.value) == "host: is not an address of this machine; found '256.1.1.1'; write 127.0.0.1"


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
        timeout=PATIENCE,
        env=clean_environment(),
    )
    assert done.returncode not in (0, None)
    assert "error: --ready-file: cannot be written: No space left on device" in done.stderr
    assert "the server's worker process died" in done.stderr
    assert "Traceback" not in done.stderr


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


@pytest.mark.slow
def test_it_listens_on_ipv6_and_names_itself_so(tmp_path: Path) -> None:
    with serving(tmp_path, "--host", "::1") as running:
        assert running.ready["url"] == f"http://[::1]:{running.port}"
        assert cli("wait", str(running.ready["base_url"]), "--timeout", "5").returncode == 0


def test_a_server_starts_without_what_few_servers_need(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "tests" / "programs" / "start_of_serve.py")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[] [] True"
