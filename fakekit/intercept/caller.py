"""Which line of the user's code made a call, leaving out the standard library, packages and fakekit."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import current_thread, main_thread
from types import FrameType
from typing import Any

_LIBRARIES = (
    str(Path(os.__file__).parent),
    str(Path(__file__).parent.parent),
    str(Path(sys.executable).parent),  # where the script `pytest` is
)
_PACKAGES = ("site-packages", "dist-packages")
MAX_LINES = 3
"""How many lines are named where one of several made the call."""


def find_caller() -> str:
    """Return the line of the user's code that made the present call: ``tests/test_shop.py:12 in test_pay``.

    A call that a library makes in a thread of its own has no such line on its stack. Then the waiting asyncio
    tasks are named, at most `MAX_LINES`; without any, the thread and what the main thread is doing.
    """
    lines = _waiting_tasks(_loop_without_task()) or [_innermost_user_line(_stack(sys._getframe(1)))]
    all_lines = lines if lines[0] else _waiting_tasks(_running_loops())
    if all_lines:
        return " or ".join(all_lines[:MAX_LINES])
    thread = current_thread().name
    main = sys._current_frames().get(main_thread().ident or 0)
    main_line = _innermost_user_line(_stack(main))
    return (
        f"the thread {thread}, while the main thread was at {main_line}"
        if main_line
        else f"the thread {thread}"
    )


def _stack(frame: FrameType | None) -> Iterator[FrameType]:
    """Yield a frame and those that called it."""
    while frame is not None:
        yield frame
        frame = frame.f_back


def _innermost_user_line(frames: Iterator[FrameType]) -> str:
    """Return the first line of the user's code among frames; empty when there is none.

    frames: the innermost first.
    """
    for frame in frames:
        file = frame.f_code.co_filename
        if _is_users(file):
            path = os.path.relpath(file) if file.startswith(str(Path.cwd()) + os.sep) else file
            name = frame.f_code.co_name
            return f"{path}:{frame.f_lineno}" + (f" in {name}" if name != "<module>" else "")
    return ""


def _is_users(file: str) -> bool:
    """Return whether a file is neither of the standard library, a package nor fakekit."""
    if file.startswith("<") or any(package in file for package in _PACKAGES):
        return False
    return not any(file.startswith(folder + os.sep) for folder in _LIBRARIES)


def _waiting_tasks(loops: Iterable[Any]) -> list[str]:
    """Return the lines where the tasks of event loops wait; if some look a name up, only those."""
    lookups: list[str] = []
    lines: list[str] = []
    for loop in loops:
        for task in sys.modules["asyncio"].all_tasks(loop):
            frames = list(_coroutine_frames(task.get_coro()))
            line = _innermost_user_line(reversed(frames))
            if line:
                is_lookup = any(frame.f_code.co_name == "getaddrinfo" for frame in frames)
                (lookups if is_lookup else lines).append(line)
    return sorted(set(lookups or lines))


def _loop_without_task() -> list[Any]:
    """Return, in a list, the event loop that made the call for one of its tasks; empty if none did.

    Such a task is not on the stack.
    """
    asyncio = sys.modules.get("asyncio")
    loop = asyncio._get_running_loop() if asyncio else None
    return [loop] if asyncio and loop and asyncio.current_task(loop) is None else []


def _running_loops() -> Iterator[Any]:
    """Yield the asyncio event loops that run in any thread, found by the frames of `run_forever`."""
    for outermost in sys._current_frames().values():
        for frame in _stack(outermost):
            if frame.f_code.co_name == "run_forever" and "asyncio" in frame.f_code.co_filename:
                yield frame.f_locals["self"]
                break


def _coroutine_frames(coroutine: Any) -> Iterator[FrameType]:
    """Yield the frames of a coroutine and of what it awaits, the outermost first."""
    while coroutine is not None:
        for kind in ("cr", "gi", "ag"):
            frame = getattr(coroutine, f"{kind}_frame", None)
            if frame is not None:
                yield frame
                inner = "gi_yieldfrom" if kind == "gi" else f"{kind}_await"
                coroutine = getattr(coroutine, inner, None)
                break
        else:
            return
