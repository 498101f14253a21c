"""The tables that are data: assumptions and oddities are files, which are checked when they are read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fakekit.contract.fields import Text
from fakekit.contract.filters import Filter, match_field
from fakekit.contract.ledger import read_oddities
from fakekit.contract.positions import read_table
from fakekit.contract.provenance import assumed

A_STATUS = {"name": "a.status", "position": "It is 404.", "reason": "No page shows it."}
SET = {"value": 404, "allowed": {"from": 400, "to": 499}}


def test_an_assumption_is_an_entry_of_the_file() -> None:
    (assumption,) = read_table(json.dumps([{**A_STATUS, **SET}]).encode())
    assert (assumption.name, assumption.value, assumption.allowed) == ("a.status", 404, range(400, 500))
    assert assumption.expected == "a whole number from 400 to 499"


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ([A_STATUS, A_STATUS], "the assumption a.status stands twice in the table"),
        ([{**A_STATUS, "colour": "red"}], "the assumption a.status is not valid: TypeError"),
        ([{"name": "a.status"}], "the assumption a.status is not valid: TypeError"),
        ([{**A_STATUS, **SET, "value": 600}], "the assumption a.status is not valid: ValueError"),
        ([{**A_STATUS, "value": 404}], "the assumption a.status is not valid: ValueError"),
        ([{**A_STATUS, **SET, "allowed": {"from": 400}}], "the assumption a.status is not valid: KeyError"),
        ([{**A_STATUS, "observed_by": "guessing"}], "the assumption a.status is not valid: ValueError"),
    ],
)
def test_a_table_of_assumptions_with_a_mistake_names_the_entry(entries: Any, told: str) -> None:
    with pytest.raises(ValueError, match=f"^{told}"):
        read_table(json.dumps(entries).encode())


AN_ODDITY = {"number": 1, "title": "A", "kind": "assumed", "position": "B", "assumptions": ["list.shape"]}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"number": 2}, "the oddity 2 is not valid"),
        ({"kind": "guessed"}, "the oddity 1 is not valid"),
        ({"assumptions": []}, "the oddity 1 is not valid"),
        ({"assumptions": ["list.shapes"]}, "list.shapes is not in the table of assumptions"),
    ],
)
def test_a_ledger_with_a_mistake_names_the_entry(change: Any, told: str) -> None:
    assert read_oddities(json.dumps([AN_ODDITY]).encode())[0].assumptions == ("list.shape",)
    with pytest.raises(ValueError, match=f"^{told}"):
        read_oddities(json.dumps([{**AN_ODDITY, **change}]).encode())


@pytest.mark.parametrize("values", [["contain"], [], ["contains", "begins"]])
def test_a_filter_has_a_function_for_each_value_of_its_assumption(values: list[str]) -> None:
    rule, matches = assumed("filter.category_name"), match_field("category_name")
    name = Text(example="Food", truth=rule)
    with pytest.raises(ValueError, match=r"^the alternatives of filter\.category_name are contains$"):
        Filter(name, matches, rule, dict.fromkeys(values, matches))
