"""The log never stops or breaks the server, whatever becomes of stderr."""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import io
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

import fakekit
from fakekit.log import LOGGER
from fakekit.server.log_writer import LineHandler
from tests.helpers.broken_stream import BrokenStream
from tests.helpers.processes import (
    ALONE,
    FAKEKIT,
    PATIENCE,
    clean_environment,
    no_thread_left,
    read_until,
    started,
    wait_for_file,
)
from tests.helpers.programs import program
from tests.helpers.project import ROOT
from tests.helpers.raw_http import ask, port_of

BOTH = pytest.mark.parametrize("underneath", ["gunicorn", ALONE])
WARNINGS = [f"fk_q~fail=503,after={number}" for number in range(1, 19)]
"""Keys of which the last two are refused with a warning: an account takes 16 different sets of faults."""


@contextlib.contextmanager
def unread_pipe(full: bool = True) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """A pipe that nobody reads, with no room left in it: its reading and its writing end."""
    ends = os.pipe()
    with os.fdopen(ends[0], "rb", buffering=0) as reader, os.fdopen(ends[1], "wb", buffering=0) as writer:
        if full:
            writer.write(b"-" * (fcntl.fcntl(writer, fcntl.F_GETPIPE_SZ) - 1) + b"\n")
        yield reader, writer


@contextlib.contextmanager
def serving_with(
    folder: Path, stderr: int | None, *options: str, command: list[str] | None = None
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A server that writes its log to this descriptor; the process and its port."""
    ready = folder / "ready.json"
    with started(
        [*(command or [*FAKEKIT, "serve"]), "--port", "0", "--ready-file", str(ready), *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        env=clean_environment(),
        cwd=folder,
    ) as process:
        yield process, int(str(wait_for_file(ready, process)["port"]))
        process.terminate()
        process.wait(timeout=PATIENCE)


def fetch(port: int, count: int) -> None:
    """Fetch a customer so often, on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    for _ in range(count):
        connection.request("GET", "/api/v1/customers/1", headers={"Authorization": "Bearer fk_q"})
        answer = connection.getresponse()
        assert (answer.status, b"Customer found" in answer.read()) == (200, True)
    connection.close()


def warn(port: int) -> None:
    """Requests that are logged as warnings; every one is answered."""
    for key in WARNINGS:
        assert ask(port, "/api/v1/customers/1", f"Bearer {key}".encode()).status in (200, 503)


@pytest.mark.slow
@BOTH
def test_a_stderr_that_nobody_reads_stops_nothing(tmp_path: Path, underneath: str) -> None:
    with unread_pipe(full=False) as (reader, writer):
        with serving_with(tmp_path, writer.fileno(), "--server", underneath) as (process, port):
            fetch(port, 1500)  # about 50 bytes of log each; the pipe takes 64 kB at most
            warn(port)
            fetch(port, 10)
        assert process.returncode == 0
        writer.close()
        log = reader.read().decode()
    assert log.startswith("#1 GET /api/v1/customers/1 200")
    assert "#1500 GET" not in log  # the pipe was full before


@BOTH
def test_the_log_goes_on_where_somebody_reads_again(tmp_path: Path, underneath: str) -> None:
    with (
        unread_pipe() as (reader, writer),
        serving_with(tmp_path, writer.fileno(), "--server", underneath) as (_, port),
    ):
        fetch(port, 20)
        warn(port)
        log = read_until("#38 GET", reader)
        fetch(port, 20)
        log += read_until("#58 GET", reader)
    assert log.count(" 200 ") >= 40
    assert log.count("warning: a fault was not applied: the keys of one account") == 2
    assert "dropped" not in log


@BOTH
def test_a_closed_stderr_changes_no_answer(tmp_path: Path, underneath: str) -> None:
    closed = ["bash", "-c", 'exec "$@" 2>&-', "-", *FAKEKIT, "serve"]
    with serving_with(tmp_path, None, "--server", underneath, command=closed) as (process, port):
        fetch(port, 3)
        warn(port)
        fetch(port, 3)
    assert process.returncode == 0


@BOTH
def test_a_stderr_whose_reader_is_gone_changes_no_answer(tmp_path: Path, underneath: str) -> None:
    reader, writer = os.pipe()
    with serving_with(tmp_path, writer, "--server", underneath) as (process, port):
        os.close(writer)
        fetch(port, 3)
        os.close(reader)
        fetch(port, 3)
        warn(port)
        fetch(port, 3)
    assert process.returncode == 0


def test_a_warning_at_the_start_that_nobody_can_read_does_not_stop_it(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.fakekit]\nsed = 1\n")  # which is warned of
    reader, writer = os.pipe()
    os.close(reader)
    with serving_with(tmp_path, writer) as (process, port):
        os.close(writer)
        fetch(port, 3)
    assert process.returncode == 0


ASKS = program("asks.py")

EXEC = ASKS + "import os; ask_all(os.environ['XTRAKIT_BASE_URL'])"

FAKE_SERVER = ASKS + (
    "import fakekit\nwith fakekit.FakeServer() as xtrakit:\n    ask_all(xtrakit.base_url)\n"
)

OTHER_SERVER = (
    ASKS
    + """
import threading, wsgiref.simple_server, fakekit

class Handler(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *_):
        pass

server = wsgiref.simple_server.make_server("127.0.0.1", 0, fakekit.create_app(), handler_class=Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
ask_all("http://127.0.0.1:%d/api/v1" % server.server_port)
server.shutdown()
"""
)

PROGRAMS = {
    "exec": [*FAKEKIT, "exec", "--", sys.executable, "-c", EXEC],
    "FakeServer": [sys.executable, "-c", FAKE_SERVER],
    "create_app": [sys.executable, "-c", OTHER_SERVER],
}


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
@pytest.mark.parametrize("stderr", ["unread", "closed"])
def test_programs_that_serve_by_themselves(tmp_path: Path, program: list[str], stderr: str) -> None:
    command = program if stderr == "unread" else ["bash", "-c", 'exec "$@" 2>&-', "-", *program]
    with unread_pipe() as (_, writer):
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            stderr=writer.fileno(),
            timeout=PATIENCE,
            cwd=tmp_path,
            env=clean_environment() | {"PYTHONPATH": str(ROOT)},
            check=False,
        )
    assert done.returncode == 0
    statuses = json.loads(done.stdout)
    assert statuses[-1] == 200
    assert set(statuses) <= {200, 503}


