"""No request of the control API is a 500."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.control_api import Fake, running
from tests.helpers.control_attacks import granted

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    [
        "key",
        "seed",
        "customers",
        "strict",
        "fixtures",
        "assumptions",
        "faults",
        "clock",
        "fault",
        "status",
        "seconds",
        "times",
        "after",
        "every",
        "method",
        "path",
        "json",
        "text",
        "headers",
        "freeze",
        "advance",
        "offset",
        "alias",
        "customer_name",
        "id",
        "sales-item",
        "amount",
        "population",
        "removed",
        "name",
    ]
)
VALUES = ANYTHING | st.sampled_from(["fk_fuzz", "fail", "now", "sales", 1, -1, 2**63, 1e308, "2031-01-01"])
BODIES = st.dictionaries(NAMES | st.text(max_size=5), VALUES, max_size=4)
PARTS = st.sampled_from(
    ["fk_fuzz", "records", "customers", "sales", "items", "1", "s1", "snapshots", "restore", "clock", "faults", "stubs",
     "requests", "export", "alias", "reset", "lines", "-", "..", ""]
) | st.text(max_size=4)  # fmt: skip
QUERIES = st.dictionaries(
    st.sampled_from(["since", "status", "method", "path", "limit", "after", "what", "form", "x"]),
    st.text(max_size=6) | st.sampled_from(["1", "world", "json", "GET", "*"]),
    max_size=2,
)


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[Fake]:
    with running(customers=5) as started:
        yield started


@settings(max_examples=30)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]),
    parts=st.lists(PARTS, max_size=5),
    query=QUERIES,
    body=BODIES,
)
def test_no_request_is_ever_a_500(
    fuzzed: Fake, method: str, parts: list[str], query: dict[str, str], body: dict[str, Any]
) -> None:
    parts = [part for part in parts if part.strip(".")]  # the client takes dots away itself
    path = "".join(f"/{quote(part, safe='')}" for part in parts)
    answer = fuzzed.control(method, path, body if method in ("POST", "PUT", "PATCH") else None, params=query)
    assert answer.status_code < 500, answer.text
    assert granted(answer.headers) == []


@settings(max_examples=30)
@given(
    where=st.sampled_from(
        [("POST", ""), ("POST", "/fk_fuzz/faults"), ("POST", "/fk_fuzz/stubs"), ("PUT", "/fk_fuzz/clock"),
         ("PUT", "/fk_fuzz/alias"), *(("POST", f"/fk_fuzz/records/{name}") for name in
         ("customers", "customer_groups", "sales", "items", "item_categories", "expenses")),
         ("PATCH", "/fk_fuzz/records/customers/1")]
    ),
    body=BODIES,
)  # fmt: skip
def test_no_body_is_ever_a_500(fuzzed: Fake, where: tuple[str, str], body: dict[str, Any]) -> None:
    answer = fuzzed.control(*where, body)
    assert answer.status_code < 500, answer.text
    for what in ("changes", "world"):
        assert fuzzed.control("GET", f"/fk_fuzz/export?what={what}").status_code < 500
