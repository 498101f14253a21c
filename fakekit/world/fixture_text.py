"""Fixture text to plain values: YAML by its events, JSON by the standard library.

Neither is asked what a scalar means. YAML's guess would turn ``00233`` into 155 and ``NO`` into
False, so an unquoted scalar arrives as `Plain` and is read by its field. Aliases and tags are
refused: a fixture needs neither, and alias bombs and code-running tags need both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from json import JSONDecodeError, JSONDecoder, loads
from typing import Any

import yaml

DEPTH = 20
"""How deep a value may be nested; the vendor's records need three levels."""

Place = tuple[str, int | None, str | None]
"""A section, the index of a record in it, and a field of the record: ``("customers", 3, None)``."""


class Plain(str):
    """An unquoted YAML scalar: what it means is for its field to say."""

    __slots__ = ()


class Values(dict[str, Any]):
    """A mapping as it stood in a file, with the keys that stood there more than once."""

    repeated: Collection[str] = ()


@dataclass(frozen=True)
class Entry:
    """A top-level value, or (with an index) one item of a top-level list."""

    section: str
    index: int | None
    value: Any


class MalformedError(Exception):
    """Text that is not a fixture file at all; reading stops here."""

    def __init__(self, line: int, what: str, write: str = "") -> None:
        self.line, self.what, self.write = line, what, write
        super().__init__(what)


# --- YAML ---------------------------------------------------------------------------------------

_Loader = getattr(yaml, "CLoader", yaml.Loader)  # only ever used to parse, never to construct
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_ONE_MAPPING = "one mapping with the keys customers, customer_groups, population"


def read_yaml(text: str) -> Iterator[Entry]:
    """The entries of a YAML document, as they are met. Raises `MalformedError`."""
    for entry, _ in _yaml_entries(text):
        yield entry


def locate_yaml(text: str, wanted: Collection[Place]) -> dict[Place, int]:
    """The lines of places in a YAML document, found by reading it once more."""
    lines: dict[Place, int] = {}
    with suppress(MalformedError):  # told already; the places before it are still wanted
        for entry, marks in _yaml_entries(text):
            for field, line in marks.items():
                if (entry.section, entry.index, field) in wanted:
                    lines[entry.section, entry.index, field] = line
    return lines


