"""Failures of the plugin's own hooks: they are named at the end of the run, and never end it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from types import TracebackType

import pytest

LISTED = 10
"""How many failures the end of a run lists; the rest are counted."""


class HookErrors:
    """Collects what failed in hooks of ours during one run.

    A suite may replace any part of the standard library while our hooks run. pytest takes an exception out of
    a hook for a failure of its own, and ends the whole run with INTERNALERROR.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []

    @contextmanager
    def catching(self, hook: str) -> Iterator[None]:
        """Catch what the block raises, and remember it.

        hook: the name of the pytest hook, for the line that is printed. What a hook raises on purpose, by
            `pytest.fail`, is no Exception and passes.
        """
        try:
            yield
        except Exception as error:
            self.add(f"{hook} failed: {type(error).__name__}{_innermost_line(error.__traceback__)}")

    def add(self, line: str) -> None:
        """Remember a line for the end of the run, unless it is there already."""
        if line not in self.lines:
            self.lines.append(line)

    def summary(self) -> Iterator[str]:
        """Yield the lines for the end of a run; none when nothing failed."""
        for line in self.lines[:LISTED]:
            yield f"fakekit: {line}"
        if len(self.lines) > LISTED:
            yield f"fakekit: ... and {len(self.lines) - LISTED:,} more"
        if self.lines:
            yield "fakekit: the run went on without that; please report it, with what the suite replaces"


def _innermost_line(traceback: TracebackType | None) -> str:
    """Return the innermost line of fakekit's: `` at report.py:31``; empty when there is none.

    An exception's message is left out: it may quote what a test sent.
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
    """Return the collected failures of a run; an empty collection on first use."""
    return config.stash.setdefault(ERRORS, HookErrors())
