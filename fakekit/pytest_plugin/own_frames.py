"""Tracebacks that end at the test's own line, for errors of fakekit's that this line has caused."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import TracebackType

from fakekit.errors import FakekitError

_PYTEST = ("_pytest", "pluggy")


def cut_own_frames(error: BaseException | None) -> None:
    """Cut the frames of fakekit off the traceback of an error that the line above them has caused.

    Those errors are a `FakekitError`, which the user can put right by its message, and an assertion of a
    handle. So pytest prints the user's line last. Nothing is cut off any other error: its frames in fakekit
    are what a report of it needs.

    error: what a test or fixture raised; its traceback is changed in place, and those of the errors before
        it. None is no error.
    """
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        entries = list(_entries(error.__traceback__))
        if _is_caused_by_caller(error, entries):
            _cut(entries)
        error = error.__cause__ or error.__context__


def _entries(traceback: TracebackType | None) -> Iterator[TracebackType]:
    """Yield the entries of a traceback, the outermost first; nothing for None."""
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _package(entry: TracebackType) -> str:
    """Return the name at the top of the module of a frame: ``fakekit``."""
    return str(entry.tb_frame.f_globals.get("__name__")).partition(".")[0]


def _is_caused_by_caller(error: BaseException, entries: list[TracebackType]) -> bool:
    """Return whether an error is about what the caller of fakekit wrote or expected.

    An AssertionError is, where a module of `fakekit.testing` raised it: these assert on behalf of tests only.
    """
    if not entries or _package(entries[-1]) != "fakekit":
        return False
    module = str(entries[-1].tb_frame.f_globals.get("__name__"))
    return isinstance(error, FakekitError) or (
        isinstance(error, AssertionError) and module.startswith("fakekit.testing.")
    )


def _cut(entries: list[TracebackType]) -> None:
    """End a traceback before the frames of fakekit, and of the standard library, that are its last ones.

    Nothing is changed where pytest itself called fakekit, as for a fixture of the plugin.
    """
    own = {"fakekit", *sys.stdlib_module_names}
    kept = len(entries)
    while kept and _package(entries[kept - 1]) in own:
        kept -= 1
    if kept and _package(entries[kept - 1]) not in _PYTEST:
        entries[kept - 1].tb_next = None
