"""The servers that are measured: how they are started, and how much memory and processor time they take."""

from __future__ import annotations

import compileall
import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent

FAKEKIT = [sys.executable, "-m", "fakekit", "serve", "--port", "0", "--ready-file"]
REFERENCE = [sys.executable, str(HERE / "reference.py")]
LIMIT = [sys.executable, str(HERE / "limit.py")]


def compile_sources() -> None:
    """Compile fakekit and the servers here, as pip does what it installs.

    Otherwise a start would measure Python's compiler where nothing may write ``__pycache__``.
    """
    for folder in (HERE.parent / "fakekit", HERE):
        compileall.compile_dir(folder, quiet=2)


@dataclass(frozen=True)
class Server:
    """A running server; `pid` is of the process that was started."""

    port: int
    pid: int

    def memory(self) -> float:
        """Return megabytes of the process and its children, pages that they share counted once (PSS)."""
        total = 0
        for process in self._processes():
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
            total += int(next(line for line in rollup.splitlines() if line.startswith("Pss:")).split()[1])
        return total / 1024

    def processor_seconds(self) -> float:
        """Return how long the threads of the process and its children have run on a processor."""
        total = 0
        for process in self._processes():
            for task in Path(f"/proc/{process}/task").iterdir():
                with contextlib.suppress(FileNotFoundError):
                    total += int((task / "schedstat").read_text().split()[0])
        return total / 1e9

    def _processes(self) -> list[int]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [self.pid, *map(int, children)]


@contextlib.contextmanager
def running(command: list[str], folder: str, *options: str, log: Path | None = None) -> Iterator[Server]:
    """Run a server that writes a ready file, whose name is put behind the command.

    log: where its stderr goes; None drops it.
    """
    ready = Path(folder) / f"ready-{time.monotonic_ns()}.json"
    with started([*command, str(ready), *options], log) as process:
        wait_until(ready.exists, process)
        yield Server(json.loads(ready.read_text())["port"], process.pid)


@contextlib.contextmanager
def started(
    command: list[str],
    log: Path | None = None,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process until the block ends.

    folder: where it runs. environment: further variables.
    """
    with (log or Path(os.devnull)).open("w") as stderr:
        variables = {**os.environ, **(environment or {})}
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=stderr, cwd=folder, env=variables
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=20)


def wait_until(is_ready: object, process: subprocess.Popen[bytes], seconds: float = 60.0) -> None:
    """Wait until a function returns true. Raises SystemExit when the process ends, or after so long."""
    assert callable(is_ready)
    deadline = time.monotonic() + seconds
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"{process.args!r} did not start")
        time.sleep(0.002)


def fetch(port: int, path: str) -> bytes:
    """Return the body of a response. Raises an error unless it is a 200."""
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", headers={"Authorization": "Bearer fk_demo"}
    )
    with urllib.request.urlopen(asked, timeout=10) as response:
        body: bytes = response.read()
    return body
