"""What a 404 can say beside the vendor's words: why there is nothing, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Collection

from fakekit.contract import LARGEST_POPULATION
from fakekit.contract.endpoint import Endpoint
from fakekit.contract.fields import parse_id
from fakekit.errors import nearest
from fakekit.world.world import World

_PLACEHOLDER = re.compile(r"[{<\[$:%].*|.*[}>\]]|[A-Z]+_ID|ID|undefined|null|None|NaN", re.I)


def missing_record(world: World, resource: str, named: str) -> str:
    """Why a path names no record. Repeats nothing that the path held but an id."""
    fetches = [e.path for e in world.resources[resource].endpoints if "{id}" in e.path]
    example = fetches[0].replace("{id}", "1") if fetches else "id 1"
    if named == "{id}":
        return f"the {{id}} in the path was not substituted; ask for {example}, for one"
    if _PLACEHOLDER.fullmatch(named):
        return f"the id in the path is a placeholder that was not substituted; ask for {example}, for one"
    key = parse_id(named)
    if key is None:
        return "an id is a whole number from 1, without sign, leading zero or anything else"
    if world.find(resource, key) is not None:
        return "this account removed the record"
    generated, written = world.generated(resource), world.written(resource)
    if generated:
        beyond = "" if not written or written[-1] <= generated else ", and files add a few beyond it"
        more = (
            f"; start with --customers {key}, or add it to a fixture file"
            if key <= LARGEST_POPULATION
            else ""
        )
        return f"the population ends at {generated}{beyond}{more}"
    shown = ", ".join(map(str, written[:8])) + (", ..." if len(written) > 8 else "")
    return f"the population is 0 and the fixture files hold only {resource} {shown or '(none)'}"


def unknown_path(path: str, endpoints: Collection[Endpoint]) -> str:
    """That fakekit has no such endpoint, and the one that comes closest."""
    if "%2f" in path.lower():
        return "there is an encoded slash (%2F) in the path, which separates nothing"
    tidy = re.sub("/+", "/", path).rstrip("/")
    if tidy != path and any(_fits(endpoint.path, tidy) for endpoint in endpoints):
        return "there is a slash too many in the path, doubled or at its end"
    known = {endpoint.path: f"{endpoint.method} {endpoint.path}" for endpoint in endpoints}
    close = nearest(path[:200], known)
    if close is None and path.count("/") > 4:
        close = nearest("/".join(path[:200].split("/")[:5]), known)
    return f"fakekit has no such endpoint (nearest: {known[close or next(iter(known))]})"


def _fits(template: str, path: str) -> bool:
    parts, asked = template.split("/"), path.split("/")
    pairs = zip(parts, asked, strict=False)
    return len(parts) == len(asked) and all(p == a or p.startswith("{") for p, a in pairs)
