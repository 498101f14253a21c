"""The line of the user's code that made a call: not of the standard library, a package or fakekit."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from os import getcwd, sep
from pathlib import Path
from threading import current_thread, main_thread
from types import FrameType

_LIBRARIES = (
    str(Path(os.__file__).parent),
    str(Path(__file__).parent.parent),
    str(Path(sys.executable).parent),  # where the script `pytest` is
)
_PACKAGES = ("site-packages", "dist-packages")
MAX_LINES = 3
"""How many lines are named where any of several may have made the call."""


def find_caller() -> str:
    """Return the line of the user's code that made the present call: ``tests/test_shop.py:12 in test_pay``.

    The guard calls it for its message. A call that a library makes in a thread of its own has no line of the
    user's on its stack. Then the result names the lines where asyncio tasks wait, at most `MAX_LINES`, joined
    by "or"; without such tasks, the thread's name and the line that the main thread is at.
    """
    # asyncio may make the call in a callback of its loop, between tasks, or in the thread of an executor.
    lines = _waiting_lines(_loop_without_task()) or [_first_user_line(_stack(sys._getframe(1)))]
    if not lines[0]:
        lines = _waiting_lines(_running_loops())
    if lines:
        return " or ".join(lines[:MAX_LINES])
    thread = current_thread().name
    main = sys._current_frames().get(main_thread().ident or 0)
    main_line = _first_user_line(_stack(main))
    return (
        f"the thread {thread}, while the main thread was at {main_line}"
        if main_line
        else f"the thread {thread}"
    )


def _stack(frame: FrameType | None) -> Iterator[FrameType]:
    """Yield a frame, then the frames that called it, the outermost last; nothing for None."""
    while frame is not None:
        yield frame
        frame = frame.f_back


def _first_user_line(frames: Iterator[FrameType]) -> str:
    """Return file, line and function of the first frame in the user's code; empty when there is none.

    The result is like ``tests/test_shop.py:12 in test_pay``, with a path relative to the current folder where
    the file is below it.

    frames: in any order, usually the innermost first.
    """
    for frame in frames:
        file = frame.f_code.co_filename
        if _is_user_code(file):
            name = frame.f_code.co_name
            return f"{_relative_path(file)}:{frame.f_lineno}" + (f" in {name}" if name != "<module>" else "")
    return ""


def _relative_path(file: str) -> str:
    """Return a file's path relative to the current folder; unchanged if it is not below it.

    Unchanged, too, when there is no current folder any more.
    """
    try:
        return file.removeprefix(getcwd() + sep)  # noqa: PTH109 (a test may have replaced pathlib and os.path)
    except OSError:
        return file


def _is_user_code(file: str) -> bool:
    """Return whether a file is the user's: not of the standard library, an installed package or fakekit.

    file: the path of a code object. False for names such as ``<string>``, which are no files.
    """
    if file.startswith("<") or any(package in file for package in _PACKAGES):
        return False
    return not any(file.startswith(folder + sep) for folder in _LIBRARIES)


def _waiting_lines(loops: Iterable[object]) -> list[str]:
    """Return the lines of the user's code where the tasks of these asyncio loops wait, each once, sorted.

    If some of the tasks are looking a host name up, only their lines are returned: the call comes from there.
    Empty when no task waits in the user's code.
    """
    lookups: list[str] = []
    lines: list[str] = []
    for loop in loops:
        for task in sys.modules["asyncio"].all_tasks(loop):
            frames = list(_coroutine_frames(task.get_coro()))
            line = _first_user_line(reversed(frames))
            if line:
                is_lookup = any(frame.f_code.co_name == "getaddrinfo" for frame in frames)
                (lookups if is_lookup else lines).append(line)
    return sorted(set(lookups or lines))


def _loop_without_task() -> list[object]:
    """Return this thread's running asyncio loop, in a list, if it is between tasks; else an empty list.

    In a callback the loop works for a task (it sets up TLS, say) that is not on the stack.
    """
    asyncio = sys.modules.get("asyncio")
    loop = asyncio._get_running_loop() if asyncio else None
    return [loop] if asyncio and loop and asyncio.current_task(loop) is None else []


def _running_loops() -> Iterator[object]:
    """Yield the asyncio loops that run in any thread of the process; they are found by their stack frames."""
    # asyncio keeps no list of running loops, but each has `run_forever` on its thread's stack.
    for thread_frame in sys._current_frames().values():
        for frame in _stack(thread_frame):
            if frame.f_code.co_name == "run_forever" and "asyncio" in frame.f_code.co_filename:
                yield frame.f_locals["self"]
                break


def _coroutine_frames(coroutine: object) -> Iterator[FrameType]:
    """Yield the frame of a coroutine, then those of the coroutines that it awaits, the innermost last.

    Ends at the first object that has no frame, as a future or a finished coroutine.
    """
    # The attributes of coroutines, generators and asynchronous generators differ in their prefix.
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
