"""What an endpoint is given: the account's world, what the request said, and the assumptions it relied on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from fakekit.contract.assumptions import AssumptionRecorder
from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.contract.numbers import parse_id
from fakekit.contract.schema import Record


class View(Protocol):
    """The world as one account sees it, and what may be done to it there."""

    def find(self, resource: str, key: int) -> Record | None:
        """A record by its id, or None."""

    def key_of(self, resource: str, path_value: object) -> int | None:
        """The id of the record that a path names so, or None."""

    def records(self, resource: str) -> Iterator[Record]:
        """Every record of a resource, ascending by id."""

    def add(self, resource: str, values: Mapping[str, Any]) -> Record:
        """A new record with the next id. Raises `fakekit.contract.schema.RecordError`."""

    def edit(self, resource: str, key: int, values: Mapping[str, Any]) -> Record | None:
        """A record with some fields changed. Raises `fakekit.contract.schema.RecordError`."""

    def remove(self, resource: str, key: int) -> bool:
        """Let a record be gone."""

    def free_code(self, resource: str) -> Any:
        """A code that no record has, for a resource whose records have one."""


class MissingRecordError(Exception):
    """A path names a record that does not exist: the resource, and the text that named it."""

    def __init__(self, resource: str, path_value: str) -> None:
        self.resource, self.path_value = resource, path_value
        super().__init__(resource)


class ConflictError(Exception):
    """A write gives a record the code of another one; `field` holds it."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(field)


@dataclass(frozen=True)
class Call:
    """One call of an endpoint.

    view: what the account of the key sees.
    resource, endpoint: what is called.
    path: the parameters of the path, as text.
    query, body: what the endpoint's tables read, as records spell it.
    now: the time of the call, as records spell it.
    recorder: records the assumptions that shaped the answer.
    """

    view: View
    resource: Resource
    endpoint: Endpoint
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Mapping[str, Any]
    now: str
    recorder: AssumptionRecorder

    def assume(self, name: str) -> Any:
        """Return the value of an assumption, and record that it shaped the response."""
        return self.recorder.assume(name)

    def fetch_record(self) -> Record:
        """The record that the path names; raises `MissingRecordError` when there is none."""
        text = self.path[self.endpoint.parameter]
        key = parse_id(text) if self.resource.records_of else self.view.key_of(self.resource.name, text)
        record = self.view.find(self.resource.owner_name, key) if key is not None else None
        if record is None:
            raise MissingRecordError(self.resource.name, text)
        code = self.resource.code
        if code and code.match_assumption and text != record[code.field]:
            self.assume(code.match_assumption)
        return record

    def add(self, **values: Any) -> Record:
        """A new record of what the body says and of these further values."""
        times = {"created_at": self.now, "updated_at": self.now}
        return self.view.add(self.resource.owner_name, {**times, **self.body, **values})

    def edit(self, **values: Any) -> Record:
        """The record that the path names, changed as the body and these further values say."""
        before = self.fetch_record()
        changed = {**self.body, **values, "updated_at": self.now}
        after = self.view.edit(self.resource.owner_name, before["id"], changed)
        if after is None:  # gone since: a writer holds the account, so nobody else was there
            raise MissingRecordError(self.resource.name, self.path[self.endpoint.parameter])
        return after
