"""The options of a report: its form, which findings do not count, and which come first."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from fakekit.cli.output import print_warning

if TYPE_CHECKING:
    from fakekit.drift.findings import Report
    from fakekit.drift.known_findings import AcceptedFinding, UsedContract

_FILE = click.Path(path_type=Path, dir_okay=False)


class Reporting(NamedTuple):
    """How a command reports what it has found.

    form: the value of ``--format``.
    accepted: the entries of the accept list.
    known: the identities of the findings of an earlier report.
    used: what the user's tests have used.
    """

    form: str
    accepted: list[AcceptedFinding]
    known: frozenset[str]
    used: UsedContract

    def order_findings(self, report: Report) -> Report:
        """Return the report without the findings that do not count, and what the tests used first."""
        from fakekit.drift.known_findings import put_used_first, set_aside
        from fakekit.unpatched import utc_now

        return put_used_first(set_aside(report, self.accepted, self.known, utc_now().date()), self.used)

    def render(self, report: Report) -> str:
        """Return the report as text in the form that ``--format`` says."""
        from fakekit.drift.rendering import RENDERINGS

        return RENDERINGS[self.form](report, self.used)


def report_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a report to a click command, which gets them as one argument, ``reporting``.

    Files are read before the command runs. Raises `SettingsError` for one that cannot be used.
    """

    @wraps(function)
    def with_reporting(
        *, form: str, accept: Path | None, baseline: Path | None, used_by: Path | None, **others: Any
    ) -> Any:
        return function(reporting=_read_options(form, accept, baseline, used_by), **others)

    for option in reversed(_OPTIONS):  # click lists the option of the last decorator first
        with_reporting = option(with_reporting)
    return with_reporting


_OPTIONS = (
    click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json", "markdown", "junit"]),
        default="text",
        show_default=True,
        help="The form of the report.",
    ),
    click.option("--accept", metavar="FILE", type=_FILE, help="A list of findings that do not count (TOML)."),
    click.option(
        "--baseline",
        metavar="FILE",
        type=_FILE,
        help="An earlier report in JSON, whose findings do not count.",
    ),
    click.option(
        "--used-by",
        metavar="FILE",
        type=_FILE,
        help="The file of pytest --fakekit-ledger-file: findings on what the tests use come first.",
    ),
)


def _read_options(form: str, accept: Path | None, baseline: Path | None, used_by: Path | None) -> Reporting:
    """Return what the options say; the parameters are their values. Raises `SettingsError`.

    Warns of each entry of the accept list whose last day is over.
    """
    from fakekit.drift.known_findings import NOTHING_USED, read_accept_list, read_baseline, read_used
    from fakekit.unpatched import utc_now

    accepted = read_accept_list(accept) if accept is not None else []
    for entry in accepted:
        if entry.until < utc_now().date():
            print_warning(f"{accept}: the entry for {entry.finding} ended on {entry.until}")
    return Reporting(
        form,
        accepted,
        read_baseline(baseline) if baseline is not None else frozenset(),
        read_used(used_by) if used_by is not None else NOTHING_USED,
    )
