"""The types of settings: how a value is parsed, from any source, and how errors describe it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from json import dumps
from pathlib import Path

from fakekit.contract.assumptions import read_changes
from fakekit.contract.positions import TABLE as POSITIONS
from fakekit.contract.strict_json import JsonError, read_json
from fakekit.contract.value_type import ValueType, matching_text
from fakekit.errors import FaultError, Problem, SettingsError
from fakekit.import_lock import IMPORT_LOCK
from fakekit.settings.state_location import EXPECTED, check_state, parse_state
from fakekit.unpatched import stat_of


def _parse_text(value: object) -> str:
    """Return the text of a setting without white space around it.

    Raises ValueError for blank text and other types.
    """
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    return value.strip()


def _parse_token(value: object) -> str:
    """Return the text of a setting that clients send in a header.

    Raises ValueError for text that no header can have, such as bytes of the environment that are not UTF-8.
    """
    text = _parse_text(value)
    if not text.isprintable():
        raise ValueError
    return text


_ASSUMPTIONS = frozenset(assumption.name for assumption in POSITIONS)

_WORDS = {"1": True, "true": True, "yes": True, "on": True}
_WORDS |= {"0": False, "false": False, "no": False, "off": False}


def _parse_flag(value: object) -> bool:
    """Return the boolean of a setting; text may be 1, true, yes, on or their opposites.

    Raises ValueError for anything else.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in _WORDS:
        return _WORDS[value.strip().lower()]
    raise ValueError


def _parse_path(value: object) -> Path:
    """Return the path of a setting, from a path or text. Raises ValueError for blank text and other types."""
    return Path(value) if isinstance(value, Path) else Path(_parse_text(value))


def _parse_paths(value: object) -> tuple[Path, ...]:
    """Return a setting's paths, from one path, a list of paths, or text with the path separator (``:``).

    Raises ValueError for other types and for blank paths in a list.
    """
    if isinstance(value, str):
        value = [part for part in value.split(os.pathsep) if part.strip()]
    if isinstance(value, Path):
        value = [value]
    if not isinstance(value, list | tuple):
        raise ValueError
    return tuple(_parse_path(part) for part in value)


def _check_paths(paths: tuple[Path, ...], source: str) -> tuple[Path, ...]:
    """Return the paths of a setting unchanged.

    source: where they were set, for the error: ``FAKEKIT_FIXTURES``.

    Raises `SettingsError` for a path that does not exist and consists of existing ones with commas between.
    """
    for path in paths:
        parts = [part.strip() for part in str(path).split(",")]
        if len(parts) > 1 and stat_of(path) is None and all(stat_of(Path(part)) for part in parts):
            write = os.pathsep.join(parts)
            if source.startswith("--"):
                write = " ".join(f"{source} {part}" for part in parts)
            raise SettingsError(Problem(source, "has commas between paths", str(path), write))
    return paths


def _parse_pairs(value: object) -> tuple[tuple[str, object], ...]:
    """Return a setting's ``(name, value)`` pairs: ``missing.status=400,create.status=201`` gives two.

    Takes such text, a list of texts and pairs, or a mapping, which may be nested as in TOML. Values in text
    stay text. Raises ValueError for anything else.
    """
    if isinstance(value, Mapping):
        return tuple(_nested_items(value))
    parts = [value] if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        raise ValueError
    return tuple(
        pair for part in parts for pair in ([part] if isinstance(part, tuple) else _split_pairs(part))
    )


# Only a comma with a dotted name or an object behind it separates: a value may contain commas.
_PAIR_SEPARATOR = re.compile(r",(?=\s*[a-z_]+(?:(?:\.[a-z_]+)+\s*=|=\{\"))")


def _split_pairs(part: object) -> Iterator[tuple[str, object]]:
    """Yield name and value of each ``name=value`` in a text; between them are commas.

    A value is text, or the object whose JSON it is: the result of a comparison with the real service.

    Raises ValueError for a part without ``=`` or without a name, and for what is not text.
    """
    for pair in _PAIR_SEPARATOR.split(part) if isinstance(part, str) else [""]:
        name, separator, value = pair.partition("=")
        if pair.strip() and (not separator or not name.strip()):
            raise ValueError
        if pair.strip():
            yield name.strip(), _read_object(value.strip())
    if not isinstance(part, str):
        raise ValueError


