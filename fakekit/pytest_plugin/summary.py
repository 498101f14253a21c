"""The end of a run: the assumptions that its responses relied on, and faults that were not used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from fakekit.pytest_plugin.hook_errors import HookErrors
from fakekit.pytest_plugin.report import describe_fault


def add_to_report(report: pytest.TestReport, about: Mapping[str, Any], warning: str) -> None:
    """Add what is known of a test's account to its report, which is what reaches xdist's controller.

    about: as the operation ``about`` of the control API answers it.
    warning: of the whole session, see `fakekit.pytest_plugin.session.Session`.
    """
    report.fakekit_warning = warning  # type: ignore[attr-defined]
    report.fakekit_assumed = tuple(about.get("assumed", ()))  # type: ignore[attr-defined]
    report.fakekit_unused = tuple(map(describe_fault, about.get("unused", ())))  # type: ignore[attr-defined]


class Summary:
    """Collects from every report what is known of its test, also from those of xdist's workers.

    assumed: by the test's id, the assumptions that the responses to it relied on.
    unused: by the test's id, the faults that it added and that were not used.
    warnings: of the sessions of all workers, each once.
    limit: how many assumptions the run may rely on; None for any number.
    """

    def __init__(self, errors: HookErrors, limit: int | None) -> None:
        self._errors, self.limit = errors, limit
        self.assumed: dict[str, tuple[str, ...]] = {}
        self.unused: dict[str, tuple[str, ...]] = {}
        self.warnings: set[str] = set()

    @property
    def names(self) -> list[str]:
        """The assumptions of the whole run, each once, sorted."""
        return sorted({name for assumed in self.assumed.values() for name in assumed})

    @property
    def exceeds_limit(self) -> bool:
        """Whether the run relied on more assumptions than it may."""
        return self.limit is not None and len(self.names) > self.limit

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect what one report brings."""
        for name, collected in (("fakekit_assumed", self.assumed), ("fakekit_unused", self.unused)):
            values = getattr(report, name, ())
            if values:
                collected[report.nodeid] = tuple(values)
        self.warnings |= {getattr(report, "fakekit_warning", "")} - {""}

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, config: pytest.Config
    ) -> None:
        """Print the assumptions that the run relied on, unused faults, and what failed in hooks of ours."""
        with self._errors.catching("pytest_terminal_summary"):
            self._print(terminalreporter, bool(config.getoption("fakekit_ledger")))
        for line in self._errors.summary():
            terminalreporter.write_line(line, yellow=True)

    def _print(self, terminalreporter: pytest.TerminalReporter, is_listing_tests: bool) -> None:
        names, write = self.names, terminalreporter.write_line
        for warning in sorted(self.warnings):
            write(f"fakekit: warning: {warning}", yellow=True)
        if is_listing_tests:
            for test, assumed in self.assumed.items():
                write(f"fakekit: {test}: {', '.join(assumed)}")
        for test, unused in self.unused.items():
            for fault in unused:
                write(f"fakekit: {test}: a fault was not used as often as it might: {fault}", yellow=True)
        if names:
            plural = "s" if len(names) > 1 else ""
            write(f"fakekit: leaned on {len(names)} assumption{plural}: {', '.join(names)}")
        if self.exceeds_limit:
            write(f"fakekit: that is more than the {self.limit} of --fakekit-max-assumed", red=True)
