"""What `fakekit exec` has replaced in the environment of its command, for another one inside of it."""

from __future__ import annotations

from collections.abc import Mapping
from json import dumps, loads

from fakekit.intercept import CLIENT_VARIABLES, PROXY_VARIABLES

_REPLACED = "_FAKEKIT_EXEC_REPLACED"
"""The variable that holds, as JSON, the values before and after by name, and its own value before."""
_SECRET = {*PROXY_VARIABLES, *map(str.lower, CLIENT_VARIABLES)}
"""Variables in lower case whose value before may be a key or have a password: the command does not get it."""


def record_replaced(before: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a command with one more, by which `restore_replaced` finds what they were.

    The values before of proxy variables and of `CLIENT_VARIABLES` are left out, as if there were none.

    before: the variables that the command would have without fakekit.
    variables: those that it has.
    """
    replaced = {
        name: [None if name.lower() in _SECRET else before.get(name), value]
        for name, value in variables.items()
        if before.get(name) != value
    }
    return {**variables, _REPLACED: dumps([replaced, before.get(_REPLACED)])}


def restore_replaced(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables as they would be without any `fakekit exec` around this process.

    One that the command of the outer run has changed stays as it is. Proxy variables and `CLIENT_VARIABLES`
    that are as the outer run has set them are removed.

    >>> outer = record_replaced({"A": "1", "B": "1"}, {"A": "2", "B": "2", "C": "2"})
    >>> inner = record_replaced(outer, {**outer, "A": "3", "D": "3"})
    >>> restore_replaced({**inner, "B": "mine"})
    {'A': '1', 'B': 'mine'}
    """
    variables = dict(environ)
    while record := _read_record(variables.pop(_REPLACED, None)):
        replaced, parent = record
        before = {name: old for name, (old, value) in replaced.items() if variables.get(name) == value}
        merged = {**variables, **before, _REPLACED: parent}
        variables = {name: value for name, value in merged.items() if value is not None}
    return variables


def _read_record(text: str | None) -> tuple[dict[str, list[str | None]], str | None] | None:
    """Return what `record_replaced` wrote: values before and after by name, and the record before.

    None where there is no text, and for one that is malformed, which only another program can have set.
    """
    try:
        match loads(text or "null"):
            case [dict(replaced), str() | None as parent] if all(map(_is_replacement, replaced.values())):
                return replaced, parent
    except (ValueError, RecursionError):
        pass
    return None


def _is_replacement(value: object) -> bool:
    """Return whether a JSON value is one of text or null, before, and one of text, after."""
    return isinstance(value, list) and [type(each) for each in value] in ([str, str], [type(None), str])
