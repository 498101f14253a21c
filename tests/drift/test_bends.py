"""Services that are bent in one way, and others that are not: what a comparison says about each."""

from __future__ import annotations

from random import Random

import pytest

from fakekit.drift.findings import Outcome
from fakekit.drift.run import ComparedService, compare_services
from fakekit.settings import Settings
from tests.helpers.bends.fields import choices, in_records, targets
from tests.helpers.bends.measure import measure
from tests.helpers.bends.service import KEY, service


@pytest.mark.slow
def test_every_bend_is_found_with_the_right_verdict_and_nothing_else() -> None:
    measurement = measure(range(40))
    print(f"40 bent and 40 unbent services: {measurement}")
    assert measurement.failures == []
    assert str(measurement) == "precision 100.00%, recall 100.00%"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("where", "what"),
    [
        ("fetch_customer: customer-group.id", "null"),
        ("fetch_customer: customer-group.id", "as text"),
        ("list_items: items.id", "null"),
        ("fetch_sale: sales.amount_paid", "with one decimal"),
        ("fetch_item: item.item_code", "without its space"),
    ],
)
def test_a_value_of_another_form_refutes_no_assumption_on_what_it_means(where: str, what: str) -> None:
    (target,) = [t for t in targets(True) if f"{t.endpoint.operation}: {t.key}.{t.name}" == where]
    change = next(choice.change for choice in choices(target, Random(0)) if choice.what == what)
    for seed in (1, 2, 3):
        settings = Settings.of(seed=seed, customers=12)
        bent = service(settings, in_records(target, change, lambda place: True))
        report = compare_services(ComparedService("the service", bent.send, KEY), settings)
        assert bent.bent
        assert report.findings
        assert [r.name for r in report.assumptions if r.outcome is Outcome.REFUTED] == []
