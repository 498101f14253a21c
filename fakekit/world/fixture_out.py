"""Fixture files, written: what a world or an account holds, so that it loads back to the same answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from json import dumps

import yaml

from fakekit.contract.schema import Record


@dataclass(frozen=True)
class Contents:
    """What goes into a file.

    about: a comment in its first line; JSON has none.
    records: by resource; those without any are written too where `whole`.
    population: how many customers the seed gives beside them; None leaves that to who loads it.
    removed: the ids that are gone, by resource.
    """

    about: str
    records: Mapping[str, Iterable[Record]]
    population: int | None = None
    removed: Mapping[str, Sequence[int]] = field(default_factory=dict)
    whole: bool = False


_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def record_as_yaml(record: Record) -> str:
    """A record as an item of a list in YAML."""
    dumped: str = yaml.dump([dict(record)], Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=10**6)
    return dumped


def as_yaml(contents: Contents, worded: Callable[[Record], str] = record_as_yaml) -> Iterator[str]:
    """The file in YAML, piece by piece.

    worded: what words a record, for who knows some already.
    """
    yield f"# {contents.about}\n"
    if contents.population is not None:
        yield f"population: {contents.population}\n"
    empty = contents.population is None
    for name, records in contents.records.items():
        iterator = iter(records)
        first = next(iterator, None)
        if first is None and not contents.whole:
            continue
        empty = False
        yield f"{name}:\n" if first else f"{name}: []\n"
        for record in [first, *iterator] if first else []:
            yield worded(record)
    removed = {name: list(keys) for name, keys in contents.removed.items() if keys}
    if removed:
        yield yaml.dump({"removed": removed}, Dumper=_DUMPER, default_flow_style=None, width=10**6)
    elif empty:
        yield "removed: {}\n"


def as_json(contents: Contents) -> Iterator[str]:
    """The file in JSON, piece by piece."""
    separator = "{\n"
    if contents.population is not None:
        yield f'{separator}"population": {contents.population}'
        separator = ",\n"
    for name, records in contents.records.items():
        iterator = iter(records)
        first = next(iterator, None)
        if first is None and not contents.whole:
            continue
        yield f'{separator}"{name}": ['
        separator, between = ",\n", "\n"
        for record in [first, *iterator] if first else []:
            yield between + dumps(dict(record), ensure_ascii=False)
            between = ",\n"
        yield "\n]"
    removed = {name: list(keys) for name, keys in contents.removed.items() if keys}
    if removed or separator == "{\n":
        yield f'{separator}"removed": {dumps(removed)}'
    yield "\n}\n"
