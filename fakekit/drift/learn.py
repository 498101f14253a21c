"""Writing what a run found into ``[tool.fakekit.assumptions]`` of ``pyproject.toml`` (``--learn``)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, MutableMapping
from datetime import date
from pathlib import Path
from typing import Any, Self

from fakekit.contract.assumptions import Assumptions
from fakekit.contract.checked_value import CheckedValue
from fakekit.drift.findings import AssumptionResult, Outcome
from fakekit.errors import Problem, SettingsError
from fakekit.fixtures.whole_file import write_whole
from fakekit.settings.pyproject import load_table

_Table = MutableMapping[str, Any]


def learn(
    results: Iterable[AssumptionResult], assumptions: Assumptions, today: date, folder: Path
) -> tuple[Path, list[str]]:
    """Write the results of a run into the nearest ``pyproject.toml``; comments and order of the file stay.

    Returns the file, and the names of the assumptions that were written. What was not observed stays.
    Without any such file, one is made in the folder.

    assumptions: the values in force. today: the date that is written.
    folder: where to look first; then in the folders above.

    Raises `SettingsError` as `AssumptionsTable.open` does, and OSError.
    """
    table = AssumptionsTable.open(folder)
    checks = dict(_checks(results, assumptions, today))
    for name, check in checks.items():
        table.write(name, check)
    if checks:
        table.save()
    return table.file, list(checks)


class AssumptionsTable:
    """The table ``[tool.fakekit.assumptions]`` of a ``pyproject.toml`` that is about to be changed.

    file: its path; there may be none yet.
    text: what the file has now; empty without one.
    """

    def __init__(self, file: Path, text: str) -> None:
        import tomlkit  # an extra: nothing else writes TOML, and the standard library only reads it
        from tomlkit.items import InlineTable

        self.file, self._text = file, text
        self._document = tomlkit.parse(text)
        table: _Table = self._document
        for name in ("tool", "fakekit", "assumptions"):
            if name not in table:
                is_inline = isinstance(table, InlineTable)  # only another inline table can be in one
                new = tomlkit.inline_table() if is_inline else tomlkit.table(name != "assumptions")
                table[name] = new
            table = table[name]
            if not isinstance(table, MutableMapping):
                problem = "must be a table, so that dates can be written into it"
                raise SettingsError(Problem(f"{file}: {name}", problem, "", "[tool.fakekit.assumptions]"))
        self._table = table

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Return the table of the nearest ``pyproject.toml``; where there is none, one in the folder.

        Before a run, it shows whether its results can be written. Raises `SettingsError` when tomlkit is not
        installed, or the file cannot be read or written.

        folder: where to look first; then in the folders above.
        """
        found, _ = load_table(folder)
        file = found if found.name == "pyproject.toml" else found / "pyproject.toml"
        target = file.resolve()
        paths = [target.parent, *filter(Path.exists, [target])]  # the new file is made there, then renamed
        if not all(os.access(path, os.W_OK) for path in paths):
            raise SettingsError(Problem("--learn", "needs a file that can be written", str(file)))
        try:
            return cls(file, file.read_bytes().decode() if file.exists() else "")
        except ModuleNotFoundError:
            description, cure = "needs tomlkit, which is not installed", "pip install 'fakekit[drift]'"
            raise SettingsError(Problem("--learn", description, "", cure)) from None

    def write(self, name: str, check: CheckedValue) -> None:
        """Set an assumption, where the file has it already or behind the others.

        The file may have its name in quotes, or as nested keys: ``missing.status = 400``. A comment stays.
        """
        import tomlkit

        value = tomlkit.inline_table()
        if check.value is not None:
            value["value"] = check.value
        value[check.result] = date.fromisoformat(check.date)
        first, _, rest = name.partition(".")
        table, nested = self._table, self._table.get(first)
        if name not in table and isinstance(nested, MutableMapping) and rest in nested:
            table, name = nested, rest
        table[name] = value

    def save(self) -> None:
        """Write the file; its lines end as before. Raises OSError."""
        text = self._document.as_string()
        if "\r\n" in self._text and "\n" not in self._text.replace("\r\n", ""):
            text = text.replace("\r\n", "\n").replace("\n", "\r\n")
        write_whole(self.file, [text])


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
