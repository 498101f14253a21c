"""The base of all faults: the settings that each has, which requests it applies to, its JSON and text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from json import dumps, loads
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError
from marshmallow.fields import Field

from fakekit.contract.pattern import match_path
from fakekit.errors import FaultError, Problem, show, suggest
from fakekit.faults.settings import Count, Method, Path, SettingField

LONGEST = 64 * 1024
"""How many characters a fault may have, written as JSON."""


@dataclass(frozen=True)
class Fault:
    """One fault, with the settings that all kinds have. Base of every kind.

    method, path: which requests it applies to; empty means any. In a path ``*`` stands for one segment.
    after: how many of these requests pass before it begins.
    every: after that, it applies to each so-manyth of them; 1 is each.
    times: how often it applies at most; None is without end.
    """

    kind: ClassVar[str]
    """The kind's name as it is written: ``fail``."""
    main: ClassVar[str] = ""
    """The setting that text gives right after the kind: ``fail=503`` is ``fail`` with that ``status``."""
    settings: ClassVar[Mapping[str, Field[Any] | Field]] = {}  # type: ignore[type-arg]
    """The kind's own settings, by name."""
    exclusive_group: ClassVar[str] = ""
    """Of all faults with the same word here, at most one applies to a request; empty for no limit."""

    method: str = ""
    path: str = ""
    after: int = 0
    every: int = 1
    times: int | None = None

    @classmethod
    def schema(cls) -> Schema:
        """Return the marshmallow schema that reads the kind's settings from JSON and refuses others."""
        return _STRICT.from_dict({**cls.settings, **COMMON}, name=f"{cls.kind.capitalize()}Fault")()

    def concerns(self, method: str, path: str) -> bool:
        """Return whether method and path are those it applies to; a HEAD counts as a GET."""
        if self.method and self.method != ("GET" if method == "HEAD" else method):
            return False
        return match_path(self.path, path)

    def as_json(self) -> dict[str, Any]:
        """Return the fault as JSON that `read_fault` reads, without settings that have their default."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        changed = {f.name: values[f.name] for f in fields(self) if values[f.name] != f.default}
        main_value = {self.main: values[self.main]} if self.main and values[self.main] is not None else {}
        return {"fault": self.kind, **main_value, **changed}

    def __str__(self) -> str:
        """Return the fault as text, ``fail=503,times=2``, without settings that text cannot carry."""
        document = self.as_json()
        parts = [document.pop("fault")]
        if self.main in document:
            parts[0] += f"={_format_setting(document.pop(self.main))}"
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
    """Return a setting's value as text; a float is of seconds: ``2s``."""
    return f"{value:g}s" if isinstance(value, float) else str(value)


class _STRICT(Schema):
    """Base of the schemas that read faults: a setting that the kind lacks is refused."""

    class Meta:
        unknown = RAISE


COMMON: Mapping[str, SettingField] = {
    "method": Method(note="the method of the requests it concerns; any when there is none"),
    "path": Path(note="their path, `*` for one segment of it; any when there is none"),
    "times": Count(1, 1_000_000, note="how often at most"),
    "after": Count(0, 1_000_000, note="how many of them pass before it begins"),
    "every": Count(1, 1_000_000, note="it concerns every so-manyth of them"),
}


def parse_fault(kinds: Mapping[str, type[Fault]], value: Any, source: str) -> Fault:
    """Return the fault that JSON, or text in either form, describes.

    kinds: by the name under which a fault says its kind.
    value: ``{"fault": "fail", "status": 503}``, the same as text, or ``fail=503,times=2``.
    source: where it was written, for error messages.

    Raises `FaultError` with every problem of its settings.
    """
    if isinstance(value, str):
        value = _from_text(kinds, value, source)
    if not isinstance(value, Mapping):
        raise FaultError(Problem(source, "must be a fault", "", "fail=503, or its JSON"))
    values = dict(value)
    kind = values.pop("fault", None)
    known = kinds.get(kind) if isinstance(kind, str) else None
    if known is None:
        what = "is not a kind of fault" if kind is not None else "says no kind of fault"
        raise FaultError(Problem(source, what, "", suggest(str(kind), kinds)))
    where = f"{source}: {kind}"
    try:
        _check_length(values, where)
        return known(**known.schema().load(values))
    except ValidationError as error:
        raise FaultError(_problems(known, error, values, where)) from None


def _check_length(values: Mapping[str, Any], where: str) -> None:
    """Raise `FaultError` for settings that are not JSON, or longer than `LONGEST` characters as JSON."""
    try:
        length = len(dumps(values))
    except (TypeError, ValueError, RecursionError):
        raise FaultError(Problem(where, "is not JSON")) from None
    if length > LONGEST:
        raise FaultError(Problem(where, f"is longer than {LONGEST:,} characters"))


def _problems(
    kind: type[Fault], error: ValidationError, values: Mapping[str, Any], where: str
) -> list[Problem]:
    """Return marshmallow's messages as problems, without the values of a stub's body and headers."""
    settings = {**kind.settings, **COMMON}
    problems = []
    for name, error_list in dict(error.messages_dict).items():
        message = error_list[0] if isinstance(error_list, list) else str(error_list)
        what, write = (message.description, message.write) if isinstance(message, Problem) else (message, "")
        if name not in settings:
            problems.append(
                Problem(f"{where}: {name}", "is not a setting of it", "", suggest(name, settings))
            )
        else:
            error_list = values.get(name) is not None and name not in ("json", "text", "headers")
            value_text = show(values[name]) if error_list else ""
            problems.append(Problem(f"{where}: {name}", what, value_text, write))
    return problems


_PAIR = re.compile(r"\s*([a-z_-]{1,40})\s*(?:=(.*))?", re.DOTALL)


def _from_text(kinds: Mapping[str, type[Fault]], text: str, source: str) -> Any:
    """Return the JSON that ``fail=503,times=2`` stands for; text that begins with a brace is JSON itself.

    Raises `FaultError`.
    """
    if text.lstrip().startswith("{"):
        try:
            return loads(text)
        except (ValueError, RecursionError):
            raise FaultError(
                Problem(source, "is not JSON", "", 'fail=503,times=2, or {"fault": "fail"}')
            ) from None
    values: dict[str, Any] = {}
    for part in text.split(","):
        pair = _PAIR.fullmatch(part)
        if pair is None:
            raise FaultError(Problem(source, "is not NAME=VALUE with commas between", "", "fail=503,times=2"))
        name, value = pair[1], pair[2]
        if not values:
            values["fault"], main = name, kinds[name].main if name in kinds else ""
            if value is None or not main:
                if value is not None and name in kinds:
                    raise FaultError(Problem(f"{source}: {name}", "takes no value of its own", "", name))
                continue
            name = main
        values[name] = _value(name, value, values, source)
    return values


def _value(name: str, value: str | None, before: Mapping[str, Any], source: str) -> str:
    """The value of a pair. Raises `FaultError`; a name that is no fault's is not repeated."""
    where = f"{source}: {name}" if name in COMMON else source
    if name in before:
        raise FaultError(Problem(where, "stands twice"))
    if value is None:
        raise FaultError(Problem(where, "has no value"))
    if name == "json":  # its commas would end it
        write = '{"fault": "respond", "json": {}}'
        raise FaultError(Problem(f"{source}: json", "is only read in a fault that is JSON", "", write))
    return value.strip()
