"""The schemas: a documented sample is good, and with any one field bent it is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.helpers.samples import DOCUMENTED, OPTIONAL


def envelope() -> Any:
    from fakekit.resources import ENDPOINTS

    return next(e for e in ENDPOINTS if e.operation == "fetch_customer").envelope


def bend(value: Any) -> list[Any]:
    """Values of other types, and of the same type in another form."""
    if isinstance(value, bool):
        return []
    if isinstance(value, int):
        return [str(value), float(value), True, [value], {}, -1, 0, 10**18]
    others: list[Any] = [1, 1.5, True, [value], {"x": value}, b"bytes"]
    if isinstance(value, str) and value[4:5] == "-" and value[13:14] == ":":
        others += [
            value.replace(" ", "T"),
            value[:10],
            "2024-13-04 08:23:45",
            "2024-8-4 8:23:45",
            "",
            value + "Z",
        ]
    if isinstance(value, str):
        others.append("\ud800")
    return others


_OTHER: tuple[Any, ...] = ("200", 201, None, "Customer", [])
_NOT_A_LIST: tuple[Any, ...] = (None, {}, "x")
_NOT_A_RECORD: tuple[Any, ...] = (None, [], "x")


def bent() -> Iterator[tuple[list[Any], Any]]:
    """Every (path, value) with one thing wrong."""
    sample = json.loads(DOCUMENTED)
    nullable = {*OPTIONAL, "group_description"}
    for record, path in (
        (sample["data"]["customer"], ["data", "customer"]),
        (sample["data"]["customer-group"][0], ["data", "customer-group", 0]),
    ):
        for name, value in record.items():
            wrong = bend(value) + ([] if name in nullable else [None])
            yield from (([*path, name], value) for value in wrong)
    for name in ("status", "message"):
        yield from (([name], value) for value in _OTHER)
    yield from ((["data", "customer-group"], value) for value in _NOT_A_LIST)
    yield from ((["data", "customer"], value) for value in _NOT_A_RECORD)


def test_the_documented_sample_is_good() -> None:
    assert envelope().check(json.loads(DOCUMENTED)) == {}


def replaced(path: list[Any], value: Any) -> Any:
    """The documented sample with another value at a path."""
    body = json.loads(DOCUMENTED)
    at = body
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return body


def test_one_bent_field_is_refused() -> None:
    check = envelope().check
    changes = list(bent())
    assert [(path, value) for path, value in changes if not check(replaced(path, value))] == []
    assert len(changes) > 200


@pytest.mark.parametrize("part", ["customer", "customer-group"])
def test_an_unknown_field_is_refused(part: str) -> None:
    body = json.loads(DOCUMENTED)
    record = body["data"][part]
    (record[0] if isinstance(record, list) else record)["loyalty"] = 1
    assert envelope().check(body)


def test_an_answer_lacks_no_key_and_has_them_in_the_documented_order() -> None:
    sample = json.loads(DOCUMENTED)
    for part in ("customer", "customer-group"):
        keys = list(sample["data"][part][0] if part == "customer-group" else sample["data"][part])
        for missing in keys:
            body = json.loads(DOCUMENTED)
            record = body["data"][part]
            del (record[0] if part == "customer-group" else record)[missing]
            assert envelope().check(body), missing
    body = json.loads(DOCUMENTED)
    body["data"]["customer"] = dict(reversed(body["data"]["customer"].items()))
    assert envelope().check(body)
    body = dict(reversed(sample.items()))
    assert envelope().check(body)


def _required() -> list[str]:
    optional = {
        "user_id",  # the business's own, see docs/fixtures.md
        "business_code",
        *OPTIONAL,
    }
    return [name for name in json.loads(DOCUMENTED)["data"]["customer"] if name not in optional]


@pytest.mark.parametrize("name", _required())
def test_a_required_field_that_is_absent_is_refused(name: str) -> None:
    body = json.loads(DOCUMENTED)
    del body["data"]["customer"][name]
    assert envelope().check(body)


def test_the_error_envelope_is_status_and_error_and_nothing_else() -> None:
    from fakekit.contract.envelope import error_schema, schema_errors

    assert schema_errors(error_schema(), {"status": 401, "error": "Unauthorized: Missing Bearer Token"}) == {}
    for wrong in (
        {"status": 401},
        {"status": "401", "error": "x"},
        {"status": 401, "error": "x", "data": {}},
    ):
        assert schema_errors(error_schema(), wrong)
