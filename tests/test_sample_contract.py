"""The contract takes the vendor's samples, and refuses them with anything changed."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import pytest

from fakekit.contract.envelope import ResponseShape
from tests.helpers.samples import (
    CUT,
    CUT_TIME,
    ELIDED,
    HOLES,
    KINDS,
    NULLABLE,
    SAMPLES,
    at,
)


def envelope(operation: str) -> Any:
    from fakekit.resources import ENDPOINTS

    return next(e for e in ENDPOINTS if e.operation == operation).envelope


def good(name: str, tenant: bool) -> dict[str, Any]:
    """A sample with its holes closed: twenty records of a list, times and nulls where it is cut off."""
    body = SAMPLES[name].answer(tenant)
    for path, why in HOLES.get(name, []):
        holder, key = at(body, path)
        if why in (CUT, CUT_TIME):
            holder[key] = None if why == CUT else "2024-08-04 02:00:43"
        elif why == ELIDED:
            holder[key] = [copy.deepcopy(holder[0]) for _ in range(19)] if SAMPLES[name].listed else []
    return body


def records(name: str, tenant: bool) -> Iterator[str]:
    """The path of each record in a sample, of the first one of a list."""
    for key, value in good(name, tenant)["data"].items():
        yield f"data.{key}[0]" if isinstance(value, list) else f"data.{key}"
        if key == "item" and not tenant:
            yield "data.item.item_images[0]"


def bent(value: Any) -> list[Any]:
    """Values of every other JSON type; 1 is an amount as good as 1.0."""
    others: list[Any] = ["1", 1, 1.5, True, False, [], [1], {}, {"x": 1}]
    if isinstance(value, list):
        return ["1", 1, 1.5, True, False, [1], {}, {"x": 1}]
    numbers = (int, float) if isinstance(value, float) else (type(value),)
    return [other for other in others if type(other) not in (numbers if value is not None else (str,))]


def placed(body: Any, path: str) -> Any:
    holder, key = at(body, path)
    return holder[key]


def each_record() -> Iterator[tuple[str, bool, str]]:
    """Each record of the samples, in either rendering; test_contract.py has those of fetch-customer."""
    for name in OTHER_SAMPLES:
        for tenant in (True, False):
            yield from ((name, tenant, path) for path in records(name, tenant))


OTHER_SAMPLES = [name for name in SAMPLES if name != "fetch-customer"]


@pytest.mark.parametrize("tenant", [True, False])
def test_the_contract_takes_every_sample_in_its_own_rendering_only(tenant: bool) -> None:
    for name, sample in SAMPLES.items():
        check = envelope(sample.operation).check
        assert check(good(name, tenant), ResponseShape(tenant)) == {}, name
        if good(name, True) != good(name, False):
            assert check(good(name, tenant), ResponseShape(not tenant)), name


@pytest.mark.slow
def test_a_field_of_another_type_is_refused() -> None:
    for name, tenant, path in each_record():
        assert_no_other_type_is_taken(name, tenant, path)


def assert_no_other_type_is_taken(name: str, tenant: bool, path: str) -> None:
    check, body = envelope(SAMPLES[name].operation).check, good(name, tenant)
    record = placed(body, path)
    nullable = NULLABLE[KINDS[re.findall(r"[\w-]+", path.removesuffix("[0]"))[-1]]].split()
    for field_name, value in list(record.items()):
        for other in [*bent(value), *([] if field_name in nullable else [None])]:
            record[field_name] = other
            assert check(body, ResponseShape(tenant)), f"{name}: {field_name}: {other!r}"
        record[field_name] = value
    assert check(body, ResponseShape(tenant)) == {}


def test_a_missing_a_further_and_a_moved_key_is_refused() -> None:
    for name, tenant, path in each_record():
        assert_only_its_keys_are_taken(name, tenant, path)


def assert_only_its_keys_are_taken(name: str, tenant: bool, path: str) -> None:
    check = envelope(SAMPLES[name].operation).check
    for missing in placed(good(name, tenant), path):
        body = good(name, tenant)
        moved = placed(body, path).pop(missing)
        assert check(body, ResponseShape(tenant)), (name, missing)
        placed(body, path)[missing] = moved
        if missing != list(placed(good(name, tenant), path))[-1]:
            assert check(body, ResponseShape(tenant)), f"{missing} at the end"
    body = good(name, tenant)
    placed(body, path)["loyalty"] = 1
    assert check(body, ResponseShape(tenant))


@pytest.mark.parametrize("name", OTHER_SAMPLES)
def test_another_envelope_is_refused(name: str) -> None:
    check = envelope(SAMPLES[name].operation).check
    for key, wrong in (
        ("status", 201),
        ("status", "200"),
        ("message", "Found"),
        ("message", None),
        ("data", []),
    ):
        assert check({**good(name, True), key: wrong}), key
    assert check(dict(reversed(good(name, True).items())))
    assert check({**good(name, True), "error": "x"})
    body = good(name, True)
    for key in body["data"]:
        assert check({**body, "data": {**body["data"], key: None}})
    assert check({**body, "data": {**body["data"], "more": []}})
    if SAMPLES[name].listed:
        assert check({**body, "message": body["message"].replace("20", "19")})
