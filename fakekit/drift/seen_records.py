"""The records of the service that a program has seen, as far as `fakekit shadow` compares them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import unquote

from fakekit.contract.endpoint import Resource
from fakekit.contract.ids import parse_id
from fakekit.contract.record_field import RecordField
from fakekit.contract.schema import Record
from fakekit.drift.shadow_exchange import ShadowExchange
from fakekit.resources import RECORDS, RESOURCES

RecordId = tuple[str, int]
"""The name of the resource that holds a record, and the record's id."""
_OF_ITEMS = ("item_name", "quantity")


@dataclass(eq=False, repr=False)
class SeenRecord:
    """A record as the program saw it last, and what it has written since that may have changed it.

    resource: that holds it.
    values: of its id, its code, its references, and of an item the name and the quantity.
    asked: when the request was sent whose response showed it.
    until: when that response ended or, later, the last write that may have changed it.
    fetched_by: the operations that have shown it by its own path.
    deleted_reference: the field that refers to a record that was deleted since; empty for none.
    is_deleted: whether a DELETE of it was accepted since.
    lines_name: of a sale, the name under which lines were sent that no response has shown yet; else empty.
    sold: of an item, how much of it sales have sold since. is_alone: whether no other item had its name then.
    """

    resource: Resource
    values: Record
    asked: float
    until: float
    fetched_by: frozenset[str] = frozenset()
    deleted_reference: str = ""
    is_deleted: bool = False
    lines_name: str = ""
    sold: Decimal = field(default_factory=Decimal)
    is_alone: bool = False

    @property
    def id(self) -> RecordId:
        """What identifies it."""
        return self.resource.name, self.values["id"]

    @property
    def code(self) -> str | None:
        """Its code, as paths have it; None for a record without one."""
        code = self.resource.code
        return code.parse(self.values.get(code.field)) if code is not None else None

    @property
    def references(self) -> Mapping[str, RecordField]:
        """The fields that refer to other records, by name."""
        return self.resource.record_schema.references


class SeenRecords:
    """The records that a program has seen since its last write that may have changed any of them."""

    def __init__(self) -> None:
        self._records: dict[RecordId, SeenRecord] = {}
        self._codes: dict[tuple[str, str], RecordId] = {}

    def __len__(self) -> int:
        """How many there are."""
        return len(self._records)

    def add(self, seen: SeenRecord) -> None:
        """Add a record, in the place of what was seen of it before."""
        self._records[seen.id] = seen
        if seen.code is not None:
            self._codes[seen.resource.name, seen.code] = seen.id

    def remove(self, seen: SeenRecord) -> None:
        """Remove a record, of which nothing is known any more."""
        self._records.pop(seen.id, None)

    def get(self, key: RecordId | None) -> SeenRecord | None:
        """Return what was seen of a record; None for one that was not seen."""
        return self._records.get(key) if key is not None else None

    def find_code(self, resource: Resource, code: object) -> SeenRecord | None:
        """Return the record with a code; None where none was seen with it, and for what is no code."""
        known = resource.code.parse(code) if resource.code is not None else None
        seen = self._records.get(self._codes.get((resource.name, known or ""), ("", 0)))
        return seen if seen is not None and seen.code == known else None

    def find_id(self, exchange: ShadowExchange) -> RecordId | None:
        """Return what identifies the record that the path of a request names.

        None for a path without one, and for a code with which no record was seen.
        """
        endpoint = exchange.endpoint
        if endpoint is None or not endpoint.parameter:
            return None
        resource = RESOURCES[endpoint.resource]
        path_value = unquote(exchange.passed.target.partition("?")[0].rpartition("/")[2])
        if resource.code is not None:
            seen = self.find_code(resource, path_value)
            return seen.id if seen is not None else None
        key = parse_id(path_value)
        return (resource.owner_name, key) if key is not None else None

    def of(self, resource: str) -> list[SeenRecord]:
        """Return the records of a resource."""
        return [seen for (name, _), seen in self._records.items() if name == resource]

    def referring_to(self, key: RecordId) -> Iterator[tuple[SeenRecord, str]]:
        """Yield each record with a field that refers to a record, and the name of the field."""
        for seen in self._records.values():
            for name, reference in seen.references.items():
                if (reference.target, read_reference(seen.values.get(name))) == key:
                    yield seen, name


def see_records(exchange: ShadowExchange) -> list[SeenRecord]:
    """Return what a response shows of records; empty for one without any."""
    endpoint = exchange.endpoint
    resource = RECORDS.get(RESOURCES[endpoint.resource].owner_name) if endpoint is not None else None
    if endpoint is None or resource is None:
        return []
    names = ("id", resource.key_field, *resource.record_schema.references, *_OF_ITEMS)
    fetched_by = frozenset({endpoint.operation} if endpoint.parameter else ())
    times = exchange.passed.began, exchange.passed.ended
    return [
        SeenRecord(resource, {n: record[n] for n in names if n in record}, *times, fetched_by)
        for record in exchange.records
    ]


def read_reference(value: object) -> int | None:
    """Return the id in a field that refers to a record, which is a number or text; None for anything else."""
    text = str(value) if type(value) in (int, str) else ""
    return parse_id(text)
