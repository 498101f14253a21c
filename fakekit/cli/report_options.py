"""The options of a report: its form, which findings do not count, and which come first."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from fakekit.cli.output import print_warning

if TYPE_CHECKING:
    from fakekit.drift.findings import Report
    from fakekit.drift.known_findings import AcceptedFinding, UsedContract
    from fakekit.settings import Settings

_FILE = click.Path(path_type=Path, dir_okay=False)


class Reporting(NamedTuple):
    """How a command reports what it has found.

    form: the value of ``--format``.
    accept: the file of the accept list; None without one. accepted: its entries.
    known: what names each finding of an earlier report.
    used: what the user's tests have used.
    learns: whether what was found of assumptions is written into ``pyproject.toml``.
    max_age: the age in days from which the date of an assumption is old; None for any.
    """

    form: str
    accept: Path | None
    accepted: list[AcceptedFinding]
    known: frozenset[str]
    used: UsedContract
    learns: bool
    max_age: int | None

    def order_findings(self, report: Report) -> Report:
        """Return the report without the findings that do not count, and what the tests used first."""
        from fakekit.drift.known_findings import put_used_first, set_aside
        from fakekit.unpatched import utc_now

        return put_used_first(set_aside(report, self.accepted, self.known, utc_now().date()), self.used)

    def render(self, report: Report) -> str:
        """Return the report as text in the form that ``--format`` says."""
        from fakekit.drift.rendering import RENDERINGS

        return RENDERINGS[self.form](report, self.used)

    def use_results(self, report: Report, settings: Settings) -> None:
        """Do what the options say with the results of a run, besides the report.

        Warns of entries of the accept list that are unused, and of old dates of assumptions; writes what was
        found of assumptions.

        settings: those of the run, with the dates of earlier ones. Raises `SettingsError` and OSError when
        ``pyproject.toml`` cannot be written.
        """
        from fakekit.drift.known_findings import find_unused
        from fakekit.drift.learn import describe_old, learn
        from fakekit.drift.run import assumptions_of
        from fakekit.unpatched import utc_now

        assumptions, today = assumptions_of(settings), utc_now().date()
        for entry in find_unused(report, self.accepted, today):
            print_warning(f"{self.accept}: unused, as this run found no {entry.finding}")
        if self.max_age is not None:
            for line in describe_old(assumptions, report.assumptions, today, self.max_age):
                print_warning(line)
        if self.learns:
            file, names = learn(report.assumptions, assumptions, today, Path.cwd())
            click.echo(f"{file}: {len(names)} assumptions have the date {today}", err=True)


def report_options(function: Callable[..., object]) -> Callable[..., object]:
    """Add the options of a report to a click command, which gets them as one argument, ``reporting``.

    Files are read before the command runs, also the one that ``--learn`` will write. Raises `SettingsError`
    for one that cannot be used.
    """

    @wraps(function)
    def with_reporting(
        *,
        form: str,
        accept: Path | None,
        baseline: Path | None,
        used_by: Path | None,
        learns: bool,
        max_age: int | None,
        **others: object,
    ) -> object:
        reporting = _read_files(accept, baseline, used_by)
        if learns:
            from fakekit.drift.learn import AssumptionsTable

            AssumptionsTable.open(Path.cwd())
        return function(reporting=reporting._replace(form=form, learns=learns, max_age=max_age), **others)

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
    click.option(
        "--accept",
        metavar="FILE",
        type=_FILE,
        help="A list of findings that do not count (TOML); --format markdown prints what to write into it.",
    ),
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
    click.option(
        "--learn",
        "learns",
        is_flag=True,
        help="Write what was found of assumptions, with the date, into pyproject.toml. Needs fakekit[drift].",
    ),
    click.option(
        "--max-age",
        metavar="DAYS",
        type=click.IntRange(0, 100_000),
        help="Warn of dates in pyproject.toml that are older, and that this run does not renew.",
    ),
)


def _read_files(accept: Path | None, baseline: Path | None, used_by: Path | None) -> Reporting:
    """Return what the files of the options say, with the defaults of the others. Raises `SettingsError`.

    Warns of each entry of the accept list whose last day is over.
    """
    from fakekit.drift.known_findings import NOTHING_USED, read_accept_list, read_baseline, read_used
    from fakekit.unpatched import utc_now

    accepted = read_accept_list(accept) if accept is not None else []
    for entry in accepted:
        if entry.until < utc_now().date():
            print_warning(f"{accept}: the entry for {entry.finding} ended on {entry.until}")
    return Reporting(
        "text",
        accept,
        accepted,
        read_baseline(baseline) if baseline is not None else frozenset(),
        read_used(used_by) if used_by is not None else NOTHING_USED,
        learns=False,
        max_age=None,
    )
