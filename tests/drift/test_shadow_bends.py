"""The bends that `fakekit drift` finds are found by `fakekit shadow` too, where a program asks the same."""

from __future__ import annotations

import pytest

from fakekit.contract.assumptions import Assumptions
from fakekit.drift.comparison import Comparison
from fakekit.drift.observed_stream import PassedRequest
from fakekit.drift.responses import NoResponseError, OutgoingRequest, ReceivedResponse, Send
from fakekit.drift.settling import Settling
from fakekit.drift.shadow import Shadow
from fakekit.drift.shadow_fake import ShadowFake
from fakekit.drift.survey import Survey
from fakekit.settings import Settings
from tests.helpers.bends import trial
from tests.helpers.bends.measure import measure
from tests.helpers.bends.service import KEY


def shadowed_survey(send: Send, assumptions: Assumptions, settling: Settling | None = None) -> Comparison:
    """The comparison of a service with which a program makes the requests of a survey, under a shadow.

    settling: gets nothing, as a survey of `fakekit drift` would give it.
    """
    shadow = Shadow(ShadowFake(Settings.of(assumptions=assumptions.changed)))

    def send_observed(request: OutgoingRequest) -> ReceivedResponse:
        headers = (
            [] if request.key is None else [(b"Authorization", b"Bearer " + request.key.reveal().encode())]
        )
        passed = PassedRequest("GET", f"/api/v1/{request.target}", headers)
        try:
            response = send(request)
        except NoResponseError as error:
            passed.problem = error.reason
            raise
        else:
            passed.status, passed.response_body = response.status, bytearray(response.body)
            passed.response_headers = [(n.encode(), v.encode("latin-1")) for n, v in response.headers.items()]
            return response
        finally:
            shadow.report(passed)

    with shadow.running():
        Survey(send_observed, Comparison(assumptions), KEY).run()
    assert shadow.failed == 0
    return shadow.real_responses


@pytest.mark.slow
def test_bends_are_found_in_what_passes_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "survey", shadowed_survey)
    measurement = measure(range(1000, 1008))
    print(measurement)
    assert measurement.failures == []
    assert str(measurement) == "precision 100.00%, recall 100.00%"
