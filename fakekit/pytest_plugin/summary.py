"""The end of a run: the assumptions that the responses relied on, and faults that were not used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from fakekit.pytest_plugin.attempt import Attempt
from fakekit.pytest_plugin.checks import Checks
from fakekit.pytest_plugin.hook_errors import HookErrors
from fakekit.testing.unmet import unread_lines

if TYPE_CHECKING:
    from fakekit.control.results import AccountSummary


SHARED = "accounts that tests share"
"""Stands in `Summary.assumed` for the node id of a test."""


def add_to_report(report: pytest.TestReport, attempt: Attempt, checks: Checks, warning: str) -> None:
    """Store the assumptions, unread names and unused faults of a test's account as attributes of its report.

    Under xdist only reports reach the controller, where `Summary` collects them.

    report: of the test's teardown; it is changed.
    attempt: has the account's summary, if it has one. checks: say what the end of the run warns of.
    warning: of the whole session, `Session.warning`; empty for none.
    """
    report.fakekit_warning = warning  # type: ignore[attr-defined]
    report.fakekit_assumed = tuple(attempt.about["assumed"] if attempt.about else ())  # type: ignore[attr-defined]
    report.fakekit_unread = checks.warnings(attempt, "unread")  # type: ignore[attr-defined]
    report.fakekit_unused = checks.warnings(attempt, "unused")  # type: ignore[attr-defined]


class Summary:
    """Collects what `add_to_report` stored in reports, also of xdist's workers, and prints it at the end.

    errors: collects the failures of its hooks; they are printed last.
    limit: how many assumptions the run may rely on (--fakekit-max-assumed); None for any number.
    assumed: by the test's node id, or `SHARED`, the names of the assumptions that the responses relied on.
    unread: by the test's node id, or `SHARED`, the names in its requests that no endpoint read, a line each.
    unused: by the test's node id, the faults that it added and that were not used as often as they could be.
    warnings: of the sessions of all workers, each once.
    operations: how often the tests have used each; counted for --fakekit-ledger-file only.
    """

    def __init__(self, errors: HookErrors, limit: int | None) -> None:
        self._errors, self.limit = errors, limit
        self.assumed: dict[str, tuple[str, ...]] = {}
        self.unread: dict[str, tuple[str, ...]] = {}
        self.unused: dict[str, tuple[str, ...]] = {}
        self.warnings: set[str] = set()
        self.operations: dict[str, int] = {}

    @property
    def names(self) -> list[str]:
        """The names of the assumptions that the whole run relied on so far, each once, sorted."""
        return sorted({name for assumed in self.assumed.values() for name in assumed})

    @property
    def is_limit_exceeded(self) -> bool:
        """Whether the run relied on more assumptions than `limit`; False without a limit."""
        return self.limit is not None and len(self.names) > self.limit

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect from one report what `add_to_report` and `add_operations` stored in it, if they did."""
        groups = (("assumed", self.assumed), ("unread", self.unread), ("unused", self.unused))
        for name, collected in groups:
            values = getattr(report, f"fakekit_{name}", ())
            if values:
                collected[report.nodeid] = tuple(values)
        self.warnings |= {getattr(report, "fakekit_warning", "")} - {""}
        for operation, count in getattr(report, "fakekit_operations", {}).items():
            self.operations[operation] = self.operations.get(operation, 0) + count

    def add_accounts(
        self, config: pytest.Config, accounts: Sequence[AccountSummary], is_listed: bool
    ) -> None:
        """Add what is in the summaries of accounts that tests share, at the end; see `add_shared`.

        is_listed: whether the end of the run warns of unread names.
        """
        names = [name for about in accounts for name in about["assumed"]]
        unread = [line for about in accounts if is_listed for line in unread_lines(about)]
        self.add_shared(config, names, unread)

    def add_shared(self, config: pytest.Config, names: Iterable[str], unread: Iterable[str]) -> None:
        """Add what accounts that tests share relied on and did not read, at the end of the run.

        A worker of xdist hands it over.

        names: of the assumptions. unread: a line for each name.
        """
        for values, collected in ((names, self.assumed), (unread, self.unread)):
            collected[SHARED] = tuple(dict.fromkeys([*collected.get(SHARED, ()), *values]))
        output = getattr(config, "workeroutput", None)
        if output is not None:
            output["fakekit_shared"] = self.assumed[SHARED], self.unread[SHARED]
        for collected in (self.assumed, self.unread):
            if not collected[SHARED]:
                del collected[SHARED]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Add what an xdist worker has added to its own summary by `add_shared`. A hook of xdist.

        node: the worker that has ended; one that crashed has no `workeroutput`.
        """
        with self._errors.catch("pytest_testnodedown"):
            self.add_shared(node.config, *getattr(node, "workeroutput", {}).get("fakekit_shared", ((), ())))

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, config: pytest.Config
    ) -> None:
        """Print the run's assumptions, unused faults and warnings, and then the failures of our hooks."""
        with self._errors.catch("pytest_terminal_summary"):
            self._print(terminalreporter, bool(config.getoption("fakekit_ledger")))
        for line in self._errors.summary():
            terminalreporter.write_line(line, yellow=True)

    def _print(self, terminalreporter: pytest.TerminalReporter, per_test: bool) -> None:
        """Print warnings, unread names, unused faults, and assumptions; nothing for what there is none of.

        per_test: whether each test's assumptions are listed as well (--fakekit-ledger).
        """
        names, write = self.names, terminalreporter.write_line
        for warning in sorted(self.warnings):
            write(f"fakekit: warning: {warning}", yellow=True)
        if per_test:
            for test, assumed in self.assumed.items():
                write(f"fakekit: {test}: {', '.join(assumed)}")
        for line in self._unread_by_line():
            write(f"fakekit: {line}", yellow=True)
        for test, unused in self.unused.items():
            for fault in unused:
                write(f"fakekit: {test}: a fault was not used as often as it might: {fault}", yellow=True)
        if names:
            from fakekit.contract.provenance import describe_assumptions

            write(f"fakekit: {describe_assumptions(names)}")
        if self.is_limit_exceeded:
            write(f"fakekit: that is more than the {self.limit} of --fakekit-max-assumed", red=True)

    def _unread_by_line(self) -> Iterator[str]:
        """Yield a line for each endpoint and name that it does not read, with the tests that sent it."""
        tests: dict[str, list[str]] = {}
        for test, lines in self.unread.items():
            for line in lines:
                tests.setdefault(line, []).append(test)
        for line, names in tests.items():
            more = len(names) - 1
            count = f" and {more} more test{'s' if more > 1 else ''}" if more else ""
            yield f"{line} (sent in {names[0]}{count})"
