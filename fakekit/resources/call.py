"""What an endpoint is given: the account's world, the path, and the record of what it leaned on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from fakekit.contract.assumptions import Leaning
from fakekit.contract.fields import parse_id
from fakekit.contract.schema import Record


class View(Protocol):
    """The world as one account sees it."""

    def find(self, resource: str, key: int) -> Record | None:
        """A record, or None."""


class MissingRecordError(Exception):
    """A path names a record that does not exist: the resource, and the text that named it."""

    def __init__(self, resource: str, named: str) -> None:
        self.resource, self.named = resource, named
        super().__init__(resource)


@dataclass(frozen=True)
class Call:
    """One call of an endpoint.

    view: what the account of the key sees.
    path: the parameters of the path, as text.
    lean: records the assumptions that shaped the answer.
    """

    view: View
    path: Mapping[str, str]
    lean: Leaning

    def named(self, resource: str, parameter: str = "id") -> Record:
        """The record that the path names; raises `MissingRecordError` when there is none."""
        text = self.path[parameter]
        key = parse_id(text)
        record = self.view.find(resource, key) if key is not None else None
        if record is None:
            raise MissingRecordError(resource, text)
        return record
