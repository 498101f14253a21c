"""What the plugin says of a test that failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fakekit.testing.handle import Handle
    from fakekit.testing.verification import Request

TITLE = "fakekit: requests of this test"
SHOWN = 20
"""How many requests a section shows, the last ones."""


def section(handle: Handle, again: str, strangers: list[Request], others: Mapping[str, int]) -> str:
    """What a test asked and was answered, and why.

    again: how to have the server again; empty where it is still there.
    strangers: the requests that came meanwhile without a valid key.
    others: the other keys that were used meanwhile, and how often they were by now.
    """
    requests, truncated = handle._requests()
    lines = [f"as {handle.api_key} at {handle.base_url}" + ("" if requests else ": none")]
    if len(requests) > SHOWN:
        lines.append(f"({len(requests) - SHOWN} earlier ones are left out)")
    if truncated:
        lines.append("(there were more, which the journal does not hold any more)")
    for number, request in list(enumerate(requests, 1))[-SHOWN:]:
        lines += _told(number, request, handle.origin, handle.api_key)
    for request in strangers[-SHOWN:]:
        lines += [f"without a valid key: {request}", *_why(request)]
    for key, count in others.items():
        times = f"{count} time{'s' if count != 1 else ''}"
        lines.append(f"meanwhile {key} was asked ({times} by now); this test's key is {handle.api_key}")
    for fault in handle.faults:
        lines.append(f"fault {spelled(fault)}")
    if again and requests:
        lines.append(f"the server ends with the run; this answers there again: {again}")
    return "\n".join(lines)


def _told(number: int, request: Request, origin: str, key: str) -> Iterator[str]:
    from fakekit.testing.verification import shown

    yield f"{number}. {request} in {request.milliseconds:.1f} ms, {request.truth}"
    if request.json is not None:
        yield f"   sent      {shown(request.json, 400)}"
    if request.answer:
        yield f"   answered  {request.answer[:400]}{'...' if len(request.answer) > 400 else ''}"
    yield from _why(request)
    yield f"   {request.curl(origin, key)}"


def _why(request: Request) -> Iterator[str]:
    if request.fault:
        yield f"   fault     {request.fault}"
    if request.note:
        yield f"   note      {request.note}"
    if request.assumed:
        yield f"   assumed   {', '.join(request.assumed)}"


def spelled(fault: Mapping[str, Any]) -> str:
    """A fault and how often it was used: ``fail: status=503,times=2 (used 1 of 2 times)``."""
    left_out = ("id", "fault", "seen", "used", "json", "text", "headers")
    settings = ",".join(f"{name}={value}" for name, value in fault.items() if name not in left_out)
    times = fault.get("times")
    often = f"{fault['used']} of {times}" if times else str(fault["used"])
    several = "" if (times or fault["used"]) == 1 else "s"
    return f"{fault['fault']}{': ' + settings if settings else ''} (used {often} time{several})"
