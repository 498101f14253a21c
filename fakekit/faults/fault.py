"""The base class of all faults, with the settings that all have, and the parser of their JSON and text.

A new kind is a subclass of the base class in `fakekit.faults.answering`, `altering` or `sending`, in the same
module, and has a `kind`. `fakekit.faults.registry` finds it there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from json import dumps
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError

from fakekit.contract.pattern import match_path
from fakekit.contract.strict_json import JsonError, read_json
from fakekit.contract.value_type import whole_number
from fakekit.errors import FaultError, Problem, show, suggest, without_secrets
from fakekit.faults.content import RequestContent
from fakekit.faults.settings import METHOD, PATH, SettingField, first_message

MAX_LENGTH = 64 * 1024
"""Upper limit of the characters of a fault as JSON."""


@dataclass(frozen=True)
class Fault:
    """A fault: the base class of every kind, with the settings that all kinds have.

    method, path: the requests to which it applies; empty means any. In a path ``*`` stands for one segment.
    after: the number of these requests that are left alone first; 0 by default.
    every: after those, 1 (the default) applies to each request, 2 to every second one, and so on.
    times: the number of requests to which it applies at most; None, the default, for no limit.
    """

    kind: ClassVar[str]
    """The name of the kind as users write it: ``fail``."""
    main_setting: ClassVar[str] = ""
    """The setting whose value follows the kind in text: ``status`` in ``fail=503``; empty for none."""
    settings: ClassVar[Mapping[str, SettingField]] = {}
    """The fields that validate the settings of this kind only, by name."""
    conflict_group: ClassVar[str] = ""
    """Of all faults with the same group, at most one applies to a request; empty for no such limit."""

    method: str = ""
    path: str = ""
    after: int = 0
    every: int = 1
    times: int | None = None

    @classmethod
    def schema(cls) -> Schema:
        """Return a new marshmallow schema that validates the settings of this kind and rejects others."""
        return Schema.from_dict({**cls.settings, **COMMON}, name=f"{cls.kind.capitalize()}Fault")()

    def matches(self, method: str, path: str, content: RequestContent) -> bool:
        """Return whether a request has the method and path of this fault; a HEAD counts as a GET.

        Nothing is counted. path: ``/api/v1/customers/1``. content: not used here; a stub may ask for it.
        """
        if self.method and self.method != ("GET" if method == "HEAD" else method):
            return False
        return match_path(self.path, path)

    def as_json(self) -> dict[str, Any]:
        """Return the fault as JSON that `parse_fault` reads.

        Settings that have their default are left out, except the main one, as the status of ``respond``.
        """
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        changed = {f.name: values[f.name] for f in fields(self) if values[f.name] != f.default}
        main = self.main_setting
        main_value = {main: values[main]} if main and values[main] is not None else {}
        return {"fault": self.kind, **main_value, **changed}

    @cached_property
    def size_in_bytes(self) -> int:
        """About how much memory the fault takes, for the limit of all accounts together."""
        return 500 + len(dumps(self.as_json()))

    def __str__(self) -> str:
        """Return the fault as text, ``fail=503,times=2``, for headers, the log and the summary.

        What looks like a credential is ``...`` in it: it may have come with a key.
        """
        return without_secrets(self.as_text())

    def as_text(self) -> str:
        """Return the fault as text that `parse_fault` reads.

        Settings that have their default, or are lists or objects, are left out.
        """
        document = self.as_json()
        parts = [document.pop("fault")]
        if self.main_setting in document:
            parts[0] += f"={_format_setting(document.pop(self.main_setting))}"
        return ",".join(
            [
                *parts,
                *(
                    f"{n}={_format_setting(v)}"
                    for n, v in document.items()
                    if isinstance(v, str | int | float)
                ),
            ]
        )


def _format_setting(value: Any) -> str:
    """Return a value of a fault's setting as text; a float is a number of seconds and becomes ``2s``."""
    return f"{value:g}s" if isinstance(value, float) else str(value)


COMMON: Mapping[str, SettingField] = {
    "method": SettingField(METHOD, note="the method of the requests to which it applies; any by default"),
    "path": SettingField(PATH, note="their path, in which `*` stands for one segment; any by default"),
    "times": SettingField(
        whole_number(1, 1_000_000), note="to how many requests it applies at most; no limit by default"
    ),
    "after": SettingField(
        whole_number(0, 1_000_000), note="how many of these requests it leaves alone first; 0 by default"
    ),
    "every": SettingField(
        whole_number(1, 1_000_000), note="2 for every second of them, and so on; 1, each, by default"
    ),
}


