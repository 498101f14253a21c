"""Running a command as a child of this process, which passes signals on and takes its exit code."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from fakekit.errors import FakekitError, Problem

NOT_FOUND, NOT_EXECUTABLE = 127, 126
"""The exit codes that shells have for a command that does not start."""

_FORWARDED = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")
_FROM_THE_KEYBOARD = ("SIGINT", "SIGQUIT")


class CommandError(FakekitError):
    """A command that could not be started; `code` is what a shell would exit with."""

    def __init__(self, problem: Problem, code: int) -> None:
        self.code = code
        super().__init__(problem)


def run(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run a command to its end, passing signals on to it; return the exit code that a shell would.

    That is 128 and the signal's number for a command that a signal ended. Only the main thread may call it,
    since only it receives signals. Raises `CommandError`.
    """
    with _SignalForwarder() as forwarder:
        try:
            # The shell's descriptors are the command's too: `<(...)`, a jobserver. None of ours is inherited.
            child = subprocess.Popen(_with_windows_suffix(command), env=dict(environ), close_fds=False)  # noqa: S603 (what the user asked for)
        except FileNotFoundError:
            problem = Problem("", "the command is not found", repr(command[0]), "one that is on the PATH")
            raise CommandError(problem, NOT_FOUND) from None
        except OSError as error:
            problem = Problem("", f"the command cannot be run: {error.strerror}", repr(command[0]))
            raise CommandError(problem, NOT_EXECUTABLE) from None
        forwarder.forward_to(child)
        code = child.wait()
    return 128 - code if code < 0 else code


def _with_windows_suffix(command: Sequence[str]) -> list[str]:
    """Return the command; on Windows with its suffix, which only a shell would find: npm is npm.cmd."""
    first, *rest = command
    return [(shutil.which(first) or first) if sys.platform == "win32" else first, *rest]


class _SignalForwarder:
    """Catches this process's signals for the block, and passes them on to a child.

    Those that arrive before there is a child are passed on when there is.
    """

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._signals_before_start: list[int] = []
        self._previous_handlers: dict[int, Any] = {}

    def __enter__(self) -> _SignalForwarder:
        for name in _FORWARDED:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._previous_handlers[number] = signal.signal(number, self._take)
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._previous_handlers.items():
            signal.signal(number, handler)

    def forward_to(self, child: subprocess.Popen[bytes]) -> None:
        """Pass signals on to this child from now on, first those that have arrived already."""
        self._child = child
        for number in self._signals_before_start:
            self._send(number)

    def _take(self, number: int, frame: FrameType | None) -> None:
        """Pass a signal on, unless the terminal sent it to the child too; keep it until there is one."""
        if self._child is None:
            self._signals_before_start.append(number)
        elif signal.Signals(number).name not in _FROM_THE_KEYBOARD or not _terminal_signals_group():
            self._send(number)

    def _send(self, number: int) -> None:
        if self._child is not None:
            with suppress(OSError):  # it has ended
                self._child.send_signal(number)


def _terminal_signals_group() -> bool:
    """Return whether Ctrl-C reaches this process and its child alike, so that it is not passed on twice."""
    if not hasattr(os, "tcgetpgrp"):
        return True  # Windows tells every process of a console
    try:
        with _terminal() as descriptor:
            return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return False


@contextmanager
def _terminal() -> Iterator[int]:
    descriptor = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
