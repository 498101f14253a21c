"""What `fakekit exec` has replaced in the environment of its command, for another one inside of it."""

from __future__ import annotations

from collections.abc import Mapping
from json import dumps, loads

_REPLACED = "_FAKEKIT_EXEC_REPLACED"
"""The variable that holds, as JSON, the values before and after by name, and its own value before."""


def record_replaced(before: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a command with one more, by which `restore_replaced` finds what they were.

    before: the variables that the command would have without fakekit.
    variables: those that it has.
    """
    replaced = {n: [before.get(n), value] for n, value in variables.items() if before.get(n) != value}
    return {**variables, _REPLACED: dumps([replaced, before.get(_REPLACED)])}


def restore_replaced(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables as they would be without any `fakekit exec` around this process.

    One that the command of the outer run has changed stays as it is.

    >>> outer = record_replaced({"A": "1", "B": "1"}, {"A": "2", "B": "2", "C": "2"})
    >>> inner = record_replaced(outer, {**outer, "A": "3", "D": "3"})
    >>> restore_replaced({**inner, "B": "mine"})
    {'A': '1', 'B': 'mine'}
    """
    variables = dict(environ)
    while record := variables.pop(_REPLACED, None):
        replaced, parent = loads(record)
        before = {name: old for name, (old, value) in replaced.items() if variables.get(name) == value}
        merged = {**variables, **before, _REPLACED: parent}
        variables = {name: value for name, value in merged.items() if value is not None}
    return variables
