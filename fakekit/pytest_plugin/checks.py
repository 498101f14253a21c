"""What becomes of a test whose requests have names that no endpoint reads, or whose faults were not used.

The settings ``unread`` and ``unused`` say it: ``note``, ``warn`` or ``fail``. They come from the mark, the
environment, the ini file or ``pyproject.toml``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from fakekit.errors import FakekitError
from fakekit.pytest_plugin.attempt import Attempt
from fakekit.pytest_plugin.report import fail_report
from fakekit.pytest_plugin.run_settings import read_settings
from fakekit.testing.unmet import describe_unread, unread_lines, unused_lines

if TYPE_CHECKING:
    from fakekit import Handle
    from fakekit.accounts.recorded_request import RecordedRequest
    from fakekit.control.results import UnreadName

DEFAULT = "warn"
"""What happens where nobody has said it: a line at the end of the run."""

_MESSAGES = {
    "callback": "a callback of this test did not answer a request",
    "unread": "requests of this test have parameters or fields that their endpoint does not read",
    "unused": "faults of this test were not used as often as they might",
}
"""What a failed test is told, by the name of the section in its report."""

_SETTINGS = ("unread", "unused")
"""The settings that say what is told; a callback that failed is always told."""


class Checks:
    """The settings ``unread`` and ``unused`` of a run, and what they do to the reports of its tests.

    config: pytest's; its files and the environment are read when a test first needs them.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._actions: Mapping[str, str] | None = None
        self._shared_error_counts: dict[str, int] = {}

    def action(self, attempt: Attempt, name: str) -> str:
        """Return what happens in a test: ``note``, ``warn`` or ``fail``.

        name: of the setting, ``unread`` or ``unused``. One that the settings of the test leave open is that
            of the run; `fakekit_settings` may be overridden without it.
        """
        chosen = getattr(attempt.settings[0], name) if attempt.settings is not None else None
        return chosen or self._run_actions().get(name) or DEFAULT

    def _run_actions(self) -> Mapping[str, str]:
        """Return what the environment, the ini file and ``pyproject.toml`` say; read once.

        Empty when a setting is wrong, of which the fixture tells.
        """
        if self._actions is None:
            try:
                settings = read_settings(self._config)
                self._actions = {name: getattr(settings, name) for name in _SETTINGS}
            except FakekitError:
                self._actions = {}
        return self._actions

    def apply(
        self, report: pytest.TestReport, attempt: Attempt, shared: Mapping[str, Handle], with_callbacks: bool
    ) -> None:
        """Fail the report of a call or teardown where ``fail`` is set and there is something new to tell.

        shared: the accounts that tests share. Of these, only requests of this attempt's setup and call count,
            and callbacks that failed since the last report.
        with_callbacks: whether shared accounts may have callbacks, which only a server in this process calls.
        """
        if report.when == "setup":
            return
        errors = attempt.about.get("callback_errors", []) if attempt.about is not None else []
        shared_errors = self._new_shared_errors(shared) if with_callbacks else ()
        _fail_with_new(report, attempt, "callback", [*errors, *shared_errors])
        for name in _SETTINGS:
            if self.action(attempt, name) != "fail":
                continue
            found = [*_lines(attempt, name, with_location=True)]
            if name == "unread" and report.when == "call":
                found += _shared_lines(attempt, shared)
            _fail_with_new(report, attempt, name, [f"  {line}" for line in found])

    def _new_shared_errors(self, shared: Mapping[str, Handle]) -> Iterator[str]:
        """Yield what callbacks of shared accounts raised since the last call.

        Nothing once the server is gone, or an account has as many errors as it stores
        (`MAX_CALLBACK_ERRORS`).
        """
        with suppress(FakekitError, RuntimeError):
            for name, handle in shared.items():
                errors = handle.about.get("callback_errors", [])
                yield from errors[self._shared_error_counts.get(name, 0) :]
                self._shared_error_counts[name] = len(errors)

    def warnings(self, attempt: Attempt, name: str) -> tuple[str, ...]:
        """Return the lines for the end of the run; none unless ``warn`` is set for the test."""
        if self.action(attempt, name) != "warn":
            return ()
        return tuple(_lines(attempt, name, with_location=False))


def _fail_with_new(report: pytest.TestReport, attempt: Attempt, name: str, lines: Sequence[str]) -> None:
    """Fail a report with the lines that no earlier report of the attempt has; nothing without any.

    name: of the report's section and of the message.
    """
    new = [line for line in dict.fromkeys(lines) if line not in attempt.seen]
    if new:
        attempt.seen.update(new)
        fail_report(report, f"fakekit: {name}", _MESSAGES[name], "\n".join(new))


def _lines(attempt: Attempt, name: str, with_location: bool) -> Iterator[str]:
    """Yield a line for each unread name, or unused fault, of a test's own account as it was last read.

    with_location: whether a line on a fault has the place where it was added.
    """
    if attempt.about is not None and attempt.handle is not None:
        if name == "unread":
            yield from unread_lines(attempt.about)
        else:
            yield from unused_lines(attempt.about, attempt.handle.fault_location if with_location else None)


def _shared_lines(attempt: Attempt, shared: Mapping[str, Handle]) -> Iterator[str]:
    """Yield a line for each unread name in requests to shared accounts that came during an attempt.

    Raises `FakekitError` or RuntimeError when the server is gone.
    """
    for handle in shared.values():
        requests = [r for r in handle.requests if r.number > attempt.since and r.unread]
        listed = handle.about["unread"] if requests else []
        for request in requests:
            for name in request.unread:
                found = (
                    each for each in listed if each["name"] == name and _is_sent_to(request, each["endpoint"])
                )
                endpoint = f"{request.method} {request.path}"
                other: UnreadName = {"endpoint": endpoint, "name": name, "nearest": ""}
                yield describe_unread(next(found, other))  # other: beyond the limit of an account


def _is_sent_to(request: RecordedRequest, endpoint: str) -> bool:
    """Return whether a request was sent to an endpoint: ``GET /api/v1/sales/{invoice_code}``."""
    from fakekit.contract.pattern import match_path, read_path

    method, _, path = endpoint.partition(" ")
    sent_method = "GET" if request.method == "HEAD" else request.method
    return method == sent_method and match_path(read_path(path), request.path)
