"""The registry of all kinds of faults, from the modules that declare them, and the parser of faults."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from json import dumps

from marshmallow import ValidationError

from fakekit.contract.strict_json import JsonError, read_json
from fakekit.errors import FaultError, Problem, show, suggest
from fakekit.faults import altering, answering, sending
from fakekit.faults.fault import COMMON, Fault
from fakekit.faults.settings import first_message

KINDS: dict[str, type[Fault]] = {
    value.kind: value
    for module in (answering, sending, altering)
    for value in vars(module).values()
    if isinstance(value, type) and issubclass(value, Fault) and "kind" in vars(value)
}
"""The class of each kind, by its name; docs and help list them in this order."""

MAX_LENGTH = 64 * 1024
"""Upper limit of the characters of a fault as JSON."""


def read_fault(value: object, source: str) -> Fault:
    """Create a fault of any kind from its JSON or text, in the settings, a control request or an API key.

    value: ``{"fault": "fail", "status": 503}`` as an object or as text, or ``fail=503,times=2``.
    source: where the fault was written, such as ``--fault``; each error message begins with it.

    Raises `FaultError`, for an invalid setting with the problems of all of them.
    """
    if isinstance(value, str):
        value = _from_text(value, source)
    if not isinstance(value, Mapping):
        raise FaultError(Problem(source, "must be a fault", "", "fail=503, or its JSON"))
    values = dict(value)
    kind = values.pop("fault", None)
    known = KINDS.get(kind) if isinstance(kind, str) else None
    if known is None:
        raise FaultError(_unknown_kind(kind, source))
    where = f"{source}: {kind}"
    try:
        _check_length(values, where)
        return known(**known.schema().load(values))
    except ValidationError as error:
        raise FaultError(_problems(known, error, values, where)) from None


FAILURE_STATUS = re.compile("[45][0-9]{2}", re.ASCII)
"""A status of a failure, in a text."""


def find_name(word: str, known: Iterable[str]) -> str:
    """Return the known name that a word is in lower case, or is a misspelling of; empty for neither."""
    return next(iter(get_close_matches(word.lower(), known, n=1, cutoff=0.74)), "")


def _unknown_kind(kind: object, source: str, value: str | None = None) -> Problem:
    """Return the problem of a fault whose kind is not known, with the nearest kind, or ``fail`` for a status.

    kind: what was written; None for nothing. source: where the fault was written.
    value: what was written behind the kind and ``=``, if it was.
    """
    if kind is None:
        return Problem(source, "does not name a kind of fault", "", suggest("", KINDS))
    name = str(kind)
    write = KIND_SYNONYMS.get(name) or suggest(name, KINDS)
    if value and FAILURE_STATUS.fullmatch(value.strip()) and not find_name(name, (*KINDS, *KIND_SYNONYMS)):
        write = f"fail={value.strip()}"
    return Problem(source, "is not a kind of fault", show(kind), write)


def _check_length(values: Mapping[str, object], where: str) -> None:
    """Raise `FaultError` if the settings are not JSON, or longer than `MAX_LENGTH` characters as JSON.

    where: source and kind of the fault, ``--fault: fail``, for the error message.
    """
    try:
        length = len(dumps({name: value for name, value in values.items() if not callable(value)}))
    except (TypeError, ValueError, RecursionError):
        raise FaultError(Problem(where, "is not JSON")) from None
    if length > MAX_LENGTH:
        raise FaultError(Problem(where, f"is longer than {MAX_LENGTH:,} characters"))


KIND_SYNONYMS = {
    "timeout": "slow=30s",
    "delay": "slow=2s",
    "latency": "slow=2s",
    "stub": "respond",
    "mock": "respond",
}
"""What to write instead of words that other tools have for a kind of fault."""

SETTING_SYNONYMS = {"code": "status", "count": "times", "delay": "seconds", "url": "path", "verb": "method"}
"""What to write instead of words that other tools have for a setting."""


def _problems(
    kind: type[Fault],
    error: ValidationError,
    values: Mapping[str, object],
    where: str,
) -> list[Problem]:
    """Convert marshmallow's messages on the settings of a fault to problems, at most one for each setting.

    A setting with the name of a kind is a second fault.

    values: the settings, whose invalid values the problems show. The value of an unknown setting is not
        shown, nor one that is declared as secret.
    where: source and kind of the fault, ``--fault: fail``, with which each problem begins.
    """
    settings = kind.settings()
    problems = []
    for name, messages in dict(error.messages_dict).items():
        message, write = first_message(messages)
        if name in KINDS and name not in settings:
            write = f"~{name} for ,{name}: several faults have ~ between them"
            problems.append(Problem(f"{where}: {name}", "is a fault of its own", "", write))
        elif name not in settings:
            synonym = SETTING_SYNONYMS.get(name)
            write = synonym if synonym in settings else suggest(name, settings)
            problems.append(Problem(f"{where}: {name}", f"is not a setting of {kind.kind}", "", write))
        else:
            can_show = values.get(name) is not None and not settings[name].is_secret
            value_text = show(values[name]) if can_show else ""
            problems.append(Problem(f"{where}: {name}", message, value_text, write))
    return problems


# One NAME=VALUE pair of a fault's text, or a name alone; the value may have line breaks.
_PAIR = re.compile(r"\s*([a-z_-]{1,40})\s*(?:=(.*))?", re.DOTALL)


def _from_text(text: str, source: str) -> object:
    """Convert a fault's text, ``fail=503,times=2``, to the JSON object that means the same.

    Text that begins with a brace is parsed as JSON. The values of other text stay strings, and the settings
    are not validated yet.
    source: where the fault was written, for error messages.

    Raises `FaultError` for text that has neither form, for an unknown kind, and for a name that occurs twice,
    lacks its value or takes none.
    """
    if text.lstrip().startswith("{"):
        try:
            return read_json(text)
        except JsonError as error:
            write = 'fail=503,times=2, or {"fault": "fail"}'
            raise FaultError(Problem(source, error.message, "", write)) from None
    values: dict[str, object] = {}
    for part in text.split(","):
        pair = _PAIR.fullmatch(part)
        if pair is None:
            write = f"fail={text.strip()}" if re.fullmatch("[0-9]{3}", text.strip()) else "fail=503,times=2"
            raise FaultError(Problem(source, "is not NAME=VALUE with commas between", "", write))
        name, value = pair[1], pair[2]
        if not values:
            if name not in KINDS:
                raise FaultError(_unknown_kind(name, source, value))
            values["fault"], main = name, KINDS[name].main_setting
            if value is None or not main:
                if value is not None:
                    raise FaultError(Problem(f"{source}: {name}", "takes no value", "", name))
                continue
            name = main
        values[name] = _value(name, value, values, source)
    return values


def _value(name: str, value: str | None, before: Mapping[str, object], source: str) -> str:
    """Return the value of one ``NAME=VALUE`` pair, without spaces around it.

    value: None for a name without a value. before: the pairs before it, by name.
    source: where the fault was written, for error messages.

    Raises `FaultError` for a name that occurred before, has no value, or is ``json``. The message repeats the
    name only if all faults have it; another one may be secret.
    """
    where = f"{source}: {name}" if name in COMMON else source
    if name in before:
        raise FaultError(Problem(where, "occurs twice"))
    if value is None:
        raise FaultError(Problem(where, "has no value"))
    if name == "json":  # a comma in the JSON would end the value
        write = '{"fault": "respond", "json": {}}'
        raise FaultError(Problem(f"{source}: json", "is only accepted in a fault that is JSON", "", write))
    return value.strip()
