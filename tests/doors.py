"""The doors tests go in by: a server process, a raw socket, the command line."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest

ROOT = Path(__file__).parent.parent
ALONE = pytest.param("alone", marks=pytest.mark.slow)
"""The quick tests meet the server without gunicorn in `fakekit.FakeServer`; `make check` runs all of them on both."""
FAKEKIT = [sys.executable, "-m", "fakekit"]
PATIENCE = 20.0
"""Seconds after which something that was to happen is held never to happen; a busy machine needs some of them."""


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> object:
        return json.loads(self.body)

    @property
    def note(self) -> str:
        return self.headers.get("fakekit-note", "")


def send(port: int, data: bytes, method: str = "GET", timeout: float = 10) -> Reply:
    """What comes back for exactly these bytes. `method` only says whether a body is to be expected."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as client:
        client.sendall(data)
        # A response that is not closed keeps its connection open, whose warning would fail whichever test comes next.
        with contextlib.closing(http.client.HTTPResponse(client, method=method)) as answer:
            answer.begin()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, headers, answer.read())


def ask(
    port: int,
    path: str | bytes,
    authorization: bytes | None = b"Bearer fk_demo",
    method: str = "GET",
    extra: bytes = b"",
) -> Reply:
    """One request, by raw socket, so that no client tidies it up."""
    target = path.encode() if isinstance(path, str) else path
    lines = method.encode() + b" " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    if authorization is not None:
        lines += b"Authorization: " + authorization + b"\r\n"
    return send(port, lines + extra + b"\r\n", method)


class Server:
    """A running ``fakekit serve`` and what it printed so far."""

    def __init__(self, process: subprocess.Popen[bytes], ready: dict[str, object]) -> None:
        self.process = process
        self.port = int(str(ready["port"]))
        self.ready = ready

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def end(self) -> tuple[str, str]:
        """Stop it; what it wrote to stdout and stderr."""
        self.process.terminate()
        out, err = self.process.communicate(timeout=PATIENCE)
        return out.decode(), err.decode()

    def wait_for_line(self, text: str) -> str:
        """Everything on stderr up to a line with `text`; only where nothing drains it.

        What comes behind it is not read: `drain` a server that goes on to log more than a pipe holds.
        """
        assert self.process.stderr is not None
        seen, deadline = b"", time.monotonic() + PATIENCE
        while text.encode() not in seen and time.monotonic() < deadline:
            if select.select([self.process.stderr], [], [], 0.05)[0]:
                seen += os.read(self.process.stderr.fileno(), 65536)
        return seen.decode()


def wait_until(holds: Callable[[], bool]) -> None:
    """Return once `holds` does; fail after `PATIENCE`."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)


@contextmanager
def started(
    command: Sequence[str | Path],
    stdin: int | None = None,
    stdout: int | None = None,
    stderr: int | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    new_session: bool = False,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process; at the end it is killed if it still runs, and its pipes are closed, whatever the test did.

    new_session: it leads a session and a process group of its own; those that it started are killed with it.
    """
    with subprocess.Popen(
        command, stdin=stdin, stdout=stdout, stderr=stderr, cwd=cwd, env=env, start_new_session=new_session
    ) as process:
        try:
            yield process
        finally:
            if new_session:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            process.kill()


@contextmanager
def serving(
    folder: Path,
    *options: str,
    env: Mapping[str, str] | None = None,
    command: list[str] | None = None,
) -> Iterator[Server]:
    """A ``fakekit serve`` on a free port, ended afterwards; its answers are held against the contract."""
    ready = folder / "ready.json"
    ready.unlink(missing_ok=True)
    with started(
        [*(command or [*FAKEKIT, "serve"]), "--port", "0", "--ready-file", str(ready), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        cwd=folder,
        env=clean_environment() | {"PYTHONPATH": str(ROOT / "tests" / "checking")} | dict(env or {}),
    ) as process:
        try:
            yield Server(process, wait_for_file(ready, process))
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE)


def drain(running: Server) -> None:
    """Read what a server writes to stderr, from now on: it may be more than a pipe holds."""
    assert running.process.stderr is not None
    # A descriptor of the thread's own: the number of one that somebody closes may soon be another test's socket.
    descriptor = os.dup(running.process.stderr.fileno())
    threading.Thread(target=_read_all, args=(descriptor,), daemon=True).start()


def _read_all(descriptor: int) -> None:
    with open(descriptor, "rb", buffering=0) as pipe:
        while pipe.read(65536):
            pass


def wait_for_file(
    file: Path, process: subprocess.Popen[bytes], patience: float = PATIENCE
) -> dict[str, object]:
    """What a ready file says, once it is there. Kills the process and fails when it does not come in so many seconds."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and process.poll() is None:
        if file.exists():
            told: dict[str, object] = json.loads(file.read_text())
            return told
        time.sleep(0.01)
    process.kill()
    out, err = process.communicate()
    raise AssertionError(f"the server did not start:\n{(out or b'').decode()}\n{(err or b'').decode()}")


def descriptors() -> int:
    """How many descriptors this process has open."""
    return sum(1 for _ in Path("/dev/fd").iterdir())


def clean_environment() -> dict[str, str]:
    """The environment without what would change a run."""
    return {name: value for name, value in os.environ.items() if not name.startswith("FAKEKIT_")}


@dataclass
class Done:
    """A finished command."""

    returncode: int
    stdout: str
    stderr: str


def cli(*arguments: str, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> Done:
    """One command, in this process: what `cli_process` does, without the time a process takes."""
    from fakekit.cli import main

    out, err = io.StringIO(), io.StringIO()
    environment = clean_environment() | dict(env or {})
    with (
        contextlib.chdir(cwd),
        mock.patch.dict(os.environ, environment, clear=True),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main(list(arguments), prog_name="fakekit")
        except SystemExit as end:
            return Done(int(end.code or 0), out.getvalue(), err.getvalue())
    raise AssertionError("a command always exits")


def cli_process(
    *arguments: str, cwd: Path = ROOT, env: Mapping[str, str] | None = None, timeout: float = 60
) -> Done:
    """One command, in a process of its own."""
    done = subprocess.run(
        [*FAKEKIT, *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        cwd=cwd,
        env=clean_environment() | dict(env or {}),
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)
