"""The notes of a 404: why there is no such record or path, and what to request instead."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import takewhile

from fakekit.accounts.changes import Changes
from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.contract.ids import parse_id
from fakekit.contract.pattern import find_endpoints
from fakekit.errors import nearest
from fakekit.vendor import BASE_PATH
from fakekit.world.world import World

_PLACEHOLDER = r"(?i)[{<\[$:%].*|.*[}>\]]|[A-Z]+_(ID|CODE)|ID|undefined|null|None|NaN"


def missing_record_note(account: Changes, resource: Resource, path_value: str) -> str:
    """Return the `Fakekit-Note` of a 404 for a record: why it does not exist, and what to do about it."""
    reason, cure = explain_missing(account, resource, path_value)
    return f"{reason}; {cure}" if cure else reason


def explain_missing(account: Changes, resource: Resource, path_value: str) -> tuple[str, str]:
    """Return why a record does not exist, and how it comes to exist; the second is empty if it cannot.

    path_value: the path segment that should identify the record: ``999``, ``{id}``. The texts repeat
        only an id, or the placeholder of the endpoint's own path.
    """
    fetch, field = resource.fetch_endpoint, resource.key_field
    example = (
        fetch.path.replace(f"{{{fetch.parameter}}}", resource.example)
        if fetch
        else f"{field} {resource.example}"
    )
    if path_value == f"{{{field}}}":
        return f"the {path_value} in the path was not substituted; request {example}, for example", ""
    if re.fullmatch(_PLACEHOLDER, path_value):
        message = f"the {field} in the path is a placeholder that was not substituted"
        return f"{message}; request {example}, for example", ""
    key = parse_id(path_value)
    if (
        account.is_removed_id(resource.owner_name, key)
        if resource.records_of
        else account.is_removed(resource.name, path_value)
    ):
        return "this account removed the record", ""
    if key is not None and (resource.owner_name, key) in account.world.removed and not resource.code:
        return "a fixture file removed the record", ""
    if resource.code:
        return _missing_code_note(account, resource, path_value), ""
    if key is None:
        return "an id is a whole number from 1, without sign, leading zero or anything else", ""
    return _explain_missing_id(account.world, resource.owner_name, key)


def _missing_code_note(account: Changes, resource: Resource, path_value: str) -> str:
    """Return the `Fakekit-Note` for an invoice or item code that no record has, or for an id in its place."""
    message = (
        f"no {resource.label.lower()} has this {resource.key_field}; the list of {resource.name} has them all"
    )
    key = parse_id(path_value)
    if key is not None and account.find(resource.name, key) is not None:
        return f"{resource.name} are requested by {resource.key_field}, not by id; {message}"
    return message


def _explain_missing_id(world: World, resource: str, key: int) -> tuple[str, str]:
    """Return why an id above the population does not exist (its last id), and how to make it larger."""
    largest = world.resources[resource].largest
    generated, written = world.count_generated(resource), world.file_ids(resource)
    file_note = ", and files add a few" if written and written[-1] > generated else ""
    if not world.sizes["customers"] and not generated:
        first_ids = ", ".join(map(str, written[:8])) + (", ..." if len(written) > 8 else "")
        reason = f"the population is 0 and the fixture files hold only {resource} {first_ids or '(none)'}"
        return reason, "add one, here or in a fixture file"
    if not largest:
        return f"the generated {resource} end at {generated}{file_note}", "add one, here or in a fixture file"
    # The setting is refused without somebody to sell to and something to sell.
    customers, items = world.count_generated("customers"), world.count_generated("items")
    is_accepted = resource != "sales" or min(customers, items) >= 2
    option = f"start with --{resource} {key}, or " if is_accepted else ""
    more = f"{option}add it to a fixture file" if key <= largest else ""
    subject = "the population ends" if resource == "customers" else f"the generated {resource} end"
    return f"{subject} at {generated}{file_note and file_note + ' beyond it'}", more


def unknown_path_note(method: str, path: str, endpoints: Collection[Endpoint]) -> str:
    """Return the `Fakekit-Note` for a path that is no endpoint: a slash too many, or the nearest endpoint.

    Endpoints with the same method as the request win.
    """
    if "%2f" in path.lower():
        return "the path has an encoded slash (%2F), which does not separate segments"
    normalized = re.sub("/+", "/", path).rstrip("/")
    if normalized != path and find_endpoints(endpoints, normalized):
        return "the path has a slash too many, doubled or at its end"
    short_path = re.sub(r"\A/(api/(v\d+/)?)?", "", path[:200])
    known: dict[str, str] = {}
    for endpoint in sorted(endpoints, key=lambda e: e.method != method):
        template = endpoint.path.removeprefix(f"{BASE_PATH}/")
        known.setdefault(_fill_template(template, short_path), f"{endpoint.method} {endpoint.path}")
    nearest_path = nearest(short_path, known) or nearest("/".join(short_path.split("/")[:2]), known)
    if nearest_path is None:
        return "fakekit has no such endpoint; /_fakekit/openapi.json lists those that it has"
    return f"fakekit has no such endpoint (nearest: {known[nearest_path]})"


def wrong_method_note(method: str, path: str, allowed: str, endpoints: Collection[Endpoint]) -> str:
    """Return the `Fakekit-Note` of a 405: the methods of this path, and where the vendor has the request's.

    allowed: the methods of the path, as text: ``DELETE, GET``.
    """
    wanted, segments = "PUT" if method == "PATCH" else method, path.split("/")
    note, nearest_path, best = f"fakekit answers {allowed} here", "", (BASE_PATH.count("/") + 1, 0)
    for endpoint in endpoints:
        parts = endpoint.path.split("/")
        # How many segments it begins with as well, and how near it is in length.
        pairs = zip(parts, segments, strict=False)
        order = (
            sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs)),
            -abs(len(parts) - len(segments)),
        )
        if endpoint.method == wanted and order > best:
            nearest_path, best = endpoint.path, order
    return f"{note}; request {wanted} {nearest_path}" if nearest_path else note


def _fill_template(template: str, path: str) -> str:
    """Return an endpoint's path with its parameters replaced by the segments in their places in `path`.

    For the note of a 404. So only fixed segments count when paths are compared: ``/customers/{id}`` and
    ``/custmers/7`` give ``/customers/7``.
    """
    parts, segments = template.split("/"), path.split("/")
    path_parts = [*segments, *parts[len(segments) :]]
    return "/".join(a if p.startswith("{") else p for p, a in zip(parts, path_parts, strict=False))
