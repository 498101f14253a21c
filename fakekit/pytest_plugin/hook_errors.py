"""Failures of the plugin's own pytest hooks: they are listed at the end of the run and do not stop it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from types import TracebackType

import pytest

MAX_LISTED = 10
"""How many failures the end of a run lists; the rest are counted."""


class HookErrors:
    """Collects the exceptions of the plugin's own hooks during one run.

    lines: a line for each failure: ``pytest_sessionfinish failed: TypeError at session.py:31``.

    A suite may replace any part of the standard library while our hooks run, so they may fail. pytest ends
    the whole run with INTERNALERROR when a hook raises.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []

    @contextmanager
    def catch(self, hook: str) -> Iterator[None]:
        """Catch an exception of the block, and add a line about it to `lines`.

        What `pytest.fail` and `pytest.skip` raise is no Exception, and passes.

        hook: the name of the pytest hook that the block is part of, for that line.
        """
        try:
            yield
        except Exception as error:
            self.add(f"{hook} failed: {type(error).__name__}{_last_fakekit_line(error.__traceback__)}")

    def add(self, line: str) -> None:
        """Add a line to those that are printed at the end of the run, unless it is there already."""
        if line not in self.lines:
            self.lines.append(line)

    def summary(self) -> Iterator[str]:
        """Yield the lines to print at the end of a run; none when no hook failed.

        They have at most `MAX_LISTED` failures, the number of the others, and for a failure of fakekit's own
        what to do.
        """
        for line in self.lines[:MAX_LISTED]:
            yield f"fakekit: {line}"
        if len(self.lines) > MAX_LISTED:
            yield f"fakekit: ... and {len(self.lines) - MAX_LISTED:,} more"
        if any(" failed: " in line for line in self.lines):  # the others name a file that cannot be written
            yield "fakekit: the run went on without these; please report it, with what the suite replaces"


def _last_fakekit_line(traceback: TracebackType | None) -> str:
    """Return the last line of a traceback that is in fakekit: `` at report.py:31``; empty when there is none.

    It stands for the exception's message, which may quote what a test sent.
    """
    line = ""
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if "fakekit" in PurePath(code.co_filename).parts:
            line = f" at {PurePath(code.co_filename).name}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return line


ERRORS = pytest.StashKey[HookErrors]()


def errors_of(config: pytest.Config) -> HookErrors:
    """Return the collection of this run's hook failures, stored in the config's stash on first use."""
    return config.stash.setdefault(ERRORS, HookErrors())
