"""The section in the report of a failed test: its requests, the responses, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fakekit.testing.handle import Handle
    from fakekit.testing.verification import RecordedRequest

TITLE = "fakekit: requests of this test"
MAX_REQUESTS = 20
"""How many requests a section shows; they are the last ones."""


def section(
    handle: Handle, command: str, unauthenticated: list[RecordedRequest], other_keys: Mapping[str, int]
) -> str:
    """Return the section of a failed test's report: its requests, the responses, and why.

    command: the command that serves the same again; empty when the server still runs.
    unauthenticated: the requests that came meanwhile without a valid key.
    other_keys: the other keys that were used meanwhile, with their number of requests so far.
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
        times = f"{count} time{'s' if count != 1 else ''}"
        lines.append(f"meanwhile {key} was asked ({times} by now); this test's key is {handle.api_key}")
    for fault in handle.faults:
        lines.append(f"fault {describe_fault(fault)}")
    if command and requests:
        lines.append(f"the server ends with the run; this answers there again: {command}")
    return "\n".join(lines)


def _request_lines(number: int, request: RecordedRequest, origin: str, key: str) -> Iterator[str]:
    """Yield the lines on one request: the request, both bodies, why, and a curl line."""
    from fakekit.testing.verification import shorten_json

    yield f"{number}. {request} in {request.milliseconds:.1f} ms, {request.truth}"
    if request.json is not None:
        yield f"   sent      {shorten_json(request.json, 400)}"
    if request.answer:
        yield f"   answered  {request.answer[:400]}{'...' if len(request.answer) > 400 else ''}"
    yield from _reason_lines(request)
    yield f"   {request.curl(origin, key)}"


def _reason_lines(request: RecordedRequest) -> Iterator[str]:
    """Yield the lines on fault, note and assumptions, where there are any."""
    if request.fault:
        yield f"   fault     {request.fault}"
    if request.note:
        yield f"   note      {request.note}"
    if request.assumed:
        yield f"   assumed   {', '.join(request.assumed)}"


def describe_fault(fault: Mapping[str, Any]) -> str:
    """Return a fault and how often it was used: ``fail: status=503,times=2 (used 1 of 2 times)``."""
    hidden = ("id", "fault", "seen", "used", "json", "text", "headers")
    settings = ",".join(f"{name}={value}" for name, value in fault.items() if name not in hidden)
    times = fault.get("times")
    used = f"{fault['used']} of {times}" if times else str(fault["used"])
    plural = "" if (times or fault["used"]) == 1 else "s"
    return f"{fault['fault']}{': ' + settings if settings else ''} (used {used} time{plural})"
