"""What fakekit had to choose, each choice under a name; and what a user chose instead.

Documented beats standard beats assumed. The choices themselves are in `fakekit.contract.positions`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from fakekit.contract.checked_value import EXPECTED, CheckedValue, read_checked
from fakekit.errors import Problem, SettingsError, show, suggest

SetValue = int | str | CheckedValue
"""What a user set for an assumption: a value, or what a comparison with the real service found."""

READS = {
    "answers": "the keys, types and formats of the answers that rely on it",
    "empty_filter": "a list with a filter that is empty",
    "filters": "a list with a filter; which records pass it, follows from those of the whole list",
    "headers": "the status and the headers of every answer",
    "invalid_filter": "a list with a filter that is not valid",
    "lists": "the lists",
    "no_key": "requests without a valid key",
    "no_path": "a path that is no endpoint",
    "no_record": "an id that no record has",
    "other_code": "an item, by its code without the space",
    "other_id": "a record, by its id with a zero in front",
    "other_method": "GET on a path that only has PUT",
    "records": "values of records that belong together",
    "unknown_parameter": "a list with a parameter that no page has",
}
"""What a read of the real service looks at to observe an assumption, by the word for it in the table."""

TEXT: tuple[str, ...] = ()
"""Set as `Assumption.allowed`, means that the assumption's value may be any text."""


class Assumption(NamedTuple):
    """One choice that fakekit made where the vendor's pages are silent.

    name: ``missing.status``, as users write it and `Fakekit-Assumed` lists it.
    position: what fakekit does.
    reason: what speaks for it.
    value: the value in force unless a user sets another; None for a rule, which cannot be set.
    allowed: the values that it may have; `TEXT` for any text.
    old_name: the name that it had in an older version, for the error about that name; empty for none.
    observed_by: how a read of the real service shows whether it holds, one of `READS`; empty where only a
        write could.
    observed_in_writes: by which writes of a program, and reads beside them, it shows; empty for none.
    """

    name: str
    position: str
    reason: str
    value: int | str | None = None
    allowed: Collection[int | str] = ()
    old_name: str = ""
    observed_by: str = ""
    observed_in_writes: str = ""

    @property
    def expected(self) -> str:
        """The allowed values in words, for an error message: ``a whole number from 400 to 499``."""
        if isinstance(self.allowed, range):
            return f"a whole number from {self.allowed[0]} to {self.allowed[-1]}"
        if self.allowed is TEXT:
            return "some text, in which {noun} stands for Customer, Sale and so on"
        return " or ".join(format_value(value) for value in self.allowed)

    def read(self, value: object) -> int | str:
        """Convert a value that a user set for this assumption to the assumption's type.

        ``"404"`` becomes 404 and ``"TRUE"`` becomes True; text is stripped of spaces around it.

        Raises ValueError, without a message, when `allowed` does not have the value.
        """
        if self.allowed is TEXT:
            if isinstance(value, str) and value.strip() and _is_error_template(value):
                return value.strip()
            raise ValueError
        for known in self.allowed:
            if type(value) is type(known) and value == known:
                return known
            if isinstance(value, str) and value.strip().lower() == format_value(known):
                return known
        raise ValueError


def _is_error_template(text: str) -> bool:
    """Return whether a text can be the template of an error message, such as ``{noun} not found``.

    It must be printable and have no braces other than those of ``{noun}``, which is replaced by "Customer",
    "Sale" and so on.
    """
    rest = text.replace("{noun}", "")
    return text.isprintable() and "{" not in rest and "}" not in rest


def format_value(value: object) -> str:
    """Return an assumption's value as users write it: ``404``, and ``true`` instead of Python's ``True``."""
    return str(value).lower() if isinstance(value, bool) else str(value)


