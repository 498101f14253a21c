"""A fake in a child process, for tests that want the server out of their own process."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from json import loads
from pathlib import Path
from subprocess import DEVNULL, TimeoutExpired
from typing import Any

from fakekit.errors import ControlError, Problem
from fakekit.settings import Settings
from fakekit.settings.table import TABLE
from fakekit.testing.remote import RemoteServer
from fakekit.unpatched import Popen, monotonic, sleep

START_SECONDS = 20.0
"""How many seconds the process may take to start."""


class ChildServer(RemoteServer):
    """``fakekit serve`` in a process of its own, which ends with this one.

    settings: what it serves; how it is served (port, ready file) is not taken from them.

    Raises `fakekit.ControlError`, with what the process wrote to stderr, when it does not start within
    `START_SECONDS`.
    """

    def __init__(self, settings: Settings) -> None:
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 (closed by stop)
        self._folder = tempfile.TemporaryDirectory(prefix="fakekit-")  # likewise
        folder = Path(self._folder.name)
        (folder / "pyproject.toml").touch()  # the nearest: what stands in others was not said to this server
        ready = folder / "ready.json"
        options = ["--port", "0", "--ready-file", str(ready), "--exit-with-parent", *options_of(settings)]
        self._process = Popen(
            [sys.executable, "-m", "fakekit", "serve", *options],
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=self._stderr,
            cwd=folder,
            env=dict(_child_environment()),
        )
        try:
            super().__init__(self._origin(ready))
        except BaseException:
            self.stop()
            raise

    def _origin(self, ready: Path) -> str:
        """Return the address in the ready file once it is there. Raises `ControlError`."""
        deadline = monotonic() + START_SECONDS
        while monotonic() < deadline and self._process.poll() is None:
            if ready.exists():
                return str(loads(ready.read_text("utf-8"))["url"])
            sleep(0.01)
        self._stderr.seek(0)
        message = self._stderr.read().decode(errors="replace").strip()
        raise ControlError(Problem("the server", f"did not start: {message or 'it said nothing'}"))

    def stop(self) -> None:
        """End the process, by a kill after 5 seconds, and remove its files."""
        self._process.terminate()
        try:
            self._process.wait(5)
        except TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._stderr.close()
        self._folder.cleanup()


def _child_environment() -> Iterator[tuple[str, str]]:
    """Yield our environment variables without fakekit's, since they would change the child's settings.

    Paths in PYTHONPATH become absolute: the child runs in another folder.
    """
    for name, value in os.environ.items():
        if name == "PYTHONPATH":
            yield name, os.pathsep.join(str(Path(path).absolute()) for path in value.split(os.pathsep))
        elif not name.startswith("FAKEKIT_"):
            yield name, value


def options_of(settings: Settings) -> Iterator[str]:
    """Yield the command-line options that give `fakekit serve` these settings, without defaults."""
    for setting in TABLE:
        value = getattr(settings, setting.name)
        if setting.serve_only or value == setting.default:
            continue
        if isinstance(value, bool):
            yield setting.flag
        elif isinstance(value, tuple):
            for item in value:
                yield from (setting.flag, _format_value(item))
        else:
            yield from (setting.flag, str(value))


def _format_value(value: Any) -> str:
    """Return a value as the command line takes it; paths absolute, since the child's folder is another."""
    if isinstance(value, tuple):
        return "=".join(map(str, value))
    return str(value.absolute() if isinstance(value, Path) else value)
