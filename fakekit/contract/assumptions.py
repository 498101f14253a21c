"""What fakekit had to choose, each choice under a name; what a user chose instead; and what relied on it.

Documented beats standard beats assumed. The choices themselves are in `fakekit.contract.positions`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fakekit.errors import Problem, SettingsError, show, suggest

TEXT: tuple[str, ...] = ()
"""Stands for the values of an assumption that may be any text."""


@dataclass(frozen=True)
class Assumption:
    """One choice: its name, what we do, why, and its value where it is one, with those it may have."""

    name: str
    position: str
    reason: str
    value: int | str | None = None
    allowed: Collection[int | str] = ()

    @property
    def expected(self) -> str:
        """What may be written for its value."""
        if isinstance(self.allowed, range):
            return f"a whole number from {self.allowed[0]} to {self.allowed[-1]}"
        return " or ".join(_format_value(value) for value in self.allowed) or "some text, {noun} for the noun"

    def read(self, value: Any) -> int | str:
        """A value as it was written anywhere; ValueError when it may not be that."""
        if self.allowed is TEXT:
            if isinstance(value, str) and value.strip() and _has_only_noun(value):
                return value.strip()
            raise ValueError
        for known in self.allowed:
            if type(value) is type(known) and value == known:
                return known
            if isinstance(value, str) and value.strip().lower() == _format_value(known):
                return known
        raise ValueError


def _has_only_noun(text: str) -> bool:
    """Whether nothing but {noun} is to be filled in."""
    rest = text.replace("{noun}", "")
    return text.isprintable() and "{" not in rest and "}" not in rest


def _format_value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class Assumptions:
    """The values in force: the table's, and what a user who knows better set instead.

    >>> Assumptions(TABLE, {"missing.status": 400})["missing.status"]
    400
    """

    def __init__(self, table: Iterable[Assumption], changed: Mapping[str, int | str] | None = None) -> None:
        self.table = {assumption.name: assumption for assumption in table}
        self.changed = {n: v for n, v in (changed or {}).items() if v != self.table[n].value}
        self._values: dict[str, Any] = {n: a.value for n, a in self.table.items()} | self.changed
        self._headers = {name: _header(name, value) for name, value in self.changed.items()}

    def __getitem__(self, name: str) -> Any:
        """The value of an assumption (None where it is a rule); KeyError if there is none."""
        return self._values[name]

    def as_header(self, names: Iterable[str]) -> str:
        """Names as an answer lists them: with the value where it is not the table's."""
        return ", ".join(self._headers.get(name, name) for name in names)


def _header(name: str, value: int | str) -> str:
    return f"{name}={ascii(value) if isinstance(value, str) else _format_value(value)}"


def read_changes(table: Iterable[Assumption], values: Mapping[str, Any], source: str) -> dict[str, int | str]:
    """What a user set, each name and value checked. Raises `SettingsError` with every problem."""
    with_value = {assumption.name: assumption for assumption in table if assumption.value is not None}
    rules = {assumption.name for assumption in table} - set(with_value)
    problems, changes = [], {}
    for name, value in values.items():
        where = f"{source}: {name}"
        if name in rules:
            what = "is a rule, not a value, and cannot be set"
            problems.append(Problem(where, what, "", suggest("", with_value)))
        elif name not in with_value:
            problems.append(Problem(where, "is not an assumption", "", suggest(name, with_value)))
        else:
            try:
                changes[name] = with_value[name].read(value)
            except ValueError:
                problems.append(Problem(where, f"must be {with_value[name].expected}", show(value)))
    if problems:
        raise SettingsError(problems)
    return changes


class AssumptionRecorder:
    """The assumptions that one response relied on. Reading an assumption through `assume` records it.

    >>> recorder = AssumptionRecorder(Assumptions(TABLE))
    >>> recorder.assume("missing.status")
    404
    >>> recorder.names
    ['missing.status']
    """

    __slots__ = ("assumptions", "names")

    def __init__(self, assumptions: Assumptions) -> None:
        self.assumptions = assumptions
        self.names: list[str] = []

    def assume(self, name: str) -> Any:
        """The value of the assumption `name` (None where it is a rule); KeyError if there is none."""
        value = self.assumptions[name]
        if name not in self.names:
            self.names.append(name)
        return value
