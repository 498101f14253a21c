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
    """One choice that fakekit made where the vendor's pages are silent.

    name: ``missing.status``, as users write it and `Fakekit-Assumed` lists it.
    position: what fakekit does.
    reason: what speaks for it.
    value: the value in force unless a user sets another; None for a rule, which cannot be set.
    allowed: the values that it may have; `TEXT` for any text.
    """

    name: str
    position: str
    reason: str
    value: int | str | None = None
    allowed: Collection[int | str] = ()

    @property
    def expected(self) -> str:
        """What a user may write as its value, worded for an error message."""
        if isinstance(self.allowed, range):
            return f"a whole number from {self.allowed[0]} to {self.allowed[-1]}"
        return " or ".join(_format_value(value) for value in self.allowed) or "some text, {noun} for the noun"

    def read(self, value: Any) -> int | str:
        """Return a value that a user wrote, as the type that the assumption has; ``"404"`` becomes 404.

        Raises ValueError when the assumption may not have it.
        """
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
    """Return whether a text is printable and has no braces but those of ``{noun}``."""
    rest = text.replace("{noun}", "")
    return text.isprintable() and "{" not in rest and "}" not in rest


def _format_value(value: object) -> str:
    """Return a value as users write it: ``true`` and not ``True``."""
    return str(value).lower() if isinstance(value, bool) else str(value)


class Assumptions:
    """The assumptions' values in force: the table's, except where a user set others.

    >>> from fakekit.contract.positions import TABLE
    >>> Assumptions(TABLE, {"missing.status": 400})["missing.status"]
    400

    table: the assumptions, by name.
    changed: the values that differ from the table's, by name.

    Raises KeyError for a changed name that is not in the table; `read_changes` checks what a user wrote.
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
        """Return names as the header `Fakekit-Assumed` lists them, with the value where a user set one."""
        return ", ".join(self._headers.get(name, name) for name in names)


def _header(name: str, value: int | str) -> str:
    """Return ``name=value`` for a header, text quoted and in ASCII."""
    return f"{name}={ascii(value) if isinstance(value, str) else _format_value(value)}"


def read_changes(table: Iterable[Assumption], values: Mapping[str, Any], source: str) -> dict[str, int | str]:
    """Check the values that a user set, and return them as the types of the table.

    values: values by the assumption's name.
    source: where they were written (``--assume``, a file); every problem's place begins with it.

    Raises `SettingsError` with every problem: an unknown name, a rule (which has no value), a wrong value.
    """
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
    """Gives the values of assumptions and records, for one response, which ones were asked for.

    >>> from fakekit.contract.positions import TABLE
    >>> recorder = AssumptionRecorder(Assumptions(TABLE))
    >>> recorder.assume("missing.status")
    404
    >>> recorder.names
    ['missing.status']

    names: the recorded assumptions, each once, in the order of their first use.
    """

    __slots__ = ("assumptions", "names")

    def __init__(self, assumptions: Assumptions) -> None:
        self.assumptions = assumptions
        self.names: list[str] = []

    def assume(self, name: str) -> Any:
        """Return the value of the assumption `name` (None where it is a rule), and record its use.

        Raises KeyError for a name that is not in the table; nothing is recorded then.
        """
        value = self.assumptions[name]
        if name not in self.names:
            self.names.append(name)
        return value
