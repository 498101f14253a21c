"""Each value is validated once: marshmallow runs for what comes from outside, and for nothing else."""

from __future__ import annotations

from collections import Counter
from typing import Any

import marshmallow
import pytest

import fakekit
from fakekit.resources import RECORDS
from fakekit.world.random_values import RandomSource


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often marshmallow read or wrote a whole schema."""
    counter: Counter[str] = Counter()
    for name in ("load", "dump"):
        original = getattr(marshmallow.Schema, name)

        def counted(*values: Any, _original: Any = original, _name: str = name, **options: Any) -> Any:
            counter[_name] += 1
            return _original(*values, **options)

        monkeypatch.setattr(marshmallow.Schema, name, counted)
    return counter


@pytest.mark.parametrize(
    ("method", "path", "body", "wanted"),
    [
        ("GET", "customers/42", None, {}),
        ("GET", "sales", None, {}),
        ("POST", "customer-groups/add", {"group_name": "Regulars"}, {"load": 1}),
        ("PUT", "customer-groups/2", {"group_name": "Regulars"}, {"load": 1}),
    ],
)
def test_a_request_is_validated_once_and_nothing_else_is(
    method: str, path: str, body: Any, wanted: dict[str, int], passes: Counter[str]
) -> None:
    client = fakekit.create_app(fakekit.Settings.of()).test_client()
    headers = {"Authorization": "Bearer fk_a"}
    client.open(f"/api/v1/{path}", method=method, json=body, headers=headers)
    passes.clear()
    from fakekit.api.service import Service

    # The tests check every response against its schema, which is a pass of its own.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Service, "checks_responses", False)
        answer = client.open(f"/api/v1/{path}", method=method, json=body, headers=headers)
    assert (answer.status_code, dict(passes)) == (200, wanted)


@pytest.mark.parametrize("name", RECORDS)
def test_generated_records_are_valid_though_nothing_validates_them(name: str) -> None:
    resource = RECORDS[name]
    for key in range(1, 60):
        values = {"id": key, **resource.generate(RandomSource(7, name, key))}
        record = resource.record_schema.complete(values)
        assert resource.record_schema.read(record) == record