def parse_fault(fault_types: Mapping[str, type[Fault]], value: Any, source: str) -> Fault:
    """Create a fault from JSON or text; called by `registry.read_fault`, which gives all kinds.

    fault_types: the classes of faults, by the name of the kind.
    value: ``{"fault": "fail", "status": 503}`` as an object or as text, or ``fail=503,times=2``.
    source: where the fault was written, such as ``--faults``; each error message begins with it.

    Raises `FaultError`, for an invalid setting with the problems of all of them.
    """
    if isinstance(value, str):
        value = _from_text(fault_types, value, source)
    if not isinstance(value, Mapping):
        raise FaultError(Problem(source, "must be a fault", "", "fail=503, or its JSON"))
    values = dict(value)
    kind = values.pop("fault", None)
    known = fault_types.get(kind) if isinstance(kind, str) else None
    if known is None:
        message = "is not a kind of fault" if kind is not None else "does not name a kind of fault"
        write = _SYNONYMS.get(str(kind)) or suggest(str(kind), fault_types)
        raise FaultError(Problem(source, message, "", write))
    where = f"{source}: {kind}"
    try:
        _check_length(values, where)
        return known(**known.schema().load(values))
    except ValidationError as error:
        raise FaultError(_problems(fault_types, known, error, values, where)) from None


def _check_length(values: Mapping[str, Any], where: str) -> None:
    """Raise `FaultError` if the settings are not JSON, or longer than `MAX_LENGTH` characters as JSON.

    where: source and kind of the fault, ``--faults: fail``, for the error message.
    """
    try:
        length = len(dumps(values))
    except (TypeError, ValueError, RecursionError):
        raise FaultError(Problem(where, "is not JSON")) from None
    if length > MAX_LENGTH:
        raise FaultError(Problem(where, f"is longer than {MAX_LENGTH:,} characters"))


_SYNONYMS = {
    "timeout": "slow=30s",
    "delay": "slow=2s",
    "latency": "slow=2s",
    "stub": "respond",
    "mock": "respond",
}
"""What to write instead of words that other tools have for a kind of fault."""


def _problems(
    fault_types: Mapping[str, type[Fault]],
    kind: type[Fault],
    error: ValidationError,
    values: Mapping[str, Any],
    where: str,
) -> list[Problem]:
    """Convert marshmallow's messages on the settings of a fault to problems, at most one for each setting.

    fault_types: the classes of all kinds: a setting with the name of a kind is a second fault.
    values: the settings, whose invalid values the problems show. The value of an unknown setting is not
        shown, nor one that is declared as secret.
    where: source and kind of the fault, ``--faults: fail``, with which each problem begins.
    """
    settings = {**kind.settings, **COMMON}
    problems = []
    for name, messages in dict(error.messages_dict).items():
        message, write = first_message(messages)
        if name in fault_types and name not in settings:
            write = f"~{name} for ,{name}: several faults have ~ between them"
            problems.append(Problem(f"{where}: {name}", "is a fault of its own", "", write))
        elif name not in settings:
            problems.append(
                Problem(f"{where}: {name}", f"is not a setting of {kind.kind}", "", suggest(name, settings))
            )
        else:
            can_show = values.get(name) is not None and not settings[name].is_secret
            value_text = show(values[name]) if can_show else ""
            problems.append(Problem(f"{where}: {name}", message, value_text, write))
    return problems


# One NAME=VALUE pair of a fault's text, or a name alone; the value may have line breaks.
_PAIR = re.compile(r"\s*([a-z_-]{1,40})\s*(?:=(.*))?", re.DOTALL)


def _from_text(fault_types: Mapping[str, type[Fault]], text: str, source: str) -> Any:
    """Convert a fault's text, ``fail=503,times=2``, to the JSON object that means the same.

    Text that begins with a brace is parsed as JSON. The values of other text stay strings, and the settings
    are not validated yet.
    source: where the fault was written, for error messages.

    Raises `FaultError` for text that has neither form, and for a name that occurs twice, lacks its value or
    takes none.
    """
    if text.lstrip().startswith("{"):
        try:
            return read_json(text)
        except JsonError as error:
            write = 'fail=503,times=2, or {"fault": "fail"}'
            raise FaultError(Problem(source, error.message, "", write)) from None
    values: dict[str, Any] = {}
    for part in text.split(","):
        pair = _PAIR.fullmatch(part)
        if pair is None:
            write = f"fail={text.strip()}" if re.fullmatch("[0-9]{3}", text.strip()) else "fail=503,times=2"
            raise FaultError(Problem(source, "is not NAME=VALUE with commas between", "", write))
        name, value = pair[1], pair[2]
        if not values:
            values["fault"], main = name, fault_types[name].main_setting if name in fault_types else ""
            if value is None or not main:
                if value is not None and name in fault_types:
                    raise FaultError(Problem(f"{source}: {name}", "takes no value", "", name))
                continue
            name = main
        values[name] = _value(name, value, values, source)
    return values


def _value(name: str, value: str | None, before: Mapping[str, Any], source: str) -> str:
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