def _read_object(text: str) -> object:
    """Return the object whose JSON a text is; any other text unchanged, such as ``{noun} not found``."""
    try:
        value = read_json(text) if text.startswith("{") else text
    except JsonError:
        return text
    return value


def _nested_items(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yield the values of nested tables under dotted names.

    ``{"missing": {"status": 400}}`` gives ``("missing.status", 400)``. TOML reads ``missing.status = 400``
    without quotes as such a table. That of an assumption, ``{ value = 404, confirmed = 2026-11-26 }``, is
    yielded whole.

    prefix: the names of the tables around this one, ``missing.``; empty for the outermost.
    """
    for name, value in table.items():
        if isinstance(value, Mapping) and f"{prefix}{name}" not in _ASSUMPTIONS:
            yield from _nested_items(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _parse_faults(value: object) -> tuple[str, ...]:
    """Return the faults of a setting, each as text or as JSON text, without checking what they say.

    Takes text (several with ``~`` between them), JSON, a mapping, or a list of texts and mappings. Raises
    ValueError for anything else.
    """
    if isinstance(value, str):
        text = _parse_text(value)
        value = read_json(text) if text[0] == "[" else [text] if text[0] == "{" else text.split("~")
    parts = [value] if isinstance(value, Mapping) else value
    if not isinstance(parts, list | tuple):
        raise ValueError
    try:
        return tuple(dumps(part) if isinstance(part, Mapping) else _parse_text(part) for part in parts)
    except TypeError:  # a date, which TOML has and JSON has not
        raise ValueError from None


def _check_assumptions(pairs: tuple[tuple[str, object], ...], source: str) -> tuple[tuple[str, object], ...]:
    """Return the ``(name, value)`` pairs of a setting, each value as its assumption's type.

    source: where they were set, for the error: ``--assumptions``.

    Raises `SettingsError` for an unknown name or a value that the assumption cannot have.
    """
    return tuple(read_changes(POSITIONS, dict(pairs), source).items())


def _check_faults(faults: tuple[str, ...], source: str) -> tuple[str, ...]:
    """Return the faults of a setting unchanged. Raises `SettingsError` if one of them cannot be parsed.

    faults: each as text, ``fail=503,times=2``.
    source: where they were set, for the error: ``--fault``.
    """
    with IMPORT_LOCK:
        from fakekit.faults.registry import read_fault  # its import of marshmallow takes 50 ms

    try:
        for fault in faults:
            read_fault(fault, source)
    except FaultError as error:
        raise SettingsError(error.problems) from None
    return faults


TOKEN = ValueType(_parse_token, "printable text in UTF-8", name="TEXT")
SHORT_TEXT = matching_text("[ -~]{0,20}", "up to 20 printable ASCII characters")
WORLD = matching_text("[0-9a-f]{12}", "a world version, twelve hexadecimal digits")
HOST = ValueType(_parse_text, "some text", name="TEXT", can_be_url=False)
FLAG = ValueType(_parse_flag, "true or false", name="FLAG", can_be_url=False)
PATH = ValueType(_parse_path, "a path", name="PATH")
PATHS = ValueType(
    _parse_paths,
    f"one or more paths (in a variable with {os.pathsep!r} between them)",
    name="PATH",
    convert=_check_paths,
)
STATE = ValueType(parse_state, EXPECTED, name="memory|FILE|URL", convert=check_state)
ASSUMPTIONS = ValueType(
    _parse_pairs,
    "NAME=VALUE (several with commas between them)",
    name="NAME=VALUE",
    convert=_check_assumptions,
)
FAULTS = ValueType(
    _parse_faults,
    "a fault, such as fail=503,times=2 (several with ~ between them)",
    name="FAULT",
    convert=_check_faults,
)