class Assumptions:
    """The value of each assumption: the table's, except where a user set another.

    >>> from fakekit.contract.positions import TABLE
    >>> Assumptions(TABLE, {"missing.status": 400})["missing.status"]
    400

    table: all assumptions that exist.
    changed: what a user set, by the assumption's name. As an attribute, only the values that are not the
        table's.
    checks: the results of comparisons with the real service, by name.
    labels: how the header `Fakekit-Assumed` names an assumption that is among those:
        ``missing.status=400 (confirmed 2026-11-26)``; others by their name alone.

    Raises KeyError for a changed name that is not in the table; `read_changes` checks what a user wrote.
    """

    def __init__(self, table: Iterable[Assumption], changed: Mapping[str, SetValue] | None = None) -> None:
        self.table = {assumption.name: assumption for assumption in table}
        changed = changed or {}
        self.checks = {name: found for name, found in changed.items() if isinstance(found, CheckedValue)}
        values = {n: v.value if isinstance(v, CheckedValue) else v for n, v in changed.items()}
        self.changed = {n: v for n, v in values.items() if v is not None and v != self.table[n].value}
        self._values: dict[str, Any] = {n: a.value for n, a in self.table.items()} | self.changed
        self.labels = {name: self._label(name) for name in (*self.changed, *self.checks)}

    def __getitem__(self, name: str) -> Any:
        """Return the value of the assumption `name`; None for a rule, which has no value.

        Raises KeyError for a name that is not in the table.
        """
        return self._values[name]

    def describe(self, name: str) -> str:
        """Return the name of an assumption with what a comparison found: ``cors (confirmed 2026-11-26)``.

        The name alone where nothing was compared.
        """
        return f"{name} ({self.checks[name].label})" if name in self.checks else name

    def _label(self, name: str) -> str:
        """Return what the header has for an assumption; its text is quoted, non-ASCII characters escaped."""
        value = self.changed.get(name)
        if value is None:
            return self.describe(name)
        text = ascii(value) if isinstance(value, str) else format_value(value)
        return f"{name}={text}{self.describe(name).removeprefix(name)}"


def read_changes(
    table: Iterable[Assumption], values: Mapping[str, object], source: str
) -> dict[str, SetValue]:
    """Check what a user set for assumptions, and return it with the values converted to the table's types.

    table: all assumptions that exist.
    values: by assumption name a value, ``{"missing.status": "400"}``, or an object with the result of a
        comparison, see `read_checked`.
    source: where they were written (``--assume``, a file name); it begins each error message.

    Raises `SettingsError` with all problems: an unknown name, one that was renamed, a value that is not
    allowed, or a value for a rule (an assumption that has no value).
    """
    known = {assumption.name: assumption for assumption in table}
    renamed = {assumption.old_name: assumption.name for assumption in table if assumption.old_name}
    problems: list[Problem] = []
    changes: dict[str, SetValue] = {}
    for name, value in values.items():
        where = f"{source}: {name}"
        if name not in known:
            problems.append(_unknown_name(where, name, known, renamed))
        elif isinstance(value, Mapping | CheckedValue):
            try:
                changes[name] = _read_check(known[name], value)
            except ValueError:
                problems.append(Problem(where, f"must be {EXPECTED}", show(value)))
        elif known[name].value is None:
            problems.append(Problem(where, _RULE, "", suggest("", _with_value(known))))
        else:
            try:
                changes[name] = known[name].read(value)
            except ValueError:
                problems.append(Problem(where, f"must be {known[name].expected}", show(value)))
    if problems:
        raise SettingsError(problems)
    return changes


def values_as_json(values: Iterable[tuple[str, SetValue]]) -> dict[str, object]:
    """Return what a user set for assumptions as an object for JSON, which `read_changes` reads again."""
    return {name: value.as_json() if isinstance(value, CheckedValue) else value for name, value in values}


_RULE = "is a rule, not a value, and cannot be set"


def _with_value(table: Mapping[str, Assumption]) -> list[str]:
    """Return the names of the assumptions that have a value, which a user may set."""
    return [name for name, assumption in table.items() if assumption.value is not None]


def _unknown_name(
    where: str, name: str, table: Mapping[str, Assumption], renamed: Mapping[str, str]
) -> Problem:
    """Return the problem of a name that is not in the table: it was renamed, or there never was such a name.

    where: what the user wrote, with its source. renamed: the names of today, by the former ones.
    """
    if name not in renamed:
        return Problem(where, "is not an assumption", "", suggest(name, _with_value(table)))
    message, write = f"is called {renamed[name]} now", renamed[name]
    if table[write].value is None:
        return Problem(where, f"{message}, which {_RULE}")
    return Problem(where, message, "", write)


def _read_check(assumption: Assumption, value: Mapping[str, object] | CheckedValue) -> CheckedValue:
    """Return the result of a comparison, with its value converted to the assumption's type.

    Raises ValueError for another form, a value that the assumption cannot have, a value of a rule, and an
    assumption that is confirmed without its value.
    """
    check = value if isinstance(value, CheckedValue) else read_checked(value)
    if check.value is None:
        if assumption.value is not None and check.result == "confirmed":
            raise ValueError
        return check
    if assumption.value is None:
        raise ValueError
    return check._replace(value=assumption.read(check.value))
