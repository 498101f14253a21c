"""Processes that tests start: `fakekit serve`, its ready file, its output; and waiting for what they do."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import pytest

from tests.helpers.project import ROOT

ALONE = pytest.param("alone", marks=pytest.mark.slow)
"""The quick tests meet the server without gunicorn in `fakekit.FakeServer`; `make check` runs all of them on both."""
FAKEKIT = [sys.executable, "-m", "fakekit"]
_CHECKING = os.pathsep.join([str(ROOT / "tests" / "checking"), str(ROOT)])
"""Servers check their answers, and are those of this copy of the project, whichever one is installed."""
PATIENCE = 40.0
"""Seconds after which something that was to happen is held never to happen; a busy machine needs some of them.

Less than the 50 seconds by which tests delay what is not to be waited for.
"""


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
        return read_until(text, self.process.stderr)


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
        env=clean_environment() | {"PYTHONPATH": _CHECKING} | dict(env or {}),
    ) as process:
        try:
            yield Server(process, wait_for_file(ready, process))
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE)


def read_until(text: str, pipe: IO[bytes] | None) -> str:
    """Everything that a process writes up to what has this text, at least; less after `PATIENCE`, or at its end."""
    assert pipe is not None
    seen, deadline = b"", time.monotonic() + PATIENCE
    while text.encode() not in seen and time.monotonic() < deadline:
        if select.select([pipe], [], [], 0.05)[0]:
            data = os.read(pipe.fileno(), 65536)
            if not data:
                break
            seen += data
    return seen.decode()


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
    file: Path, process: subprocess.Popen[bytes], patience: float = 3 * PATIENCE
) -> dict[str, object]:
    """What a ready file says, once it is there. Kills the process and fails when it does not come in so many seconds.

    A start takes a hundred times what a request takes, so a busy machine makes it last the longest.
    """
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and process.poll() is None:
        if file.exists():
            told: dict[str, object] = json.loads(file.read_text())
            return told
        time.sleep(0.01)
    process.kill()
    out, err = process.communicate()
    raise AssertionError(f"the server did not start:\n{(out or b'').decode()}\n{(err or b'').decode()}")


@contextmanager
def nothing_left(pool_stays: bool = False) -> Iterator[None]:
    """Fail if a thread or a descriptor is left of those that a block has started or opened."""
    with no_thread_left(pool_stays), no_descriptor_left():
        yield


@contextmanager
def no_thread_left(pool_stays: bool = False) -> Iterator[None]:
    """Fail if a thread that has been started during a block does not end, within `PATIENCE` after it.

    It looks which threads there are, not how many: one that ends meanwhile would make room for one that
    stays. And it waits, because the thread that writes the log comes and goes with its lines.

    pool_stays: threads of a server's pool may stay, because it goes on after the block.
    """
    before = set(threading.enumerate())
    yield
    _wait_for_none(lambda: _threads_since(before, pool_stays))


@contextmanager
def no_descriptor_left() -> Iterator[None]:
    """Fail if a descriptor that has been opened during a block is not closed within `PATIENCE` after it."""
    before = _descriptors()
    yield
    _wait_for_none(lambda: _descriptors() - before)


def _threads_since(before: set[threading.Thread], pool_stays: bool) -> set[threading.Thread]:
    """The threads that were not there before, without those of a server's pool where it stays."""
    new = set(threading.enumerate()) - before
    return {thread for thread in new if not (pool_stays and re.fullmatch(r"fakekit-\d+", thread.name))}


def _descriptors() -> set[tuple[str, int, int]]:
    """The descriptors of this process, with what each one is open on: a number is soon used again."""
    found = set()
    for number in os.listdir("/dev/fd"):  # noqa: PTH208 (a folder of numbers)
        with contextlib.suppress(OSError):  # it was that of the listing
            status = os.fstat(int(number))
            found.add((number, status.st_dev, status.st_ino))
    return found


def _wait_for_none(left: Callable[[], Collection[object]]) -> None:
    """Return once nothing is left; fail with what is after `PATIENCE`."""
    with contextlib.suppress(AssertionError):
        return wait_until(lambda: not left())
    raise AssertionError(f"it is left: {left()}")


def clean_environment() -> dict[str, str]:
    """The environment without what would change a run."""
    return {name: value for name, value in os.environ.items() if not name.startswith("FAKEKIT_")}


def megabytes(pid: int) -> float:
    """Of a process and its children, shared pages counted once (the proportional set size)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    total = 0
    for process in (pid, *map(int, children)):
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def free_port() -> int:
    """A port on which nobody listens, for a server that is started later or for none.

    Not one that the system has given: those it may give to the next connection or server of another test.
    And not by `random`, which pytest-randomly sets to the same seed in every process.
    """
    while True:
        port = 20_000 + secrets.randbelow(
            12_000
        )  # Linux gives those from 32,768 on, macOS and Windows higher ones
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


HALF = b"GET /api/v1/customers/1 HTTP/1.1\r\nHost: x\r\nAuthoriz"


def half_open(stack: ExitStack, port: int, count: int, data: bytes = HALF) -> list[socket.socket]:
    """Connections that have sent a part of a request and wait."""
    clients = []
    for _ in range(count):
        clients.append(stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)))
        clients[-1].sendall(data)
    time.sleep(0.2)
    return clients
