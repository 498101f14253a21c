"""The files that a run writes.

``--fakekit-har DIR`` writes the requests of each failed test as an HTTP Archive, which browsers import, and
``--fakekit-ledger-file FILE`` which operations and assumptions the run has used, for ``fakekit drift``.
"""

from __future__ import annotations

import re
from collections import Counter
from json import dumps
from typing import TYPE_CHECKING
from zlib import crc32

import pytest

from fakekit.pytest_plugin.attempt import Attempt
from fakekit.pytest_plugin.hook_errors import errors_of
from fakekit.pytest_plugin.summary import Summary

if TYPE_CHECKING:
    from fakekit.accounts.journal import EntryJson
    from fakekit.pytest_plugin.session import Session

MAX_NAME = 150
"""How many characters of a test's id the name of its file has."""


def write_har(item: pytest.Item, session: Session, attempt: Attempt) -> None:
    """Write the requests of a failed test to a file in the folder of --fakekit-har; nothing without any.

    Those of its account, of accounts that tests share and, where this run has started the server, those
    without a valid key. A file that cannot be written is named at the end of the run. Raises
    `fakekit.errors.FakekitError` or RuntimeError when the server is gone.
    """
    folder = item.config.getoption("fakekit_har")
    entries = read_entries(session, attempt) if folder else []
    if entries:
        from fakekit.control.har import make_har
        from fakekit.fixtures.whole_file import write_whole

        file = item.config.invocation_params.dir / folder / _file_name(item.nodeid)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(file, [dumps(make_har(entries), indent=1, ensure_ascii=False)])
        except OSError as error:
            errors_of(item.config).add(f"--fakekit-har: cannot write to {folder} ({error.strerror})")


def read_entries(session: Session, attempt: Attempt) -> list[EntryJson]:
    """Return the journal entries of a test, see `write_har`; each request is in one journal only.

    Raises `fakekit.errors.FakekitError` or RuntimeError when the server is gone.
    """
    entries = []
    if attempt.handle is not None:
        entries += attempt.handle._control.requests()["requests"]
    for handle in session.shared.values():
        entries += handle._control.requests(since=attempt.since)["requests"]
    if not session.url and session.running_server is not None:
        entries += session.running_server.control.strangers(since=attempt.since)["requests"]
    return entries


def _file_name(nodeid: str) -> str:
    """Return a file name for a test that no other test has: ``tests-test_pay.py-test_pays-5f3759df.har``."""
    name = re.sub(r"[^\w.]+", "-", nodeid, flags=re.ASCII).strip("-.")
    return f"{name[-MAX_NAME:]}-{crc32(nodeid.encode('utf-8', 'surrogatepass')):08x}.har"


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
