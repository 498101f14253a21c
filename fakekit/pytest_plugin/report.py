"""The section in the report of a failed test: its requests, the responses, and the reasons for them."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING

from fakekit.errors import FakekitError
from fakekit.pytest_plugin.attempt import Attempt
from fakekit.testing.unmet import describe_fault

if TYPE_CHECKING:
    import pytest

    from fakekit.accounts.recorded_request import RecordedRequest
    from fakekit.pytest_plugin.session import Session
    from fakekit.testing.handle import Handle

TITLE = "fakekit: requests of this test"
MAX_REQUESTS = 20
"""How many requests a section shows: the last ones."""


def request_section(session: Session, attempt: Attempt) -> str:
    """Return the section of a failed test's report that lists its requests.

    Empty when it has no account and no shared account was used, or the server cannot be reached.
    """
    with suppress(FakekitError, RuntimeError):
        if session.running_server is not None and (attempt.handle is not None or session.shared):
            return format_section(session, attempt)
    return ""


def format_section(session: Session, attempt: Attempt) -> str:
    """Return the text of the section: the requests of the test's account, and others of the same time.

    The others are those of shared accounts, those of no account and those with another key. The text is
    empty when there is none of all. Raises `fakekit.errors.FakekitError` or RuntimeError when the
    server is gone.
    """
    lines: list[str] = []
    has_requests = False
    if attempt.handle is not None:
        requests, truncated = attempt.handle._fetch_requests()
        has_requests = bool(requests)
        present = attempt.settings[0].faults if attempt.settings is not None else ()
        lines += _account_lines(attempt.handle, requests, "" if requests else ": none", present)
        if truncated:
            lines.append("(there were more, which the journal does not hold any more)")
    for handle in session.shared.values():
        requests = [r for r in handle.requests if r.number > attempt.since]
        if requests:
            has_requests = True
            lines += _account_lines(handle, requests, ", an account that tests share")
    lines += _lines_without_account(session, attempt)
    if attempt.handle is not None:
        lines += [f"fault {describe_fault(fault)}" for fault in attempt.handle.faults]
        command = _serve_command(session, attempt)
        if command and has_requests:
            lines.append(f"the server ends with the run; this answers there again: {command}")
    return "\n".join(lines)


def _account_lines(
    handle: Handle, requests: list[RecordedRequest], title: str, present: Collection[str] = ()
) -> Iterator[str]:
    """Yield the section's lines about one account: its key, and the last `MAX_REQUESTS` requests by number.

    title: the rest of the first line, behind key and address.
    present: the faults of the settings, with which the server is started again.
    """
    from fakekit.faults.key_faults import repeat_faults

    yield f"as {handle.api_key} at {handle.base_url}{title}"
    if len(requests) > MAX_REQUESTS:
        yield f"({len(requests) - MAX_REQUESTS} earlier ones are left out)"
    ordered = sorted(requests, key=lambda request: request.number)  # the journal has the order of the ends
    for number, request in list(enumerate(ordered, 1))[-MAX_REQUESTS:]:
        key = handle.api_key + repeat_faults(request.fault, present)
        yield from _request_lines(number, request, handle.origin, key)


def _lines_without_account(session: Session, attempt: Attempt) -> Iterator[str]:
    """Yield the section's lines about requests of no account, or with a key that no test has.

    The first are those without a valid key, and others that were refused before a key was looked at.

    They may be the test's own with a wrong key. Only for a server that this run started: elsewhere they may
    be somebody else's.
    """
    from fakekit.accounts.recorded_request import RecordedRequest

    if session.url:
        return
    entries = session.running_server.control.strangers(since=attempt.since)["requests"]
    for entry in sorted(entries, key=lambda entry: entry["number"])[-MAX_REQUESTS:]:
        # A browser sends a CORS preflight (OPTIONS) without the key: it is no mistake of the test's.
        if entry["method"] != "OPTIONS":
            request = RecordedRequest.from_json(entry)
            # Outside of /api/ no key is looked at, and where all accounts are in use a valid one opens none.
            title = "without a valid key" if request.status == HTTPStatus.UNAUTHORIZED else "of no account"
            yield from (f"{title}: {request}", *_reason_lines(request))
    own = {attempt.key, *(handle.api_key for handle in session.shared.values())}
    for account in session.running_server.control.accounts():
        last = account["last_request"]
        if account["key"] not in own and last is not None and last["number"] > attempt.since:
            text = f"requests came with the key {account['key']} meanwhile ({account['requests']} in total)"
            own_key = f"; this test's key is {attempt.key}" if attempt.handle is not None else ""
            yield f"{text}{own_key}; any fk_... key is valid"


def _serve_command(session: Session, attempt: Attempt) -> str:
    """Return the shell command that serves a test's world again, at the same port: ``fakekit serve ...``.

    Empty when the server runs on after this run, or the test has no account.
    """
    from fakekit.testing.child import options_of

    if session.url or attempt.handle is None or attempt.settings is None:
        return ""
    port = attempt.handle.origin.rpartition(":")[2]
    return shlex.join(["fakekit", "serve", "--port", port, *options_of(attempt.settings[0])])


def _request_lines(number: int, request: RecordedRequest, origin: str, key: str) -> Iterator[str]:
    """Yield the section's lines on one request: the request, both bodies, the reasons, and a curl command.

    number: of the request within the test, from 1.
    origin, key: the server's address, and the account's key with the faults that applied, for the curl
        command.
    """
    from fakekit.accounts.recorded_request import shorten_json
    from fakekit.contract.provenance import LABELS

    truth = LABELS.get(request.truth, request.truth)
    yield f"{number}. {request} in {request.milliseconds:.1f} ms, {truth}"
    if request.json is not None:
        yield f"   sent      {shorten_json(request.json, 400)}"
    if request.answer:
        yield f"   answered  {request.answer[:400]}{'...' if len(request.answer) > 400 else ''}"
    yield from _reason_lines(request)
    if request.status != 401 or request.fault:  # else the key had a fault that is none
        yield f"   {request.curl(origin, key)}"


def _reason_lines(request: RecordedRequest) -> Iterator[str]:
    """Yield the lines with the reasons for a response: its fault, note and assumptions, if it has them."""
    from fakekit.contract.provenance import ASSUMED_REASON

    if request.fault:
        yield f"   fault     {request.fault}"
    if request.note:
        yield f"   note      {request.note}"
    if request.assumed:
        yield f"   assumed   {', '.join(request.assumed)} ({ASSUMED_REASON})"


def fail_report(report: pytest.TestReport, title: str, message: str, text: str) -> None:
    """Turn a report into that of a failure; one that has failed already gets the text as a section.

    report: it is changed.
    title: of the section.
    message: what is wrong, in one line. text: the lines below it.
    """
    if report.failed:
        report.sections.append((title, text))
        return
    report.outcome = "failed"
    report.longrepr = f"fakekit: {message}:\n{text}"
    if hasattr(report, "wasxfail"):  # pytest would count the failure as an expected one
        del report.wasxfail
