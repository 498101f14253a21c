"""Names of fields that no page has: those of honest fields are in a report, and content is in none."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakekit.contract.assumptions import Assumptions
from fakekit.contract.positions import TABLE
from fakekit.drift.comparison import Comparison
from fakekit.drift.fake_service import FAKE_KEY, fake_send
from fakekit.drift.findings import Place, Report
from fakekit.drift.judge import judge
from fakekit.drift.known_findings import NOTHING_USED
from fakekit.drift.rendering import RENDERINGS
from fakekit.drift.responses import OutgoingRequest, ReceivedResponse, read_response
from fakekit.settings import Settings

Document = dict[str, Any]
TARGETS = {"list_customers": "customers", "list_sales": "sales", "fetch_customer": "customers/1"}


@cache
def body_of(target: str) -> bytes:
    """The body that the fake answers to a GET."""
    return fake_send(Settings.of(customers=12))(OutgoingRequest(target, FAKE_KEY)).body


def report_on(operation: str, *changes: Callable[[Document], object]) -> Report:
    """The report on responses of one endpoint, one for each change, which takes and may change the document."""
    real, fake = (Comparison(Assumptions(TABLE, {})) for _ in range(2))
    for change in changes:
        document = json.loads(body_of(TARGETS[operation]))
        changed = change(document)
        body = json.dumps(document if changed is None else changed).encode()
        response = ReceivedResponse(200, {"content-type": "application/json"}, body)
        real.add(read_response(Place(operation), response))
    return Report("127.0.0.1", len(changes), tuple(judge(real, fake)))


def found(report: Report) -> dict[str, str]:
    """What was seen in each finding on fields, by its title."""
    return {
        f.title: f"{', '.join(map(str, f.difference.seen))} in {f.difference.observed}"
        for f in report.findings
        if f.difference.kind not in ("key order", "count")
    }


def in_records(key: str, *changes: Callable[[Document], object]) -> Callable[[Document], None]:
    """A change of the records under a key of ``data``: the first by the first change, the rest by the last."""

    def change(document: Document) -> None:
        records = document["data"][key]
        for number, record in enumerate(records if isinstance(records, list) else [records]):
            changes[min(number, len(changes) - 1)](record)

    return change


def adding(**fields: Any) -> Callable[[Document], None]:
    return lambda record: record.update(fields)


def keep(record: Document) -> None:
    pass


def replacing(fields: Document) -> Callable[[Document], None]:
    def replace(record: Document) -> None:
        record.clear()
        record.update(fields)

    return replace


def test_the_names_of_honest_fields_are_printed() -> None:
    changes = [
        in_records("customers", adding(loyalty_points=12, taxNumber=None, customer_nickname="Nii")),
        adding(success=True, meta={"current_page": 1}, links=[]),
    ]
    both = report_on("list_customers", lambda d: [change(d) for change in changes] and d)
    assert found(both) == {
        "list_customers: success: new field": "present in 1 of 1 response",
        "list_customers: meta: new field": "present in 1 of 1 response",
        "list_customers: links: new field": "present in 1 of 1 response",
        "list_customers: data.customers[].loyalty_points: new field": "present in 12 of 12 records",
        "list_customers: data.customers[].taxNumber: new field": "present in 12 of 12 records",
        "list_customers: data.customers[].customer_nickname: new field": "present in 12 of 12 records",
    }


CUSTOMERS = "list_customers: data.customers[]: new field"
ONE, TWO = "1 new field whose name may be content", "2 new fields whose names may be content"
HIDDEN: dict[str, tuple[Callable[[Document], object], dict[str, str]]] = {
    "in one record": (
        in_records("customers", adding(ama_mensah=1), keep), {CUSTOMERS: f"{ONE} in 1 of 12 records"},
    ),
    "in the only record": (
        lambda d: d["data"].update(customers=[d["data"]["customers"][0] | {"ama_mensah": 1}]),
        {CUSTOMERS: f"{ONE} in 1 of 1 record"},
    ),
    "a single word": (in_records("customers", adding(ama=1)), {CUSTOMERS: f"{ONE} in 12 of 12 records"}),
    "another form": (
        in_records("customers", adding(**{"ama@example.com": 1})), {CUSTOMERS: f"{ONE} in 12 of 12 records"},
    ),
    "the same keys in all records": (
        in_records("customers", adding(ama_mensah=1, kofi_owusu=2)),
        {CUSTOMERS: f"{TWO} in 12 of 12 records"},
    ),
    "a name that is a value": (
        in_records("customers", adding(ama_mensah=1, created_by="Ama Mensah")),
        {CUSTOMERS: f"{ONE} in 12 of 12 records"},
    ),
    "in the envelope": (
        adding(ama_mensah=1), {"list_customers: new field": f"{ONE} in 1 of 1 response"},
    ),
    "in data": (
        lambda d: d["data"].update(ama_mensah=1, kofi_owusu=[]),
        {"list_customers: data: new field": f"{TWO} in 1 of 1 response"},
    ),
    "many": (
        lambda d: d["data"].update({f"ama_{letter}": 1 for letter in "abcdefg"}),
        {
            "list_customers: data: new field": (
                "more than 4 new fields whose names may be content in 1 of 1 response"
            )
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "seen"), HIDDEN.values(), ids=HIDDEN)
def test_a_name_that_may_be_content_is_not_printed(
    change: Callable[[Document], object], seen: dict[str, str]
) -> None:
    assert found(report_on("list_customers", lambda document: change(document) and None)) == seen


def test_what_has_few_fields_of_a_record_may_be_an_object_by_content() -> None:
    change = in_records("customer", replacing({"id": 1, "ama_mensah": {"id": 1}}))
    seen = found(report_on("fetch_customer", change, change))
    assert seen["fetch_customer: data.customer: new field"] == f"{ONE} in 2 of 2 records"
    change = in_records("customer", adding(ama_mensah={"id": 1}))
    seen = found(report_on("fetch_customer", change, change))
    # It looks like any new field, as `loyalty_points` would.
    assert seen == {"fetch_customer: data.customer.ama_mensah: new field": "present in 2 of 2 records"}


def test_the_other_name_of_a_field_is_printed_if_it_is_none_of_content() -> None:
    def renamed(new: str) -> Callable[[Document], object]:
        def rename(record: Document) -> None:
            items = [(new if name == "customer_city" else name, value) for name, value in record.items()]
            record.clear()
            record.update(items)

        return in_records("customers", rename)

    title = "list_customers: data.customers[].customer_city: renamed field"
    assert found(report_on("list_customers", renamed("home_town"))) == {
        title: "home_town in 12 of 12 records"
    }
    assert found(report_on("list_customers", renamed("accra"))) == {
        title: "another name, which may be content in 12 of 12 records"
    }


FORMS = (
    "zanzibar0", "zanzibarA", "zanzibar_a_b",
    "zanzibar", "Zanzibar Mensah", "zanzibar@example.com", "+233zanzibar", "zanzibar-7", "ZANZIBAR", "zanzibar_2024",
    "zanzibar 2", "", "zanzibar.x", "zanzib\u00e1r",
)  # fmt: skip
"""Content in forms in which it is no honest name of a field, wherever it stands."""
NAMES = st.one_of(
    st.sampled_from(FORMS),
    st.text(st.characters(codec="utf-8"), max_size=8).map(
        lambda text: f"zanzibar{text.replace('_', '').lower()}"
    ),
)
TWO_WORDS = st.sampled_from(["zanzibar_mensah", "zanzibarMensah", "ama_zanzibar", "isZanzibar"])
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.sampled_from(["Zanzibar", "zanzibar_mensah"])),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES | TWO_WORDS, inner, max_size=3),
    max_leaves=6,
)
MAPS = st.dictionaries(NAMES, VALUES, min_size=1, max_size=6)
ANY_MAPS = st.dictionaries(NAMES | TWO_WORDS, VALUES, min_size=1, max_size=6)
EQUAL_MAPS = st.dictionaries(NAMES | TWO_WORDS, st.integers(), min_size=2, max_size=6)


@st.composite
def canaries(draw: st.DrawFn) -> tuple[str, list[Callable[[Document], object]]]:
    """An operation and changes that put content in the place of names."""
    operation = draw(st.sampled_from(list(TARGETS)))
    key = TARGETS[operation].removesuffix("s/1")
    keyed = draw(ANY_MAPS)
    of_one = draw(MAPS) if operation == "fetch_customer" else keyed  # there, one record is all of them
    places: list[Callable[[Document], object]] = [
        lambda d: d.update(keyed),
        lambda d: d["data"].update(keyed),
        lambda d: {**d, "data": keyed},
        lambda d: d["data"].update({key: keyed}),
        lambda d: d["data"].update({key: [keyed]}),
        lambda d: d["data"].update({key: [keyed, keyed]}),
        lambda d: keyed,
        in_records(key, adding(**of_one), keep),
        in_records(key, keep, adding(**of_one), keep),
        in_records(key, adding(**draw(MAPS))),
        in_records(key, adding(**draw(EQUAL_MAPS))),
        in_records(
            key,
            adding(**{draw(TWO_WORDS): "Isabel Zanzibar Mensah, Ama Zanzibar; is_zanzibar"}),
        ),
        in_records(key, replacing(keyed)),
    ]
    return operation, [draw(st.sampled_from(places))] * draw(st.sampled_from([1, 2]))


@pytest.mark.slow
@settings(max_examples=300)
@given(canaries())
def test_no_content_is_printed_wherever_it_stands_as_a_name(
    canary: tuple[str, list[Callable[[Document], object]]],
) -> None:
    operation, changes = canary
    report = report_on(operation, *changes)
    texts = [render(report, NOTHING_USED) for render in RENDERINGS.values()]
    assert not [text for text in texts if "zanzib" in text.lower()]
