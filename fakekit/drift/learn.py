"""Writing what a run found into ``[tool.fakekit.assumptions]`` of ``pyproject.toml`` (``--learn``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableMapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fakekit.contract.assumptions import Assumptions
from fakekit.contract.checked_value import CheckedValue
from fakekit.drift.findings import AssumptionResult, Outcome
from fakekit.errors import Problem, SettingsError
from fakekit.fixtures.whole_file import write_whole
from fakekit.settings.pyproject import load_table

if TYPE_CHECKING:
    from tomlkit.items import InlineTable

_Table = MutableMapping[str, Any]


def learn(
    results: Iterable[AssumptionResult], assumptions: Assumptions, today: date, folder: Path
) -> tuple[Path, list[str]]:
    """Write the results of a run into the nearest ``pyproject.toml``; comments and order of the file stay.

    Returns the file, and the names of the assumptions that were written. What was not observed stays.
    Without any such file, one is made in the folder.

    assumptions: the values in force. today: the date that is written.
    folder: where to look first; then in the folders above.

    Raises `SettingsError` when tomlkit is not installed or the file cannot be read, and OSError when it
    cannot be written.
    """
    try:
        import tomlkit  # an extra: nothing else writes TOML, and the standard library only reads it
    except ModuleNotFoundError:
        problem = Problem(
            "--learn", "needs tomlkit, which is not installed", "", "pip install 'fakekit[drift]'"
        )
        raise SettingsError(problem) from None
    found, _ = load_table(folder)
    file = found if found.name == "pyproject.toml" else found / "pyproject.toml"
    text = file.read_bytes().decode() if file.exists() else ""
    document = tomlkit.parse(text)
    checks = dict(_checks(results, assumptions, today))
    table: _Table = document
    for name in ("tool", "fakekit", "assumptions"):
        if name not in table:
            table[name] = tomlkit.table(is_super_table=name != "assumptions")
        table = table[name]
        if not isinstance(table, MutableMapping):
            problem = "must be a table, so that dates can be written into it"
            raise SettingsError(Problem(f"{file}: {name}", problem, "", "[tool.fakekit.assumptions]"))
    for name, check in checks.items():
        _write(table, name, _as_table(check, tomlkit.inline_table()))
    if checks:
        write_whole(file, [tomlkit.dumps(document)])
    return file, list(checks)


def _checks(
    results: Iterable[AssumptionResult], assumptions: Assumptions, today: date
) -> Iterator[tuple[str, CheckedValue]]:
    """Yield what is written for each assumption that was observed.

    One whose value in the service is another one gets that value, and is then confirmed. Where it has none
    that fakekit knows, it is refuted, and keeps the value that a user set.
    """
    day = today.isoformat()
    for result in results:
        name = result.name
        if result.outcome is Outcome.CONFIRMED:
            yield name, CheckedValue(assumptions[name], "confirmed", day)
        elif result.outcome is Outcome.REFUTED and result.found is not None:
            yield name, CheckedValue(result.found, "confirmed", day)
        elif result.outcome is Outcome.REFUTED:
            yield name, CheckedValue(assumptions.changed.get(name), "refuted", day)


def _as_table(check: CheckedValue, table: InlineTable) -> InlineTable:
    """Fill an empty inline table of tomlkit, and return it: ``{value = 404, confirmed = 2026-11-26}``."""
    if check.value is not None:
        table["value"] = check.value
    table[check.result] = date.fromisoformat(check.date)
    return table


def _write(table: _Table, name: str, value: InlineTable) -> None:
    """Set an assumption in its table, where the file has it already or behind the others.

    The file may have its name in quotes, or as nested keys: ``missing.status = 400``. A comment stays.
    """
    first, _, rest = name.partition(".")
    nested = table.get(first)
    if name not in table and isinstance(nested, MutableMapping) and rest in nested:
        table, name = nested, rest
    table[name] = value


def describe_old(
    assumptions: Assumptions, results: Iterable[AssumptionResult], today: date, max_age: int
) -> Iterator[str]:
    """Yield a warning for each date of a comparison that is older than so many days.

    What this run has observed again is not old.

    assumptions: with the dates of earlier comparisons. results: of this run.
    """
    observed = {result.name for result in results if result.outcome is not Outcome.NOT_OBSERVED}
    for name, check in assumptions.checks.items():
        days = (today - date.fromisoformat(check.date)).days
        if days > max_age and name not in observed:
            yield f"{name} was {check.label}, {days} days ago, and this run did not observe it"
