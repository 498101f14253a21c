"""What all faults have: a name, settings that are read by a schema, which requests they apply to."""

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
    """One fault. Base of every kind.

    method, path: which requests it concerns; empty means any. In a path ``*`` stands for one segment.
    after: how many of them pass before it begins.
    every: it then concerns every so-manyth; 1 is each.
    times: how often at most; None is without end.
    """

    kind: ClassVar[str]
    """As it is written: ``fail``."""
    main: ClassVar[str] = ""
    """The setting that stands behind the kind in text: ``fail=503`` is ``fail`` with that ``status``."""
    settings: ClassVar[Mapping[str, Field[Any] | Field]] = {}  # type: ignore[type-arg]
    """The kind's own settings, by name."""
    exclusive_group: ClassVar[str] = ""
    """Of all faults with the same word here, one at most is applied to a request."""

    method: str = ""
    path: str = ""
    after: int = 0
    every: int = 1
    times: int | None = None

    @classmethod
    def schema(cls) -> Schema:
        """What reads its settings from JSON."""
        return _STRICT.from_dict({**cls.settings, **COMMON}, name=f"{cls.kind.capitalize()}Fault")()

    def concerns(self, method: str, path: str) -> bool:
        """Whether it concerns a request; HEAD is a GET."""
        if self.method and self.method != ("GET" if method == "HEAD" else method):
            return False
        return match_path(self.path, path)

    def as_json(self) -> dict[str, Any]:
        """Its JSON, without what has its default."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        changed = {f.name: values[f.name] for f in fields(self) if values[f.name] != f.default}
        main_value = {self.main: values[self.main]} if self.main and values[self.main] is not None else {}
        return {"fault": self.kind, **main_value, **changed}

    def __str__(self) -> str:
        """Its text, without what text does not carry: ``fail=503,times=2``."""
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
    return f"{value:g}s" if isinstance(value, float) else str(value)


class _STRICT(Schema):
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
    """A fault from its JSON, or from text in either form.

    source: where it was written, for errors.

    Raises `FaultError` with every problem.
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
    try:
        length = len(dumps(values))
    except (TypeError, ValueError, RecursionError):
        raise FaultError(Problem(where, "is not JSON")) from None
    if length > LONGEST:
        raise FaultError(Problem(where, f"is longer than {LONGEST:,} characters"))


def _problems(
    kind: type[Fault], error: ValidationError, values: Mapping[str, Any], where: str
) -> list[Problem]:
    settings = {**kind.settings, **COMMON}
    problems = []
    for name, error_list in dict(error.messages_dict).items():
        message = error_list[0] if isinstance(error_list, list) else str(error_list)
        what, write = (message.what, message.write) if isinstance(message, Problem) else (message, "")
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
    """``fail=503,times=2`` as the JSON it stands for; text that begins with a brace is JSON itself."""
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
