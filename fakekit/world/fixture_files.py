"""Fixture files: from paths to the records that stand in them, or to everything that is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fakekit.contract.endpoint import Resource
from fakekit.contract.numbers import Reference
from fakekit.contract.schema import FieldProblem, Record, RecordError
from fakekit.errors import FixtureError, Problem, show, suggest
from fakekit.world.fixture_paths import files_of, text_of
from fakekit.world.fixture_text import (
    Entry,
    MalformedError,
    Place,
    Values,
    lines_of,
    read_json,
    read_yaml,
)
from fakekit.world.fixture_values import population, removals, repeated, typed
from fakekit.world.world import Address, World


@dataclass(frozen=True)
class Fixtures:
    """What the files say.

    records: by resource and key; the later file wins.
    population: what the last file that says so sets it to, or None.
    warnings: rules of form that a record breaks (see `fakekit.contract.fields.Form`).
    files: how many were read.
    removed: the records that they say are gone.
    """

    records: Mapping[Address, Record]
    population: int | None
    warnings: list[Problem]
    files: int
    removed: frozenset[Address] = frozenset()


@dataclass
class _File:
    path: Path
    text: str
    found: list[tuple[Place, FieldProblem]] = field(default_factory=list)
    """Problems without their lines: positions are looked up for records that failed, and only then."""
    informal: list[tuple[Place, FieldProblem]] = field(default_factory=list)
    seen: dict[Address, int] = field(default_factory=dict)

    @property
    def is_json(self) -> bool:
        return self.path.suffix.lower() == ".json"

    def worded(self, found: list[tuple[Place, FieldProblem]]) -> list[Problem]:
        """Problems with their lines. A field that is not there has the line of its record."""
        wanted = [p for place, _ in found for p in (place, (*place[:2], _top(place)), (*place[:2], None))]
        lines = lines_of(wanted, self.text, self.is_json) if found else {}
        placed = []
        for place, problem in found:
            line = (
                lines.get(place) or lines.get((*place[:2], _top(place))) or lines.get((*place[:2], None)) or 1
            )
            where = f"{self.path}:{line}: {_spelled(place)}"
            placed.append((line, Problem(where, problem.what, problem.found, problem.write)))
        return [problem for _, problem in sorted(placed, key=lambda p: p[0])]


def load(
    paths: Iterable[Path],
    resources: Mapping[str, Resource],
    size: int | None,
    strict: bool,
    texts: Iterable[tuple[str, str]] = (),
    upon: World | None = None,
) -> Fixtures:
    """Read files, and folders of files in the order of their names.

    size: the population that was asked for, if any; else the files' own, else the default decides
        whether a group that is not in the files may be a generated one.
    strict: whether rules of form refuse a record instead of warning.
    texts: further files that are nowhere on disk: their names and what they hold.
    upon: a world whose records may be named as well.

    Raises `FixtureError` with every problem of every file.
    """
    loading = _Loading(resources, upon)
    for path in paths:
        loading.read(path)
    for name, text in texts:
        loading.read_text(Path(name), text)
    if not loading.fatal:  # else a record that was not reached would be called missing
        loading.check_references(size)
        loading.check_codes()
    warnings = [p for file in loading.files for p in file.worded(file.informal)]
    problems = loading.fatal + [p for f in loading.files for p in f.worded(f.found)]
    if strict:
        problems, warnings = problems + warnings, []
    if problems:
        raise FixtureError(problems)
    return Fixtures(
        loading.records, loading.population, warnings, len(loading.files), frozenset(loading.removed)
    )


class _Loading:
    """The files read so far."""

    def __init__(self, resources: Mapping[str, Resource], upon: World | None) -> None:
        self.resources, self.upon = resources, upon
        self.records: dict[Address, Record] = {}
        self.origin: dict[Address, tuple[_File, int]] = {}
        self.removed: set[Address] = set()
        self.population: int | None = None
        self.files: list[_File] = []
        self.fatal: list[Problem] = []
        self.bad: list[tuple[_File, int, Resource, Mapping[str, Any]]] = []

    def read(self, path: Path) -> None:
        """Read a file, or those of a folder; one that cannot be read does not hide the others."""
        files: list[Path] = []
        with self._telling():
            files = files_of(path)
        for each in files:
            with self._telling():
                self.read_text(each, text_of(each))

    def read_text(self, path: Path, text: str) -> None:
        """Read the text of one file."""
        self.files.append(file := _File(path, text))
        self._read_file(file)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except FixtureError as error:
            self.fatal += error.problems
        except OSError as error:
            self.fatal.append(Problem(str(error.filename), f"cannot be read: {error.strerror}"))

    def _read_file(self, file: _File) -> None:
        reader = read_json if file.is_json else read_yaml
        try:
            for entry in reader(file.text):
                self._take(file, entry)
        except MalformedError as error:
            file.found.clear()  # what was read of it may be half a record
            file.informal.clear()
            self.fatal.append(Problem(f"{file.path}:{error.line}", error.what, "", error.write))

    def _take(self, file: _File, entry: Entry) -> None:
        if entry.section in self.resources:
            self._take_record(file, entry, self.resources[entry.section])
        elif entry.index is None:
            place = (entry.section, None, None)
            if problem := self._take_other(entry):
                file.found.append((place, problem))

    def _take_other(self, entry: Entry) -> FieldProblem | None:
        if entry.section == "removed":
            gone = removals(entry.value, self.resources)
            if isinstance(gone, FieldProblem):
                return gone
            self.removed |= gone
            for address in gone:
                self.records.pop(address, None)
            return None
        if entry.section != "population":
            write = suggest(entry.section, ["population", "removed", *self.resources])
            return FieldProblem("", "is not something a fixture file holds", "", write)
        size = population(entry.value)
        if isinstance(size, FieldProblem):
            return size
        self.population = size
        return None

    def _take_record(self, file: _File, entry: Entry, resource: Resource) -> None:
        place: Place = (entry.section, entry.index, None)
        if entry.index is None:
            if entry.value != []:
                what = "must be a list of records"
                file.found.append(
                    (place, FieldProblem("", what, show(entry.value), "a dash in front of each record"))
                )
            return
        if not isinstance(entry.value, Values):
            what = "must be a record, a mapping of fields"
            file.found.append((place, FieldProblem("", what, show(entry.value))))
            return
        for name in repeated(entry.value):
            problem = FieldProblem(name, "stands twice in this record", "", "it once")
            file.found.append(((*place[:2], name), problem))
        values = typed(entry.value, resource)
        if self._seen_before(file, entry.index, resource, values):
            return
        try:
            record = resource.shape.read(values)
        except RecordError as error:
            file.found += [((*place[:2], p.field), p) for p in error.problems]
            self.bad.append((file, entry.index, resource, values))
        else:
            address = (resource.name, record["id"])
            self.records[address], self.origin[address] = record, (file, entry.index)
            self.removed.discard(address)
            informal = resource.shape.informal(record)
            file.informal += [((*place[:2], p.field), p) for p in informal]

    def _seen_before(self, file: _File, index: int, resource: Resource, values: Mapping[str, Any]) -> bool:
        """Whether this file has the record's id already, which is then told."""
        name, key = resource.name, values.get("id")
        if type(key) is not int:
            return False
        first = file.seen.setdefault((name, key), index)
        if first != index:
            what = f"is the id of {name}[{first}] too"
            problem = FieldProblem("id", what, show(key), "an id of its own")
            file.found.append(((name, index, "id"), problem))
        return first != index

    def check_references(self, size: int | None) -> None:
        """Every id of another resource must name a record of the finished world, good or bad."""
        if size is None:
            size = 1 if self.population is None else self.population
        generated = {name: resource.count(size) for name, resource in self.resources.items()}
        there = {*self.records, *self._bad_keys()}
        good = [(*self.origin[a], self.resources[a[0]], record) for a, record in self.records.items()]
        offers: dict[str, str] = {}
        for file, index, resource, values in [*good, *self.bad]:
            for name, pointer in resource.shape.references().items():
                target, value = pointer.to, values.get(name)
                if not (isinstance(pointer, Reference) and pointer.files):
                    continue
                if type(value) is not int or (target, value) in there:
                    continue
                if value <= generated[target] and (target, value) not in self.removed:
                    continue
                if self.upon is not None and self.upon.find(target, value) is not None:
                    continue
                if target not in offers:
                    offers[target] = self._offer(target, generated[target])
                what = f"names a record of {target} that does not exist"
                problem = FieldProblem(name, what, show(value), offers[target])
                file.found.append(((resource.name, index, name), problem))

    def check_codes(self) -> None:
        """What names records in paths must be able to, and no two may have the same."""
        seen: dict[tuple[str, str], tuple[_File, int]] = {}
        for (name, key), record in self.records.items():
            coded = self.resources[name].code
            if coded is None:
                continue
            file, index = self.origin[name, key]
            code, value = coded.read(record[coded.field]), show(record[coded.field])
            what = "cannot stand in a path" if code is None else ""
            first = seen.setdefault((name, code), (file, index)) if code is not None else (file, index)
            if first != (file, index):
                there = "" if first[0] is file else f" in {first[0].path}"
                what = f"is the {coded.field} of {name}[{first[1]}]{there} too"
            if what:
                problem = FieldProblem(coded.field, what, value, f"a {coded.field} of its own")
                file.found.append(((name, index, coded.field), problem))

    def _bad_keys(self) -> Iterator[Address]:
        """The ids of records that have other faults."""
        for _, _, resource, values in self.bad:
            if type(key := values.get("id")) is int:
                yield resource.name, key

    def _offer(self, resource: str, generated: int) -> str:
        written = sorted(key for name, key in self.records if name == resource and key > generated)
        known = [*range(1, generated + 1), *written][:10]
        return f"one of {', '.join(map(str, known))}" if known else f"the record in {resource} first"


def _top(place: Place) -> str | None:
    """The record's own field, of a place inside of it."""
    return place[2].partition("[")[0] if place[2] else None


def _spelled(place: Place) -> str:
    section, index, name = place
    return section + ("" if index is None else f"[{index}]") + (f".{name}" if name else "")
