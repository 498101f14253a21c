"""Running a command as a child process: signals are passed on to it, and its exit code is returned."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from fakekit.errors import FakekitError, Problem

NOT_FOUND, NOT_EXECUTABLE = 127, 126
"""Exit codes of a shell for a command that does not start."""

_FORWARDED = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")
_FROM_THE_KEYBOARD = ("SIGINT", "SIGQUIT")


class CommandError(FakekitError):
    """A command could not be started.

    code: the exit code that a shell would have: 127 for a missing command, else 126.
    """

    def __init__(self, problem: Problem, code: int) -> None:
        self.code = code
        super().__init__(problem)


Start = Callable[[Sequence[str], Mapping[str, str]], "subprocess.Popen[bytes]"]
"""Starts a command with these environment variables; raises OSError when that is not possible."""


def start_process(command: Sequence[str], environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a command as a child process, and return it. Raises OSError when it cannot be run.

    It has the descriptors that this process got from the shell: of ``<(...)``, or of make's jobserver.
    """
    # None of our own descriptors is inherited: Python's are not, unless that is asked for.
    return subprocess.Popen(_with_windows_suffix(command), env=dict(environ), close_fds=False)  # noqa: S603 (what the user asked for)


def run(command: Sequence[str], environ: Mapping[str, str], start: Start = start_process) -> int:
    """Run a command, wait for its end, and return its exit code as a shell would.

    The code is 128 plus the signal's number for a command that a signal ended. Signals to this process are
    passed on to the command meanwhile. Only the main thread may call it: Python sets signal handlers there.
    Raises `CommandError` when the command is not found or cannot be started.

    command: the program and its arguments.
    environ: all environment variables of the command.
    start: starts it; by default as an ordinary child process.
    """
    with _ChildSignals() as signals:
        try:
            child = start(command, environ)
        except FileNotFoundError:
            problem = Problem("", "the command is not found", repr(command[0]), "one that is on the PATH")
            raise CommandError(problem, NOT_FOUND) from None
        except OSError as error:
            problem = Problem("", f"the command cannot be run: {error.strerror}", repr(command[0]))
            raise CommandError(problem, NOT_EXECUTABLE) from None
        signals.forward_to(child)
        code = child.wait()
    return 128 - code if code < 0 else code


def _with_windows_suffix(command: Sequence[str]) -> list[str]:
    """Return the command, on Windows with the program's full path: only a shell finds ``npm.cmd`` for npm."""
    first, *rest = command
    return [(shutil.which(first) or first) if sys.platform == "win32" else first, *rest]


class _ChildSignals:
    """A context manager that passes the signals of this process on to a child process.

    Signals that arrive before there is a child are passed on once `forward_to` names it.
    """

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._signals_before_start: list[int] = []
        self._original_handlers: dict[int, Any] = {}

    def __enter__(self) -> _ChildSignals:
        """Set our handler for each signal that this process does not ignore; return the object itself."""
        for name in _FORWARDED:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._original_handlers[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *error: object) -> None:
        """Set the original signal handlers again."""
        for number, handler in self._original_handlers.items():
            signal.signal(number, handler)

    def forward_to(self, child: subprocess.Popen[bytes]) -> None:
        """Send signals to this child from now on, first those that have arrived already."""
        self._child = child
        for number in self._signals_before_start:
            self._send(number)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        """Send a signal on to the child, or store it until there is a child; the handler of every signal.

        SIGINT and SIGQUIT are not sent when the terminal has sent them to the child, too.
        """
        if self._child is None:
            self._signals_before_start.append(number)
        elif signal.Signals(number).name not in _FROM_THE_KEYBOARD or not _terminal_signals_group():
            self._send(number)

    def _send(self, number: int) -> None:
        """Send a signal to the child; nothing happens when there is none, or it has ended."""
        if self._child is not None:
            with suppress(OSError):  # it has ended
                self._child.send_signal(number)


def _terminal_signals_group() -> bool:
    """Return whether the terminal sends Ctrl-C to this process and its child alike, as to a foreground job.

    False without a terminal, True on Windows.
    """
    if not hasattr(os, "tcgetpgrp"):
        return True  # Windows sends it to every process of a console
    try:
        with _terminal() as descriptor:
            return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return False


@contextmanager
def _terminal() -> Iterator[int]:
    """Open the controlling terminal for the block, and give its descriptor. Raises OSError without one."""
    descriptor = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
