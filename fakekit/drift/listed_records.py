"""The records of a list, what identifies them in paths, and those that are not found by that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.contract.schema import Record
from fakekit.drift.responses import ObservedResponse
from fakekit.drift.terms import Description, status_term
from fakekit.resources import RESOURCES


class MissingRecord(NamedTuple):
    """A record that a list had, and that did not exist when it was fetched.

    list_operation: of the list. resource: the name of the resource that was asked for it.
    key: what identifies it in the path.
    response: the one by which it does not exist; it is not compared yet.
    is_all_missing: whether this is so of all records of the list that were chosen to be fetched.
    """

    list_operation: str
    resource: str
    key: str
    response: ObservedResponse
    is_all_missing: bool


def keys_of(response: ObservedResponse | None, endpoint: Endpoint) -> dict[str, list[str]]:
    """Return what identifies the records of a list in paths, for each resource that shows these records.

    The lists of keys are empty for a response without such a list.
    """
    records = records_of(response, endpoint)
    owner = RESOURCES[endpoint.resource].owner_name
    resources = [resource for resource in RESOURCES.values() if resource.owner_name == owner]
    return {r.name: [key for record in records if (key := _key_of(record, r))] for r in resources}


def records_of(response: ObservedResponse | None, endpoint: Endpoint) -> list[Record]:
    """Return the records of a list, or the one in its place; empty for a response without them."""
    value = _listed(response, endpoint)
    return [r for r in (value if isinstance(value, list) else [value]) if isinstance(r, dict)]


def describe_missing_list(response: ObservedResponse, endpoint: Endpoint) -> str:
    """Return what came in the place of a list: ``503``, ``HTML``; empty where a list came."""
    if response.status // 100 != 2:
        return str(status_term(response.status) if response.status else response.problem)
    if isinstance(_listed(response, endpoint), list | dict):
        return ""
    return str(response.problem or Description.OTHER_JSON)


def _listed(response: ObservedResponse | None, endpoint: Endpoint) -> object:
    """Return what a response has in the place of the list; None where it has nothing there."""
    value: object = response.value if response is not None else None
    for name in ("data", endpoint.envelope.list_key):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _key_of(record: Mapping[str, object], resource: Resource) -> str:
    """Return what identifies a record in paths; empty for a record without it."""
    value = record.get(resource.key_field)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    code = resource.code.parse(value) if resource.code is not None else None
    return code or str(value).strip()
