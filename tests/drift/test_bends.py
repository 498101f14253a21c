"""Services that are bent in one way, and others that are not: what a comparison says about each."""

from __future__ import annotations

import pytest

from tests.helpers.bends.measure import measure


@pytest.mark.slow
def test_every_bend_is_found_with_the_right_verdict_and_nothing_else() -> None:
    measurement = measure(range(40))
    print(f"40 bent and 40 unbent services: {measurement}")
    assert measurement.failures == []
    assert str(measurement) == "precision 100.00%, recall 100.00%"
