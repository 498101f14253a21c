"""The section in the report of a failed test: its requests, the responses, and the reasons for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fakekit.testing.handle import Handle
    from fakekit.testing.recorded_request import RecordedRequest

TITLE = "fakekit: requests of this test"
MAX_REQUESTS = 20
"""How many requests a section shows: the last ones."""


def format_section(
    handle: Handle, command: str, unauthenticated: list[RecordedRequest], other_keys: Mapping[str, int]
) -> str:
    """Return the text of a failed test's section: its requests, the responses, and the reasons for them.

    Raises `fakekit.errors.FakekitError` or RuntimeError when the handle's server cannot be reached.

    handle: of the test's account.
    command: the shell command that serves the same again; empty when the server is still running.
    unauthenticated: requests without a valid key that came while the test ran.
    other_keys: other keys that were used while the test ran, with the number of their requests so far.
    """
    requests, truncated = handle._fetch_requests()
    lines = [f"as {handle.api_key} at {handle.base_url}" + ("" if requests else ": none")]
    if len(requests) > MAX_REQUESTS:
        lines.append(f"({len(requests) - MAX_REQUESTS} earlier ones are left out)")
    if truncated:
        lines.append("(there were more, which the journal does not hold any more)")
    for number, request in list(enumerate(requests, 1))[-MAX_REQUESTS:]:
        lines += _request_lines(number, request, handle.origin, handle.api_key)
    for request in unauthenticated[-MAX_REQUESTS:]:
        lines += [f"without a valid key: {request}", *_reason_lines(request)]
    for key, count in other_keys.items():
        text = f"requests came with the key {key} meanwhile ({count} in total)"
        lines.append(f"{text}; this test's key is {handle.api_key}")
    for fault in handle.faults:
        lines.append(f"fault {describe_fault(fault)}")
    if command and requests:
        lines.append(f"the server ends with the run; this answers there again: {command}")
    return "\n".join(lines)


def _request_lines(number: int, request: RecordedRequest, origin: str, key: str) -> Iterator[str]:
    """Yield the section's lines on one request: the request, both bodies, the reasons, and a curl command.

    number: of the request within the test, from 1.
    origin, key: the server's address and the account's key, for the curl command.
    """
    from fakekit.testing.recorded_request import shorten_json

    yield f"{number}. {request} in {request.milliseconds:.1f} ms, {request.truth}"
    if request.json is not None:
        yield f"   sent      {shorten_json(request.json, 400)}"
    if request.answer:
        yield f"   answered  {request.answer[:400]}{'...' if len(request.answer) > 400 else ''}"
    yield from _reason_lines(request)
    yield f"   {request.curl(origin, key)}"


def _reason_lines(request: RecordedRequest) -> Iterator[str]:
    """Yield the lines with the reasons for a response: its fault, note and assumptions, if it has them."""
    if request.fault:
        yield f"   fault     {request.fault}"
    if request.note:
        yield f"   note      {request.note}"
    if request.assumed:
        yield f"   assumed   {', '.join(request.assumed)}"


def describe_fault(fault: Mapping[str, Any]) -> str:
    """Return a fault with its settings and use as text: ``fail: status=503,times=2 (used 1 of 2 times)``.

    fault: one of `Handle.faults`, as JSON.
    """
    hidden = ("id", "fault", "seen", "used", "json", "text", "headers")
    settings = ",".join(f"{name}={value}" for name, value in fault.items() if name not in hidden)
    limit = fault.get("times")
    count = f"{fault['used']} of {_format_times(limit)}" if limit else _format_times(fault["used"])
    return f"{fault['fault']}{': ' + settings if settings else ''} (used {count})"


def _format_times(count: int) -> str:
    """Return a count in words, for the use of a fault: ``1 time``, ``2 times``."""
    return f"{count} time{'' if count == 1 else 's'}"
