"""The doors tests go in by: a server process, a raw socket, the command line."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest

ROOT = Path(__file__).parent.parent
WAITRESS = pytest.param("waitress", marks=pytest.mark.slow)
"""The quick tests meet waitress in `fakekit.FakeServer`; `make check` runs all of them on both."""
FAKEKIT = [sys.executable, "-m", "fakekit"]


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
        answer = http.client.HTTPResponse(client, method=method)
        answer.begin()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        reply = Reply(answer.status, headers, answer.read())
        answer.close()
        return reply


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
        out, err = self.process.communicate(timeout=10)
        return out.decode(), err.decode()

    def wait_for_line(self, text: str, timeout: float = 5) -> str:
        """Everything on stderr up to a line with `text`; only for servers with piped stderr."""
        assert self.process.stderr is not None
        seen, deadline = b"", time.monotonic() + timeout
        while text.encode() not in seen and time.monotonic() < deadline:
            if select.select([self.process.stderr], [], [], 0.05)[0]:
                seen += os.read(self.process.stderr.fileno(), 65536)
        return seen.decode()


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
    process = subprocess.Popen(
        [*(command or [*FAKEKIT, "serve"]), "--port", "0", "--ready-file", str(ready), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        cwd=folder,
        env=clean_environment() | {"PYTHONPATH": str(ROOT / "tests" / "checking")} | dict(env or {}),
    )
    try:
        yield Server(process, wait_for_file(ready, process))
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=10)


def drain(running: Server) -> None:
    """Read what a server writes to stderr, from now on: it may be more than a pipe holds."""
    assert running.process.stderr is not None
    threading.Thread(target=_read_all, args=(running.process.stderr.fileno(),), daemon=True).start()


def _read_all(descriptor: int) -> None:
    try:
        while os.read(descriptor, 65536):
            pass
    except OSError:
        pass


def wait_for_file(file: Path, process: subprocess.Popen[bytes]) -> dict[str, object]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        if file.exists():
            told: dict[str, object] = json.loads(file.read_text())
            return told
        time.sleep(0.01)
    process.kill()
    out, err = process.communicate()
    raise AssertionError(f"the server did not start:\n{out.decode()}\n{err.decode()}")


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
