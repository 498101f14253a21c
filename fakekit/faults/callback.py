"""Functions of a test that answer requests: what they are called with, and what they may return."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from json import loads
from traceback import format_exception
from types import TracebackType
from typing import Any

from fakekit.contract.value_type import ValueType
from fakekit.errors import CallbackError, FaultError, Problem, without_secrets

MAX_TRACEBACK = 4000
"""How many characters of a traceback are kept: its end."""


@dataclass(frozen=True)
class StubRequest:
    """The request that a function of a test is to answer; nothing in it can be changed.

    method, path: ``GET``, ``/api/v1/customers/1``.
    query: the parameters by name, as text; of one that comes twice, the first value.
    headers: by name in lower case; a value is ``...`` unless it is one of a few that carry no credential.
    content: the bytes of the body, decoded from its Content-Encoding; empty for none.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        """The JSON of the body, parsed anew each time; None without a body, and for one that is not JSON."""
        try:
            return loads(self.content)
        except ValueError:
            return None


Callback = Callable[[StubRequest], object]
"""Takes the request, and returns what `answer_of` reads."""


def name_of(callback: Callback) -> str:
    """Return the name by which lists of stubs and error messages show a function of a test.

    It is the function's qualified name without ``<locals>``: ``test_pays.answer`` for one that is defined in
    the test. Another callable (a `functools.partial`, an instance) has the name of its class.
    """
    name = getattr(callback, "__qualname__", None)
    return (name if isinstance(name, str) else type(callback).__qualname__).replace("<locals>.", "")


def _parse_callback(value: object) -> Callback:
    """Return the function of a stub. Raises `FaultError` for what is none, as text from elsewhere."""
    if callable(value):
        callback: Callback = value
        return callback
    raise needs_this_process()


def needs_this_process() -> FaultError:
    """Return the error for a function where the server is in another process, and cannot call it."""
    message = "is a function of a test, which only a server in the same process can call"
    write = "a stub that is JSON, or run pytest with --fakekit-server thread, or use fakekit.FakeServer"
    return FaultError(Problem("callback", message, "", write))


CALLBACK = ValueType(_parse_callback, "a function", {"not": {}})
"""The type of a setting that is a function; no JSON and no text has one."""


def call(callback: Callback, request: StubRequest) -> Mapping[str, object]:
    """Call a function of a test with a request, and return its answer as settings of a stub.

    Blocks for as long as the function does. Raises `CallbackError`, with the traceback's text, for whatever
    the function raises, and for a return value that is no answer.
    """
    try:
        returned = callback(request)
    except BaseException as error:  # also what pytest.fail raises: the server goes on
        raise CallbackError(_problem(callback, f"raised {type(error).__name__}"), _text(error)) from None
    try:
        return answer_of(returned)
    except ValueError:
        raise wrong_answer(callback, f"returned {type(returned).__name__}") from None


def wrong_answer(callback: Callback, what: str) -> CallbackError:
    """Return the error for what a function of a test returned. what: says what it was."""
    write = "return a dict or list, text, bytes, (status, body) or (status, body, headers)"
    return CallbackError(_problem(callback, what), f"{name_of(callback)}() {what}; {write}")


def answer_of(returned: object) -> dict[str, object]:
    """Return what a function returned as settings of a stub: its body and, if given, status and headers.

    returned: a dict, a list, a number or a boolean for JSON; text; bytes; a tuple of status and body, and
        perhaps headers, where the body None stands for none.

    Raises ValueError for anything else.

    >>> answer_of({"data": []}), answer_of((204, None))
    ({'json': {'data': []}}, {'status': 204})
    """
    settings: dict[str, object] = {}
    body = returned
    if isinstance(returned, tuple):
        if not 2 <= len(returned) <= 3:
            raise ValueError
        settings, body = {"status": returned[0]}, returned[1]
        settings |= {"headers": returned[2]} if len(returned) == 3 else {}
        if body is None:
            return settings
    if isinstance(body, str):
        return {**settings, "text": body}
    if isinstance(body, bytes | bytearray):
        return {**settings, "content": b64encode(body).decode()}
    if isinstance(body, Mapping | list | bool | int | float):
        return {**settings, "json": body}
    raise ValueError


def _problem(callback: Callback, what: str) -> Problem:
    """Return the problem of a function that gave no answer, for the note. what: says what it did."""
    return Problem("", f"the callback {name_of(callback)} of a stub {what}")


def _text(error: BaseException) -> str:
    """Return the traceback of what a function raised, from its first own line on, without credentials."""
    traceback = error.__traceback__
    own: TracebackType | None = traceback.tb_next if traceback is not None else None
    return without_secrets("".join(format_exception(type(error), error, own)).rstrip())[-MAX_TRACEBACK:]