def record(text: str, *args: object) -> logging.LogRecord:
    return logging.LogRecord("fakekit", logging.INFO, __file__, 0, text, args, None)


def test_lines_that_nobody_reads_are_dropped_counted_and_told() -> None:
    with unread_pipe() as (reader, writer), os.fdopen(os.dup(writer.fileno()), "w") as stream:
        handler = LineHandler(stream, limit=100)
        for number in range(50):
            handler.handle(record(f"line {number:04}"))
        handler.flush()  # gives up
        lines = read_until("lines of the log were dropped", reader).lstrip("-\n").splitlines()
    written = [line for line in lines if line.startswith("line ")]
    dropped = 50 - len(written)
    assert written == [f"line {number:04}" for number in range(len(written))]
    assert 10 <= len(written) <= 20  # 100 characters wait, and as many may be on their way
    assert (
        lines[len(written)] == f"warning: {dropped} lines of the log were dropped: nobody read them in time"
    )


def test_a_record_that_cannot_be_formatted_is_a_line_and_prints_nothing_else(
    capfd: pytest.CaptureFixture[str],
) -> None:
    stream = io.StringIO()
    handler = LineHandler(stream)
    handler.handle(record("%d", "not a number"))
    handler.handle(record("good"))
    handler.flush()
    assert stream.getvalue() == "warning: a record of the log that cannot be formatted\ngood\n"
    assert capfd.readouterr() == ("", "")


def test_a_stream_that_fails_loses_lines_and_says_so_when_it_works_again() -> None:
    stream = BrokenStream()
    handler = LineHandler(stream)
    for text in ("one", "two"):
        handler.handle(record(text))
    handler.flush()
    stream.broken = False
    handler.handle(record("three"))
    handler.flush()
    assert stream.getvalue() == (
        "three\nwarning: 2 lines of the log were dropped: nobody read them in time\n"
    )


def test_its_thread_ends_when_there_is_nothing_to_write() -> None:
    handler = LineHandler(io.StringIO())
    with no_thread_left():
        handler.handle(record("one"))


def test_a_server_that_stops_leaves_no_thread_of_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stream = io.StringIO()
    handler = LineHandler(stream)
    monkeypatch.setattr(LOGGER, "handlers", [handler])
    monkeypatch.setattr("fakekit.server.log_writer.END_SECONDS", PATIENCE)
    before = set(threading.enumerate())
    with caplog.at_level(logging.INFO, LOGGER.name), fakekit.FakeServer() as xtrakit:
        ask(port_of(xtrakit.origin), "/api/v1/customers/1")
    assert set(threading.enumerate()) <= before  # at once: stopping waits for the thread
    assert "#1 GET /api/v1/customers/1 200" in stream.getvalue()


def test_a_line_is_written_once_by_the_process_that_logged_it(tmp_path: Path) -> None:
    code = (
        "import os, logging\n"
        "from fakekit.server.log_writer import log_to_stderr\n"
        "log_to_stderr()\n"
        "log = logging.getLogger('fakekit')\n"
        "log.info('before')\n"
        "child = os.fork()\n"
        "log.info('in the %s', 'parent' if child else 'child')\n"
        "if child: os.waitpid(child, 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=tmp_path,
        env=clean_environment() | {"PYTHONPATH": str(ROOT)},
        check=True,
    )
    assert sorted(done.stderr.splitlines()) == ["before", "in the child", "in the parent"]
