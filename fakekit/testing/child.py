"""A fake in a child process, for tests that patch so much that a server in their process would suffer."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from json import loads
from pathlib import Path
from subprocess import DEVNULL, TimeoutExpired

from fakekit.errors import ControlError, Problem
from fakekit.settings import Settings
from fakekit.settings.declaration import Scope
from fakekit.settings.table import TABLE
from fakekit.testing.remote import RemoteServer
from fakekit.unpatched import monotonic, process_class, sleep

START_SECONDS = 20.0
"""How many seconds the process may take to start."""


class ChildServer(RemoteServer):
    """A ``fakekit serve`` that is started in a child process; it ends with this process, or by `stop`.

    Blocks until the server is ready. Raises `fakekit.ControlError`, with what the process wrote to stderr,
    when it does not start within `START_SECONDS`.

    settings: what it serves. How it is served (port, ready file) is not taken from them: it gets a free port.
    """

    def __init__(self, settings: Settings) -> None:
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 (closed by stop)
        self._folder = tempfile.TemporaryDirectory(prefix="fakekit-")  # likewise
        folder = Path(self._folder.name)
        # The child reads the nearest pyproject.toml. An empty one here hides the user's, which is not meant.
        (folder / "pyproject.toml").touch()
        ready = folder / "ready.json"
        options = ["--port", "0", "--ready-file", str(ready), "--exit-with-parent", *options_of(settings)]
        self._process = process_class()(
            [sys.executable, "-m", "fakekit", "serve", *options],
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=self._stderr,
            cwd=folder,
            env=dict(_child_environment(settings)),
        )
        try:
            super().__init__(self._origin(ready))
        except BaseException:
            self.stop()
            raise

    def _origin(self, ready: Path) -> str:
        """Wait for the server's ready file, and return the URL in it: ``http://127.0.0.1:40123``.

        Raises `ControlError` when the process ends, or writes no file within `START_SECONDS`.
        """
        deadline = monotonic() + START_SECONDS
        while monotonic() < deadline and self._process.poll() is None:
            if ready.exists():
                return str(loads(ready.read_text("utf-8"))["url"])
            sleep(0.01)
        self._stderr.seek(0)
        message = self._stderr.read().decode(errors="replace").strip()
        raise ControlError(Problem("the server", f"did not start: {message or 'it printed no error'}"))

    def stop(self) -> None:
        """End the process and remove its temporary files; block until it has ended.

        It is killed when it has not ended 5 seconds after SIGTERM.
        """
        self._process.terminate()
        try:
            self._process.wait(5)
        except TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._stderr.close()
        self._folder.cleanup()


def _child_environment(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield the names and values of the environment variables for the child process.

    They are this process's, without those that begin with FAKEKIT_: the child has its settings from options,
    and only the state from a variable, as its URL may have a password, and anybody can list processes. The
    paths in PYTHONPATH are made absolute, since the child runs in another folder.
    """
    for name, value in os.environ.items():
        if name == "PYTHONPATH":
            yield name, os.pathsep.join(str(Path(path).absolute()) for path in value.split(os.pathsep))
        elif not name.startswith("FAKEKIT_"):
            yield name, value
    if settings.state is not None:
        yield "FAKEKIT_STATE", settings.state.in_folder(Path.cwd()).text


def options_of(settings: Settings) -> Iterator[str]:
    """Yield the command-line arguments that give `fakekit serve` these settings: ``--seed``, ``7``, ...

    Settings with their default value, and those on how to serve (as ``--port``), are left out.
    The paths in them are absolute. For `ChildServer`, and for the command in the pytest plugin's report.
    """
    for setting in TABLE:
        value = getattr(settings, setting.name)
        if setting.scope < Scope.FAKE or value == setting.default:
            continue
        if isinstance(value, bool):
            yield setting.flag
        elif isinstance(value, tuple):
            for item in value:
                yield from (setting.flag, _format_value(item))
        else:
            yield from (setting.flag, str(value))


def _format_value(value: object) -> str:
    """Return one value as the text of a command-line argument.

    value: a path, which becomes absolute, since the child runs in another folder; a pair, for ``NAME=VALUE``;
        or anything that `str` writes.
    """
    if isinstance(value, tuple):
        return "=".join(map(str, value))
    return str(value.absolute() if isinstance(value, Path) else value)
