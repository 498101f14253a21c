"""``--fakekit-ledger-file FILE``: which operations and assumptions a run has used, for ``fakekit drift``."""

from __future__ import annotations

from collections import Counter
from json import dumps
from typing import TYPE_CHECKING

import pytest

from fakekit.pytest_plugin.attempt import Attempt
from fakekit.pytest_plugin.har import read_entries
from fakekit.pytest_plugin.hook_errors import errors_of
from fakekit.pytest_plugin.summary import Summary

if TYPE_CHECKING:
    from fakekit.pytest_plugin.session import Session


def add_operations(report: pytest.TestReport, session: Session, attempt: Attempt) -> None:
    """Store how often a test has used each operation as an attribute of its report: ``{"list_sales": 2}``.

    Under xdist only reports reach the controller, where `Summary` collects them. Requests that are in no
    endpoint's path are left out, and so are those that a full journal has dropped. Raises
    `fakekit.errors.FakekitError` or RuntimeError when the server is gone.

    report: of the test's teardown; it is changed.
    """
    from fakekit.contract.pattern import find_endpoints
    from fakekit.resources import ENDPOINTS

    counts = Counter(
        endpoint.operation
        for entry in read_entries(session, attempt)
        for endpoint in find_endpoints(ENDPOINTS, entry["path"])
        if endpoint.method == ("GET" if entry["method"] == "HEAD" else entry["method"])
    )
    report.fakekit_operations = dict(counts)  # type: ignore[attr-defined]


def write_ledger_file(config: pytest.Config, summary: Summary) -> None:
    """Write the file of --fakekit-ledger-file, at the end of the run; nothing without the option.

    A worker of xdist writes none: its reports reach the controller. A file that cannot be written is named
    at the end of the run.
    """
    path = config.getoption("fakekit_ledger_file")
    if path and not hasattr(config, "workerinput"):
        from fakekit.fixtures.whole_file import write_whole

        used = {"operations": dict(sorted(summary.operations.items())), "assumptions": summary.names}
        try:
            write_whole(config.invocation_params.dir / path, [dumps(used, indent=1), "\n"])
        except OSError as error:
            errors_of(config).add(f"--fakekit-ledger-file: cannot write {path} ({error.strerror})")
