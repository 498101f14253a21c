"""The end of a run: the assumptions that the responses relied on, and faults that were not used."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pytest

from fakekit.pytest_plugin.hook_errors import HookErrors
from fakekit.pytest_plugin.report import describe_fault

if TYPE_CHECKING:
    from fakekit.control.results import AccountSummary


SHARED = "accounts that tests share"
"""Stands in `Summary.assumed` for the node id of a test."""


def add_to_report(report: pytest.TestReport, about: AccountSummary | None, warning: str) -> None:
    """Store the assumptions and unused faults of a test's account as attributes of its report.

    Under xdist only reports reach the controller, where `Summary` collects them.

    report: of the test's teardown; it is changed.
    about: the account's summary, as ``GET /_fakekit/accounts/KEY`` answers it; None when there was none.
    warning: of the whole session, `Session.warning`; empty for none.
    """
    report.fakekit_warning = warning  # type: ignore[attr-defined]
    report.fakekit_assumed = tuple(about["assumed"] if about else ())  # type: ignore[attr-defined]
    report.fakekit_unused = tuple(map(describe_fault, about["unused"] if about else ()))  # type: ignore[attr-defined]


class Summary:
    """Collects what `add_to_report` stored in reports, also of xdist's workers, and prints it at the end.

    errors: collects the failures of its hooks; they are printed last.
    limit: how many assumptions the run may rely on (--fakekit-max-assumed); None for any number.
    assumed: by the test's node id, or `SHARED`, the names of the assumptions that the responses relied on.
    unused: by the test's node id, the faults that it added and that were not used as often as they could be.
    warnings: of the sessions of all workers, each once.
    """

    def __init__(self, errors: HookErrors, limit: int | None) -> None:
        self._errors, self.limit = errors, limit
        self.assumed: dict[str, tuple[str, ...]] = {}
        self.unused: dict[str, tuple[str, ...]] = {}
        self.warnings: set[str] = set()

    @property
    def names(self) -> list[str]:
        """The names of the assumptions that the whole run relied on so far, each once, sorted."""
        return sorted({name for assumed in self.assumed.values() for name in assumed})

    @property
    def is_limit_exceeded(self) -> bool:
        """Whether the run relied on more assumptions than `limit`; False without a limit."""
        return self.limit is not None and len(self.names) > self.limit

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect the assumptions, unused faults and warning from one report, if it has them."""
        for name, collected in (("fakekit_assumed", self.assumed), ("fakekit_unused", self.unused)):
            values = getattr(report, name, ())
            if values:
                collected[report.nodeid] = tuple(values)
        self.warnings |= {getattr(report, "fakekit_warning", "")} - {""}

    def add_shared(self, config: pytest.Config, names: Iterable[str]) -> None:
        """Add the assumptions of accounts that tests share, at the end; a worker of xdist hands them over."""
        self.assumed[SHARED] = tuple(dict.fromkeys([*self.assumed.get(SHARED, ()), *names]))
        output = getattr(config, "workeroutput", None)
        if output is not None:
            output["fakekit_shared"] = self.assumed[SHARED]
        if not self.assumed[SHARED]:
            del self.assumed[SHARED]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Add what an xdist worker has added to its own summary by `add_shared`. A hook of xdist.

        node: the worker that has ended; one that crashed has no `workeroutput`.
        """
        with self._errors.catch("pytest_testnodedown"):
            self.add_shared(node.config, getattr(node, "workeroutput", {}).get("fakekit_shared", ()))

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, config: pytest.Config
    ) -> None:
        """Print the run's assumptions, unused faults and warnings, and then the failures of our hooks."""
        with self._errors.catch("pytest_terminal_summary"):
            self._print(terminalreporter, bool(config.getoption("fakekit_ledger")))
        for line in self._errors.summary():
            terminalreporter.write_line(line, yellow=True)

    def _print(self, terminalreporter: pytest.TerminalReporter, per_test: bool) -> None:
        """Print warnings, unused faults, and the assumptions; nothing for what there is none of.

        per_test: whether each test's assumptions are listed as well (--fakekit-ledger).
        """
        names, write = self.names, terminalreporter.write_line
        for warning in sorted(self.warnings):
            write(f"fakekit: warning: {warning}", yellow=True)
        if per_test:
            for test, assumed in self.assumed.items():
                write(f"fakekit: {test}: {', '.join(assumed)}")
        for test, unused in self.unused.items():
            for fault in unused:
                write(f"fakekit: {test}: a fault was not used as often as it might: {fault}", yellow=True)
        if names:
            suffix = "s" if len(names) > 1 else ""
            write(f"fakekit: the run relies on {len(names)} assumption{suffix}: {', '.join(names)}")
        if self.is_limit_exceeded:
            write(f"fakekit: that is more than the {self.limit} of --fakekit-max-assumed", red=True)