def _yaml_entries(text: str) -> Iterator[tuple[Entry, dict[str | None, int]]]:
    try:
        yield from _yaml_document(yaml.parse(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(error) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise MalformedError(line, f"is not YAML: {error.reason}") from None


_REMEDIES = {
    "cannot start any token": "quotes around the value",
    "tab character": "spaces instead of the tab",
    "could not find expected ':'": "a colon and a space between name and value",
    "mapping values are not allowed": "quotes around a value with a colon and a space in it",
    "unexpected end of stream": "the quote that closes the value",
    "expected '-' indicator": "the line as far to the right as those around it",
    "expected <block end>": "the line as far to the right as those around it",
    "while scanning an alias": "quotes around the value",
    "while scanning an anchor": "quotes around the value",
}


def _not_yaml(error: yaml.MarkedYAMLError) -> MalformedError:
    """The parser's words, the line where the trouble starts, and the cure where one is known."""
    said = f"{error.context or ''} {error.problem or ''}"
    scanning = (error.context or "").startswith("while scanning")
    mark = error.context_mark if scanning and error.context_mark else error.problem_mark
    cure = next((cure for sign, cure in _REMEDIES.items() if sign in said), "")
    return MalformedError(mark.line + 1 if mark else 1, f"is not YAML: {said.strip()}", cure)


def _yaml_document(events: Iterator[Any]) -> Iterator[tuple[Entry, dict[str | None, int]]]:
    next(events)  # the stream's start
    if isinstance(next(events), yaml.StreamEndEvent):
        raise MalformedError(1, "is empty", _ONE_MAPPING)
    top = next(events)
    if not isinstance(top, yaml.MappingStartEvent):
        raise MalformedError(_line(top), "is not a mapping", _ONE_MAPPING)
    _plain_structure(top)
    seen: set[str] = set()
    while not isinstance(key := next(events), yaml.MappingEndEvent):
        section = _key(key)
        if section in seen:
            raise MalformedError(_line(key), f"has the key {section} twice", f"one list {section}")
        seen.add(section)
        yield from _yaml_section(section, events)
    next(events)  # the document's end
    if not isinstance(more := next(events), yaml.StreamEndEvent):
        raise MalformedError(_line(more), "holds a second document", "one document a file")


def _yaml_section(section: str, events: Iterator[Any]) -> Iterator[tuple[Entry, dict[str | None, int]]]:
    head = next(events)
    if not isinstance(head, yaml.SequenceStartEvent):
        yield Entry(section, None, _build(head, events)), {None: _line(head)}
        return
    _plain_structure(head)
    yield Entry(section, None, []), {None: _line(head)}
    index = 0
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        marks: dict[str | None, int] = {None: _line(event)}
        yield Entry(section, index, _build(event, events, marks)), marks
        index += 1


def _build(
    event: Any, events: Iterator[Any], marks: dict[str | None, int] | None = None, depth: int = 0
) -> Any:
    """The value that starts with an event; the lines of a record's own fields go into `marks`."""
    _plain_structure(event)
    if isinstance(event, yaml.ScalarEvent):
        return _scalar(event)
    if depth == DEPTH:
        raise MalformedError(_line(event), "is nested too deeply", "a flat record")
    if isinstance(event, yaml.SequenceStartEvent):
        items = []
        while not isinstance(item := next(events), yaml.SequenceEndEvent):
            items.append(_build(item, events, depth=depth + 1))
        return items
    values = Values()
    twice: dict[str, None] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        key = _key(event)
        if key in values:
            twice[key] = None
        if marks is not None:
            marks[key] = event.start_mark.line + 1
        values[key] = _build(next(events), events, depth=depth + 1)
    values.repeated = tuple(twice)
    return values


def _scalar(event: Any) -> str | None:
    quoted = not event.implicit[0]
    if quoted:
        return str(event.value)
    return None if event.value in _NULLS else Plain(event.value)


def _key(event: Any) -> str:
    _plain_structure(event)
    if isinstance(event, yaml.ScalarEvent):
        return str(event.value)
    raise MalformedError(_line(event), "has a key that is not a name", "the name of a field")


def _plain_structure(event: Any) -> None:
    """Refuses what a fixture never needs."""
    if isinstance(event, yaml.AliasEvent):
        raise MalformedError(_line(event), "uses an alias (*name)", "the value itself")
    if event.tag is not None:
        raise MalformedError(_line(event), "uses a tag (!...)", "the value without a tag")


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


# --- JSON ---------------------------------------------------------------------------------------

_SPACE = " \t\n\r"
_DECODE = JSONDecoder().raw_decode


def read_json(text: str) -> Iterator[Entry]:
    """The entries of a JSON document. Raises `MalformedError`."""
    document = _json_document(text)
    if not isinstance(document, Values):
        raise MalformedError(1, "is not an object", _ONE_MAPPING)
    if document.repeated:
        name = next(iter(document.repeated))
        raise MalformedError(1, f"has the key {name} twice", f"one list {name}")
    for section, value in document.items():
        yield Entry(section, None, [] if isinstance(value, list) else value)
        if isinstance(value, list):
            yield from (Entry(section, index, item) for index, item in enumerate(value))


def _json_document(text: str) -> Any:
    if not text.strip():
        raise MalformedError(1, "is empty", _ONE_MAPPING)
    try:
        return loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except JSONDecodeError as error:
        raise MalformedError(error.lineno, f"is not JSON: {error.msg}") from None
    except RecursionError:
        raise MalformedError(1, "is nested too deeply", "a flat record") from None
    except ValueError:  # a number of more digits than Python reads
        raise MalformedError(1, "holds a number of thousands of digits") from None


def _object(pairs: list[tuple[str, Any]]) -> Values:
    values = Values(pairs)
    if len(values) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        values.repeated = [name for name, count in counts.items() if count > 1]
    return values


def _no_constant(name: str) -> Any:
    raise JSONDecodeError(f"{name} is not a JSON value", "", 0)


def locate_json(text: str, wanted: Collection[Place]) -> dict[Place, int]:
    """The lines of places in a JSON document that was read before."""
    records = {(section, index) for section, index, _ in wanted}
    lines: dict[Place, int] = {}
    line, counted = 1, 0
    for place, at in _json_places(text, records):
        if place in wanted:
            line, counted = line + text.count("\n", counted, at), at
            lines[place] = line
    return lines


def _json_places(text: str, records: Collection[tuple[str, int | None]]) -> Iterator[tuple[Place, int]]:
    """Places with their offsets, ascending; fields only of those records."""
    for section, start in _members(text, _skip(text, 0)):
        yield (section, None, None), start
        if text[start] != "[":
            continue
        for index, item in enumerate(_items(text, start)):
            yield (section, index, None), item
            if text[item] == "{" and (section, index) in records:
                yield from (((section, index, name), at) for name, at in _members(text, item))


def _members(text: str, at: int) -> Iterator[tuple[str, int]]:
    """The keys of the object at an offset, with the offsets of their values."""
    at = _skip(text, at + 1)
    while text[at] != "}":
        name, at = _DECODE(text, at)
        at = _skip(text, _skip(text, at) + 1)
        yield name, at
        at = _behind(text, at)


def _items(text: str, at: int) -> Iterator[int]:
    """The offsets of the items of the array at an offset."""
    at = _skip(text, at + 1)
    while text[at] != "]":
        yield at
        at = _behind(text, at)


def _behind(text: str, at: int) -> int:
    """The offset behind the value at an offset, and behind the comma that may follow it."""
    at = _skip(text, _DECODE(text, at)[1])
    return _skip(text, at + 1) if text[at] == "," else at


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def lines_of(places: Iterable[Place], text: str, is_json: bool) -> dict[Place, int]:
    """The lines of places, whichever format the text has."""
    locate = locate_json if is_json else locate_yaml
    return locate(text, set(places))
