"""The note on parameters by which other APIs divide a list into pages."""

from __future__ import annotations

import pytest
import requests

import fakekit
from tests.helpers.processes import PATIENCE

NO_PAGES = "the vendor documents no pagination"
ALL_RECORDS = f"{NO_PAGES}: every record is already in this answer"


@pytest.mark.parametrize(
    ("path", "note"),
    [
        ("customers?page=2", f"not read: page; {ALL_RECORDS}"),
        ("sales?per_page=20", f"not read: per_page; {ALL_RECORDS}"),
        ("customers?page[size]=20", f"not read: ...; {ALL_RECORDS}"),
        ("customers?page%5Bnumber%5D=2", f"not read: ...; {ALL_RECORDS}"),
        ("customers?from=2024-08-01&after=2024-08-01", "not read: from, after"),
        ("customers?before=2024-08-01&start=2024-08-01", "not read: before, start"),
        ("user/authenticate?page=2", "not read: page"),
        ("customers/1?page=2", "not read: page"),
    ],
)
def test_only_a_list_has_a_note_on_pages(xtrakit: fakekit.Handle, path: str, note: str) -> None:
    answer = requests.get(xtrakit.url(path), headers=xtrakit.headers, timeout=PATIENCE)
    assert answer.status_code == 200
    assert answer.headers["Fakekit-Note"] == note


def test_one_object_in_the_place_of_a_list_is_not_every_record() -> None:
    with fakekit.FakeServer(assumptions={"list.shape": "object"}) as xtrakit:
        answer = requests.get(xtrakit.url("customers?page=2"), headers=xtrakit.headers, timeout=PATIENCE)
    assert answer.json()["data"]["customers"]["id"] == 1
    assert answer.headers["Fakekit-Note"] == f"not read: page; {NO_PAGES}"
