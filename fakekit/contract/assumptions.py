"""What fakekit had to choose, each choice under a name; and what a user chose instead.

Documented beats standard beats assumed. The choices themselves are in `fakekit.contract.positions`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from fakekit.errors import Problem, SettingsError, show, suggest

TEXT: tuple[str, ...] = ()
"""Set as `Assumption.allowed`, means that the assumption's value may be any text."""


class Assumption(NamedTuple):
    """One choice that fakekit made where the vendor's pages are silent.

    name: ``missing.status``, as users write it and `Fakekit-Assumed` lists it.
    position: what fakekit does.
    reason: what speaks for it.
    value: the value in force unless a user sets another; None for a rule, which cannot be set.
    allowed: the values that it may have; `TEXT` for any text.
    formerly: the name that it had in an older version, for the error about that name; empty for none.
    """

    name: str
    position: str
    reason: str
    value: int | str | None = None
    allowed: Collection[int | str] = ()
    formerly: str = ""

    @property
    def expected(self) -> str:
        """The allowed values in words, for an error message: ``a whole number from 400 to 499``."""
        if isinstance(self.allowed, range):
            return f"a whole number from {self.allowed[0]} to {self.allowed[-1]}"
        if self.allowed is TEXT:
            return "some text, in which {noun} stands for Customer, Sale and so on"
        return " or ".join(_format_value(value) for value in self.allowed)

    def read(self, value: Any) -> int | str:
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
            if isinstance(value, str) and value.strip().lower() == _format_value(known):
                return known
        raise ValueError


def _is_error_template(text: str) -> bool:
    """Return whether a text can be the template of an error message, such as ``{noun} not found``.

    It must be printable and have no braces other than those of ``{noun}``, which is replaced by "Customer",
    "Sale" and so on.
    """
    rest = text.replace("{noun}", "")
    return text.isprintable() and "{" not in rest and "}" not in rest


def _format_value(value: object) -> str:
    """Return an assumption's value as users write it: ``404``, and ``true`` instead of Python's ``True``."""
    return str(value).lower() if isinstance(value, bool) else str(value)


class Assumptions:
    """The value of each assumption: the table's, except where a user set another.

    >>> from fakekit.contract.positions import TABLE
    >>> Assumptions(TABLE, {"missing.status": 400})["missing.status"]
    400

    table: all assumptions that exist.
    changed: the values that a user set, by the assumption's name; those equal to the table's are dropped.
    headers: how the header `Fakekit-Assumed` names those, with their value: ``missing.status=400``.

    Raises KeyError for a changed name that is not in the table; `read_changes` checks what a user wrote.
    """

    def __init__(self, table: Iterable[Assumption], changed: Mapping[str, int | str] | None = None) -> None:
        self.table = {assumption.name: assumption for assumption in table}
        self.changed = {n: v for n, v in (changed or {}).items() if v != self.table[n].value}
        self._values: dict[str, Any] = {n: a.value for n, a in self.table.items()} | self.changed
        self.headers = {name: _header(name, value) for name, value in self.changed.items()}

    def __getitem__(self, name: str) -> Any:
        """Return the value of the assumption `name`; None for a rule, which has no value.

        Raises KeyError for a name that is not in the table.
        """
        return self._values[name]


def _header(name: str, value: int | str) -> str:
    """Return ``name=value`` for a response header; text is quoted, its non-ASCII characters are escaped."""
    return f"{name}={ascii(value) if isinstance(value, str) else _format_value(value)}"


def read_changes(table: Iterable[Assumption], values: Mapping[str, Any], source: str) -> dict[str, int | str]:
    """Check the assumption values that a user set, and return them converted to the table's types.

    table: all assumptions that exist.
    values: the user's values by assumption name: ``{"missing.status": "400"}``.
    source: where they were written (``--assume``, a file name); it begins each error message.

    Raises `SettingsError` with all problems: an unknown name, one that was renamed, a value that is not
    allowed, or the name of a rule (an assumption that has no value).
    """
    with_value = {assumption.name: assumption for assumption in table if assumption.value is not None}
    rules = {assumption.name for assumption in table} - set(with_value)
    renamed = {assumption.formerly: assumption.name for assumption in table if assumption.formerly}
    problems, changes = [], {}
    for name, value in values.items():
        where = f"{source}: {name}"
        if name in renamed:
            message = f"is called {renamed[name]} now"
            if renamed[name] in rules:
                message += ", which is a rule, not a value, and cannot be set"
            problems.append(Problem(where, message, "", "" if renamed[name] in rules else renamed[name]))
        elif name in rules:
            message = "is a rule, not a value, and cannot be set"
            problems.append(Problem(where, message, "", suggest("", with_value)))
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
